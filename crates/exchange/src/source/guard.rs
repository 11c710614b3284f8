//! A bound on rows: a file whose quotes never close, or whose line never ends, is not held in
//! memory as one row.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The most bytes of a row, as UTF-8.
pub(super) const MAX_ROW: usize = 16 << 20;
/// What readers hold beyond the row that they are at.
const AHEAD: usize = 1 << 18;

/// Bytes that were read since a row was complete.
#[derive(Clone, Default)]
pub(super) struct Since(Arc<AtomicUsize>);

impl Since {
    /// A row is complete.
    pub(super) fn begin(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Reads until a row is too long.
pub(super) struct Guard<R> {
    inner: R,
    since: Since,
}

impl<R> Guard<R> {
    pub(super) fn new(inner: R, since: Since) -> Guard<R> {
        Guard { inner, since }
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(bytes)?;
        let before = self.since.0.fetch_add(got, Ordering::Relaxed);
        if before + got > MAX_ROW + AHEAD {
            return Err(io::Error::other("a row is longer than 16 MiB"));
        }
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_an_end_is_refused_and_many_rows_are_not() {
        let since = Since::default();
        let mut guard = Guard::new(io::repeat(b'x'), since.clone());
        let mut buffer = vec![0; 1 << 20];
        for _ in 0..64 {
            guard.read_exact(&mut buffer).unwrap();
            since.begin();
        }
        let error = (0..64).find_map(|_| guard.read_exact(&mut buffer).err()).unwrap();
        assert_eq!(error.to_string(), "a row is longer than 16 MiB");
    }
}
