//! Holding a message against its schema while it is walked through, at the places that are read: what must stand there,
//! what may stand once, in which order, which of several, what the schema does not know, and what the texts have to be.
//!
//! What an entry, its details or a line lacks, and what its values are, is no matter of the message: that line has its own
//! fault ([`super::LineFault`]) and stops no other. Only the currency of its amounts is asked for, for a line without one
//! has no fault.

#[cfg(test)]
mod fullest;
mod messages;
mod simple;
#[cfg(test)]
mod tests;

use serde::Serialize;

use self::messages::{MESSAGES, parts};
pub(super) use self::simple::Simple;
use super::Tolerance;
use super::walk::CURRENCY;

/// Parts of which each line has its own faults.
const OF_LINES: [&str; 3] = ["Ntry", "TxDtls", "TxInfAndSts"];

/// Where a message is not as its schema has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SchemaFault {
    /// What is not right.
    pub what: Tolerance,
    /// The element, from the message's own down, joined by `/`; an attribute comes last, behind `@`.
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
    /// Is it the schema itself? A national profile of the message may add to it, and restrict it: of that only what is
    /// missing or stands again is a fault.
    closed: bool,
}

#[derive(Default)]
struct Part {
    elements: Vec<Element>,
    /// Those that must stand.
    must: u64,
    /// One of its elements stands alone.
    choice: bool,
    /// It is in no line: what it lacks and what its values are is judged.
    judged: bool,
}

struct Element {
    name: &'static str,
    bit: u64,
    several: bool,
    part: Option<usize>,
    /// What its text has to be.
    simple: Option<Simple>,
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
    /// It must stand, and no part of it alone must: with nothing in it, it might as well be missing.
    pub(super) must: bool,
    /// What its text has to be, where that is judged.
    pub(super) simple: Option<Simple>,
    /// All its attributes are known: there are none, or its currency alone.
    bare: bool,
    currency: bool,
}

impl Known {
    /// An element inside of one that has a text.
    pub(super) fn inside_a_text() -> Self {
        Self {
            fault: Some(Tolerance::ElementUnknown),
            ..Self::default()
        }
    }

    /// Is this an attribute that the schema does not have? Behind a prefix may stand one of schemas themselves
    /// (`xsi:schemaLocation`), which stands anywhere.
    pub(super) fn excludes(&self, attribute: &str) -> bool {
        let declares = attribute == "xmlns" || attribute.contains(':');
        self.bare && !declares && !(self.currency && attribute == CURRENCY)
    }

    /// What is wrong with the currency of an amount. With an entity in it a code is not read.
    pub(super) fn currency_fault(&self, currency: Option<&str>) -> Option<Tolerance> {
        if !self.currency {
            return None;
        }
        let Some(own) = currency else {
            return Some(Tolerance::AttributeMissing);
        };
        let odd = self.simple.is_some() && !own.contains('&') && !Simple::Currency.admits(Some(own));
        odd.then_some(Tolerance::ValueInvalid)
    }
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
        let table: Vec<(String, &str)> = parts(table).collect();
        let place = |path: &str| table.iter().position(|(own, _)| own == path).map(|at| at + 1);
        let mut document = Part::default();
        document.add(root, place(""));
        let mut all = vec![document];
        for (path, elements) in &table {
            let mut part = Part {
                judged: !path.split('/').any(|name| OF_LINES.contains(&name)),
                ..Part::default()
            };
            for element in elements.split_ascii_whitespace() {
                if element == "|" {
                    part.choice = true;
                    continue;
                }
                let name = name(element);
                let below = if path.is_empty() {
                    place(name)
                } else {
                    place(&format!("{path}/{name}"))
                };
                part.add(element, below);
            }
            all.push(part);
        }
        Some(Self { parts: all, closed })
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
        let fault = self.misplaced(part, *outer, (at, element));
        outer.next = at;
        outer.seen |= element.bit;
        let inner = element.part.and_then(|at| self.parts.get(at));
        let simple = element.simple.filter(|_| self.closed);
        Known {
            fault,
            place: element.part.map(Place::of),
            must: inner.is_none_or(|inner| inner.choice) && part.must & element.bit != 0,
            simple: simple.filter(|_| part.judged),
            bare: self.closed,
            currency: simple == Some(Simple::Amount),
        }
    }

    /// What is wrong with an element beside those that came before it.
    fn misplaced(&self, part: &Part, outer: Place, (at, element): (usize, &Element)) -> Option<Tolerance> {
        if outer.seen & element.bit != 0 && !element.several {
            return Some(Tolerance::ElementRepeated);
        }
        if !self.closed {
            return None;
        }
        if part.choice {
            return (outer.seen & !element.bit != 0).then_some(Tolerance::ElementExcluded);
        }
        (at < outer.next).then_some(Tolerance::ElementMisplaced)
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
    /// One element more, as it stands in the tables.
    fn add(&mut self, element: &'static str, part: Option<usize>) {
        let (marked, simple) = element.split_once('=').unwrap_or((element, ""));
        // No part has as many elements as there are bits.
        let bit = self.elements.last().map_or(1, |last| last.bit.rotate_left(1));
        if self.judged && marked.ends_with(['!', '+']) {
            self.must |= bit;
        }
        self.elements.push(Element {
            name: name(element),
            bit,
            several: marked.ends_with(['*', '+']),
            part,
            simple: Simple::of(simple),
        });
    }
}

/// The name of an element, as it stands in the tables.
fn name(element: &str) -> &str {
    let marked = element.split_once('=').map_or(element, |(marked, _)| marked);
    marked.trim_end_matches(['!', '*', '+'])
}
