//! What codes of countries and currencies must be, in any record that has them.

use kernel::FieldProblem;
use kernel::service::Case;
use types::Currency;

/// The country is two capital letters.
pub fn country(case: &Case<'_>) -> Vec<FieldProblem> {
    let country = case.after.get("country").as_text().unwrap_or_default();
    let fits = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
    if country.is_empty() || fits {
        return Vec::new();
    }
    let text = "is not a country code: two capital letters, such as DE (ISO 3166-1 alpha-2)";
    vec![FieldProblem::new("/country", "invalid_country", text)]
}

/// The currency is a code that ISO 4217 knows.
pub fn currency(case: &Case<'_>) -> Vec<FieldProblem> {
    let currency = case.after.get("currency").as_text().unwrap_or_default();
    if currency.is_empty() || Currency::parse(currency).is_ok() {
        return Vec::new();
    }
    let text = "is not a currency code: three capital letters, such as EUR (ISO 4217)";
    vec![FieldProblem::new("/currency", "invalid_currency", text)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Supplier;
    use kernel::{Declare, Record};
    use std::sync::Arc;

    fn codes(rule: kernel::service::Rule, field: &str, value: Option<&str>) -> Vec<String> {
        let mut after = Record::empty(Arc::new(Supplier::entity()));
        after.set(field, value);
        let case = Case { verb: "create", before: None, after: &after };
        rule(&case).into_iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn a_country_is_two_capital_letters_or_empty() {
        for value in [None, Some(""), Some("DE"), Some("US")] {
            assert!(codes(country, "country", value).is_empty(), "{value:?}");
        }
        for value in ["de", "D", "DEU", "D1", "ß", "Ä"] {
            assert_eq!(codes(country, "country", Some(value)), ["invalid_country"], "{value}");
        }
    }

    #[test]
    fn a_currency_is_one_that_the_standard_knows_or_empty() {
        for value in [None, Some(""), Some("EUR"), Some("USD"), Some("JPY")] {
            assert!(codes(currency, "currency", value).is_empty(), "{value:?}");
        }
        for value in ["eur", "EU", "XQZ", "€"] {
            assert_eq!(codes(currency, "currency", Some(value)), ["invalid_currency"], "{value}");
        }
    }
}
