//! Finding out how a delimited file is written: what stands between cells, whether the first row
//! holds names.

const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The character between cells: the one by which most rows of the sample have the same number of
/// cells, and the more cells the better; a comma where nothing separates anything.
pub(super) fn delimiter(sample: &str, is_whole: bool, quote: Option<u8>) -> u8 {
    let score = |delimiter: u8| -> (usize, usize) {
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(delimiter).has_headers(false).flexible(true);
        match quote {
            Some(quote) => builder.quote(quote),
            None => builder.quoting(false),
        };
        let mut reader = builder.from_reader(sample.as_bytes());
        let mut widths: Vec<usize> =
            reader.records().take(200).map_while(Result::ok).map(|row| row.len()).collect();
        if !is_whole && widths.len() > 1 {
            widths.pop();
        }
        let Some(&first) = widths.first().filter(|&&width| width > 1) else { return (0, 0) };
        let same = widths.iter().filter(|&&width| width == first).count();
        (same * 100 / widths.len(), first)
    };
    let best = CANDIDATES.into_iter().rev().max_by_key(|&delimiter| score(delimiter));
    best.filter(|&delimiter| score(delimiter).1 > 1).unwrap_or(b',')
}

/// Whether a first row holds names: no empty cell, no number, no date, no name twice.
pub(super) fn looks_like_header(cells: &[String]) -> bool {
    let is_name = |cell: &String| {
        let cell = cell.trim();
        let begins_as_value =
            cell.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        !cell.is_empty() && !begins_as_value && cell.chars().count() <= 80
    };
    let repeated =
        (1..cells.len()).any(|at| !cells[at].is_empty() && cells[..at].contains(&cells[at]));
    !cells.is_empty() && !repeated && cells.iter().all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_makes_a_table() {
        for (sample, expected) in [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2\n", b';'),
            ("a\tb, c\n1\t2\n", b'\t'),
            ("a|b|c\n1|2|3\n", b'|'),
            ("only\none\n", b','),
            ("\"a;b\",c\n\"1;2\",3\n", b','),
            ("", b','),
        ] {
            assert_eq!(delimiter(sample, true, Some(b'"')), expected, "{sample:?}");
        }
    }

    #[test]
    fn a_row_of_values_is_no_header() {
        for (row, expected) in [
            (&["ID", "Name"][..], true),
            (&["1", "Billing"], false),
            (&["AD", "Andorra", ""], false),
            (&["AD", "Andorra", "2019-04-30"], false),
            (&["x", "x"], false),
            (&[], false),
        ] {
            let row: Vec<String> = row.iter().map(|cell| (*cell).to_owned()).collect();
            assert_eq!(looks_like_header(&row), expected, "{row:?}");
        }
    }
}
