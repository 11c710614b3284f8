//! Names of columns from `CREATE TABLE` statements, for files that hold none.

use std::collections::HashMap;

/// What begins a part of a table that is no column.
const NOT_COLUMNS: [&str; 8] =
    ["constraint", "primary", "unique", "foreign", "check", "key", "index", "period"];

/// The columns of every table that a script creates, by the table's name in lower case, without
/// its schema.
///
/// Calculated columns are among them: a bulk copy of a table writes them too.
pub(crate) fn tables(script: &str) -> HashMap<String, Vec<String>> {
    let script = &without_comments(script);
    let lower = script.to_ascii_lowercase();
    let mut tables = HashMap::new();
    let mut from = 0;
    while let Some(at) = lower[from..].find("create table") {
        from += at + "create table".len();
        let Some(open) = script[from..].find('(') else { break };
        let name = script[from..from + open].trim();
        let name = name.rsplit('.').next().unwrap_or(name);
        let name = bare(name).to_lowercase();
        let (columns, length) = columns(&script[from + open + 1..]);
        from += open + 1 + length;
        tables.insert(name, columns);
    }
    tables
}

/// The names before the closing parenthesis, and how long all of it is.
fn columns(body: &str) -> (Vec<String>, usize) {
    let (mut depth, mut quoted, mut start) = (0usize, false, 0);
    let mut names = Vec::new();
    let take = |part: &str, names: &mut Vec<String>| {
        let part = part.trim();
        let word = match part.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or(rest),
            None => part.split(|c: char| c.is_whitespace() || c == '(').next().unwrap_or(part),
        };
        let name = bare(word);
        let is_column = !name.is_empty() && !NOT_COLUMNS.contains(&name.to_lowercase().as_str());
        if is_column {
            names.push(name.to_owned());
        }
    };
    for (at, c) in body.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' if depth == 0 => {
                take(&body[start..at], &mut names);
                return (names, at + 1);
            }
            ')' => depth -= 1,
            ',' if depth == 0 => {
                take(&body[start..at], &mut names);
                start = at + 1;
            }
            _ => {}
        }
    }
    (names, body.len())
}

/// The script without its comments; a blank stands for each.
fn without_comments(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(at) = rest.find(['\'', '-', '/']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let length = if from.starts_with("--") {
            out.push(' ');
            from.find('\n').unwrap_or(from.len())
        } else if from.starts_with("/*") {
            out.push(' ');
            from.find("*/").map_or(from.len(), |end| end + 2)
        } else {
            let quoted = from.strip_prefix('\'').and_then(|text| text.find('\''));
            let length = quoted.map_or(1, |end| end + 2);
            out.push_str(&from[..length]);
            length
        };
        rest = &from[length..];
    }
    out + rest
}

/// The name without brackets or quotes.
fn bare(name: &str) -> &str {
    name.trim().trim_matches(['[', ']', '"', '`'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_by_the_statement_that_creates_their_table() {
        let script = "
            CREATE TABLE [Production].[Product](
                [ProductID] [int] IDENTITY (1, 1) NOT NULL,
                [Name] [Name] NOT NULL, -- what, it is
                [Weight] [decimal](8, 2) NULL,
                /* one, two */ [LineTotal] AS (isnull([a] * (1 - [b]), 0.0)),
                rowguid uniqueidentifier CONSTRAINT [DF] DEFAULT (NEWID()),
                [Note] nvarchar(9) DEFAULT ('a, (--b'),
                CONSTRAINT [CK] CHECK (UPPER([Class]) IN ('L', 'M'))
            ) ON [PRIMARY];
            create table \"orders\" (id int primary key, \"when\" date, primary key (id));";
        let tables = tables(script);
        assert_eq!(
            tables["product"],
            ["ProductID", "Name", "Weight", "LineTotal", "rowguid", "Note"]
        );
        assert_eq!(tables["orders"], ["id", "when"]);
        assert_eq!(tables.len(), 2);
    }
}
