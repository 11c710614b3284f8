//! How fast the interpreter is.

use super::Table;
use expr::{Context, Names, Type};
use std::hint::black_box;
use std::time::Instant;
use types::Value;

/// Evaluations of one measurement.
const ROUNDS: u32 = 2_000_000;

/// Evaluates an expression of five operators over and over on one core.
pub fn measure(table: &mut Table) {
    let names = Names::new()
        .field("country", Type::Text)
        .field("quantity", Type::Int)
        .field("price", Type::Decimal(Some(2)));
    let text = "country == 'DE' && quantity > 10 && price + 1 < 100.00";
    let Ok(filter) = expr::compile(text, &names, Some(&Type::Bool)) else { return };
    let row = vec![Value::from("DE"), Value::Int(12), Value::Decimal(types::Decimal::new(1999, 2))];
    let context = Context::new(types::Instant(0), "UTC", Vec::new());
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        black_box(filter.eval_bool(black_box(&row), &context));
    }
    let rate = f64::from(ROUNDS) / begun.elapsed().as_secs_f64() / 1e6;
    let what = "expression in the interpreter, five operators";
    table.add(what, format!("{rate:.1} million/s per core"), ">= 2 million/s", rate >= 2.0);
}
