//! A step bound to the schema and to the columns of its tables: every name is resolved, every
//! expression checked, and all that is wrong is told together, before the first row is read.

use super::cell::Rule;
use super::columns::{Columns, Origin};
use super::{Lines, Mapping, Step, hint};
use expr::Type;
use kernel::schema::slot;
use kernel::service::Registry;
use kernel::{Entity, Kind};
use std::collections::HashMap;
use std::sync::Arc;
use types::Rounding;

/// A step that can be run.
pub(crate) struct Bound {
    pub entity: Arc<Entity>,
    pub external: String,
    pub key: Origin,
    /// The field by which records are recognised that do not bear the key yet.
    pub matched: Option<String>,
    pub filter: Option<Origin>,
    pub state: Option<Origin>,
    pub number: Option<Origin>,
    pub fields: Vec<Filled>,
    pub columns: Columns,
    pub lines: Vec<BoundLines>,
    pub lookups: Vec<Lookup>,
    /// Whether blanks around the cells of the table are taken away.
    pub trim: bool,
}

/// A table of lines that can be read.
pub(crate) struct BoundLines {
    pub slot: usize,
    pub entity: Arc<Entity>,
    pub parent: Origin,
    pub key: Option<Origin>,
    pub fields: Vec<Filled>,
    pub columns: Columns,
    /// Whether blanks around the cells of the table are taken away.
    pub trim: bool,
}

/// A field and how it is filled.
#[derive(Debug)]
pub(crate) struct Filled {
    pub slot: usize,
    pub name: String,
    pub kind: Kind,
    pub how: How,
}

#[derive(Debug)]
pub(crate) enum How {
    /// By one cell.
    Cell { origin: Origin, rule: Rule, currency: Option<Origin> },
    /// By cells for the members of an object.
    Members(Vec<(String, Origin, Rule)>),
    /// By records that are found by what the cell says; several where `split` parts them.
    Link { lookup: usize, origin: Origin, rule: Rule, split: Option<String> },
}

/// How linked records are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lookup {
    /// The entity's full name.
    pub entity: String,
    pub by: By,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// By the key that records bear under this name.
    External(String),
    /// By the value of this field.
    Field(String),
}

impl Bound {
    /// Whether a lookup is answered by records of this very step.
    pub(crate) fn is_own(&self, lookup: usize) -> bool {
        let lookup = &self.lookups[lookup];
        lookup.entity == self.entity.full_name() && lookup.by == By::External(self.external.clone())
    }
}

/// The names of fields that who imports can see, by the full names of their entities.
pub(crate) type Seen = HashMap<String, Vec<String>>;

/// Binds a step; `columns` are those of its table, `of_lines` those of its tables of lines. What
/// goes wrong hints at `seen` fields only.
///
/// # Errors
/// All that is wrong, each with the field it is about.
pub(crate) fn bind(
    mapping: &Mapping,
    step: &Step,
    registry: &Registry,
    seen: &Seen,
    columns: &[String],
    of_lines: &[Vec<String>],
) -> Result<Bound, Vec<String>> {
    let Some(entity) = registry.get(&step.entity).cloned() else {
        let names: Vec<String> = registry.all().iter().map(|e| e.full_name()).collect();
        let hint = hint(&step.entity, names.iter().map(String::as_str));
        return Err(vec![format!("there is no entity {:?}{hint}", step.entity)]);
    };
    let mut problems = Vec::new();
    let mut lookups = Vec::new();
    let own = Columns::new(columns, &step.types, &mut problems);
    let mut note = |at: &str, result: Result<Origin, String>| match result {
        Ok(origin) => Some(origin),
        Err(text) => {
            problems.push(format!("{at}: {text}"));
            None
        }
    };
    let key = note("key", own.origin(&step.key));
    let filter = step
        .filter
        .as_ref()
        .and_then(|text| note("where", own.expression(text, Some(&Type::Bool))));
    let state =
        step.state.as_ref().and_then(|text| note("state", own.expression(text, Some(&Type::Text))));
    let number = step.number.as_ref().and_then(|text| note("number", own.origin(text)));
    if step.state.is_some() && entity.states.is_none() {
        problems.push(format!("state: {} has no states", step.entity));
    }
    if let Some(field) = step.matched.as_ref().filter(|name| entity.slot(name).is_none()) {
        problems.push(format!("match: {}", no_field(&entity, field, seen)));
    }
    let mut binder =
        Binder { mapping, registry, seen, lookups: &mut lookups, problems: &mut problems };
    let trim = step.trim.unwrap_or(mapping.trim);
    let fields = binder.fields(&entity, &own, &step.fields, trim, "");
    let mut lines = Vec::new();
    for (table, columns) in step.lines.iter().zip(of_lines) {
        lines.extend(binder.lines(&entity, table, columns));
    }
    match key {
        Some(key) if problems.is_empty() => Ok(Bound {
            external: step.external.clone().unwrap_or_else(|| mapping.external().to_owned()),
            key,
            matched: step.matched.clone(),
            filter,
            state,
            number,
            fields,
            columns: own,
            lines,
            lookups,
            trim,
            entity,
        }),
        _ => Err(problems),
    }
}

