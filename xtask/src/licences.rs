//! Holds the licence of every crate and every npm package in the lock files against the list of
//! those we ship under.

use crate::finding::Finding;
use crate::{web, workspace};
use anyhow::{Context, Result};
use serde_json::Value;

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
/// Licences of npm packages that no shipped file contains.
const FOR_DEVELOPMENT: &[&str] = &["MPL-2.0", "Python-2.0"];
/// Fonts, which npm packages bring.
const FONTS: &str = "OFL-1.1";
/// Packages under another licence, each with the reason why it may stay.
const EXCEPTIONS: &[(&str, &str)] = &[
    // Dedicated to the public domain, as CC0 is; the router names it for servers that render
    // pages, and the build leaves it out.
    ("isbot", "Unlicense"),
];

/// Checks every package that cargo may build, on any platform, and every one that npm installs.
pub fn check() -> Result<Vec<Finding>> {
    let metadata = workspace::metadata(true)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let crates = packages.iter().filter_map(|package| {
        let name = package["name"].as_str().unwrap_or_default();
        let place = format!("{name} {}", package["version"].as_str().unwrap_or_default());
        finding(&place, package["license"].as_str(), &|licence| ALLOWED.contains(&licence))
    });
    let mut findings: Vec<Finding> = crates.collect();
    let lock = std::fs::read_to_string(web::folder().join("package-lock.json"))?;
    findings.extend(check_npm(&serde_json::from_str(&lock).context("web/package-lock.json")?)?);
    Ok(findings)
}

/// Checks the packages of an npm lock file (version 3), which names the licence of each.
fn check_npm(lock: &Value) -> Result<Vec<Finding>> {
    let packages = lock["packages"].as_object().context("package-lock.json lists no packages")?;
    // What is not below `node_modules` is our own, and so is what links there.
    let foreign = packages.iter().filter(|(path, package)| {
        path.contains("node_modules/") && package["link"] != Value::Bool(true)
    });
    let findings = foreign.filter_map(|(path, package)| {
        let name = path.rsplit("node_modules/").next().unwrap_or_default();
        let for_development = package["dev"] == Value::Bool(true);
        let allowed = |licence: &str| {
            ALLOWED.contains(&licence)
                || licence == FONTS
                || EXCEPTIONS.contains(&(name, licence))
                || for_development && FOR_DEVELOPMENT.contains(&licence)
        };
        let place = format!("npm {name} {}", package["version"].as_str().unwrap_or_default());
        finding(&place, package["license"].as_str(), &allowed)
    });
    Ok(findings.collect())
}

/// What is wrong with a package's licence, if anything is.
fn finding(place: &str, licence: Option<&str>, allowed: &dyn Fn(&str) -> bool) -> Option<Finding> {
    let Some(expression) = licence else { return Some(Finding::on(place, "states no licence")) };
    let wrong = match permitted(expression, allowed) {
        Some(true) => return None,
        Some(false) => format!("is under `{expression}`, which the allow list does not permit"),
        None => format!("has a licence that cannot be read: `{expression}`"),
    };
    Some(Finding::on(place, wrong))
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
    fn a_package_of_npm_is_held_to_whether_it_ships() {
        for (package, fine) in [
            (r#""node_modules/a": {"license": "MIT"}"#, true),
            (r#""node_modules/a": {"license": "MPL-2.0", "dev": true}"#, true),
            (r#""node_modules/a": {"license": "MPL-2.0"}"#, false),
            (r#""node_modules/a": {"license": "OFL-1.1"}"#, true),
            (r#""node_modules/isbot": {"license": "Unlicense"}"#, true),
            (r#""node_modules/a/node_modules/b": {"license": "Unlicense"}"#, false),
            (r#""node_modules/a": {}"#, false),
            (r#""node_modules/@megalith/ui": {"link": true}"#, true),
            (r#""../packages/ui": {}"#, true),
        ] {
            let lock = format!(r#"{{"packages": {{{package}}}}}"#);
            let findings = check_npm(&serde_json::from_str(&lock).unwrap()).unwrap();
            assert_eq!(findings.is_empty(), fine, "{package}");
        }
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
