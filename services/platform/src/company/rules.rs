//! What a company's values must be, beyond their kinds.

use super::Company;
use kernel::FieldProblem;
use kernel::service::Case;
use types::{Currency, WallTime};

/// The country is two capital letters.
pub fn country(case: &Case<'_>) -> Vec<FieldProblem> {
    let country = case.after.values[Company::COUNTRY].as_text().unwrap_or_default();
    let fits = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
    if country.is_empty() || fits {
        return Vec::new();
    }
    let text = "is not a country code: two capital letters, such as DE (ISO 3166-1 alpha-2)";
    vec![FieldProblem::new("/country", "invalid_country", text)]
}

/// The currency is a code that ISO 4217 knows.
pub fn currency(case: &Case<'_>) -> Vec<FieldProblem> {
    let currency = case.after.values[Company::CURRENCY].as_text().unwrap_or_default();
    if currency.is_empty() || Currency::parse(currency).is_ok() {
        return Vec::new();
    }
    let text = "is not a currency code: three capital letters, such as EUR (ISO 4217)";
    vec![FieldProblem::new("/currency", "invalid_currency", text)]
}

/// The time zone is one that the IANA database knows.
pub fn time_zone(case: &Case<'_>) -> Vec<FieldProblem> {
    let zone = case.after.values[Company::TIME_ZONE].as_text().unwrap_or_default();
    if zone.is_empty() || WallTime::parse(&format!("2000-01-01T00:00:00[{zone}]")).is_ok() {
        return Vec::new();
    }
    let text = "is not a time zone of the IANA database, such as Europe/Berlin";
    vec![FieldProblem::new("/time_zone", "invalid_time_zone", text)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::service::Rule;
    use kernel::{Declare, Record};
    use std::sync::Arc;

    #[test]
    fn country_currency_and_time_zone_are_known_ones() {
        let rows: [(Rule, &str, &[&str], &[&str]); 3] = [
            (country, "country", &["", "DE", "US"], &["de", "DEU", "1A"]),
            (currency, "currency", &["", "EUR", "JPY"], &["eur", "XQZ", "E"]),
            (time_zone, "time_zone", &["", "UTC", "Europe/Berlin"], &["Mars/Base", "Berlin", "]"]),
        ];
        for (rule, field, right, wrong) in rows {
            let refused = |value: &str| {
                let mut after = Record::empty(Arc::new(Company::entity()));
                after.set(field, value);
                !rule(&Case { verb: "create", before: None, after: &after }).is_empty()
            };
            for value in right {
                assert!(!refused(value), "{field}: {value}");
            }
            for value in wrong {
                assert!(refused(value), "{field}: {value}");
            }
        }
    }
}
