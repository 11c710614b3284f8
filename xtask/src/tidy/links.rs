//! Every relative link in a Markdown file leads to a file or folder that exists.

use crate::finding::Finding;
use std::path::Path;

/// The links of one file that lead nowhere. `path` is relative to `root`.
pub fn check(path: &str, content: &str, root: &Path) -> Vec<Finding> {
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let mut findings = Vec::new();
    let mut in_code = false;
    for (number, line) in content.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for target in targets(line) {
            let file = target.split('#').next().unwrap_or_default();
            let elsewhere = file.contains("://") || file.starts_with("mailto:");
            if file.is_empty() || elsewhere {
                continue;
            }
            if !root.join(folder).join(file).exists() {
                let text = format!("links to {file}, which does not exist");
                findings.push(Finding::at(path, number + 1, text));
            }
        }
    }
    findings
}

/// What stands in the round brackets of `[text](target "title")`, outside inline code.
fn targets(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (index, part) in line.split('`').enumerate() {
        // Every second part between backticks is code, but `[`code`](target)` goes on after it.
        if index % 2 == 1 {
            continue;
        }
        let mut rest = part;
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            let Some(end) = rest.find(')') else { break };
            found.extend(rest[..end].split_whitespace().next());
            rest = &rest[end..];
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn a_link_is_what_stands_in_brackets_outside_code() {
        for (line, expected) in [
            (
                "see [the page](docs/a.md#part) and [b](b.md \"title\")",
                vec!["docs/a.md#part", "b.md"],
            ),
            ("`[no](x.md)` but [`code`](y.md)", vec!["y.md"]),
            ("no link [here] (or here)", vec![]),
        ] {
            assert_eq!(targets(line), expected, "{line}");
        }
    }

    #[test]
    fn only_a_relative_link_to_nothing_is_found() {
        let page = "[a](Cargo.toml) [b](gone.md)\n[c](https://example.com/x) [d](#here)\n\
                    ```\n[e](gone-too.md)\n```\n";
        let found = check("README.md", page, workspace::root());
        assert_eq!(found, [Finding::at("README.md", 1, "links to gone.md, which does not exist")]);
    }
}
