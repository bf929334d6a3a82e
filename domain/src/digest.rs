//! The digest of a pay run: a Merkle tree over its lines. An approval binds to the root; one line can be shown to be
//! part of an approved run without showing the others.
//!
//! Leaf: SHA-256(0x00 and the RFC 8785 JSON of the line). Leaves stand in the order of their key bytes. Node:
//! SHA-256(0x01, left, right); an odd node is promoted. This is the tree of RFC 6962; the empty run has SHA-256("").

use std::cmp::Ordering;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Month, Vnd};

/// The version of the leaf's content, in it as `v`.
pub const LEAF_VERSION: u32 = 1;

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// What the digest covers of a line. Entitlement, component, month, kind and sequence are its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigestLine<'a> {
    /// Id of the entitlement.
    pub entitlement: &'a str,
    /// The component of the benefit.
    pub component: &'a str,
    /// The month paid for.
    pub cover_month: Month,
    /// Regular, arrears and so on; `deduction` for what is kept back of the line with this key.
    pub kind: &'a str,
    /// The line's number within its key.
    pub sequence: u32,
    /// How much.
    pub amount: Vnd,
    /// Code of the payee's bank; empty for cash.
    pub bank: &'a str,
    /// Account number; for a deduction the case it pays back.
    pub account: &'a str,
    /// Account holder.
    pub name: &'a str,
}

/// The line in the member order of RFC 8785 (UTF-16 code units of the names, here plain ASCII). `serde_json` writes
/// strings and integers up to 2^53 - 1 as RFC 8785 does.
#[derive(Serialize)]
struct Canonical<'a> {
    account: &'a str,
    amount: i64,
    bank: &'a str,
    component: &'a str,
    cover_month: Month,
    entitlement: &'a str,
    kind: &'a str,
    name: &'a str,
    sequence: u32,
    v: u32,
}

/// Why a digest or proof cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// Two lines have one key.
    #[error("two lines of the run have one key")]
    DuplicateKey,
    /// The lines do not stand in the order of their key bytes.
    #[error("the lines are not in the order of their keys")]
    NotSorted,
    /// No such line.
    #[error("the run has no such line")]
    NoSuchLine,
    /// The line cannot be written as JSON.
    #[error("the line cannot be written: {0}")]
    Unwritable(String),
}

impl DigestLine<'_> {
    /// The bytes by which leaves are sorted: entitlement, component, month, kind and sequence, each behind a zero byte
    /// but the first; the sequence in ten digits.
    pub fn key(&self) -> Vec<u8> {
        format!(
            "{}\0{}\0{}\0{}\0{:010}",
            self.entitlement, self.component, self.cover_month, self.kind, self.sequence
        )
        .into_bytes()
    }

    /// The order of the keys' bytes. Most keys differ in their entitlements, which have one length: no key is spelt then.
    pub fn key_order(&self, other: &Self) -> Ordering {
        let (own, its) = (self.entitlement.as_bytes(), other.entitlement.as_bytes());
        match own.cmp(its) {
            Ordering::Equal => self.key().cmp(&other.key()),
            differ if own.len() == its.len() => differ,
            _ => self.key().cmp(&other.key()),
        }
    }

    /// The canonical JSON (RFC 8785) that is hashed.
    pub fn canonical_json(&self) -> Result<String, DigestError> {
        serde_json::to_string(&self.canonical()).map_err(|e| DigestError::Unwritable(e.to_string()))
    }

    const fn canonical(&self) -> Canonical<'_> {
        Canonical {
            account: self.account,
            amount: self.amount.dong(),
            bank: self.bank,
            component: self.component,
            cover_month: self.cover_month,
            entitlement: self.entitlement,
            kind: self.kind,
            name: self.name,
            sequence: self.sequence,
            v: LEAF_VERSION,
        }
    }

    /// The leaf's hash.
    pub fn leaf(&self) -> Result<Hash, DigestError> {
        self.leaf_in(&mut Vec::new())
    }

    /// The same, written into a room that is used again and again.
    fn leaf_in(&self, room: &mut Vec<u8>) -> Result<Hash, DigestError> {
        room.clear();
        room.push(0);
        self.write(room).map_err(|e| DigestError::Unwritable(e.to_string()))?;
        Ok(Sha256::digest(&room).into())
    }

    /// The same as [`Self::canonical_json`], several times as fast: a run is hashed at each of its steps.
    fn write(&self, to: &mut Vec<u8>) -> io::Result<()> {
        text(to, b"{\"account\":", self.account)?;
        write!(to, ",\"amount\":{}", self.amount.dong())?;
        text(to, b",\"bank\":", self.bank)?;
        text(to, b",\"component\":", self.component)?;
        write!(to, ",\"cover_month\":\"{}\"", self.cover_month)?;
        text(to, b",\"entitlement\":", self.entitlement)?;
        text(to, b",\"kind\":", self.kind)?;
        text(to, b",\"name\":", self.name)?;
        write!(to, ",\"sequence\":{},\"v\":{LEAF_VERSION}}}", self.sequence)
    }
}

