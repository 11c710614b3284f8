//! A mapping proposed for tables that nobody described: by the names of files and columns, and by
//! what the cells look like.
//!
//! The proposal is text to be read and mended by a person; columns that found no field stand in
//! it as comments.

use crate::source::{self, Format, Row, SourceError};
use kernel::schema::{EntityKind, slot};
use kernel::service::Registry;
use kernel::{Entity, Kind};
use std::path::Path;
use std::sync::Arc;

/// Rows that are looked at.
const SAMPLE: usize = 200;

/// Words that people use for each other, the platform's own word first.
const SYNONYMS: [&[&str]; 28] = [
    &["name", "companyname", "title", "fullname", "company", "label", "designation"],
    &["code", "shortcode", "accountnumber", "reference"],
    &["sku", "productnumber", "itemnumber", "articlenumber", "productcode", "partnumber"],
    &["email", "mail", "emailaddress"],
    &["phone", "telephone", "tel", "phonenumber", "homephone"],
    &["mobile", "cell", "cellphone"],
    &["fax", "faxnumber"],
    &["website", "homepage", "url", "web"],
    &["contactname", "contact", "contactperson"],
    &["jobtitle", "position", "function", "role"],
    &["firstname", "givenname", "forename"],
    &["lastname", "surname", "familyname"],
    &["salutation", "titleofcourtesy", "courtesytitle"],
    &["bornon", "birthdate", "dateofbirth", "birthday"],
    &["hiredon", "hiredate", "startdate"],
    &["lefton", "enddate", "terminationdate"],
    &["manager", "reportsto", "supervisor", "boss"],
    &["notes", "note", "comment", "comments", "remarks"],
    &["description", "details", "text"],
    &["price", "unitprice", "listprice", "salesprice"],
    &["cost", "standardcost", "purchaseprice"],
    &["quantity", "qty", "amount", "count"],
    &["taxid", "vatid", "vatnumber", "taxnumber"],
    &["orderedon", "orderdate", "date", "invoicedate"],
    &["requiredon", "requireddate", "duedate"],
    &["shippedon", "shippeddate", "shipdate"],
    &["reorderlevel", "reorderpoint"],
    &["active", "isactive", "enabled", "activeflag"],
];

/// Words for entities beside their own names.
const ENTITIES: [&[&str]; 9] = [
    &["customer", "client", "account", "buyer"],
    &["supplier", "vendor"],
    &["item", "product", "article", "track", "material"],
    &["itemcategory", "category", "productcategory", "genre"],
    &["carrier", "shipper", "shipmethod"],
    &["salesorder", "order", "invoice"],
    &["employee", "staff", "person", "people", "worker"],
    &["unit", "unitmeasure", "unitofmeasure", "uom"],
    &["stockmove", "inventory", "stock"],
];

/// The parts of an address.
const ADDRESS: [(&str, &[&str]); 5] = [
    ("street", &["street", "address", "addressline1", "streetaddress"]),
    ("city", &["city", "town"]),
    ("region", &["region", "state", "province", "county"]),
    ("postal_code", &["postalcode", "zip", "zipcode", "postcode"]),
    ("country", &["country", "countrycode"]),
];

/// Proposes a mapping for the tables of a folder, or one file, as TOML.
///
/// # Errors
/// [`SourceError`] when a file cannot be read.
pub fn propose(source: &Path, name: &str, registry: &Registry) -> Result<String, SourceError> {
    let files = match source.is_dir() {
        true => crate::pipeline::list(source)?,
        false => {
            let name = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
            vec![(name, source.to_owned())]
        }
    };
    let mut tables = Vec::new();
    let mut out = format!("name = {}\n", quoted(&external_name(name)));
    for (file, path) in files.into_iter().filter(|(_, path)| source::is_table(path)) {
        let table = source::open(&path, &Format::default())?;
        let columns = table.columns.clone();
        let rows: Vec<Row> = table.filter_map(Result::ok).take(SAMPLE).collect();
        match entity_of(&file, &columns, registry) {
            _ if columns.is_empty() => out.push_str(&format!("# {file}: it holds no table.\n")),
            Some(entity) => tables.push((file, columns, rows, entity)),
            None => out.push_str(&format!("# {file}: no entity of this name was found.\n")),
        }
    }
    order(&mut tables, registry);
    for (file, columns, rows, entity) in &tables {
        let proposing = Proposing { registry, may: &|_| true, currency: "USD" };
        step(file, columns, rows, entity, &proposing, &mut out);
    }
    Ok(out)
}

