//! An import that is killed goes on where it stopped: every row once, in one change set.

use crate::process::{megalith, run};
use crate::site::Site;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Rows of the file; one in a hundred is refused.
const ROWS: usize = 3_000;

/// What the file becomes, one after the other.
const ENTITIES: [&str; 3] = ["operations.customer", "operations.supplier", "operations.customer"];

/// An organisation's file and its mapping.
struct Source {
    file: PathBuf,
    map: PathBuf,
}

impl Source {
    /// Its last step brings all customers in once more, under other keys.
    fn new(folder: &Path) -> Source {
        let folder = folder.join("source");
        std::fs::create_dir_all(&folder).unwrap();
        let source = Source { file: folder.join("rows.csv"), map: folder.join("map.toml") };
        source.write("Name");
        let mut map = String::from("name = \"rows\"\n");
        for (number, entity) in ENTITIES.iter().enumerate() {
            map += &format!(
                "[[step]]\nfile = \"rows.csv\"\nentity = \"{entity}\"\nkey = \"no\"\n\
                 external = \"rows{number}\"\n[step.fields]\nname = \"name\"\ncountry = \"country\"\n"
            );
        }
        std::fs::write(&source.map, map).unwrap();
        source
    }

    fn write(&self, name: &str) {
        let country = |no: usize| if no.is_multiple_of(100) { "Atlantis" } else { "DE" };
        let rows = (1..=ROWS).map(|no| format!("{no},{name} {no},{}\n", country(no)));
        let text: String = std::iter::once("no,name,country\n".to_owned()).chain(rows).collect();
        std::fs::write(&self.file, text).unwrap();
    }
}

/// The flags of an import, and of the site.
fn arguments<'a>(source: &'a Source, more: &'a [String]) -> Vec<&'a str> {
    let (file, map) = (source.file.to_str().unwrap(), source.map.to_str().unwrap());
    let own = ["import", file, "--map", map, "--org", "acme", "--create-org", "--json"];
    own.into_iter().chain(more.iter().map(String::as_str)).collect()
}

/// Begins an import and kills it when it has told `lines` times how far it is; whether it was
/// still at work.
fn kill_after(lines: usize, data: &Path, arguments: &[&str]) -> bool {
    let mut command = megalith(data, arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let told = BufReader::new(child.stderr.take().unwrap()).lines();
    let reached = told.map_while(Result::ok).filter(|line| line.contains(" read, ")).take(lines);
    let reached = reached.count() == lines;
    child.kill().unwrap();
    child.wait().unwrap();
    reached
}

fn change_sets(data: &Path, more: &[String]) -> Vec<String> {
    let more = more.iter().map(String::as_str);
    let flags: Vec<&str> =
        ["changesets", "--org", "acme", "--json"].into_iter().chain(more).collect();
    let (code, out, err) = run(data, &flags);
    assert_eq!(code, 0, "{out}{err}");
    let sets: Value = serde_json::from_str(&out).unwrap();
    let state = |set: &Value| set["state"].as_str().unwrap().to_owned();
    sets.as_array().unwrap().iter().map(state).collect()
}

#[test]
fn a_killed_import_goes_on_in_the_same_change_set_and_its_counts_add_up() {
    for site in Site::each() {
        let (data, more) = (site.folder.data(), site.more().to_vec());
        let source = Source::new(data);
        let arguments = arguments(&source, &more);
        let killed = [1, 1, 2, 2].map(|lines| kill_after(lines, data, &arguments));
        assert!(killed[0], "{}: nothing was killed", site.name());

        let (code, out, err) = run(data, &arguments);
        assert_eq!(code, 1, "{}: {out}{err}", site.name());
        assert!(err.contains("goes on"), "{}: {err}", site.name());
        let report: Value = serde_json::from_str(&out).unwrap();
        let (read, refused) = (ROWS * ENTITIES.len(), ROWS / 100 * ENTITIES.len());
        let counts = ["read", "created", "updated", "unchanged", "refused"];
        let counts = counts.map(|name| report[name].as_u64().unwrap() as usize);
        assert_eq!(counts, [read, read - refused, 0, 0, refused], "{}", site.name());

        let file = report["refused_files"][0].as_str().unwrap();
        let told = std::fs::read_to_string(file).unwrap();
        assert_eq!(told.lines().count(), refused + 1, "{}: each is told once", site.name());
        assert_eq!(change_sets(data, &more), ["closed"], "{}", site.name());
        for (entity, times) in [("operations.customers", 2), ("operations.suppliers", 1)] {
            let flags =
                ["export", entity, "--org", "acme", "--fields", "name", "--format", "jsonl"];
            let flags: Vec<&str> =
                flags.into_iter().chain(more.iter().map(String::as_str)).collect();
            let (_, out, _) = run(data, &flags);
            assert_eq!(out.lines().count(), (ROWS - ROWS / 100) * times, "{entity}");
        }
    }
}

#[test]
fn a_file_that_was_changed_since_the_import_was_killed_is_imported_anew_and_that_is_said() {
    let site = Site::sqlite();
    let data = site.folder.data();
    let source = Source::new(data);
    let arguments = arguments(&source, &[]);
    assert!(kill_after(1, data, &arguments));
    source.write("Other");
    let (code, out, err) = run(data, &arguments);
    assert_eq!(code, 1, "{out}{err}");
    assert!(err.contains("was changed since its import was cut off"), "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["read"].as_u64(), Some((ROWS * ENTITIES.len()) as u64), "{report}");
    assert!(report["updated"].as_u64() > Some(0), "{report}");
    assert_eq!(change_sets(data, &[]), ["closed", "closed"]);
}
