//! Runs `vectors.json`: every expression there gives what stands beside it, here and in every
//! other evaluator that runs the same file.

mod common;

use common::{Vectors, decode, type_of};
use expr::{Names, Type, compile, sql_ready};
use serde_json::{Value as Json, json};
use types::Value;

fn vectors() -> Vectors {
    Vectors::read(include_str!("../vectors.json"))
}

/// What is wrong with the case, if anything.
fn problem(vectors: &Vectors, case: &Json) -> Option<String> {
    let found = match vectors.compile(case) {
        Err(errors) => {
            let error = &errors[0];
            json!({"error": error.code, "at": [error.start, error.end],
                   "suggestion": error.suggestion})
        }
        Ok(expr) => {
            let result = expr.eval(&vectors.row(case), &vectors.context);
            let wanted = case["type"].as_str().map_or(Type::Null, type_of);
            let lines = Names::new();
            let same = result.value == decode(&wanted, &case["value"], &lines);
            let reasons: Vec<_> = result.reasons.iter().map(|reason| reason.code).collect();
            let truth = result.value == Value::Bool(true);
            if truth != expr.eval_bool(&vectors.row(case), &vectors.context) {
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

#[test]
fn every_vector_gives_what_stands_beside_it() {
    let vectors = vectors();
    let problems: Vec<String> = vectors
        .cases()
        .iter()
        .filter_map(|case| problem(&vectors, case).map(|found| format!("{case}\n   found {found}")))
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
    let vectors = vectors();
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
    let vectors = vectors();
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
