//! The tables that entities become: columns, indexes, tables of child records.
//!
//! Both databases derive theirs from these. A table has one column for each field; money has a
//! second one for the currency; an indexed text has a second one with its sort key, so that lists
//! come in people's order on both databases. Columns that are no field begin with an underscore,
//! which no field does.

use kernel::field::{Column, Kind};
use kernel::schema::slot;
use kernel::{Entity, text};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use types::{Uuid, Value, WallTime};

/// The column of the organisation, a small integer local to the database; the first of every key.
pub const ORG: &str = "_org";
/// The column of a child record's parent.
pub const PARENT: &str = "_parent";
/// The column of a child record's place among its siblings, from 0.
pub const POSITION: &str = "_position";

/// The longest name of an index, as PostgreSQL limits it.
const MAX_NAME: usize = 63;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// True or false.
    Bool,
    /// A 64-bit integer; instants and durations are microseconds.
    Int,
    /// An exact decimal with this many places, of at most 18 digits.
    Scaled(u32),
    /// Text, compared by code point.
    Text,
    /// A calendar day.
    Date,
    /// A UUID.
    Uuid,
    /// Bytes.
    Bytes,
}

impl ColumnType {
    /// Its name in the record of a database's schema: `scaled(2)`.
    pub fn name(self) -> String {
        match self {
            ColumnType::Bool => "bool".to_owned(),
            ColumnType::Int => "int".to_owned(),
            ColumnType::Scaled(places) => format!("scaled({places})"),
            ColumnType::Text => "text".to_owned(),
            ColumnType::Date => "date".to_owned(),
            ColumnType::Uuid => "uuid".to_owned(),
            ColumnType::Bytes => "bytes".to_owned(),
        }
    }

    /// The type of a name that [`ColumnType::name`] gave.
    pub fn parse(name: &str) -> Option<ColumnType> {
        Some(match name {
            "bool" => ColumnType::Bool,
            "int" => ColumnType::Int,
            "text" => ColumnType::Text,
            "date" => ColumnType::Date,
            "uuid" => ColumnType::Uuid,
            "bytes" => ColumnType::Bytes,
            _ => {
                let places = name.strip_prefix("scaled(")?.strip_suffix(')')?;
                ColumnType::Scaled(places.parse().ok()?)
            }
        })
    }
}

/// What a column says of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The value of a slot; for money, its minor units.
    Value(usize),
    /// The currency of a slot's money.
    Currency(usize),
    /// The sort key of a slot's text.
    Key(usize),
    /// The parent of a child record.
    Parent,
    /// The place of a child record.
    Position,
}

impl Part {
    /// The slot it belongs to, if it belongs to a field.
    pub fn slot(self) -> Option<usize> {
        match self {
            Part::Value(slot) | Part::Currency(slot) | Part::Key(slot) => Some(slot),
            Part::Parent | Part::Position => None,
        }
    }
}

/// A column, beside [`ORG`], which every table begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name, without quotes.
    pub name: String,
    /// What it holds.
    pub ty: ColumnType,
    /// What it says of a record.
    pub part: Part,
    /// Never null.
    pub not_null: bool,
}

/// An index; its first column is [`ORG`], which `columns` leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name, unique in the service, at most 63 bytes.
    pub name: String,
    /// Its columns after the organisation.
    pub columns: Vec<String>,
    /// Whether it forbids two equal rows; rows with an empty value do not count.
    pub unique: bool,
    /// The field that it serves.
    pub slot: usize,
}

/// The table of an entity, or of the child records in one field of an entity.
#[derive(Debug)]
pub struct Table {
    /// The entity of its rows.
    pub entity: Arc<Entity>,
    /// The service that owns it.
    pub service: String,
    /// Its name within the service: `customer`, or `sales_order__lines` for child records.
    pub name: String,
    /// The columns. The key is (organisation, id), or (organisation, parent, position).
    pub columns: Vec<TableColumn>,
    /// The indexes beside the key.
    pub indexes: Vec<Index>,
    /// The tables of its child records, by the slot of their field.
    pub children: Vec<(usize, Arc<Table>)>,
    values: Vec<Option<usize>>,
    keys: Vec<Option<usize>>,
}

impl Table {
    /// The table of `entity`; `find` gives the entities of its child records.
    pub fn of(entity: &Arc<Entity>, find: &dyn Fn(&str) -> Option<Arc<Entity>>) -> Table {
        let mut table = Table::build(entity, &entity.service, entity.name.clone(), false);
        for (slot, field) in entity.fields.iter().enumerate() {
            let Kind::Children { entity: child } = &field.kind else { continue };
            let Some(child) = find(child) else { continue };
            let name = format!("{}__{}", entity.name, field.name);
            let child = Table::build(&child, &entity.service, name, true);
            table.children.push((slot, Arc::new(child)));
        }
        table
    }