/// What a proposal for one table goes by.
pub struct Proposing<'a> {
    /// The entities of all services.
    pub registry: &'a Registry,
    /// The fields that may be filled, by name.
    pub may: &'a (dyn Fn(&str) -> bool + Sync),
    /// The currency of amounts.
    pub currency: &'a str,
}

/// Proposes a mapping from one table of a file to an entity, as TOML; `sheet` names the table
/// where the file holds several, `name` the data.
///
/// # Errors
/// [`SourceError`] when the file cannot be read, or the table has no columns.
pub fn for_table(
    source: &Path,
    sheet: Option<&str>,
    name: &str,
    entity: &Entity,
    proposing: &Proposing<'_>,
) -> Result<String, SourceError> {
    let format = Format { sheet: sheet.map(str::to_owned), ..Format::default() };
    let table = source::open(source, &format)?;
    let columns = table.columns.clone();
    if columns.is_empty() {
        return Err(source::fail(source, "holds no table"));
    }
    let rows: Vec<Row> = table.filter_map(Result::ok).take(SAMPLE).collect();
    let file = source.file_name().unwrap_or_default().to_string_lossy();
    let mut out = format!("name = {}\n", quoted(&external_name(name)));
    step(&file, &columns, &rows, entity, proposing, &mut out);
    if let Some(sheet) = sheet {
        out.push_str(&format!("[step.format]\nsheet = {}\n", quoted(sheet)));
    }
    Ok(out)
}

type Proposed = (String, Vec<String>, Vec<Row>, Arc<Entity>);

/// Puts tables behind those that they link to, as far as that goes.
fn order(tables: &mut Vec<Proposed>, registry: &Registry) {
    let links = |entity: &Entity| -> Vec<String> {
        let mut targets: Vec<String> = Vec::new();
        let children = entity.fields.iter().filter_map(|field| match &field.kind {
            Kind::Children { entity } => registry.get(entity),
            _ => None,
        });
        for of in [entity].into_iter().chain(children.map(|child| &**child)) {
            for field in of.fields.iter().skip(slot::FIRST) {
                if let Kind::Link { entity, .. } | Kind::Links { entity } = &field.kind {
                    targets.push(entity.clone());
                }
            }
        }
        targets
    };
    let mut rest = std::mem::take(tables);
    while !rest.is_empty() {
        let is_free = |at: usize| {
            let targets = links(&rest[at].3);
            let own = rest[at].3.full_name();
            rest.iter().all(|other| {
                let name = other.3.full_name();
                name == own || !targets.contains(&name)
            })
        };
        let next = (0..rest.len()).find(|at| is_free(*at)).unwrap_or(0);
        tables.push(rest.remove(next));
    }
}

