//! Runs `vectors.json`: every expression there gives what stands beside it, here and in every
//! other evaluator that runs the same file.

use expr::{Context, Error, Expr, Names, Type, compile, sql_ready};
use serde_json::{Map, Value as Json, json};
use types::{Currency, Duration, Instant, Money, Value, WallTime};

struct Vectors {
    file: Json,
    names: Names,
    context: Context,
}

/// Reads `decimal(2)`, `list(text)`, `id(operations.customer,cus)`.
fn type_of(text: &str) -> Type {
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

fn decode(ty: &Type, json: &Json, lines: &Names) -> Value {
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
    fn read() -> Vectors {
        let file: Json = serde_json::from_str(include_str!("../vectors.json")).unwrap();
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

    fn cases(&self) -> &[Json] {
        self.file["cases"].as_array().unwrap()
    }

    fn compile(&self, case: &Json) -> Result<Expr, Vec<Error>> {
        let expected = case["expected"].as_str().map(type_of);
        compile(case["expr"].as_str().unwrap(), &self.names, expected.as_ref())
    }

    fn row(&self, case: &Json) -> Vec<Value> {
        let mut row = self.file["row"].as_object().unwrap().clone();
        row.extend(case["row"].as_object().cloned().unwrap_or_default());
        let lines = add(Names::new(), &self.file, "lines", &Names::new());
        cells(&self.names, &row, &lines)
    }

    /// What is wrong with the case, if anything.
    fn problem(&self, case: &Json) -> Option<String> {
        let found = match self.compile(case) {
            Err(errors) => {
                let error = &errors[0];
                json!({"error": error.code, "at": [error.start, error.end],
                       "suggestion": error.suggestion})
            }
            Ok(expr) => {
                let result = expr.eval(&self.row(case), &self.context);
                let wanted = case["type"].as_str().map_or(Type::Null, type_of);
                let lines = Names::new();
                let same = result.value == decode(&wanted, &case["value"], &lines);
                let reasons: Vec<_> = result.reasons.iter().map(|reason| reason.code).collect();
                let truth = result.value == Value::Bool(true);
                if truth != expr.eval_bool(&self.row(case), &self.context) {
                    return Some("eval_bool differs".to_owned());
                }
                json!({
                    "type": if *expr.ty() == wanted { case["type"].clone() } else { json!(expr.ty().to_string()) },
                    "value": if same { case["value"].clone() } else { json!(format!("{:?}", result.value)) },
                    "reasons": if reasons.is_empty() { Json::Null } else { json!(reasons) },
                    "canonical": if case["canonical"].is_null() { Json::Null } else { json!(expr.to_string()) },
                    "sql": if case["sql"].is_null() { Json::Null } else { json!(sql_ready(&expr).is_ok()) },
                })
            }
        };
        let keys = ["error", "at", "suggestion", "type", "value", "reasons", "canonical", "sql"];
        let differs = keys.iter().any(|key| found[key] != case[key]);
        differs.then(|| found.to_string())
    }
}

#[test]
fn every_vector_gives_what_stands_beside_it() {
    let vectors = Vectors::read();
    let problems: Vec<String> = vectors
        .cases()
        .iter()
        .filter_map(|case| vectors.problem(case).map(|found| format!("{case}\n   found {found}")))
        .collect();
    assert!(
        problems.is_empty(),
        "{} of {}:\n{}",
        problems.len(),
        vectors.cases().len(),
        problems.join("\n")
    );
    assert!(vectors.cases().len() >= 700, "{} vectors", vectors.cases().len());
}

#[test]
fn the_canonical_text_of_every_vector_reads_back_as_the_same_tree() {
    let vectors = Vectors::read();
    for expr in vectors.cases().iter().filter_map(|case| vectors.compile(case).ok()) {
        let text = expr.to_string();
        let again =
            compile(&text, &vectors.names, None).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!(again, expr, "{text}");
        assert_eq!(again.to_string(), text);
    }
}

#[test]
fn binding_a_context_changes_no_answer() {
    let vectors = Vectors::read();
    for case in vectors.cases() {
        let Ok(expr) = vectors.compile(case) else { continue };
        let bound = expr.bind(&vectors.context);
        assert!(bound.attributes().is_empty() && !bound.reads_clock(), "{case}");
        let row = vectors.row(case);
        let (before, after) =
            (expr.eval(&row, &vectors.context), bound.eval(&row, &vectors.context));
        assert_eq!(before.value, after.value, "{case}");
    }
}