    fn build(entity: &Arc<Entity>, service: &str, name: String, is_child: bool) -> Table {
        let slots = entity.fields.len();
        let mut table = Table {
            entity: entity.clone(),
            service: service.to_owned(),
            name,
            columns: Vec::new(),
            indexes: Vec::new(),
            children: Vec::new(),
            values: vec![None; slots],
            keys: vec![None; slots],
        };
        if is_child {
            table.add(PARENT.to_owned(), ColumnType::Uuid, Part::Parent, true);
            table.add(POSITION.to_owned(), ColumnType::Int, Part::Position, true);
        }
        for slot in 0..slots {
            table.field(slot, is_child);
        }
        table
    }

    fn add(&mut self, name: String, ty: ColumnType, part: Part, not_null: bool) {
        match part {
            Part::Value(slot) => self.values[slot] = Some(self.columns.len()),
            Part::Key(slot) => self.keys[slot] = Some(self.columns.len()),
            _ => {}
        }
        self.columns.push(TableColumn { name, ty, part, not_null });
    }

    fn field(&mut self, slot: usize, is_child: bool) {
        let entity = self.entity.clone();
        let field = &entity.fields[slot];
        let ty = match field.kind.column() {
            Column::Bool => ColumnType::Bool,
            Column::Int => ColumnType::Int,
            Column::Scaled(places) => ColumnType::Scaled(places),
            Column::Text => ColumnType::Text,
            Column::Date => ColumnType::Date,
            Column::Uuid => ColumnType::Uuid,
            Column::Money => ColumnType::Int,
            Column::None => return,
        };
        let always = matches!(slot, slot::ID | slot::VERSION | slot::CREATED_AT | slot::UPDATED_AT);
        self.add(field.name.clone(), ty, Part::Value(slot), always && !is_child);
        if field.kind.column() == Column::Money {
            let name = format!("{}__currency", field.name);
            self.add(name, ColumnType::Text, Part::Currency(slot), false);
        }
        if is_child && slot >= slot::FIRST && matches!(field.kind, Kind::Link { .. }) {
            // Deleting the other record asks who links to it.
            self.index("link", slot, vec![field.name.clone()], false);
        }
        if slot == slot::ID || is_child || !is_declared(&entity, slot) {
            return;
        }
        if field.unique {
            self.index("unique", slot, vec![field.name.clone()], true);
        }
        if !entity.is_indexed(slot) {
            return;
        }
        let id = entity.fields[slot::ID].name.clone();
        if field.kind.is_text() {
            let name = format!("{}__key", field.name);
            self.add(name.clone(), ColumnType::Bytes, Part::Key(slot), false);
            self.index("order", slot, vec![name, id], false);
        } else {
            self.index("order", slot, vec![field.name.clone(), id], false);
        }
    }

    fn index(&mut self, kind: &str, slot: usize, columns: Vec<String>, unique: bool) {
        let full = format!("{}__{}__{kind}", self.name, self.entity.fields[slot].name);
        self.indexes.push(Index { name: shortened(full), columns, unique, slot });
    }

    /// `operations.customer`, or `operations.sales_order__lines`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.service, self.name)
    }

    /// Whether its rows are child records.
    pub fn is_child(&self) -> bool {
        self.columns.first().is_some_and(|column| column.part == Part::Parent)
    }

    /// The column of a slot's value; none for child records.
    pub fn value_column(&self, slot: usize) -> Option<&TableColumn> {
        self.values.get(slot).copied().flatten().map(|at| &self.columns[at])
    }

    /// The place of the column of a slot's value.
    pub fn value_place(&self, slot: usize) -> Option<usize> {
        self.values.get(slot).copied().flatten()
    }

    /// The column of a slot's sort key, if it has one.
    pub fn key_column(&self, slot: usize) -> Option<&TableColumn> {
        self.keys.get(slot).copied().flatten().map(|at| &self.columns[at])
    }

    /// The column that a list is ordered by for a slot: the sort key where there is one.
    pub fn order_column(&self, slot: usize) -> Option<&TableColumn> {
        self.key_column(slot).or_else(|| self.value_column(slot))
    }

    /// The slots whose values enter the full-text index.
    pub fn searchable(&self) -> impl Iterator<Item = usize> + '_ {
        let fields = self.entity.fields.iter().enumerate();
        fields.filter(|(slot, f)| f.searchable && is_declared(&self.entity, *slot)).map(|(s, _)| s)
    }

    /// All that fixes its layout, for comparison with what a database has.
    pub fn layout(&self) -> String {
        use std::fmt::Write;
        let mut out = self.full_name();
        for column in &self.columns {
            let null = if column.not_null { "!" } else { "" };
            let _ = write!(out, "\n{} {}{null}", column.name, column.ty.name());
        }
        for index in &self.indexes {
            let unique = if index.unique { "unique" } else { "index" };
            let _ = write!(out, "\n{unique} {} {}", index.name, index.columns.join(" "));
        }
        out
    }
}