/// The entity that a file is about, by the file's name.
fn entity_of(file: &str, columns: &[String], registry: &Registry) -> Option<Arc<Entity>> {
    let stem = Path::new(file).file_stem()?.to_string_lossy().into_owned();
    let stem = plain(&stem);
    let candidates = registry.all().iter().filter(|entity| {
        !matches!(entity.kind, EntityKind::Child | EntityKind::Singleton)
            && matches!(entity.scope, kernel::schema::Scope::Org)
    });
    let score = |entity: &&Arc<Entity>| {
        let name = plain(&entity.name);
        let words = ENTITIES.iter().find(|words| words[0] == name);
        let words = words.map_or(&[][..], |words| words);
        let is_one = |word: &str| stem == word || singular(&stem) == word;
        let by_name = match () {
            () if is_one(&name) || stem == plain(&entity.plural) => 100,
            () if words.iter().any(|word| is_one(word)) => 90,
            () if stem.contains(&name) => 20,
            () => 0,
        };
        let fitting =
            columns.iter().filter(|column| field_of(column, entity, &|_| true).is_some()).count();
        if by_name == 0 { 0 } else { by_name + fitting }
    };
    candidates.filter(|entity| score(entity) > 0).max_by_key(score).cloned()
}

fn step(
    file: &str,
    columns: &[String],
    rows: &[Row],
    entity: &Entity,
    proposing: &Proposing<'_>,
    out: &mut String,
) {
    out.push_str(&format!(
        "\n[[step]]\nfile = {}\nentity = {}\n",
        quoted(file),
        quoted(&entity.full_name())
    ));
    let key = key_of(file, columns, rows, entity);
    out.push_str(&format!(
        "key = {}\n[step.fields]\n",
        quoted(&columns[key.min(columns.len().saturating_sub(1))])
    ));
    let mut used = vec![false; entity.fields.len()];
    let mut address = String::new();
    let mut unused = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        // A record does not link to itself by its own key.
        let is_open = |slot: &usize| {
            let is_link = matches!(entity.fields[*slot].kind, Kind::Link { .. });
            !(used[*slot] || is_link && at == key)
        };
        let found = field_of(column, entity, proposing.may).filter(is_open);
        let part = ADDRESS.iter().find(|(_, words)| words.contains(&plain(column).as_str()));
        let has_address = entity.field_named("address").is_some_and(|f| f.kind == Kind::Address);
        let has_address = has_address && (proposing.may)("address");
        if let (Some((part, _)), true) = (part, has_address) {
            address.push_str(&format!("{part} = {}\n", quoted(column)));
            if !matches!(found, Some(slot) if entity.fields[slot].name == "country") {
                continue;
            }
        }
        let Some(slot) = found else {
            if at != key {
                unused.push(column.as_str());
            }
            continue;
        };
        used[slot] = true;
        let field = &entity.fields[slot];
        out.push_str(&format!(
            "{} = {}\n",
            field.name,
            spec(column, at, rows, &field.kind, proposing)
        ));
    }
    if !address.is_empty() {
        out.push_str(&format!("[step.fields.address]\n{address}"));
    }
    if !unused.is_empty() {
        out.push_str(&format!("# Not used: {}\n", unused.join(", ")));
    }
}

/// How a column fills a field.
fn spec(column: &str, at: usize, rows: &[Row], kind: &Kind, by: &Proposing<'_>) -> String {
    let name = quoted(column);
    match kind {
        Kind::Link { entity, .. } if by.registry.get(entity).is_some() => {
            format!("{{ key = {name} }}")
        }
        Kind::Money => format!("{{ column = {name}, currency = {} }}", quoted(by.currency)),
        Kind::Date | Kind::Instant => match date_format(at, rows) {
            Some(format) => format!("{{ column = {name}, format = \"{format}\" }}"),
            None => name,
        },
        Kind::Decimal { .. } | Kind::Percent | Kind::Price | Kind::Quantity
            if has_decimal_comma(at, rows) =>
        {
            format!("{{ column = {name}, decimal = \",\" }}")
        }
        _ => name,
    }
}

/// The format in which all dates of a column are written, if it is not the usual one.
fn date_format(at: usize, rows: &[Row]) -> Option<&'static str> {
    let cells: Vec<&str> = cells(at, rows).collect();
    let fits = |format: &str| {
        let day = |text: &&str| jiff::civil::Date::strptime(format, text).is_ok();
        !cells.is_empty() && cells.iter().all(day)
    };
    ["%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y%m%d"].into_iter().find(|f| fits(f))
}

