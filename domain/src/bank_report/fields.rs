//! The leaves of one part of a report.

use uuid::Uuid;

use super::walk::Walk;
use super::{LineFault, ReportLine, parse_amount};
use crate::Vnd;
use crate::payment_order::{ReasonKind, reason_kind};

/// Most leaves kept of one part: real ones have a few dozen, and each look-up goes through all of them.
const LEAVES_MAX: usize = 500;

/// Longest text taken from reasons in words.
const NOTE_MAX: usize = 500;

#[derive(Default)]
struct Field {
    path: String,
    text: String,
    currency: Option<String>,
}

/// Texts joined by spaces.
fn joined(texts: &[&str]) -> Option<String> {
    (!texts.is_empty()).then(|| texts.join(" ").chars().take(NOTE_MAX).collect())
}

/// Leaves by their path below the part.
#[derive(Default)]
pub(super) struct Fields {
    /// The first `kept` are of this part; the others lend their memory to the next leaves.
    fields: Vec<Field>,
    kept: usize,
    overflow: bool,
}

impl Fields {
    /// How many leaves are kept.
    pub(super) fn count(&self) -> usize {
        self.fields.len()
    }

    pub(super) fn clear(&mut self) {
        self.kept = 0;
        self.overflow = false;
    }

    /// Keeps the leaf the walk stands at; `base` is the path of the part.
    pub(super) fn keep(&mut self, walk: &Walk<'_>, base: &str) {
        let Some(path) = walk.path().strip_prefix(base).and_then(|path| path.strip_prefix('/')) else {
            return;
        };
        match walk.text() {
            Some("") => {}
            _ if self.kept >= LEAVES_MAX => self.overflow = true,
            Some(text) => {
                if self.fields.len() == self.kept {
                    self.fields.push(Field::default());
                }
                if let Some(field) = self.fields.get_mut(self.kept) {
                    path.clone_into(&mut field.path);
                    text.clone_into(&mut field.text);
                    field.currency = walk.currency().map(str::to_owned);
                    self.kept += 1;
                }
            }
            None => self.overflow = true,
        }
    }

    fn kept(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().take(self.kept)
    }

    fn field(&self, path: &str) -> Option<&Field> {
        self.kept().find(|field| field.path == path)
    }

    /// The first of these leaves that is there.
    pub(super) fn first(&self, paths: &[&str]) -> Option<String> {
        paths
            .iter()
            .find_map(|path| self.field(path))
            .map(|field| field.text.clone())
    }

    /// All leaves of a path, joined by spaces.
    pub(super) fn joined(&self, path: &str) -> Option<String> {
        let texts: Vec<&str> = self
            .kept()
            .filter(|f| f.path == path)
            .map(|f| f.text.as_str())
            .collect();
        joined(&texts)
    }

    /// The texts of a leaf below a part.
    fn below<'f>(&'f self, part: &'f str, leaf: &'static str) -> impl Iterator<Item = &'f str> {
        let inside = move |field: &&Field| {
            let path = field.path.strip_prefix(part);
            path.and_then(|path| path.strip_prefix('/')) == Some(leaf)
        };
        self.kept().filter(inside).map(|field| field.text.as_str())
    }

    /// The codes of the reasons below a part: those of the lists, and then the bank's own.
    fn codes<'f>(&'f self, part: &'f str) -> impl Iterator<Item = &'f str> {
        self.below(part, "Rsn/Cd").chain(self.below(part, "Rsn/Prtry"))
    }

    /// The reason that weighs most of those below a part. A message gives as many as it likes: that a payment was seen
    /// before must not be missed, for what is no duplicate is paid again, nor that somebody has died. Of others the first
    /// counts.
    pub(super) fn reason(&self, part: &str) -> Option<String> {
        let of_kind = |kind: ReasonKind| self.codes(part).find(|code| reason_kind(code) == kind);
        let grave = of_kind(ReasonKind::Duplicate).or_else(|| of_kind(ReasonKind::PersonDeceased));
        grave.or_else(|| self.codes(part).next()).map(str::to_owned)
    }

    /// The reasons below a part beside the one that counts, and what is said in words.
    pub(super) fn note(&self, part: &str, counts: Option<&str>) -> Option<String> {
        let others = self.codes(part).filter(|code| Some(*code) != counts);
        joined(&others.chain(self.below(part, "AddtlInf")).collect::<Vec<_>>())
    }

    /// Does any leaf lie below this path?
    pub(super) fn holds(&self, path: &str) -> bool {
        self.kept()
            .any(|field| field.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
    }

    /// Puts our reference and the UETR into a line.
    pub(super) fn put_ids(&self, line: &mut ReportLine, reference: &[&str], uetr: &[&str]) {
        line.reference = self.first(reference).filter(|text| text != "NOTPROVIDED");
        if let Some(text) = self.first(uetr) {
            match Uuid::try_parse(&text) {
                Ok(id) => line.uetr = Some(id),
                Err(_) => line.blame(LineFault::Uetr),
            }
        }
        if self.overflow {
            line.blame(LineFault::TextTooLong);
        }
    }

    /// The first of these amounts, or what is wrong with it; none where none of them is there.
    pub(super) fn amount(&self, paths: &[&str]) -> Option<Result<Vnd, LineFault>> {
        let field = paths.iter().find_map(|path| self.field(path))?;
        if field.currency.as_deref().is_some_and(|currency| currency != "VND") {
            return Some(Err(LineFault::Currency));
        }
        Some(parse_amount(&field.text).ok_or(LineFault::Amount))
    }

    /// Puts the first of these amounts into a line.
    pub(super) fn put_amount(&self, line: &mut ReportLine, paths: &[&str]) {
        line.put_amount(self.amount(paths));
    }

    /// Puts the first of these days into a line.
    pub(super) fn put_day(&self, line: &mut ReportLine, paths: &[&str]) {
        let Some(text) = self.first(paths) else { return };
        line.booked_on = text.get(..10).and_then(|day| day.parse().ok());
        if line.booked_on.is_none() {
            line.blame(LineFault::Date);
        }
    }
}
