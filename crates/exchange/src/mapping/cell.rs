//! From the text of a cell to what a field reads: blanks, tables of values, dates, numbers.

use super::ColumnType;
use kernel::Kind;
use std::borrow::Cow;
use std::collections::BTreeMap;
use types::{Decimal, Rounding, Value, parse_decimal};

/// How one cell is made ready for its field.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rule {
    /// Blanks around the text are taken away; of kinds that are no text always.
    pub trim: bool,
    /// What is taken away from the beginning of a text that begins so.
    pub strip: Option<String>,
    /// What each text becomes.
    pub values: Option<BTreeMap<String, String>>,
    /// What a text becomes that `values` does not hold: itself for `keep`.
    pub otherwise: Option<String>,
    /// What stands for an empty cell.
    pub default: Option<String>,
    /// How dates and instants are written, as `strftime` names it.
    pub format: Option<String>,
    /// A comma stands before the decimals and points part the thousands.
    pub decimal_comma: bool,
    /// How decimals that the field does not hold are rounded; without it they are refused.
    pub round: Option<Rounding>,
}

impl Rule {
    /// The text that the field's kind reads; empty for no value. `currency` is that of an amount.
    pub(crate) fn ready<'t>(
        &'t self,
        kind: &Kind,
        text: &'t str,
        currency: Option<&str>,
    ) -> Result<Cow<'t, str>, String> {
        let is_text =
            matches!(kind, Kind::Text { .. } | Kind::LongText { .. } | Kind::Address | Kind::Texts);
        let text = if self.trim || !is_text { text.trim() } else { text };
        let text = match &self.strip {
            Some(strip) => text.strip_prefix(strip.as_str()).unwrap_or(text),
            None => text,
        };
        let text = match &self.values {
            Some(values) if !text.is_empty() || values.contains_key("") => {
                self.mapped(values, text)?
            }
            _ => text,
        };
        let text = match (text, &self.default) {
            ("", Some(default)) => default.as_str(),
            ("", None) => return Ok(Cow::Borrowed("")),
            (text, _) => text,
        };
        let made = match kind {
            Kind::Date => self.date(text)?,
            Kind::Instant => self.instant(text)?,
            Kind::Integer { .. } => self.rounded(text, 0, false)?,
            Kind::Decimal { .. } | Kind::Percent | Kind::Price | Kind::Quantity => {
                self.rounded(text, kind.scale().unwrap_or_default(), true)?
            }
            Kind::Money => self.money(text, currency)?,
            Kind::Choice { names } => choice(names, text),
            _ => return Ok(Cow::Borrowed(text)),
        };
        Ok(Cow::Owned(made))
    }

    fn mapped<'t>(
        &'t self,
        values: &'t BTreeMap<String, String>,
        text: &'t str,
    ) -> Result<&'t str, String> {
        let trimmed = text.trim();
        let same = |known: &&String| known.to_lowercase() == trimmed.to_lowercase();
        let found = values
            .get(text)
            .or_else(|| values.get(trimmed))
            .or_else(|| values.keys().find(same).and_then(|name| values.get(name)));
        match (found, self.otherwise.as_deref()) {
            (Some(found), _) => Ok(found),
            (None, Some("keep")) => Ok(text),
            (None, Some(other)) => Ok(other),
            (None, None) => {
                let known = values.keys().map(String::as_str);
                let hint = super::hint(trimmed, known);
                Err(format!("{text:?} is not in the table of values{hint}"))
            }
        }
    }

    fn date(&self, text: &str) -> Result<String, String> {
        let Some(format) = &self.format else {
            return match text.split_at_checked(10) {
                // A day that is written as the instant of its beginning.
                Some((day, time)) if is_midnight(time) => Ok(day.to_owned()),
                Some((_, time)) if time.starts_with([' ', 'T']) => {
                    Err(format!("{text:?} is a time of day, not a day; give its format"))
                }
                _ => Ok(text.to_owned()),
            };
        };
        let broken = jiff::fmt::strtime::parse(format, text)
            .map_err(|error| format!("{text:?} is not written as {format}: {error}"))?;
        let date = broken.to_date().map_err(|error| format!("{text:?} is no day: {error}"))?;
        Ok(date.to_string())
    }

    fn instant(&self, text: &str) -> Result<String, String> {
        let Some(format) = &self.format else {
            // Without a zone it is taken as UTC.
            return match text.parse::<jiff::civil::DateTime>() {
                Ok(at) if types::Instant::parse(text).is_err() => Ok(format!("{at}Z")),
                _ => Ok(text.to_owned()),
            };
        };
        let broken = jiff::fmt::strtime::parse(format, text)
            .map_err(|error| format!("{text:?} is not written as {format}: {error}"))?;
        if let Ok(stamp) = broken.to_timestamp() {
            return Ok(stamp.to_string());
        }
        let at = broken.to_datetime().map_err(|error| format!("{text:?} is no time: {error}"))?;
        Ok(format!("{at}Z"))
    }

    fn rounded(&self, text: &str, scale: u32, to_scale: bool) -> Result<String, String> {
        let plain = self.plain(text);
        let Ok(value) = plain.parse::<Decimal>() else { return Ok(plain) };
        match self.round {
            Some(rounding) => Ok(rounding.round(value, scale).to_string()),
            // `12.0` is a whole number.
            None if !to_scale && value.fract().is_zero() => Ok(value.trunc().to_string()),
            None => Ok(plain),
        }
    }

    fn money(&self, text: &str, currency: Option<&str>) -> Result<String, String> {
        let (amount, own) = match text.rsplit_once(' ') {
            Some((amount, code))
                if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) =>
            {
                (amount, Some(code))
            }
            _ => (text, None),
        };
        let code = own.or(currency.filter(|code| !code.is_empty()));
        let code = code.ok_or("has no currency; the mapping must name one")?;
        let digits = types::Currency::parse(code).map_or(2, |currency| currency.digits());
        Ok(format!("{} {code}", self.rounded(amount, digits, true)?))
    }

    /// A number with a point before its decimals and a digit before the point.
    fn plain(&self, text: &str) -> String {
        let is_blank = |c: &char| c.is_whitespace() || *c == '\'';
        let mut text: String = text.chars().filter(|c| !is_blank(c)).collect();
        if self.decimal_comma {
            text = text.replace('.', "").replace(',', ".");
        }
        let (sign, digits) = match text.strip_prefix(['-', '+']) {
            Some(digits) => (&text[..text.len() - digits.len()], digits),
            None => ("", text.as_str()),
        };
        if digits.starts_with('.') && digits.len() > 1 {
            return format!("{sign}0{digits}");
        }
        text
    }
}

