//! Holds the licence of every crate in the lock file against the list of those we ship under.

use crate::finding::Finding;
use crate::workspace;
use anyhow::{Context, Result};

/// The licences that anything in the project may carry.
const ALLOWED: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "0BSD",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
];
/// Crates under MPL-2.0 that only developers run and no shipped file contains.
const MPL_FOR_DEVELOPMENT: &[&str] = &[];

/// Checks every package that cargo may build, on any platform.
pub fn check() -> Result<Vec<Finding>> {
    let metadata = workspace::metadata(true)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let mut findings = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let place = format!("{name} {}", package["version"].as_str().unwrap_or_default());
        match package["license"].as_str() {
            Some(expression) => match permitted(expression, &|licence| {
                ALLOWED.contains(&licence)
                    || (licence == "MPL-2.0" && MPL_FOR_DEVELOPMENT.contains(&name))
            }) {
                Some(true) => {}
                Some(false) => findings.push(Finding::on(
                    &place,
                    format!("is under `{expression}`, which the allow list does not permit"),
                )),
                None => findings.push(Finding::on(
                    &place,
                    format!("has a licence that cannot be read: `{expression}`"),
                )),
            },
            None => findings.push(Finding::on(&place, "states no licence")),
        }
    }
    Ok(findings)
}

/// Whether an SPDX expression can be met with permitted licences; nothing if it cannot be read.
///
/// `AND` binds closer than `OR` (SPDX 2.3, annex D.4); the old `/` means `OR`. An exception after
/// `WITH` only adds rights, so it does not matter here.
fn permitted(expression: &str, allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let result = either(&mut rest, allowed)?;
    rest.is_empty().then_some(result)
}

fn either(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut result = both(rest, allowed)?;
    while took(rest, "OR") {
        // Not short-circuited: the right side must be read in any case.
        result |= both(rest, allowed)?;
    }
    Some(result)
}

fn both(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut result = single(rest, allowed)?;
    while took(rest, "AND") {
        result &= single(rest, allowed)?;
    }
    Some(result)
}

fn single(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    if took(rest, "(") {
        let result = either(rest, allowed)?;
        return took(rest, ")").then_some(result);
    }
    let (licence, after) = rest.split_first()?;
    if ["AND", "OR", "WITH", ")"].contains(licence) {
        return None;
    }
    *rest = after;
    if took(rest, "WITH") {
        let (_, after) = rest.split_first()?;
        *rest = after;
    }
    Some(allowed(licence))
}

fn took(rest: &mut &[&str], word: &str) -> bool {
    let found = rest.first() == Some(&word);
    if found {
        *rest = &rest[1..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_is_under_a_permitted_licence() {
        crate::finding::expect_none(check().unwrap());
    }

    #[test]
    fn an_expression_is_permitted_when_its_choices_are() {
        for (expression, expected) in [
            ("MIT", Some(true)),
            ("GPL-3.0-only", Some(false)),
            ("MIT OR GPL-3.0-only", Some(true)),
            ("MIT/Apache-2.0", Some(true)),
            ("MIT AND GPL-3.0-only", Some(false)),
            ("Unlicense OR MIT", Some(true)),
            ("MIT OR Apache-2.0 AND GPL-3.0-only", Some(true)),
            ("(MIT OR Apache-2.0) AND GPL-3.0-only", Some(false)),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", Some(true)),
            ("Apache-2.0 WITH LLVM-exception", Some(true)),
            ("ISC AND (Apache-2.0 OR ISC)", Some(true)),
            ("MIT OR", None),
            ("(MIT", None),
            ("MIT Apache-2.0", None),
            ("", None),
        ] {
            let found = permitted(expression, &|licence| ALLOWED.contains(&licence));
            assert_eq!(found, expected, "{expression}");
        }
    }
}