/// Whether the kernel's field at `slot` is used by the entity; its own fields always are.
fn is_declared(entity: &Entity, slot: usize) -> bool {
    match slot {
        slot::STATE => entity.states.is_some(),
        slot::COMPANY => entity.per_company,
        slot::NUMBER => entity.number.is_some(),
        _ => true,
    }
}

/// A name of at most 63 bytes that is still its own: the end of a long one becomes a hash.
fn shortened(name: String) -> String {
    if name.len() <= MAX_NAME {
        return name;
    }
    let hash = kernel::log::merkle::sha256(&[name.as_bytes()]);
    let end = (0..=MAX_NAME - 13).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    format!("{}_{}", &name[..end], kernel::log::hex(&hash[..6]))
}

/// The tables of a list of entities.
#[derive(Debug, Default)]
pub struct Catalog {
    tables: Vec<Arc<Table>>,
    by_entity: HashMap<String, Arc<Table>>,
}

impl Catalog {
    /// The tables of `entities`. Child entities have none of their own: their records lie in a
    /// table of the field that holds them.
    pub fn new(entities: &[Arc<Entity>]) -> Catalog {
        let find = |name: &str| entities.iter().find(|e| e.full_name() == name).cloned();
        let mut catalog = Catalog::default();
        for entity in entities {
            if entity.kind == kernel::schema::EntityKind::Child {
                continue;
            }
            let table = Arc::new(Table::of(entity, &find));
            catalog.by_entity.insert(entity.full_name(), table.clone());
            catalog.tables.push(table.clone());
            catalog.tables.extend(table.children.iter().map(|(_, child)| child.clone()));
        }
        catalog
    }

    /// The table of an entity by its full name.
    pub fn get(&self, entity: &str) -> Option<&Arc<Table>> {
        self.by_entity.get(entity)
    }

    /// Every table, each before those of its child records.
    pub fn tables(&self) -> &[Arc<Table>] {
        &self.tables
    }

    /// The unique index of a name in a service, as (entity, field).
    pub fn unique_index(&self, service: &str, name: &str) -> Option<(String, String)> {
        let tables = self.tables.iter().filter(|table| table.service == service);
        tables.flat_map(|table| table.indexes.iter().map(move |index| (table, index))).find_map(
            |(table, index)| {
                let field = &table.entity.fields[index.slot].name;
                (index.unique && index.name == name)
                    .then(|| (table.entity.full_name(), field.clone()))
            },
        )
    }

    /// A hash of every table's layout: equal for databases that need no migration.
    pub fn fingerprint(&self) -> String {
        let layouts: Vec<String> = self.tables.iter().map(|table| table.layout()).collect();
        kernel::log::hex(&kernel::log::merkle::sha256(&[layouts.join("\n\n").as_bytes()]))
    }
}

/// The sort key of a text: ordered as bytes, it gives people's order.
pub fn sort_key(value: &Value) -> Option<Vec<u8>> {
    value.as_text().map(text::sort_key)
}

/// The tokens of a record's searchable values, separated by blanks; empty if there are none.
pub fn search_text(table: &Table, values: &[Value]) -> String {
    let mut out = String::new();
    for slot in table.searchable() {
        let Some(written) = values.get(slot).and_then(text_of) else { continue };
        text::write_tokens(&written, &mut out);
    }
    out
}

/// The text that a text column holds for a value; none for an empty value and for those that
/// have a column type of their own.
pub fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    Some(match value {
        Value::Text(text) | Value::Json(text) => Cow::Borrowed(text.as_str()),
        Value::WallTime(time) => Cow::Owned(time.to_string()),
        Value::List(items) => {
            let ids = items.iter().filter_map(Value::as_id).map(|id| id.to_string());
            Cow::Owned(serde_json::Value::from(ids.collect::<Vec<_>>()).to_string())
        }
        _ => return None,
    })
}