fn is_midnight(time: &str) -> bool {
    let digits = time.strip_prefix([' ', 'T']);
    digits.is_some_and(|rest| {
        !rest.is_empty() && rest.chars().all(|c| matches!(c, '0' | ':' | '.' | 'Z'))
    })
}

/// The choice that is meant: its name, in any case and with blanks for `_`.
fn choice(names: &[String], text: &str) -> String {
    let name = text.to_lowercase().replace([' ', '-'], "_");
    names.iter().find(|known| **known == name).cloned().unwrap_or_else(|| text.to_owned())
}

/// A cell as a value of an expression.
pub(crate) fn of_type(ty: ColumnType, text: &str) -> Result<Value, String> {
    let trimmed = text.trim();
    if text.is_empty() || ty != ColumnType::Text && trimmed.is_empty() {
        return Ok(Value::Null);
    }
    let rule = Rule::default();
    match ty {
        ColumnType::Text => Ok(Value::from(text)),
        ColumnType::Integer => {
            trimmed.parse().map(Value::Int).map_err(|_| format!("{text:?} is no whole number"))
        }
        ColumnType::Decimal => parse_decimal(&rule.plain(trimmed), 10)
            .map(Value::Decimal)
            .map_err(|error| format!("{text:?} {error}")),
        ColumnType::Boolean => match trimmed.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(Value::Bool(true)),
            "false" | "no" | "0" => Ok(Value::Bool(false)),
            _ => Err(format!("{text:?} is neither true nor false")),
        },
        ColumnType::Date => rule.date(trimmed).and_then(|day| {
            day.parse().map(Value::Date).map_err(|_| format!("{text:?} is no day"))
        }),
    }
}

