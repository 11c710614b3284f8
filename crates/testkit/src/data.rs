//! Finds the public data sets that some tests read, and says plainly when they are absent.
//!
//! They are looked for in the folder that `MEGALITH_DATASETS` names, else in `shared/data` beside
//! the checkout. A stranger's clone has neither: the tests that need them then run nothing, and
//! the line printed here is what `cargo xtask test` adds up into its closing line.

use std::path::{Path, PathBuf};

/// Where the data set `name` lies, or nothing when it is absent.
///
/// Absence is reported on standard output as `data sets absent: N checks not run`, where N is
/// `checks`: how many checks the caller would have made with it.
pub fn set(name: &str, checks: usize) -> Option<PathBuf> {
    let found = folder().map(|folder| folder.join(name)).filter(|path| path.exists());
    if found.is_none() {
        println!("data sets absent: {checks} checks not run");
    }
    found
}

/// Reports how many checks one test made, for a test that goes through many rows.
///
/// `cargo xtask test` adds the number to the checks of the suite.
pub fn report_checks(count: usize) {
    println!("checks: {count}");
}

fn folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("MEGALITH_DATASETS") {
        return Some(PathBuf::from(named)).filter(|path| path.is_dir());
    }
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2)?;
    Some(checkout.parent()?.join("shared/data")).filter(|path| path.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_set_that_nobody_has_is_absent() {
        assert_eq!(set("no such data set", 0), None);
    }
}
