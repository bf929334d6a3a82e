//! Which message a file is, by its root and its namespace.

use super::options::Budget;
use super::schema::Schema;
use super::walk::{Step, Walk};
use super::{Format, Options, Refusal, ReportError, ReportHeader, ReportLine, Tolerance, camt, camt029, pain002};
use crate::bank::{ISO, READABLE, last_part};

/// Longest namespace kept, in characters.
const NAMESPACE_MAX: usize = 200;

pub(super) fn read(
    text: &str,
    options: &Options,
    line: &mut dyn FnMut(ReportLine),
) -> Result<ReportHeader, ReportError> {
    let mut walk = Walk::new(text, options);
    for _ in 0..2 {
        match walk.step()? {
            Step::Open => {}
            _ => return Err(walk.refuse(Refusal::UnknownMessage)),
        }
    }
    let (format, family) = match walk.path() {
        "Document/CstmrPmtStsRpt" => (Format::Pain002, "pain.002.001."),
        "Document/BkToCstmrDbtCdtNtfctn" => (Format::Camt054, "camt.054.001."),
        "Document/BkToCstmrStmt" => (Format::Camt053, "camt.053.001."),
        "Document/RsltnOfInvstgtn" => (Format::Camt029, "camt.029.001."),
        _ => return Err(walk.refuse(Refusal::UnknownMessage)),
    };
    let mut header = ReportHeader::new(format);
    match walk.namespace() {
        None => header.tolerated.push(Tolerance::NoNamespace),
        Some(namespace) => {
            // A national profile has a name of its own that ends in that of the message, and more behind it.
            let last = last_part(namespace);
            let Some(version) = last.strip_prefix(family).and_then(|rest| rest.get(..2)) else {
                return Err(walk.refuse(Refusal::UnknownMessage));
            };
            let message = format!("{family}{version}");
            // Databases refuse some control characters.
            let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
            header.namespace = Some(namespace.chars().take(NAMESPACE_MAX).map(printable).collect());
            let iso = namespace
                .strip_prefix(ISO)
                .is_some_and(|name| name.len() == family.len() + 2);
            if !iso && !options.namespaces.iter().any(|known| known == namespace) {
                header.tolerated.push(Tolerance::ForeignNamespace);
            }
            if !READABLE.contains(&message.as_str()) {
                header.tolerated.push(Tolerance::OtherVersion);
            }
            if let Some(schema) = Schema::of(&message, iso) {
                walk.hold_against(schema);
            }
            header.message = Some(message);
        }
    }
    let mut count = Counter {
        lines: 0,
        most: options.max_lines,
        budget: Budget::of(options),
        line,
    };
    match format {
        Format::Pain002 => pain002::read(&mut walk, &mut header, &mut count)?,
        Format::Camt029 => camt029::read(&mut walk, &mut header, &mut count)?,
        _ => camt::read(&mut walk, &mut header, &mut count)?,
    }
    header.lines = count.lines;
    header.schema_faults = walk.take_faults();
    header
        .tolerated
        .extend(header.schema_faults.iter().map(|fault| fault.what));
    Ok(header)
}

/// Numbers the lines and hands them on.
pub(super) struct Counter<'a> {
    lines: u32,
    most: u32,
    budget: Budget,
    line: &'a mut dyn FnMut(ReportLine),
}

impl Counter<'_> {
    /// May there be one more beside so many?
    pub(super) fn admit(&self, walk: &Walk<'_>, beside: usize) -> Result<(), ReportError> {
        if u32::try_from(beside).is_ok_and(|beside| beside < self.most) {
            Ok(())
        } else {
            Err(walk.refuse(Refusal::TooManyLines))
        }
    }

    pub(super) fn hand_on(&mut self, walk: &Walk<'_>, mut line: ReportLine) -> Result<(), ReportError> {
        if self.lines >= self.most {
            return Err(walk.refuse(Refusal::TooManyLines));
        }
        self.budget.keep(&line).map_err(|refusal| walk.refuse(refusal))?;
        self.lines += 1;
        line.position = self.lines;
        (self.line)(line);
        Ok(())
    }
}