/// A result of an expression as the text of a cell.
pub(crate) fn to_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Decimal(value) => value.normalize().to_string(),
        Value::Text(text) | Value::Json(text) => text.clone(),
        Value::Date(value) => value.to_string(),
        Value::Instant(value) => value.to_string(),
        Value::WallTime(value) => value.to_string(),
        Value::Duration(value) => value.to_string(),
        Value::Id(value) => value.to_string(),
        Value::Money(value) => value.to_string(),
        Value::List(items) => items.iter().map(to_text).collect::<Vec<_>>().join(";"),
        Value::Rows(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_becomes_what_its_field_reads() {
        let table: BTreeMap<String, String> =
            [("USA", "US"), ("UK", "GB")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        let plain = Rule::default();
        let comma = Rule { decimal_comma: true, ..Rule::default() };
        let round = Rule { round: Some(Rounding::HalfUp), ..Rule::default() };
        let us = Rule { format: Some("%m/%d/%Y".to_owned()), ..Rule::default() };
        let countries = Rule { values: Some(table.clone()), trim: true, ..Rule::default() };
        let kept = Rule { otherwise: Some("keep".to_owned()), ..countries.clone() };
        let zero = Rule { default: Some("0".to_owned()), ..Rule::default() };
        let text = Kind::text(100);
        let choice = Kind::choice(&["in_work", "done"]);
        for (rule, kind, cell, expected) in [
            (&plain, &Kind::Date, "1996-07-04 00:00:00.000", Ok("1996-07-04")),
            (&plain, &Kind::Date, "1996-07-04", Ok("1996-07-04")),
            (&plain, &Kind::Date, "1996-07-04 09:30:00", Err(())),
            (&us, &Kind::Date, "07/04/1996", Ok("1996-07-04")),
            (&us, &Kind::Date, "1996-07-04", Err(())),
            (&plain, &Kind::Instant, "1996-07-04 09:30:00", Ok("1996-07-04T09:30:00Z")),
            (&plain, &Kind::Instant, "1996-07-04T09:30:00+02:00", Ok("1996-07-04T09:30:00+02:00")),
            (&plain, &Kind::Price, ".0000", Ok("0.0000")),
            (&plain, &Kind::Quantity, "-.5", Ok("-0.5")),
            (&comma, &Kind::Price, "1.234,50", Ok("1234.50")),
            (&plain, &Kind::integer(), "12.0", Ok("12")),
            (&plain, &Kind::Money, "32.38", Ok("32.38 EUR")),
            (&plain, &Kind::Money, "32.38 USD", Ok("32.38 USD")),
            (&round, &Kind::Money, "32.385", Ok("32.39 EUR")),
            (&countries, &text, "USA ", Ok("US")),
            (&countries, &text, "uk", Ok("GB")),
            (&countries, &text, "Utopia", Err(())),
            (&kept, &text, "Utopia", Ok("Utopia")),
            (&countries, &text, "", Ok("")),
            (&zero, &Kind::integer(), "", Ok("0")),
            (&plain, &text, " kept ", Ok(" kept ")),
            (&plain, &choice, "In work", Ok("in_work")),
        ] {
            let found = rule.ready(kind, cell, Some("EUR")).map_err(|_| ());
            assert_eq!(found, expected.map(Cow::Borrowed), "{cell:?}");
        }
        assert!(plain.ready(&Kind::Money, "12", None).is_err());
    }

    #[test]
    fn a_column_has_the_type_that_the_mapping_says() {
        for (ty, cell, expected) in [
            (ColumnType::Text, "", Some(Value::Null)),
            (ColumnType::Text, "x", Some(Value::from("x"))),
            (ColumnType::Integer, "12", Some(Value::Int(12))),
            (ColumnType::Decimal, "0.0", Some(Value::Decimal(0.into()))),
            (ColumnType::Boolean, "1", Some(Value::Bool(true))),
            (ColumnType::Integer, "x", None),
        ] {
            assert_eq!(of_type(ty, cell).ok(), expected, "{cell:?}");
        }
    }
}
