//! `rules.rs` is pure: what it answers depends on its arguments alone.
//!
//! The file is read as the compiler reads it, token by token, so that comments and texts do not
//! matter and the insides of macros do. Its test modules are left out.

use crate::finding::Finding;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::str::FromStr;

/// Words that are forbidden wherever they stand.
const ANYWHERE: &[(&str, &str)] = &[
    ("async", "is asynchronous"),
    ("await", "is asynchronous"),
    ("static", "keeps a static"),
    ("unsafe", "is unsafe"),
    ("thread_local", "keeps a static"),
    ("OnceLock", "keeps a state"),
    ("LazyLock", "keeps a state"),
    ("OnceCell", "keeps a state"),
    ("LazyCell", "keeps a state"),
    ("Mutex", "keeps a state"),
    ("RwLock", "keeps a state"),
    ("RefCell", "keeps a state"),
    ("Context", "takes the context"),
    ("Clock", "reads a clock"),
    ("SystemTime", "reads a clock"),
    ("Store", "reads the store"),
    ("RandomState", "draws a random number"),
    ("Rng", "draws a random number"),
    ("option_env", "reads the environment"),
];
/// Words that are forbidden as a part of a path, as a call or as a macro; a value may be called so.
const CALLED: &[(&str, &str)] = &[
    ("now", "reads a clock"),
    ("today", "reads a clock"),
    ("elapsed", "reads a clock"),
    ("rand", "draws a random number"),
    ("random", "draws a random number"),
    ("now_v7", "draws a random number"),
    ("new_v4", "draws a random number"),
    ("uuid_v7", "draws a random number"),
    ("env", "reads the environment"),
    ("fs", "reads a file"),
    ("io", "reads or writes"),
    ("net", "uses the network"),
    ("process", "uses processes"),
    ("thread", "uses threads"),
    ("store", "reads the store"),
    ("tokio", "is asynchronous"),
    ("println", "prints"),
    ("eprintln", "prints"),
];

/// Every impurity of one file, in the order of the lines.
pub fn check(path: &str, content: &str) -> Vec<Finding> {
    match TokenStream::from_str(content) {
        Ok(tokens) => {
            let mut findings = Vec::new();
            walk(path, tokens, &mut findings);
            findings
        }
        Err(problem) => {
            let line = problem.span().start().line;
            vec![Finding::at(path, line, "cannot be read as Rust")]
        }
    }
}

fn walk(path: &str, tokens: TokenStream, findings: &mut Vec<Finding>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut index = 0;
    while index < tokens.len() {
        if let Some(after) = test_module(&tokens[index..]) {
            index += after;
            continue;
        }
        match &tokens[index] {
            TokenTree::Group(group) => walk(path, group.stream(), findings),
            TokenTree::Ident(ident) => {
                let word = ident.to_string();
                let before = index.checked_sub(1).and_then(|at| tokens.get(at));
                let reason = listed(ANYWHERE, &word)
                    .filter(|_| !is_mark(before, '\''))
                    .or_else(|| listed(CALLED, &word).filter(|_| is_called(&tokens, index)));
                if let Some(reason) = reason {
                    let text = format!("a rule {reason}: `{word}`");
                    findings.push(Finding::at(path, ident.span().start().line, text));
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        index += 1;
    }
}

fn listed(list: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    list.iter().find(|(name, _)| *name == word).map(|(_, reason)| *reason)
}

/// Whether the word at `index` is a part of a path, a call or a macro.
fn is_called(tokens: &[TokenTree], index: usize) -> bool {
    let after = tokens.get(index + 1);
    let called = matches!(after, Some(TokenTree::Group(group))
        if group.delimiter() == Delimiter::Parenthesis);
    let before_path = is_mark(after, ':') && is_mark(tokens.get(index + 2), ':');
    let after_path =
        index >= 2 && is_mark(tokens.get(index - 1), ':') && is_mark(tokens.get(index - 2), ':');
    called || before_path || after_path || is_mark(after, '!')
}

fn is_mark(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

/// The length of `#[cfg(test)] mod name { … }` if the tokens begin with it.
fn test_module(tokens: &[TokenTree]) -> Option<usize> {
    let [TokenTree::Punct(hash), TokenTree::Group(attribute), rest @ ..] = tokens else {
        return None;
    };
    let is_test =
        hash.as_char() == '#' && attribute.stream().to_string().replace(' ', "") == "cfg(test)";
    match rest {
        [TokenTree::Ident(word), TokenTree::Ident(_), TokenTree::Group(_), ..]
            if is_test && word == "mod" =>
        {
            Some(5)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_depends_on_its_arguments_alone_is_pure() {
        let pure = r#"
            //! The clock and the Store are only spoken of here: async, now(), env.
            /// Days late.
            pub fn late(due: Date, now: Date) -> &'static str {
                let store = now > due;
                if store { "static" } else { "async" }
            }
            #[cfg(test)]
            mod tests { fn free() { std::env::var("HOME"); } }
        "#;
        assert_eq!(check("services/x/src/rules.rs", pure), []);
    }

    #[test]
    fn every_way_out_of_purity_is_found() {
        for line in [
            "async fn total() {}",
            "fn total() { lines().await }",
            "static RATE: u8 = 1;",
            "fn total(context: &Context) {}",
            "fn total() { Instant::now() }",
            "fn total() { clock.now() }",
            "use std::time::SystemTime;",
            "use std::env;",
            "fn total() { std::env::var(\"X\") }",
            "const KEY: &str = env!(\"KEY\");",
            "fn total(store: &dyn Store) {}",
            "fn total() { rand::random() }",
            "fn total() { vec![Uuid::now_v7()] }",
            "thread_local! { }",
            "use std::{fs::read, sync::Mutex};",
        ] {
            assert!(!check("rules.rs", line).is_empty(), "{line}");
        }
    }
}
