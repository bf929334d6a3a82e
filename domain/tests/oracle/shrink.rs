//! The smallest question on which two readings still differ.

use chrono::NaiveDate;

use super::generate::Question;

/// Every question one step simpler.
fn simpler(question: &Question) -> Vec<Question> {
    let mut found = Vec::new();
    let mut push = |change: &dyn Fn(&mut Question)| {
        let mut copy = question.clone();
        change(&mut copy);
        if copy != *question {
            found.push(copy);
        }
    };
    for at in 0..question.case.evidence.len() {
        push(&|q| {
            q.case.evidence.remove(at);
        });
    }
    for at in 0..question.case.residences.len() {
        push(&|q| {
            q.case.residences.remove(at);
        });
    }
    for at in 0..question.case.claims.as_ref().map_or(0, Vec::len) {
        push(&|q| {
            if let Some(claims) = &mut q.case.claims {
                claims.remove(at);
            }
        });
        push(&|q| {
            if let Some(claims) = &mut q.case.claims {
                claims[at].filed_on = None;
            }
        });
    }
    push(&|q| q.case.claims = None);
    push(&|q| q.case.death_date = None);
    push(&|q| q.case.birth_date.year_only = false);
    let early = NaiveDate::from_ymd_opt(2009, 1, 1).expect("a date");
    for at in 0..question.case.evidence.len() {
        push(&|q| q.case.evidence[at].to = None);
        push(&|q| q.case.evidence[at].from = q.case.evidence[at].from.min(early));
    }
    for at in 0..question.case.residences.len() {
        push(&|q| q.case.residences[at].to = None);
        push(&|q| q.case.residences[at].from = q.case.residences[at].from.min(early));
    }
    if question.from < question.to {
        let half = (question.to.index() - question.from.index()).div_euclid(2);
        for step in [half.max(1), 1] {
            push(&|q| q.from = q.from.plus(step));
            push(&|q| q.to = q.to.plus(-step));
        }
    }
    // the first release under which they differ
    for release in 0..question.release {
        push(&|q| q.release = release);
    }
    found
}

/// Simplifies as long as `fails` still says so.
pub(crate) fn smallest(question: Question, fails: impl Fn(&Question) -> bool) -> Question {
    let mut smallest = question;
    while let Some(next) = simpler(&smallest).into_iter().find(|next| fails(next)) {
        smallest = next;
    }
    smallest
}
