//! Money: `{"amount": "159.60", "currency": "EUR"}`, with the digits of its currency.

use super::number;
use super::raw::{Checked, Fault, members, pointer, repeated, string};
use crate::problem::FieldProblem;
use crate::schema::nearest;
use serde_json::{Value as Json, json};
use types::{Currency, Money, MoneyError, Value};

const EXPECTED: &str =
    "an amount with its currency such as {\"amount\": \"12.50\", \"currency\": \"EUR\"}";

/// Reads an object of amount and currency; every fault is at the member it is about.
pub(super) fn parse(raw: &str, at: &str, problems: &mut Vec<FieldProblem>) -> Option<Value> {
    let before = problems.len();
    let mut note = |fault: Fault, at: &str| problems.push(fault.at(at));
    let members = match members(raw, EXPECTED) {
        Ok(members) => members,
        Err(fault) => {
            note(fault, at);
            return None;
        }
    };
    if let Some(name) = repeated(&members) {
        note(Fault::new("duplicate_key", "must be given once"), &pointer(at, name));
        return None;
    }
    let (mut amount, mut currency) = (None, None);
    for (name, raw) in &members {
        match name.as_ref() {
            "amount" => amount = Some(*raw),
            "currency" => currency = Some(*raw),
            other => {
                let near = nearest(other, ["amount", "currency"].into_iter());
                note(
                    unknown_member(near, "money, which has amount and currency"),
                    &pointer(at, other),
                );
            }
        }
    }
    let mut need = |raw: Option<&str>, name: &str| match raw {
        Some(raw) if raw != "null" => Some(raw.to_owned()),
        _ => {
            note(Fault::new("required", "must be given"), &pointer(at, name));
            None
        }
    };
    let (amount, currency) = (need(amount, "amount"), need(currency, "currency"));
    let currency = currency.and_then(|raw| match read_currency(&raw) {
        Ok(currency) => Some(currency),
        Err(fault) => {
            note(fault, &pointer(at, "currency"));
            None
        }
    });
    let amount = amount.and_then(|raw| match number::decimal_text(&raw) {
        Ok(text) => Some(text.into_owned()),
        Err(fault) => {
            note(fault, &pointer(at, "amount"));
            None
        }
    });
    let money = Money::parse(&amount?, currency?).map_err(fault);
    match money {
        Ok(money) => (problems.len() == before).then_some(Value::Money(money)),
        Err(fault) => {
            problems.push(fault.at(&pointer(at, "amount")));
            None
        }
    }
}

/// The fault of a member that an object does not have.
pub(super) fn unknown_member(near: Option<&str>, of: &str) -> Fault {
    let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    Fault::new("unknown_field", format!("is not a member of {of}{hint}"))
}

fn read_currency(raw: &str) -> Checked<Currency> {
    let code = string(raw, "a currency code such as \"EUR\"")?;
    Currency::parse(&code).map_err(fault)
}

fn fault(error: MoneyError) -> Fault {
    match error {
        MoneyError::Currency => Fault::new("unknown_currency", error.to_string()),
        MoneyError::Amount(error) => number::fault(error),
    }
}

/// Reads `12.50 EUR` or `EUR 12.50`, as a table holds it.
pub(super) fn from_text(text: &str) -> Checked {
    let expected =
        || Fault::new("invalid_money", "must be an amount with its currency such as 12.50 EUR");
    let (left, right) = text.split_once(' ').ok_or_else(expected)?;
    let left_is_code = left.starts_with(|c: char| c.is_ascii_alphabetic());
    let (amount, code) = if left_is_code { (right, left) } else { (left, right) };
    let currency = Currency::parse(code).map_err(fault)?;
    Money::parse(amount, currency).map(Value::Money).map_err(fault)
}

/// Writes the object of amount and currency.
pub(super) fn write(money: &Money, out: &mut String) {
    let digits = money.currency.digits();
    out.push_str("{\"amount\":\"");
    number::write(i128::from(money.minor), digits, digits, out);
    out.push_str("\",\"currency\":\"");
    out.push_str(money.currency.code());
    out.push_str("\"}");
}

/// The JSON Schema of money.
pub(super) fn schema() -> Json {
    json!({
        "type": "object",
        "description": "An amount with its currency; as many places as the currency has.",
        "properties": {
            "amount": {"type": "string", "format": "decimal", "pattern": "^[+-]?[0-9]{1,18}(\\.[0-9]+)?$", "examples": ["12.50"]},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "A code of ISO 4217.", "examples": ["EUR"]},
        },
        "required": ["amount", "currency"],
        "additionalProperties": false,
        "examples": [{"amount": "12.50", "currency": "EUR"}],
    })
}
