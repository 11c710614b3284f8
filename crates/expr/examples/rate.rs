//! Prints how many evaluations of typical expressions one core makes in a second.

use expr::{Context, Names, Type, compile};
use std::hint::black_box;
use std::time::Instant as Clock;
use types::{Currency, Decimal, Instant, Money, Value};

const ROUNDS: u32 = 2_000_000;

fn main() {
    let names = Names::new()
        .choice("state", &["draft", "posted", "paid"])
        .field("issued_on", Type::Date)
        .field("quantity", Type::Int)
        .field("price", Type::Decimal(Some(2)))
        .field("total", Type::Money)
        .field("title", Type::Text);
    let context = Context::new(Instant(1_790_000_000_000_000), "UTC", Vec::new());
    let euros = |minor| Value::Money(Money { minor, currency: Currency::EUR });
    let row = vec![
        Value::from("posted"),
        Value::Date(context.today),
        Value::Int(12),
        Value::Decimal(Decimal::new(1250, 2)),
        euros(15_000),
        Value::from("Twelve standing stones"),
    ];
    for text in [
        "state == 'posted'",
        "state == 'posted' && quantity > 10 && total >= money('12.30', 'EUR')",
        "state != 'draft' && issued_on >= date('2026-01-31') || title.contains('stone')",
        "quantity + 3 > 10 && price - 0.5 <= 99.99 && state in ['posted', 'paid']",
        "round(quantity * price / 3, 2)",
    ] {
        let expr = match compile(text, &names, None) {
            Ok(expr) => expr,
            Err(errors) => return eprintln!("{text}: {errors:?}"),
        };
        let start = Clock::now();
        for _ in 0..ROUNDS {
            if *expr.ty() == Type::Bool {
                black_box(expr.eval_bool(black_box(&row), &context));
            } else {
                black_box(expr.eval(black_box(&row), &context));
            }
        }
        let rate = f64::from(ROUNDS) / start.elapsed().as_secs_f64() / 1e6;
        println!("{rate:7.2} million/s  {text}");
    }
    let text = "state == 'posted' && total >= 1000 && x";
    let start = Clock::now();
    for _ in 0..ROUNDS / 10 {
        black_box(expr::parse(black_box(text)).is_ok());
    }
    let micros = start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS / 10);
    println!("{micros:7.2} µs to parse {} characters", text.len());
}