struct Binder<'a> {
    mapping: &'a Mapping,
    registry: &'a Registry,
    seen: &'a Seen,
    lookups: &'a mut Vec<Lookup>,
    problems: &'a mut Vec<String>,
}

impl Binder<'_> {
    fn lines(&mut self, entity: &Entity, table: &Lines, columns: &[String]) -> Option<BoundLines> {
        let at = &table.field;
        let found = entity.slot(at).map(|slot| (slot, &entity.fields[slot].kind));
        let Some((slot, Kind::Children { entity: child })) = found else {
            self.problems.push(format!("lines: {at:?} is not a field of lines"));
            return None;
        };
        let Some(child) = self.registry.get(child).cloned() else {
            self.problems.push(format!("lines: there is no entity {child:?}"));
            return None;
        };
        let own = Columns::new(columns, &table.types, self.problems);
        let parent = own.origin(&table.parent);
        let key = table.key.as_ref().map(|key| own.origin(key)).transpose();
        let trim = table.trim.unwrap_or(self.mapping.trim);
        let fields = self.fields(&child, &own, &table.fields, trim, &format!("{at}."));
        match (parent, key) {
            (Ok(parent), Ok(key)) => {
                Some(BoundLines { slot, entity: child, parent, key, fields, columns: own, trim })
            }
            (parent, key) => {
                for error in [parent.err(), key.err()].into_iter().flatten() {
                    self.problems.push(format!("{at}: {error}"));
                }
                None
            }
        }
    }

    fn fields(
        &mut self,
        entity: &Entity,
        columns: &Columns,
        table: &toml::Table,
        trim: bool,
        above: &str,
    ) -> Vec<Filled> {
        let mut fields = Vec::new();
        for (name, spec) in table {
            let found = entity.slot(name).filter(|&at| at >= slot::FIRST || is_carried(entity, at));
            let Some(slot) = found else {
                self.problems.push(format!("{above}{name}: {}", no_field(entity, name, self.seen)));
                continue;
            };
            if entity.fields[slot].read_only {
                self.problems.push(format!("{above}{name}: is set by the platform"));
                continue;
            }
            let kind = entity.fields[slot].kind.clone();
            match self.how(columns, &kind, spec, trim) {
                Ok(how) => fields.push(Filled { slot, name: name.clone(), kind, how }),
                Err(text) => self.problems.push(format!("{above}{name}: {text}")),
            }
        }
        fields
    }

    fn how(
        &mut self,
        columns: &Columns,
        kind: &Kind,
        spec: &toml::Value,
        trim: bool,
    ) -> Result<How, String> {
        if let (true, toml::Value::Table(members)) = (kind.merges(), spec) {
            let mut filled = Vec::new();
            for (name, spec) in members {
                let at = |text| format!("{name}: {text}");
                let spec = Spec::read(spec).map_err(at)?;
                let origin = spec.origin(columns).map_err(at)?;
                filled.push((name.clone(), origin, self.rule(&spec, trim).map_err(at)?));
            }
            return Ok(How::Members(filled));
        }
        let spec = Spec::read(spec)?;
        let rule = self.rule(&spec, trim)?;
        let linked = match kind {
            Kind::Link { entity, .. } | Kind::Links { entity } => entity,
            Kind::Children { .. } => return Err("is filled by [[step.lines]]".to_owned()),
            _ => {
                let currency = spec.text("currency")?.or(self.mapping.currency.as_deref());
                let currency = currency.filter(|_| *kind == Kind::Money).map(|text| {
                    let is_code = types::Currency::parse(text).is_ok();
                    if is_code { Ok(Origin::Fixed(text.to_owned())) } else { columns.origin(text) }
                });
                let origin = spec.origin(columns)?;
                return Ok(How::Cell { origin, rule, currency: currency.transpose()? });
            }
        };
        let entity = spec.text("link")?.unwrap_or(linked).to_owned();
        if self.registry.get(&entity).is_none() {
            return Err(format!("there is no entity {entity:?}"));
        }
        let by = match (spec.text("match")?, spec.text("external")?) {
            (Some(field), None) => By::Field(field.to_owned()),
            (None, external) => {
                By::External(external.unwrap_or(self.mapping.external()).to_owned())
            }
            (Some(_), Some(_)) => return Err("give either match or external".to_owned()),
        };
        let origin = spec.origin(columns)?;
        let split = matches!(kind, Kind::Links { .. })
            .then(|| spec.text("split").map(|split| split.unwrap_or(";").to_owned()))
            .transpose()?;
        Ok(How::Link { lookup: self.lookup(Lookup { entity, by }), origin, rule, split })
    }

    fn lookup(&mut self, lookup: Lookup) -> usize {
        let known = self.lookups.iter().position(|known| *known == lookup);
        known.unwrap_or_else(|| {
            self.lookups.push(lookup);
            self.lookups.len() - 1
        })
    }

    fn rule(&self, spec: &Spec<'_>, trim: bool) -> Result<Rule, String> {
        let values = match spec.get("values") {
            None => None,
            Some(toml::Value::String(name)) => match self.mapping.values.get(name) {
                Some(table) => Some(table.clone()),
                None => {
                    let hint = hint(name, self.mapping.values.keys().map(String::as_str));
                    return Err(format!("there is no table of values {name:?}{hint}"));
                }
            },
            Some(toml::Value::Table(table)) => {
                let text = |(name, value): (&String, &toml::Value)| {
                    let text = value.as_str().map(str::to_owned);
                    let text = text.ok_or_else(|| format!("values.{name} must be a text"))?;
                    Ok((name.clone(), text))
                };
                Some(table.iter().map(text).collect::<Result<_, String>>()?)
            }
            Some(_) => return Err("values must be a table or the name of one".to_owned()),
        };
        let round = spec.text("round")?.map(|name| {
            Rounding::parse(name)
                .ok_or_else(|| format!("round = {name:?}: must be half_up, half_even, up or down"))
        });
        let decimal_comma = match spec.text("decimal")? {
            None | Some(".") => false,
            Some(",") => true,
            Some(other) => return Err(format!("decimal = {other:?}: must be \".\" or \",\"")),
        };
        let own = |name: &str| spec.text(name).map(|text| text.map(str::to_owned));
        Ok(Rule {
            trim: spec.get("trim").and_then(toml::Value::as_bool).unwrap_or(trim),
            strip: own("strip")?,
            values,
            otherwise: own("otherwise")?,
            default: own("default")?,
            format: own("format")?,
            decimal_comma,
            round: round.transpose()?,
        })
    }
}

