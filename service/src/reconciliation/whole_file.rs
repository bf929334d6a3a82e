//! What a report says of whole payment files: read, and judged. Anything but what agrees with the file and its orders
//! waits for people.

use std::collections::{BTreeMap, BTreeSet};

use domain::Vnd;
use domain::bank_report::{Format, Report, parse_amount};
use domain::payment_order::{Event, ReasonKind, group_status_meaning, reason_kind};
use entity::enums::LineOutcome;
use uuid::Uuid;

use crate::bank_report::Finding;
use crate::reconciliation::judge::Judge;

/// What a report says of one file, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// Its place among what the report says of files: 1 is the group, then come the batches.
    pub(super) number: usize,
    pub(super) of_batch: bool,
    pub(super) message_id: Option<String>,
    pub(super) batch: Option<String>,
    pub(super) status: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) note: Option<String>,
    pub(super) count: Option<String>,
    pub(super) sum: Option<String>,
    /// The file it speaks of.
    pub(super) file: Option<Uuid>,
    /// Do message and batch name two of our files?
    conflict: bool,
}

impl Said {
    /// Does it say anything of the file beside naming it?
    pub(super) const fn speaks(&self) -> bool {
        self.status.is_some() || self.count.is_some() || self.sum.is_some()
    }

    /// Does it speak of a file of this size, as far as it says?
    fn agrees(&self, (count, sum): (i64, i64)) -> bool {
        let told = self.count.as_deref().map(|text| text.trim().parse::<i64>().ok());
        let told_sum = self.sum.as_deref().map(|text| parse_amount(text).map(Vnd::dong));
        told.is_none_or(|told| told == Some(count)) && told_sum.is_none_or(|told| told == Some(sum))
    }
}

/// What it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) said: Said,
    pub(super) outcome: LineOutcome,
    pub(super) finding: Option<Finding>,
    /// How many orders the file has, and their sum.
    pub(super) size: Option<(i64, i64)>,
    pub(super) moved: usize,
    pub(super) contradicted: usize,
}

/// What a status report says of whole files: of its batches as they stand, and then of the group. `files` are ours, by
/// PmtInfId and by MsgId.
pub(super) fn said(report: &Report, files: &BTreeMap<String, Uuid>) -> Vec<Said> {
    let header = &report.header;
    if header.format != Format::Pain002 {
        return Vec::new();
    }
    let file_of = |name: Option<&String>| name.and_then(|name| files.get(name)).copied();
    let answered = file_of(header.original_message_id.as_ref());
    let group = Said {
        number: 1,
        of_batch: false,
        message_id: header.original_message_id.clone(),
        batch: None,
        status: header.group_status.clone(),
        reason: header.group_reason.clone(),
        note: header.group_note.clone(),
        count: header.original_count.clone(),
        sum: header.original_sum_text.clone(),
        file: answered,
        conflict: false,
    };
    let batches = header.batches.iter().enumerate().map(|(at, own)| {
        let batch = own.batch.clone().filter(|name| name != "NOTPROVIDED");
        let named = file_of(batch.as_ref());
        Said {
            number: at + 2,
            of_batch: true,
            message_id: header.original_message_id.clone(),
            status: Some(own.status.clone()),
            reason: own.reason.clone(),
            note: own.note.clone(),
            count: own.original_count.clone(),
            sum: own.original_sum.clone(),
            file: if batch.is_some() { named } else { answered },
            conflict: named.is_some() && answered.is_some() && named != answered,
            batch,
        }
    });
    let mut said: Vec<Said> = batches.collect();
    if group.message_id.is_some() || group.speaks() {
        said.push(group);
    }
    said
}

/// The files that are refused as wholes, and not as duplicates.
pub(super) fn refused(said: &[Said]) -> BTreeSet<Uuid> {
    let refused = said.iter().filter(|own| {
        let event = own.status.as_deref().and_then(|own| group_status_meaning(own).event());
        event == Some(Event::Reject) && !is_duplicate(own)
    });
    refused.filter_map(|own| own.file).collect()
}

/// What the first of several statements of one file said.
#[derive(Clone)]
struct Heard {
    status: String,
    reason: Option<String>,
    event: Option<Event>,
}

/// A report's statements of files, one after the other.
struct Hearing<'j> {
    judge: &'j mut Judge,
    source: &'j str,
    sizes: BTreeMap<Uuid, (i64, i64)>,
    /// The files of which the report tells another count or sum: nothing it says of them is applied.
    differ: BTreeSet<Uuid>,
    heard: BTreeMap<Uuid, Heard>,
    /// Does the report say nothing else?
    no_lines: bool,
}

/// Outcome, finding, orders moved, orders contradicted.
type Verdict = (LineOutcome, Option<Finding>, usize, usize);

