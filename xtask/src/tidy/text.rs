//! The rules of tidiness that a plain reading of the lines can hold.

use crate::finding::Finding;
use crate::workspace;

/// The most lines a file has without a written reason.
const LONGEST: usize = 800;
const REASON: &str = "//! Length: ";
/// The one file that may make a `Sealed`.
const WRITE_PATH: &str = "crates/kernel/src/write.rs";
/// Kinds of files written by hand, whose lines are read.
const WRITTEN: &[&str] = &[
    "rs", "py", "toml", "md", "sh", "yml", "yaml", "sql", "ftl", "ts", "tsx", "js", "css", "html",
    "proto",
];
/// Marks of unfinished work, put together here so that this file does not contain them.
const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("to", "do!"),
    concat!("unimpl", "emented!"),
];

/// Folders that exist on one machine only.
pub struct MachinePaths(Vec<String>);

impl MachinePaths {
    /// The homes of the usual systems, this user's home, and the folders around this checkout.
    pub fn of_this_machine() -> MachinePaths {
        let mut paths = vec![concat!("/ho", "me/").to_owned(), concat!("/Us", "ers/").to_owned()];
        let own_home = std::env::var("HOME").ok().map(|home| format!("{home}/"));
        let around =
            workspace::root().ancestors().skip(1).map(|path| format!("{}/", path.display()));
        // A folder directly under the root may be anyone's, such as /usr or /opt; the checkout's is not.
        paths.extend(own_home.into_iter().chain(around).filter(|path| {
            path.len() > 2
                && !["/usr/", "/opt/", "/var/", "/tmp/", "/srv/"].contains(&path.as_str())
        }));
        MachinePaths(paths)
    }

    fn first_in(&self, line: &str) -> Option<&str> {
        self.0.iter().map(String::as_str).find(|path| {
            line.match_indices(path).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                // Part of a longer path or address otherwise.
                !before.is_some_and(|c| c.is_alphanumeric() || "./-_~}*".contains(c))
            })
        })
    }
}

/// Everything untidy in one file.
pub fn check(path: &str, content: &str, machine: &MachinePaths) -> Vec<Finding> {
    let kind = path.rsplit_once('.').map_or("", |(_, kind)| kind);
    let foreign = path.contains("/fixtures/") || path.contains("/tests/data/");
    let written = WRITTEN.contains(&kind) || path.starts_with(".ci/");
    if foreign || !written {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let is_rust = kind == "rs";
    if is_rust {
        findings.extend(module(path, content));
    }
    for (index, line) in content.lines().enumerate() {
        let mut say = |text: String| findings.push(Finding::at(path, index + 1, text));
        if line.ends_with([' ', '\t']) {
            say("ends with a space".to_owned());
        }
        if let Some(mark) = UNFINISHED.iter().find(|mark| has_word(line, mark)) {
            say(format!("is unfinished: {mark}"));
        }
        if let Some(folder) = machine.first_in(line) {
            say(format!("names a folder of one machine: {folder}"));
        }
        if is_rust && is_silenced_test(line) {
            say("comments a test out".to_owned());
        }
        if is_rust && path != WRITE_PATH && makes_sealed(line) {
            say(format!("makes a Sealed, which only {WRITE_PATH} does"));
        }
    }
    if !content.is_empty() && !content.ends_with('\n') {
        findings.push(Finding::on(path, "does not end with a line feed"));
    }
    findings
}

fn module(path: &str, content: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let first = content.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if !first.starts_with("//! ") {
        findings.push(Finding::at(path, 1, "does not open with `//!`, saying what it is for"));
    }
    let length = content.lines().count();
    let reason = content.lines().take_while(|line| line.starts_with("//!"));
    if length > LONGEST && !reason.into_iter().any(|line| line.starts_with(REASON)) {
        let text =
            format!("has {length} lines and no reason (`{REASON}…`) for more than {LONGEST}");
        findings.push(Finding::on(path, text));
    }
    findings
}

/// Whether the word stands in the line, not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !joins(before) && (word.ends_with('!') || !joins(after))
    })
}