/// What a mapping says of one field.
enum Spec<'a> {
    /// A column or an expression.
    Short(&'a str),
    /// A table of named parts.
    Long(&'a toml::Table),
}

const PARTS: [&str; 17] = [
    "column",
    "expr",
    "value",
    "key",
    "link",
    "external",
    "match",
    "split",
    "values",
    "otherwise",
    "default",
    "format",
    "decimal",
    "currency",
    "round",
    "strip",
    "trim",
];

impl<'a> Spec<'a> {
    fn read(spec: &'a toml::Value) -> Result<Spec<'a>, String> {
        let table = match spec {
            toml::Value::String(text) => return Ok(Spec::Short(text)),
            toml::Value::Table(table) => table,
            _ => return Err("must be a column, an expression or a table".to_owned()),
        };
        match table.keys().find(|name| !PARTS.contains(&name.as_str())) {
            Some(name) => {
                Err(format!("{name:?} is not known here{}", hint(name, PARTS.into_iter())))
            }
            None => Ok(Spec::Long(table)),
        }
    }

    fn get(&self, name: &str) -> Option<&'a toml::Value> {
        match self {
            Spec::Short(_) => None,
            Spec::Long(table) => table.get(name),
        }
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self.get(name) {
            None => Ok(None),
            Some(toml::Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("{name} must be a text")),
        }
    }

    fn origin(&self, columns: &Columns) -> Result<Origin, String> {
        if let Spec::Short(text) = self {
            return columns.origin(text);
        }
        let given =
            [self.text("column")?, self.text("key")?, self.text("expr")?, self.text("value")?];
        match given {
            [Some(name), None, None, None] => columns.column(name).map(Origin::Column),
            [None, Some(key), None, None] => columns.origin(key),
            [None, None, Some(text), None] => columns.expression(text, None),
            [None, None, None, Some(text)] => Ok(Origin::Fixed(text.to_owned())),
            _ => Err("give one of column, expr, value or, for a link, key".to_owned()),
        }
    }
}

/// Whether a mapping may fill one of the kernel's fields.
fn is_carried(entity: &Entity, at: usize) -> bool {
    matches!(at, slot::EXTERNAL_IDS | slot::CUSTOM) || at == slot::COMPANY && entity.per_company
}

fn no_field(entity: &Entity, name: &str, seen: &Seen) -> String {
    let full_name = entity.full_name();
    let near = hint(name, seen.get(&full_name).into_iter().flatten().map(String::as_str));
    format!("{full_name} has no field {name:?}{near}")
}
