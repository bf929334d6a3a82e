//! A table that is nearly one that is known: which heading it lacks, and what stands there instead. A bank that renames a
//! column is understood so, and not guessed at.

use serde::Serialize;

use super::NamedLayout;
use super::table::loose;

/// So many headings of a layout have to stand in a row for it to be taken for headings at all; a title or a payment has
/// fewer.
const LEAST: usize = 2;
/// Most headings that are told.
const MOST: usize = 40;
/// Longest heading told, in characters.
const LONGEST: usize = 60;

/// What the headings of a table lack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Headings {
    /// Those that have to be there and are not, as the layout spells them.
    pub missing: Vec<String>,
    /// Those that are there, 40 at most, each cut after 60 characters.
    pub found: Vec<String>,
}

impl Headings {
    pub(super) fn of<'h>(missing: Vec<String>, found: impl Iterator<Item = &'h str>) -> Self {
        let told = found.map(str::trim).filter(|heading| !heading.is_empty()).take(MOST);
        Self {
            missing,
            found: told.map(|heading| heading.chars().take(LONGEST).collect()).collect(),
        }
    }
}

/// The row that comes nearest to the headings of a layout.
#[derive(Debug)]
pub(super) struct Nearest {
    /// How many headings of the layout it has.
    fits: usize,
    headings: Headings,
}

impl Nearest {
    /// Of these first rows of a table; none where no row looks like headings.
    pub(super) fn of(layouts: &[NamedLayout], first: &[Vec<String>]) -> Option<Self> {
        let mut nearest: Option<Self> = None;
        for row in first {
            let cells: Vec<String> = row.iter().map(|cell| loose(cell)).collect();
            for named in layouts {
                let needed = named.layout.columns.needed();
                let (there, mut missing): (Vec<&str>, Vec<&str>) =
                    needed.partition(|heading| cells.contains(&loose(heading)));
                // One column may be that of the reason and of the bank's reference.
                missing.dedup();
                let best = nearest.as_ref().map_or(LEAST, |known| known.fits + 1);
                if missing.is_empty() || there.len() < best {
                    continue;
                }
                let missing = missing.into_iter().map(str::to_owned).collect();
                nearest = Some(Self {
                    fits: there.len(),
                    headings: Headings::of(missing, row.iter().map(String::as_str)),
                });
            }
        }
        nearest
    }

    /// The nearer of two; the first where they are alike.
    pub(super) fn nearer(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) if other.fits > one.fits => Some(other),
            (Some(one), _) => Some(one),
            (None, other) => other,
        }
    }

    pub(super) fn headings(self) -> Headings {
        self.headings
    }
}
