//! The Merkle tree of RFC 6962: leaf and node hashes, a frontier that grows, inclusion proofs.

use aws_lc_rs::digest::{Context, SHA256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// SHA-256 of the concatenation of `parts`.
pub fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// A leaf: SHA-256 of 0x00, the hash of the event's bytes, and the document number in UTF-8.
pub fn leaf(event_hash: &Hash, number: &str) -> Hash {
    sha256(&[&[0], event_hash, number.as_bytes()])
}

/// An inner node: SHA-256 of 0x01, the left and the right hash.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// The right edge of a growing tree: the roots of its complete subtrees, the largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a tree of `size` leaves; none unless `peaks` has a hash for each set bit.
    pub fn new(size: u64, peaks: Vec<Hash>) -> Option<Frontier> {
        (size.count_ones() as usize == peaks.len()).then_some(Frontier { size, peaks })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, the largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            // As many peaks as trailing ones: each is as large as what is merged into it.
            if let Some(left) = self.peaks.pop() {
                hash = node(&left, &hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root; SHA-256 of nothing for an empty tree.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => sha256(&[]),
            Some(last) => peaks.fold(*last, |right, left| node(left, &right)),
        }
    }
}

/// The root of a whole tree.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root(left), &root(right))
        }
    }
}

/// The hashes that lead from leaf `index` to the root, the lowest first (RFC 6962, 2.1.1).
pub fn proof(leaves: &[Hash], index: usize) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let at = split(leaves.len());
    let (left, right) = leaves.split_at(at);
    let (mut path, sibling) = if index < at {
        (proof(left, index), root(right))
    } else {
        (proof(right, index - at), root(left))
    };
    path.push(sibling);
    path
}

/// The root that a leaf at `index` of a tree of `size` leads to along `path`; none if the path
/// has the wrong length (RFC 9162, 2.1.3.2).
pub fn root_of_proof(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            hash = node(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

/// The largest power of two below `len`.
fn split(len: usize) -> usize {
    1 << (usize::BITS - 1 - (len - 1).leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::hex;

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|n| leaf(&sha256(&[&[n as u8]]), "")).collect()
    }

    #[test]
    fn the_empty_tree_and_the_single_leaf_are_those_of_the_standard() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex(&root(&[])), empty);
        assert_eq!(hex(&Frontier::default().root()), empty);
        // RFC 6962's leaf of an empty entry is SHA-256 of one zero byte.
        let zero = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        assert_eq!(hex(&sha256(&[&[0]])), zero);
    }

    #[test]
    fn a_frontier_grows_to_the_same_root_as_the_whole_tree() {
        let mut frontier = Frontier::default();
        for count in 0..70 {
            assert_eq!(frontier.root(), root(&leaves(count)), "{count} leaves");
            let again = Frontier::new(frontier.size(), frontier.peaks().to_vec());
            assert_eq!(again.as_ref(), Some(&frontier));
            frontier.push(leaf(&sha256(&[&[count as u8]]), ""));
        }
    }

    #[test]
    fn every_proof_leads_to_the_root_and_no_other_leaf_does() {
        for count in 1..40 {
            let all = leaves(count);
            for index in 0..count {
                let path = proof(&all, index);
                let reach = |leaf, at: usize| root_of_proof(leaf, at as u64, count as u64, &path);
                assert_eq!(reach(all[index], index), Some(root(&all)), "{index} of {count}");
                assert_ne!(
                    reach(
                        all[(index + 1) % count.max(2)..].first().copied().unwrap_or([9; 32]),
                        index
                    ),
                    if count == 1 { None } else { Some(root(&all)) }
                );
                assert_eq!(root_of_proof(all[index], count as u64, count as u64, &path), None);
            }
        }
    }
}
