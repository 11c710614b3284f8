//! Holds every edge between crates, and the use of certain outside crates, against `arrows.toml`.

use crate::finding::Finding;
use crate::workspace;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeSet;

const SERVICES: &str = "services/*";

/// Checks the workspace as it is.
pub fn check() -> Result<Vec<Finding>> {
    let text = std::fs::read_to_string(workspace::root().join("arrows.toml"))?;
    let arrows = text.parse().context("arrows.toml")?;
    Ok(hold(&arrows, &packages(&workspace::metadata(false)?)?))
}

/// A package of the workspace, as far as the arrows ask.
#[derive(Debug)]
struct Package {
    name: String,
    is_service: bool,
    uses: Vec<Use>,
}

/// One line under `[dependencies]` and its sisters.
#[derive(Debug)]
struct Use {
    name: String,
    inside: bool,
    in_tests: bool,
}

fn packages(metadata: &Value) -> Result<Vec<Package>> {
    let services = workspace::root().join("services");
    let list = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let package = |package: &Value| -> Option<Package> {
        let manifest = package["manifest_path"].as_str()?;
        let uses = package["dependencies"].as_array()?.iter().filter_map(|dependency| {
            Some(Use {
                name: dependency["name"].as_str()?.to_owned(),
                inside: dependency["path"].is_string(),
                in_tests: dependency["kind"] == "dev",
            })
        });
        Some(Package {
            name: package["name"].as_str()?.to_owned(),
            is_service: std::path::Path::new(manifest).starts_with(&services),
            uses: uses.collect(),
        })
    };
    list.iter().map(|value| package(value).context("a package without a name")).collect()
}

fn hold(arrows: &toml::Table, packages: &[Package]) -> Vec<Finding> {
    let services: BTreeSet<&str> =
        packages.iter().filter(|package| package.is_service).map(|p| p.name.as_str()).collect();
    let mut findings = Vec::new();
    for package in packages {
        let Some(shipped) = entry(arrows, "arrows", package) else {
            findings.push(Finding::on(&package.name, "has no line in arrows.toml"));
            continue;
        };
        let mut tests = names(arrows.get("tests").and_then(|tests| tests.get("*")));
        tests.extend(entry(arrows, "tests", package).unwrap_or_default());
        for used in &package.uses {
            let text = if used.inside {
                inside(package, used, &shipped, &tests, &services)
            } else {
                outside(arrows, package, used)
            };
            findings.extend(text.map(|text| Finding::on(&package.name, text)));
        }
    }
    findings
}

fn inside(
    package: &Package,
    used: &Use,
    shipped: &BTreeSet<&str>,
    tests: &BTreeSet<&str>,
    services: &BTreeSet<&str>,
) -> Option<String> {
    let to = used.name.as_str();
    let to_service = services.contains(to);
    if package.is_service && to_service && to != package.name {
        return Some(format!("is a service and uses the service {to}: go through `contracts`"));
    }
    if package.name.starts_with("kernel") && to_service {
        return Some(format!("names the service {to}: the kernel knows none"));
    }
    if to == "testkit" && !used.in_tests {
        return Some("uses testkit outside its tests".to_owned());
    }
    let listed = |list: &BTreeSet<&str>| {
        list.contains(to) || list.contains("*") || (to_service && list.contains(SERVICES))
    };
    // A crate's tests may use themselves (with other features) and all that the crate itself may.
    let allowed = listed(shipped) || (used.in_tests && (listed(tests) || to == package.name));
    let part = if used.in_tests { "in its tests " } else { "" };
    (!allowed).then(|| format!("{part}uses {to}, and arrows.toml has no such arrow"))
}

fn outside(arrows: &toml::Table, package: &Package, used: &Use) -> Option<String> {
    let families = arrows.get("family")?.as_table()?;
    let (family, rule) =
        families.iter().find(|(_, rule)| names(rule.get("crates")).contains(used.name.as_str()))?;
    let mut allowed = names(rule.get("under"));
    if used.in_tests {
        allowed.extend(names(rule.get("tests")));
    }
    // The test ground is used by tests alone, so all of it counts as tests.
    let in_testkit = package.name == "testkit" && names(rule.get("tests")).contains("testkit");
    if in_testkit || allowed.contains(package.name.as_str()) {
        return None;
    }
    let under: Vec<&str> = names(rule.get("under")).into_iter().collect();
    Some(format!("uses {} ({family}), which only {} may", used.name, under.join(", ")))
}

/// The line of a package: its own, else that of all services if it is one.
fn entry<'a>(arrows: &'a toml::Table, table: &str, package: &Package) -> Option<BTreeSet<&'a str>> {
    let table = arrows.get(table)?;
    let line =
        table.get(&package.name).or_else(|| table.get(SERVICES).filter(|_| package.is_service));
    line.map(|line| names(Some(line)))
}

fn names(list: Option<&toml::Value>) -> BTreeSet<&str> {
    let list = list.and_then(toml::Value::as_array);
    list.into_iter().flatten().filter_map(toml::Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edge_of_the_workspace_is_in_arrows_toml() {
        crate::finding::expect_none(check().unwrap());
    }

    #[test]
    fn an_edge_is_refused_unless_it_is_drawn() {
        let arrows: toml::Table = std::fs::read_to_string(workspace::root().join("arrows.toml"))
            .unwrap()
            .parse()
            .unwrap();
        let rows = [
            ("kernel", "types", false, true),
            ("types", "kernel", false, false),
            ("finance", "kernel", false, true),
            ("finance", "store", false, false),
            ("finance", "store", true, true),
            ("finance", "hr", false, false),
            ("finance", "hr", true, false),
            ("kernel", "hr", false, false),
            ("server", "hr", false, true),
            ("store", "testkit", true, true),
            ("store", "testkit", false, false),
            ("gateway", "axum", false, true),
            ("finance", "axum", false, false),
            ("kernel", "rusqlite", false, false),
            ("store", "rusqlite", false, true),
            ("testkit", "tokio-postgres", false, true),
            ("kernel", "cel", false, false),
            ("expr", "cel", false, true),
            ("server", "tonic", false, false),
            ("kernel", "serde", false, true),
            ("unheard-of", "types", false, false),
        ];
        for (from, to, in_tests, allowed) in rows {
            let is_service = |name: &str| ["finance", "hr"].contains(&name);
            let outside = ["axum", "rusqlite", "tokio-postgres", "cel", "tonic", "serde"];
            let used = Use { name: to.to_owned(), inside: !outside.contains(&to), in_tests };
            let package = |name: &str, uses: Vec<Use>| Package {
                name: name.to_owned(),
                is_service: is_service(name),
                uses,
            };
            let target = if is_service(to) { to } else { "types" };
            let packages = [package(from, vec![used]), package(target, Vec::new())];
            let findings = hold(&arrows, &packages);
            assert_eq!(findings.is_empty(), allowed, "{from} to {to}: {findings:?}");
        }
    }
}
