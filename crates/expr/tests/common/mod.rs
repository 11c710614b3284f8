//! Files of vectors: an environment, a row, and what each expression gives over it.

use expr::{Context, Error, Expr, Names, Type, compile};
use serde_json::{Map, Value as Json};
use types::{Currency, Duration, Instant, Money, Value, WallTime};

/// A file of vectors, ready to be asked.
pub struct Vectors {
    /// The file.
    pub file: Json,
    /// Its names.
    pub names: Names,
    /// Its context.
    pub context: Context,
}

/// Reads `decimal(2)`, `list(text)`, `id(operations.customer,cus)`.
pub fn type_of(text: &str) -> Type {
    let (name, inside) = match text.split_once('(') {
        Some((name, rest)) => (name, rest.strip_suffix(')').unwrap()),
        None => (text, ""),
    };
    match name {
        "null" => Type::Null,
        "bool" => Type::Bool,
        "int" => Type::Int,
        "decimal" => Type::Decimal(inside.parse().ok()),
        "text" => Type::Text,
        "date" => Type::Date,
        "instant" => Type::Instant,
        "duration" => Type::Duration,
        "wall_time" => Type::WallTime,
        "money" => Type::Money,
        "json" => Type::Json,
        "list" => Type::List(Box::new(type_of(inside))),
        "rows" => Type::Rows(inside.into()),
        "id" => {
            let (entity, prefix) = inside.split_once(',').unwrap();
            Type::id(entity, prefix)
        }
        _ => panic!("no type {text}"),
    }
}

/// The fields in the list `key`, added to `names` one by one.
fn add(names: Names, file: &Json, key: &str, lines: &Names) -> Names {
    file[key].as_array().unwrap().iter().fold(names, |names, field| {
        let name = field["name"].as_str().unwrap();
        match (type_of(field["type"].as_str().unwrap()), field["choices"].as_array()) {
            (ty, _) if key == "attributes" => names.attribute(name, ty),
            (Type::Rows(_), _) => names.rows(name, lines.clone()),
            (_, Some(choices)) => {
                let choices: Vec<&str> = choices.iter().filter_map(Json::as_str).collect();
                names.choice(name, &choices)
            }
            (ty, None) => names.field(name, ty),
        }
    })
}

pub fn decode(ty: &Type, json: &Json, lines: &Names) -> Value {
    let text = || json.as_str().unwrap();
    if json.is_null() {
        return Value::Null;
    }
    match ty {
        Type::Null => Value::Null,
        Type::Bool => Value::Bool(json.as_bool().unwrap()),
        Type::Int => Value::Int(json.as_i64().unwrap()),
        Type::Decimal(_) if json.is_i64() => Value::Int(json.as_i64().unwrap()),
        Type::Decimal(_) => Value::Decimal(text().parse().unwrap()),
        Type::Text => Value::Text(text().to_owned()),
        Type::Json => Value::Json(text().to_owned()),
        Type::Date => Value::Date(text().parse().unwrap()),
        Type::Instant => Value::Instant(Instant::parse(text()).unwrap()),
        Type::Duration => Value::Duration(Duration::parse(text()).unwrap()),
        Type::WallTime => Value::WallTime(WallTime::parse(text()).unwrap()),
        Type::Id(_) => Value::Id(types::parse_id(text()).unwrap().1),
        Type::Money => {
            let currency = Currency::parse(json["currency"].as_str().unwrap()).unwrap();
            Value::Money(Money::parse(json["amount"].as_str().unwrap(), currency).unwrap())
        }
        Type::List(item) => {
            let items = json.as_array().unwrap();
            Value::List(items.iter().map(|json| decode(item, json, lines)).collect())
        }
        Type::Rows(_) => {
            let rows = json.as_array().unwrap().iter();
            Value::Rows(rows.map(|row| cells(lines, row.as_object().unwrap(), lines)).collect())
        }
    }
}

fn cells(names: &Names, row: &Map<String, Json>, lines: &Names) -> Vec<Value> {
    names
        .fields()
        .filter(|(_, field)| field.origin == expr::Origin::Record)
        .map(|(name, field)| decode(&field.ty, row.get(name).unwrap_or(&Json::Null), lines))
        .collect()
}

impl Vectors {
    /// Reads a file.
    pub fn read(text: &str) -> Vectors {
        let file: Json = serde_json::from_str(text).unwrap();
        let lines = add(Names::new(), &file, "lines", &Names::new());
        let names = add(Names::new(), &file, "attributes", &lines);
        let names = add(names, &file, "fields", &lines);
        let context = &file["context"];
        let now = Instant::parse(context["now"].as_str().unwrap()).unwrap();
        let attribute = |(name, field): (&str, &expr::FieldRef)| {
            decode(&field.ty, &context["attributes"][name], &lines)
        };
        let attributes = names.fields().filter(|(_, f)| f.origin == expr::Origin::Actor);
        let attributes = attributes.map(attribute).collect();
        let context = Context::new(now, context["zone"].as_str().unwrap(), attributes);
        Vectors { names, context, file }
    }

    pub fn cases(&self) -> &[Json] {
        self.file["cases"].as_array().unwrap()
    }

    pub fn compile(&self, case: &Json) -> Result<Expr, Vec<Error>> {
        let expected = case["expected"].as_str().map(type_of);
        compile(case["expr"].as_str().unwrap(), &self.names, expected.as_ref())
    }

    pub fn row(&self, case: &Json) -> Vec<Value> {
        let mut row = self.file["row"].as_object().unwrap().clone();
        row.extend(case["row"].as_object().cloned().unwrap_or_default());
        let lines = add(Names::new(), &self.file, "lines", &Names::new());
        cells(&self.names, &row, &lines)
    }
}