fn has_decimal_comma(at: usize, rows: &[Row]) -> bool {
    let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit() || "+-.,".contains(c));
    let mut found = cells(at, rows).filter(|text| text.contains(',')).peekable();
    found.peek().is_some() && found.all(is_number)
}

fn cells(at: usize, rows: &[Row]) -> impl Iterator<Item = &str> {
    rows.iter()
        .filter_map(move |row| row.cells.get(at))
        .map(|cell| cell.trim())
        .filter(|c| !c.is_empty())
}

/// The column that tells one row from another: one named so, else the first without repetition.
fn key_of(file: &str, columns: &[String], rows: &[Row], entity: &Entity) -> usize {
    let is_distinct = |at: usize| {
        let mut all: Vec<&str> = cells(at, rows).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        count == rows.len() && all.len() == count
    };
    let stem = Path::new(file).file_stem().unwrap_or_default().to_string_lossy();
    let own = [singular(&plain(&stem)), plain(&entity.name)].map(|name| format!("{name}id"));
    let named = |column: &String| {
        let column = plain(column);
        own.contains(&column) || matches!(column.as_str(), "id" | "key" | "no" | "number" | "code")
    };
    let places = || 0..columns.len();
    let found = places().find(|at| named(&columns[*at]) && is_distinct(*at));
    found.or_else(|| places().find(|at| is_distinct(*at))).unwrap_or(0)
}

/// The field that a column is about, by its name.
fn field_of(column: &str, entity: &Entity, may: &dyn Fn(&str) -> bool) -> Option<usize> {
    let column = plain(column);
    let settable = |slot: &usize| {
        let field = &entity.fields[*slot];
        let is_link = matches!(field.kind, Kind::Link { .. } | Kind::Links { .. });
        // A column of ids never fills a text, and a link is filled by nothing else.
        !field.read_only
            && may(&field.name)
            && !field.secret
            && !matches!(field.kind, Kind::Children { .. } | Kind::Address)
            && (is_link || !column.ends_with("id") || plain(&field.name).ends_with("id"))
    };
    let places = slot::FIRST..entity.fields.len();
    let is_same = |slot: &usize| {
        let name = plain(&entity.fields[*slot].name);
        column == name || column == format!("{name}id")
    };
    let is_synonym = |slot: &usize| {
        let name = plain(&entity.fields[*slot].name);
        let words = SYNONYMS.iter().find(|words| words[0] == name);
        words.is_some_and(|words| words.contains(&column.as_str()))
    };
    let is_own_name = |slot: &usize| {
        let name = plain(&entity.name);
        let words = ENTITIES.iter().find(|words| words[0] == name);
        let mut words = words.map_or(&[][..], |words| words).iter();
        entity.fields[*slot].name == "name"
            && (column == format!("{name}name") || words.any(|w| column == format!("{w}name")))
    };
    let links_to = |slot: &usize| match &entity.fields[*slot].kind {
        Kind::Link { entity: target, .. } => {
            let target = plain(target.rsplit('.').next().unwrap_or(target));
            let words = ENTITIES.iter().find(|words| words[0] == target);
            let mut words = words.map_or(&[][..], |words| words).iter();
            column == target
                || column == format!("{target}id")
                || words.any(|w| column == format!("{w}id"))
        }
        _ => false,
    };
    let mut fields = places.clone().filter(settable);
    fields
        .find(is_same)
        .or_else(|| places.clone().filter(settable).find(is_synonym))
        .or_else(|| places.clone().filter(settable).find(is_own_name))
        .or_else(|| places.filter(settable).find(links_to))
}

/// A name without case, blanks and signs.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn singular(name: &str) -> String {
    match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => name.strip_suffix('s').unwrap_or(name).to_owned(),
    }
}

fn external_name(name: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = name.chars().map(kept).take(60).collect();
    if name.is_empty() { "import".to_owned() } else { name }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