/// A member with a text; few texts have anything to escape.
fn text(to: &mut Vec<u8>, member: &[u8], own: &str) -> io::Result<()> {
    to.extend_from_slice(member);
    if own.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        return Ok(serde_json::to_writer(to, own)?);
    }
    to.push(b'"');
    to.extend_from_slice(own.as_bytes());
    to.push(b'"');
    Ok(())
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The root over lines that come in the order of their keys; keeps one hash a level, whatever the number of lines.
#[derive(Clone, Debug, Default)]
pub struct RootBuilder {
    levels: Levels,
    last_key: Option<Vec<u8>>,
}

/// Roots of full subtrees with their heights, the highest first.
#[derive(Clone, Debug, Default)]
struct Levels(Vec<(u32, Hash)>);

impl Levels {
    fn push(&mut self, leaf: Hash) {
        let (mut height, mut hash) = (0, leaf);
        while let Some((_, left)) = self.0.pop_if(|(h, _)| *h == height) {
            hash = node(&left, &hash);
            height += 1;
        }
        self.0.push((height, hash));
    }

    fn root(&self) -> Hash {
        let mut subtrees = self.0.iter().rev();
        let Some((_, last)) = subtrees.next() else {
            return Sha256::digest([]).into();
        };
        subtrees.fold(*last, |right, (_, left)| node(left, &right))
    }
}

impl RootBuilder {
    /// Adds the next line.
    pub fn push(&mut self, line: &DigestLine<'_>) -> Result<(), DigestError> {
        let key = line.key();
        match self.last_key.as_ref().map(|last| last.cmp(&key)) {
            Some(Ordering::Equal) => return Err(DigestError::DuplicateKey),
            Some(Ordering::Greater) => return Err(DigestError::NotSorted),
            _ => self.last_key = Some(key),
        }
        self.levels.push(line.leaf()?);
        Ok(())
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.levels.root()
    }
}