/// The value of a field of `kind` from the text in its column; none if the text is not one.
pub fn value_from_text(kind: &Kind, text: String) -> Option<Value> {
    Some(match kind {
        Kind::Json | Kind::Texts | Kind::Custom | Kind::Address => Value::Json(text),
        Kind::WallTime => Value::WallTime(WallTime::parse(&text).ok()?),
        Kind::Links { .. } => {
            let ids: Vec<String> = serde_json::from_str(&text).ok()?;
            let ids = ids.iter().map(|id| id.parse::<Uuid>().map(Value::Id));
            Value::List(ids.collect::<Result<_, _>>().ok()?)
        }
        _ => Value::Text(text),
    })
}

/// One step from the tables that a database has to those that are declared.
#[derive(Clone, Debug)]
pub enum Step {
    /// Makes a table with its key.
    CreateTable(Arc<Table>),
    /// Adds an empty column; a sort key is then filled from its text.
    AddColumn(Arc<Table>, TableColumn),
    /// Converts a column from one type to another.
    ChangeColumn(Arc<Table>, TableColumn, ColumnType),
    /// Makes an index.
    CreateIndex(Arc<Table>, Index),
    /// Removes an index that is not declared any more.
    DropIndex(Arc<Table>, String),
    /// Removes a column that is not declared any more.
    DropColumn(Arc<Table>, String),
}

impl Step {
    /// Whether a program of the release before still works after it.
    pub fn is_expansion(&self) -> bool {
        matches!(self, Step::CreateTable(_) | Step::AddColumn(..) | Step::CreateIndex(..))
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::CreateTable(table) => write!(f, "create table {}", table.full_name()),
            Step::AddColumn(table, column) => {
                write!(f, "add column {}.{} {}", table.full_name(), column.name, column.ty.name())
            }
            Step::ChangeColumn(table, column, from) => write!(
                f,
                "change column {}.{} from {} to {}",
                table.full_name(),
                column.name,
                from.name(),
                column.ty.name()
            ),
            Step::CreateIndex(table, index) => {
                write!(f, "create index {} on {}", index.name, table.full_name())
            }
            Step::DropIndex(table, name) => write!(f, "drop index {name} on {}", table.full_name()),
            Step::DropColumn(table, name) => {
                write!(f, "drop column {}.{name}", table.full_name())
            }
        }
    }
}

/// A table as a database has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Present {
    /// Columns by name, beside the organisation's.
    pub columns: HashMap<String, ColumnType>,
    /// The names of the declared indexes that it has.
    pub indexes: Vec<String>,
}

