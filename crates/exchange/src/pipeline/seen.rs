//! The keys that a table named before, whatever their number, in memory that does not grow.
//!
//! The newest keys lie in memory. When there are many they are sorted and written to a temporary
//! file, and eight files of a size become one of the next. A filter of fixed size says of almost
//! every new key that no file holds it, so that files are seldom asked; what it cannot rule out is
//! looked up, so that the answer is exact.

use crate::temporary::File;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

/// Keys in memory before they are written out: about a megabyte.
const FRESH: usize = 32_768;
/// Words of the filter: two megabytes.
const FILTER: usize = 1 << 18;
/// Bits of the filter that a key sets.
const PROBES: u32 = 4;
/// Bytes of a key in a file.
const KEY: usize = 16;
/// Keys of a file that are read together.
const BLOCK: usize = 512;
/// Files of one level that become one of the next.
const TOGETHER: usize = 8;

/// A set of keys, each remembered by 128 bits of hash.
#[derive(Default)]
pub(super) struct Seen {
    fresh: HashSet<u128>,
    /// Empty until the first file is written.
    filter: Vec<u64>,
    files: Vec<Sorted>,
}

impl Seen {
    /// Remembers a key; whether it is new.
    ///
    /// # Errors
    /// When a temporary file cannot be written or read.
    pub(super) fn insert(&mut self, key: &str) -> io::Result<bool> {
        self.insert_hash(hash(key), FRESH)
    }

    fn insert_hash(&mut self, hash: u128, most: usize) -> io::Result<bool> {
        if self.fresh.contains(&hash) || self.is_in_files(hash)? {
            return Ok(false);
        }
        self.fresh.insert(hash);
        if self.fresh.len() >= most {
            self.write_out()?;
        }
        Ok(true)
    }

    fn is_in_files(&mut self, hash: u128) -> io::Result<bool> {
        if self.filter.is_empty() || !bits(hash).all(|(at, bit)| self.filter[at] & bit != 0) {
            return Ok(false);
        }
        for file in &mut self.files {
            if file.contains(hash)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn write_out(&mut self) -> io::Result<()> {
        if self.filter.is_empty() {
            self.filter = vec![0; FILTER];
        }
        let mut keys: Vec<u128> = self.fresh.drain().collect();
        keys.sort_unstable();
        for (at, bit) in keys.iter().flat_map(|key| bits(*key)) {
            self.filter[at] |= bit;
        }
        let mut writing = Writing::new()?;
        keys.into_iter().try_for_each(|key| writing.put(key))?;
        self.files.push(writing.end(0)?);
        self.merge()
    }

    /// Makes one file of those of a level, as long as a level is full.
    fn merge(&mut self) -> io::Result<()> {
        while let Some(level) = self.files.last().map(|file| file.level) {
            let first = self.files.iter().position(|file| file.level == level).unwrap_or(0);
            if self.files.len() - first < TOGETHER {
                return Ok(());
            }
            let mut parts = Vec::new();
            for file in self.files.drain(first..) {
                let mut keys = Keys::of(file)?;
                let next = keys.next()?;
                parts.push((next, keys));
            }
            let mut writing = Writing::new()?;
            loop {
                let least = parts.iter_mut().filter(|(next, _)| next.is_some());
                let Some((next, keys)) = least.min_by_key(|(next, _)| *next) else { break };
                if let Some(key) = next.take() {
                    writing.put(key)?;
                }
                *next = keys.next()?;
            }
            self.files.push(writing.end(level + 1)?);
        }
        Ok(())
    }
}

/// Sorted keys in a file.
struct Sorted {
    file: File,
    count: usize,
    /// The first key of each block.
    first: Vec<u128>,
    level: u32,
}

impl Sorted {
    fn contains(&mut self, hash: u128) -> io::Result<bool> {
        let after = self.first.partition_point(|first| *first <= hash);
        let Some(block) = after.checked_sub(1) else { return Ok(false) };
        let length = (self.count - block * BLOCK).min(BLOCK);
        let mut bytes = [0; KEY * BLOCK];
        let bytes = &mut bytes[..length * KEY];
        let file = self.file.get();
        file.seek(SeekFrom::Start((block * BLOCK * KEY) as u64))?;
        file.read_exact(bytes)?;
        let (keys, _) = bytes.as_chunks::<KEY>();
        Ok(keys.binary_search_by(|key| u128::from_be_bytes(*key).cmp(&hash)).is_ok())
    }
}

/// Writes sorted keys.
struct Writing {
    file: BufWriter<File>,
    count: usize,
    first: Vec<u128>,
}

impl Writing {
    fn new() -> io::Result<Writing> {
        Ok(Writing { file: BufWriter::new(File::new()?), count: 0, first: Vec::new() })
    }

    fn put(&mut self, key: u128) -> io::Result<()> {
        if self.count.is_multiple_of(BLOCK) {
            self.first.push(key);
        }
        self.count += 1;
        self.file.write_all(&key.to_be_bytes())
    }

    fn end(self, level: u32) -> io::Result<Sorted> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Sorted { file, count: self.count, first: self.first, level })
    }
}

/// The keys of a file, one after the other.
struct Keys {
    file: BufReader<File>,
    left: usize,
}

impl Keys {
    fn of(mut sorted: Sorted) -> io::Result<Keys> {
        sorted.file.get().seek(SeekFrom::Start(0))?;
        Ok(Keys { file: BufReader::new(sorted.file), left: sorted.count })
    }

    fn next(&mut self) -> io::Result<Option<u128>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let mut key = [0; KEY];
        self.file.read_exact(&mut key)?;
        Ok(Some(u128::from_be_bytes(key)))
    }
}

/// Places and bits of the filter that stand for a hash.
fn bits(hash: u128) -> impl Iterator<Item = (usize, u64)> {
    (0..PROBES).map(move |probe| {
        let part = (hash >> (32 * probe)) as u32 as usize % (FILTER * 64);
        (part / 64, 1 << (part % 64))
    })
}

/// Keys are remembered by 128 bits.
pub(super) fn hash(key: &str) -> u128 {
    let of = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, key).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    of(0) << 64 | of(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_new_once_however_many_there_are() {
        let mut seen = Seen::default();
        for number in 0..5_000u32 {
            assert!(seen.insert_hash(hash(&number.to_string()), 16).unwrap(), "{number}");
            if number % 7 == 0 {
                let earlier = hash(&(number / 2).to_string());
                assert!(!seen.insert_hash(earlier, 16).unwrap(), "{number}");
            }
        }
        for number in 0..5_000u32 {
            assert!(!seen.insert_hash(hash(&number.to_string()), 16).unwrap(), "{number}");
        }
        let levels: Vec<u32> = seen.files.iter().map(|file| file.level).collect();
        assert!(seen.fresh.len() < 16 && levels.is_sorted_by(|a, b| a >= b), "{levels:?}");
        assert!(levels.chunk_by(|a, b| a == b).all(|level| level.len() < TOGETHER), "{levels:?}");
    }

    #[test]
    fn what_the_filter_cannot_rule_out_is_looked_up() {
        let mut seen = Seen::default();
        for number in 0..64u32 {
            seen.insert_hash(hash(&number.to_string()), 16).unwrap();
        }
        seen.filter.fill(u64::MAX);
        assert!(seen.insert_hash(hash("another"), 16).unwrap());
        assert!(!seen.insert_hash(hash("33"), 16).unwrap());
    }
}