fn is_silenced_test(line: &str) -> bool {
    let Some(comment) = line.trim_start().strip_prefix("//") else { return false };
    let comment = comment.trim_start();
    comment.starts_with(concat!("#[te", "st]")) || comment.starts_with(concat!("#[tokio::te", "st"))
}

/// Whether the line makes a `Sealed`: not where the type is declared, implemented or taken apart.
fn makes_sealed(line: &str) -> bool {
    const NAME: &str = "Sealed";
    line.match_indices(NAME).any(|(at, _)| {
        let before = &line[..at];
        let opens = line[at + NAME.len()..].trim_start().starts_with('{');
        let part_of_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let word = before.trim_end_matches("::").split_whitespace().next_back().unwrap_or_default();
        let declares = ["struct", "enum", "trait", "impl", "for", "->", "let", "&"].contains(&word)
            || word.ends_with('&')
            || before.trim_start().starts_with("//")
            || before.trim_start().starts_with("impl");
        opens && !part_of_word && !declares
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, content: &str) -> Vec<String> {
        let machine = MachinePaths(vec!["/place/".to_owned()]);
        check(path, content, &machine).into_iter().map(|finding| finding.text).collect()
    }

    #[test]
    fn a_tidy_file_has_no_findings() {
        let page = "//! What it is for.\n\nfn done() {}\n";
        assert_eq!(found("crates/a/src/lib.rs", page), Vec::<String>::new());
    }

    #[test]
    fn each_kind_of_untidiness_is_found() {
        let open = "//! What it is for.\n";
        for (line, expected) in [
            ("fn a() {} ", "ends with a space"),
            (&format!("// {}: later", UNFINISHED[0]), "is unfinished"),
            (&format!("fn a() {{ {}() }}", UNFINISHED[2]), "is unfinished"),
            (concat!("// #[te", "st]"), "comments a test out"),
            (concat!("let x = Sea", "led { a };"), "makes a Sealed"),
            (concat!("Ok(kernel::Sea", "led { a })"), "makes a Sealed"),
            ("const A: &str = \"/place/me\";", "names a folder of one machine"),
        ] {
            let texts = found("crates/a/src/lib.rs", &format!("{open}{line}\n"));
            assert!(texts.len() == 1 && texts[0].starts_with(expected), "{line}: {texts:?}");
        }
    }

    #[test]
    fn words_and_paths_that_only_look_alike_are_left_alone() {
        let open = "//! What it is for.\n";
        // The type's name is put in for the @, since this file is read by these rules too.
        for line in [
            "enum State { Todo, Done }",
            "fn a() -> @ {",
            "impl @ {",
            "impl Drop for @ {",
            "pub struct @ {",
            "let @ { a, .. } = sealed;",
            "struct Not@ { a: u8 }",
            "// see https://example.com/place/x",
        ] {
            let line = line.replace('@', concat!("Sea", "led"));
            let texts = found("crates/a/src/lib.rs", &format!("{open}{line}\n"));
            assert_eq!(texts, Vec::<String>::new(), "{line}");
        }
    }

    #[test]
    fn a_module_says_what_it_is_for_and_why_it_is_long() {
        assert_eq!(found("a.rs", "use x;\n").len(), 1);
        let long = "fn a() {}\n".repeat(LONGEST);
        assert_eq!(found("a.rs", &format!("//! Why.\n{long}")).len(), 1);
        let reasoned = format!("//! Why.\n//!\n{REASON}one table.\n{long}");
        assert_eq!(found("a.rs", &reasoned), Vec::<String>::new());
    }

    #[test]
    fn data_made_by_others_is_not_read() {
        assert_eq!(found("crates/a/tests/data/x.md", "line \n"), Vec::<String>::new());
    }
}