/// The root over lines in any order.
pub fn run_digest(lines: &[DigestLine<'_>]) -> Result<Hash, DigestError> {
    // Entitlements of one length stand in the order of their first bytes, where these differ.
    let length = lines.first().map_or(0, |line| line.entitlement.len());
    let alike = lines.iter().all(|line| line.entitlement.len() == length);
    let start = |line: &DigestLine<'_>| match line.entitlement.as_bytes().first_chunk::<16>() {
        Some(first) if alike => u128::from_be_bytes(*first),
        _ => 0,
    };
    let mut sorted: Vec<(u128, &DigestLine<'_>)> = lines.iter().map(|line| (start(line), line)).collect();
    let order = |(start, one): &(u128, &DigestLine<'_>), (other_start, other): &(u128, &DigestLine<'_>)| {
        start.cmp(other_start).then_with(|| one.key_order(other))
    };
    sorted.sort_by(order);
    if sorted
        .windows(2)
        .any(|pair| matches!(pair, [one, other] if order(one, other) == Ordering::Equal))
    {
        return Err(DigestError::DuplicateKey);
    }
    let mut levels = Levels::default();
    for leaf in leaves(&sorted)? {
        levels.push(leaf);
    }
    Ok(levels.root())
}

/// Lines from which on two threads are worth their start.
const MANY: usize = 4_096;

/// The leaves of lines, in their order. Somebody waits while a large run is hashed: each half is hashed by a thread of its
/// own.
fn leaves(lines: &[(u128, &DigestLine<'_>)]) -> Result<Vec<Hash>, DigestError> {
    let one_by_one = |lines: &[(u128, &DigestLine<'_>)]| {
        let mut room = Vec::new();
        let hashed = lines.iter().map(|(_, line)| line.leaf_in(&mut room));
        hashed.collect::<Result<Vec<_>, _>>()
    };
    if lines.len() < MANY {
        return one_by_one(lines);
    }
    let (first, second) = lines.split_at(lines.len() / 2);
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| one_by_one(first));
        let second = one_by_one(second);
        (first.join(), second)
    });
    let ended = || DigestError::Unwritable("a thread ended".to_owned());
    let mut leaves = first.ok().ok_or_else(ended)??;
    leaves.extend(second?);
    Ok(leaves)
}

/// Every leaf of a run, to prove single lines.
#[derive(Clone, Debug)]
pub struct Tree {
    leaves: Vec<(Vec<u8>, Hash)>,
}

impl Tree {
    /// The tree over lines in any order; two lines with one key are refused.
    pub fn new(lines: &[DigestLine<'_>]) -> Result<Self, DigestError> {
        let mut leaves = lines
            .iter()
            .map(|line| Ok((line.key(), line.leaf()?)))
            .collect::<Result<Vec<_>, _>>()?;
        leaves.sort_unstable();
        if leaves
            .windows(2)
            .any(|pair| matches!(pair, [(one, _), (other, _)] if one == other))
        {
            return Err(DigestError::DuplicateKey);
        }
        Ok(Self { leaves })
    }

    /// The root.
    pub fn root(&self) -> Hash {
        let mut level: Vec<Hash> = self.leaves.iter().map(|(_, hash)| *hash).collect();
        while level.len() > 1 {
            level = parents(&level);
        }
        level.first().copied().unwrap_or_else(|| Sha256::digest([]).into())
    }

    /// The proof that a line of this key is in the run.
    pub fn prove(&self, key: &[u8]) -> Result<Proof, DigestError> {
        let Ok(index) = self.leaves.binary_search_by(|(k, _)| k.as_slice().cmp(key)) else {
            return Err(DigestError::NoSuchLine);
        };
        let mut siblings = Vec::new();
        let mut level: Vec<Hash> = self.leaves.iter().map(|(_, hash)| *hash).collect();
        let mut at = index;
        while level.len() > 1 {
            siblings.extend(level.get(at ^ 1).map(hex::encode));
            level = parents(&level);
            at /= 2;
        }
        Ok(Proof {
            index,
            count: self.leaves.len(),
            siblings,
        })
    }
}

fn parents(level: &[Hash]) -> Vec<Hash> {
    level
        .chunks(2)
        .filter_map(|pair| match pair {
            [left, right] => Some(node(left, right)),
            [odd] => Some(*odd),
            _ => None,
        })
        .collect()
}

/// On which side of the way up a neighbour stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Its hash is the first of the two.
    Left,
    /// Its hash is the second.
    Right,
}

/// The proof of the line with this key.
pub fn proof(lines: &[DigestLine<'_>], key: &[u8]) -> Result<Proof, DigestError> {
    Tree::new(lines)?.prove(key)
}

/// Does the way up from a leaf, neighbour by neighbour, end at the root?
pub fn verify_proof(root: &Hash, leaf: &Hash, siblings: &[(Side, Hash)]) -> bool {
    let top = siblings.iter().fold(*leaf, |hash, (side, sibling)| match side {
        Side::Left => node(sibling, &hash),
        Side::Right => node(&hash, sibling),
    });
    top == *root
}

/// The proof that one line is part of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The leaf's place, from 0.
    pub index: usize,
    /// How many leaves the run has.
    pub count: usize,
    /// The neighbours on the way up, in hex.
    pub siblings: Vec<String>,
}

impl Proof {
    /// Is the line part of the run with this root?
    pub fn verify(&self, root: &Hash, line: &DigestLine<'_>) -> bool {
        let leaf = line.leaf().ok().zip(self.sided());
        leaf.is_some_and(|(leaf, siblings)| verify_proof(root, &leaf, &siblings))
    }

    /// The neighbours with their sides, from the leaf up; none where they do not fit place and count.
    pub fn sided(&self) -> Option<Vec<(Side, Hash)>> {
        if self.index >= self.count {
            return None;
        }
        let (mut at, mut width, mut sided) = (self.index, self.count, Vec::new());
        let mut siblings = self.siblings.iter();
        while width > 1 {
            if at ^ 1 < width {
                let mut sibling = [0; 32];
                hex::decode_to_slice(siblings.next()?, &mut sibling).ok()?;
                sided.push((if at % 2 == 0 { Side::Right } else { Side::Left }, sibling));
            }
            at /= 2;
            width = width.div_ceil(2);
        }
        siblings.next().is_none().then_some(sided)
    }
}

#[cfg(test)]
mod tests;
