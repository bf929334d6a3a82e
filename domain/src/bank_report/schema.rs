//! Holding a message against its schema while it is walked through, at the places that are read: what must stand there,
//! what may stand once, and what the schema does not know.
//!
//! What an entry, its details or a line lacks is no matter of the message: that line has its own fault
//! ([`super::LineFault`]) and stops no other.

mod messages;
#[cfg(test)]
mod tests;

use serde::Serialize;

use self::messages::MESSAGES;
use super::Tolerance;

/// Parts of which each line has its own faults.
const OF_LINES: [&str; 3] = ["Ntry", "TxDtls", "TxInfAndSts"];

/// Where a message is not as its schema has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SchemaFault {
    /// What is not right: an element that is missing, stands again, or is not known.
    pub what: Tolerance,
    /// The element, from the message's own down, joined by `/`.
    pub element: String,
    /// Byte in the file, from 0.
    pub offset: usize,
    /// Line in the file, from 1.
    pub line: usize,
}

/// The schema of one message, as far as it is looked at.
pub(super) struct Schema {
    /// First the document with the message in it.
    parts: Vec<Part>,
    /// Is an element that it does not have a fault? A national profile of the message may add its own.
    closed: bool,
}

#[derive(Default)]
struct Part {
    elements: Vec<Element>,
    /// Those that must stand.
    must: u64,
}

struct Element {
    name: &'static str,
    bit: u64,
    several: bool,
    part: Option<usize>,
}

/// A part that is open, and what has come in it so far.
#[derive(Clone, Copy)]
pub(super) struct Place {
    part: usize,
    /// Elements come in their order, so the next is looked for from here.
    next: usize,
    seen: u64,
}

/// What an element that begins is by its schema.
#[derive(Default)]
pub(super) struct Known {
    pub(super) fault: Option<Tolerance>,
    /// The part that it is, where it is looked into.
    pub(super) place: Option<Place>,
    /// It must stand, and has no parts that are looked at: with nothing in it, it might as well be missing.
    pub(super) must: bool,
}

impl Place {
    const fn of(part: usize) -> Self {
        Self { part, next: 0, seen: 0 }
    }
}

impl Schema {
    /// The schema of a message by its name (`pain.002.001.10`); none of a version that is not known.
    pub(super) fn of(message: &str, closed: bool) -> Option<Self> {
        let &(_, root, table) = MESSAGES.iter().find(|(name, _, _)| *name == message)?;
        let place = |path: &str| table.iter().position(|(own, _)| *own == path).map(|at| at + 1);
        let mut parts = vec![Part::default()];
        if let Some(document) = parts.first_mut() {
            document.add(root, place(""), true);
        }
        for (path, elements) in table {
            let of_lines = path.rsplit('/').next().is_some_and(|name| OF_LINES.contains(&name));
            let mut part = Part::default();
            for element in elements.split_ascii_whitespace() {
                let name = element.trim_end_matches(['!', '*', '+']);
                let below = if path.is_empty() {
                    place(name)
                } else {
                    place(&format!("{path}/{name}"))
                };
                part.add(element, below, !of_lines);
            }
            parts.push(part);
        }
        Some(Self { parts, closed })
    }

    /// The document, with the message begun in it, and the message.
    pub(super) const fn begin() -> [Place; 2] {
        let mut document = Place::of(0);
        document.seen = 1;
        [document, Place::of(1)]
    }

    fn part(&self, place: Place) -> Option<&Part> {
        self.parts.get(place.part)
    }

    /// An element begins inside a part.
    pub(super) fn enter(&self, outer: &mut Place, name: &str) -> Known {
        let Some(part) = self.part(*outer) else {
            return Known::default();
        };
        let (before, behind) = part.elements.split_at_checked(outer.next).unwrap_or_default();
        let named = |own: &Element| own.name == name;
        let ahead = behind.iter().position(named).map(|at| outer.next + at);
        let at = ahead.or_else(|| before.iter().position(named));
        let Some((at, element)) = at.and_then(|at| Some((at, part.elements.get(at)?))) else {
            return Known {
                fault: self.closed.then_some(Tolerance::ElementUnknown),
                ..Known::default()
            };
        };
        let again = outer.seen & element.bit != 0 && !element.several;
        outer.next = at;
        outer.seen |= element.bit;
        Known {
            fault: again.then_some(Tolerance::ElementRepeated),
            place: element.part.map(Place::of),
            must: element.part.is_none() && part.must & element.bit != 0,
        }
    }

    /// A part ends: which element does it lack? The first that must stand and did not.
    pub(super) fn lacking(&self, place: Place) -> Option<&'static str> {
        let part = self.part(place)?;
        let lacking = part.must & !place.seen;
        if lacking == 0 {
            return None;
        }
        let first = part.elements.iter().find(|own| own.bit & lacking != 0);
        first.map(|own| own.name)
    }
}

impl Part {
    /// One element more, as it stands in the tables; `judged` where it is a fault of the message that it is missing.
    fn add(&mut self, element: &'static str, part: Option<usize>, judged: bool) {
        let name = element.trim_end_matches(['!', '*', '+']);
        // No part has as many elements as there are bits.
        let bit = self.elements.last().map_or(1, |last| last.bit.rotate_left(1));
        if judged && element.ends_with(['!', '+']) {
            self.must |= bit;
        }
        self.elements.push(Element {
            name,
            bit,
            several: element.ends_with(['*', '+']),
            part,
        });
    }
}