const fn waits(outcome: LineOutcome, finding: Finding) -> Verdict {
    (outcome, Some(finding), 0, 0)
}

const fn quiet(outcome: LineOutcome) -> Verdict {
    (outcome, None, 0, 0)
}

/// What a report says of whole files holds for the orders that none of its lines names, where it speaks of the file as it
/// was sent; what it comes to, statement by statement. `source` names the report in the history of orders.
pub(super) fn judge_files(said: Vec<Said>, report: &Report, judge: &mut Judge, source: &str) -> Vec<Judged> {
    let mut hearing = Hearing {
        judge,
        source,
        sizes: BTreeMap::new(),
        differ: BTreeSet::new(),
        heard: BTreeMap::new(),
        no_lines: report.lines.is_empty(),
    };
    for own in said.iter().filter(|own| own.speaks() && !own.conflict) {
        let Some(file) = own.file else { continue };
        let size = hearing.size(file);
        if !own.agrees(size) {
            hearing.differ.insert(file);
        }
    }
    let mut judged = Vec::with_capacity(said.len());
    for own in said {
        let (outcome, finding, moved, contradicted) = hearing.hear(&own);
        let size = own.file.and_then(|file| hearing.sizes.get(&file)).copied();
        judged.push(Judged {
            said: own,
            outcome,
            finding,
            size,
            moved,
            contradicted,
        });
    }
    judged
}

impl Hearing<'_> {
    fn size(&mut self, file: Uuid) -> (i64, i64) {
        *self.sizes.entry(file).or_insert_with(|| self.judge.size_of_file(file))
    }

    fn hear(&mut self, said: &Said) -> Verdict {
        if said.conflict {
            return waits(LineOutcome::UnknownReference, Finding::FileConflict);
        }
        let Some(file) = said.file else {
            // Where nothing is said of a file, the lines say all there is.
            return if said.status.is_some() || self.no_lines {
                waits(LineOutcome::UnknownReference, Finding::FileUnknown)
            } else {
                quiet(LineOutcome::UnknownReference)
            };
        };
        if said.speaks() && self.differ.contains(&file) {
            return waits(LineOutcome::AmountDiffers, Finding::FileDiffers);
        }
        let Some(status) = &said.status else {
            return quiet(LineOutcome::Matched);
        };
        let event = group_status_meaning(status).event();
        if let Some(before) = self.heard.get(&file) {
            return again(said, event, before);
        }
        let heard = Heard {
            status: status.clone(),
            reason: said.reason.clone(),
            event,
        };
        self.heard.insert(file, heard);
        match event {
            None => waits(LineOutcome::Pending, Finding::UnknownStatus),
            Some(Event::Reject) if is_duplicate(said) => {
                self.judge.learn_of_file(file, said.reason.as_deref(), self.source);
                waits(LineOutcome::Duplicate, Finding::DuplicateReason)
            }
            Some(event) => self.apply(said, file, event, status),
        }
    }

    fn apply(&mut self, said: &Said, file: Uuid, event: Event, status: &str) -> Verdict {
        let reason = said
            .reason
            .clone()
            .or_else(|| (event == Event::Reject).then(|| status.to_lowercase()));
        let before = self.judge.steps().len();
        let contradicted = self.judge.rest_of_file(file, event, reason.as_deref(), self.source);
        let moved = self.judge.steps().len() - before;
        if contradicted == 0 {
            return (LineOutcome::Matched, None, moved, 0);
        }
        (LineOutcome::Late, Some(Finding::FileContradicts), moved, contradicted)
    }
}

/// A refusal as a duplicate: the first one may have been paid, and nothing follows from it by itself.
fn is_duplicate(said: &Said) -> bool {
    said.reason.as_deref().map(reason_kind) == Some(ReasonKind::Duplicate)
}

/// A further statement of a file moves nothing: a batch is nearer to its orders than the group, and the first batch
/// stands.
fn again(said: &Said, event: Option<Event>, before: &Heard) -> Verdict {
    let same = said.status.as_deref() == Some(before.status.as_str()) && said.reason == before.reason;
    let paid = |event: Event| matches!(event, Event::Settle | Event::Credit);
    match (before.event, event) {
        _ if said.of_batch && same => waits(LineOutcome::Duplicate, Finding::DuplicateLine),
        (_, None) | (None, _) => waits(LineOutcome::Pending, Finding::UnknownStatus),
        (_, Some(Event::Reject)) if is_duplicate(said) => waits(LineOutcome::Duplicate, Finding::DuplicateReason),
        (Some(before), Some(event)) if before == event || (paid(before) && paid(event)) => quiet(LineOutcome::Matched),
        // The group was taken, which says nothing more of the batch.
        (Some(_), Some(Event::Accept)) if !said.of_batch => quiet(LineOutcome::Matched),
        _ => waits(LineOutcome::Late, Finding::FileContradicts),
    }
}