/// The steps from `present` (tables by full name) to `catalog`: expansions first, so that the
/// release before can go on until the contractions run. Tables that are not declared are left
/// alone.
pub fn diff(catalog: &Catalog, present: &HashMap<String, Present>) -> Vec<Step> {
    let (mut expand, mut change, mut index, mut contract) = (vec![], vec![], vec![], vec![]);
    let nothing = Present::default();
    for table in catalog.tables() {
        let found = present.get(&table.full_name());
        if found.is_none() {
            expand.push(Step::CreateTable(table.clone()));
        }
        let has = found.unwrap_or(&nothing);
        for column in table.columns.iter().filter(|_| found.is_some()) {
            match has.columns.get(&column.name) {
                None => expand.push(Step::AddColumn(table.clone(), column.clone())),
                Some(ty) if *ty != column.ty => {
                    change.push(Step::ChangeColumn(table.clone(), column.clone(), *ty));
                }
                Some(_) => {}
            }
        }
        let declared = |name: &str| table.indexes.iter().any(|index| index.name == name);
        for wanted in table.indexes.iter().filter(|index| !has.indexes.contains(&index.name)) {
            index.push(Step::CreateIndex(table.clone(), wanted.clone()));
        }
        for name in has.indexes.iter().filter(|name| !declared(name)) {
            contract.push(Step::DropIndex(table.clone(), name.clone()));
        }
        let mut gone: Vec<&String> = has.columns.keys().collect();
        gone.retain(|name| !table.columns.iter().any(|column| column.name == **name));
        gone.sort();
        contract.extend(gone.into_iter().map(|name| Step::DropColumn(table.clone(), name.clone())));
    }
    expand.extend(change);
    expand.extend(index);
    expand.extend(contract);
    expand
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Field;

    fn entity(change: impl FnOnce(Entity) -> Entity) -> Arc<Entity> {
        let entity = Entity::new("yard", "thing", "things", "thi")
            .field(Field::new("name", Kind::text(100), "A name."))
            .field(Field::new("code", Kind::text(20), "A code.").unique())
            .field(Field::new("price", Kind::Money, "A price."))
            .title("name");
        Arc::new(change(entity))
    }

    fn present(catalog: &Catalog) -> HashMap<String, Present> {
        let of = |table: &Arc<Table>| Present {
            columns: table.columns.iter().map(|c| (c.name.clone(), c.ty)).collect(),
            indexes: table.indexes.iter().map(|index| index.name.clone()).collect(),
        };
        catalog.tables().iter().map(|table| (table.full_name(), of(table))).collect()
    }

    #[test]
    fn a_table_has_a_column_for_each_field_and_one_for_currency_and_sort_key() {
        let catalog = Catalog::new(&[entity(|e| e)]);
        let table = catalog.get("yard.thing").unwrap();
        let own: Vec<&str> = table.columns.iter().skip(11).map(|c| c.name.as_str()).collect();
        let expected = ["name", "name__key", "code", "code__key", "price", "price__currency"];
        assert_eq!(own, expected);
        let indexes: Vec<&str> = table.indexes.iter().map(|index| index.name.as_str()).collect();
        assert_eq!(
            indexes,
            [
                "thing__created_at__order",
                "thing__updated_at__order",
                "thing__name__order",
                "thing__code__unique",
                "thing__code__order"
            ]
        );
        let taken = catalog.unique_index("yard", "thing__code__unique");
        assert_eq!(taken, Some(("yard.thing".to_owned(), "code".to_owned())));
    }

    #[test]
    fn the_links_of_lines_are_indexed_and_their_other_fields_are_not() {
        let line = Entity::new("yard", "line", "lines", "lin")
            .kind(kernel::schema::EntityKind::Child)
            .field(Field::new("item", Kind::link("yard.thing"), "What."))
            .field(Field::new("note", Kind::text(20), "A note.").indexed());
        let thing = entity(|e| {
            e.field(Field::new("lines", Kind::Children { entity: "yard.line".into() }, "Lines."))
        });
        let catalog = Catalog::new(&[thing, Arc::new(line)]);
        let lines = catalog.tables().iter().find(|table| table.is_child()).unwrap();
        let indexes: Vec<_> = lines.indexes.iter().map(|i| (&*i.name, &i.columns)).collect();
        assert_eq!(indexes, [("thing__lines__item__link", &vec!["item".to_owned()])]);
    }

    #[test]
    fn a_long_name_of_an_index_is_shortened_to_one_of_its_own() {
        let long = |end: &str| shortened(format!("{}{end}", "ä".repeat(40)));
        assert!(long("a").len() <= MAX_NAME);
        assert_ne!(long("a"), long("b"));
        assert_eq!(shortened("short".to_owned()), "short");
    }

    #[test]
    fn steps_expand_before_they_contract_and_the_same_again_needs_none() {
        let before = Catalog::new(&[entity(|e| e)]);
        let steps = diff(&before, &HashMap::new());
        assert_eq!(steps[0].to_string(), "create table yard.thing");
        assert!(steps.iter().all(Step::is_expansion));
        assert!(diff(&before, &present(&before)).is_empty());
        let after = Catalog::new(&[Arc::new(
            Entity::new("yard", "thing", "things", "thi")
                .field(Field::new("code", Kind::text(20), "A code."))
                .field(Field::new("price", Kind::Decimal { scale: 2 }, "A price."))
                .field(Field::new("new", Kind::Date, "New.").indexed()),
        )]);
        let steps: Vec<String> =
            diff(&after, &present(&before)).iter().map(Step::to_string).collect();
        assert_eq!(
            steps,
            [
                "add column yard.thing.new date",
                "change column yard.thing.price from int to scaled(2)",
                "create index thing__new__order on yard.thing",
                "drop index thing__name__order on yard.thing",
                "drop index thing__code__unique on yard.thing",
                "drop index thing__code__order on yard.thing",
                "drop column yard.thing.code__key",
                "drop column yard.thing.name",
                "drop column yard.thing.name__key",
                "drop column yard.thing.price__currency",
            ]
        );
    }

    #[test]
    fn every_type_has_a_name_that_reads_back() {
        use ColumnType::{Bool, Bytes, Date, Int, Scaled, Text};
        for ty in [Bool, Int, Scaled(0), Scaled(8), Text, Date, ColumnType::Uuid, Bytes] {
            assert_eq!(ColumnType::parse(&ty.name()), Some(ty));
        }
        assert_eq!(ColumnType::parse("scaled(x)"), None);
    }
}
