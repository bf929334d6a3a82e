//! What two people decide at the desk: what was typed, and the form of each of them.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde::de::DeserializeOwned;
use serde_json::Value;
use service::Error;
use service::proposal::ProposalView;
use service::vocabulary::Term;
use uuid::Uuid;

use super::visit::Clerk;
use super::{layout, words};

/// What was typed into a form, to be shown again where it was refused.
pub(super) type Typed = BTreeMap<String, String>;

pub(super) fn typed<'t>(fields: &'t Typed, name: &str) -> &'t str {
    fields.get(name).map_or("", |text| text.trim())
}

fn described(wrong: Option<&Error>, help: &str) -> String {
    if wrong.is_some() {
        format!("{help} wrong")
    } else {
        help.to_owned()
    }
}

/// Who decides what anybody at the desk may propose.
pub(super) const ANOTHER: &str = "một người khác của kho bạc hoặc người duyệt";

/// What a first person is asked.
pub(super) struct Ask {
    /// The heading of the form.
    pub(super) title: &'static str,
    /// What comes of it, in words.
    pub(super) how: &'static str,
    /// The field of what is proposed, and its label; none where there is one thing to propose.
    pub(super) choice: Option<(&'static str, &'static str)>,
    /// What can be proposed.
    pub(super) terms: Vec<&'static Term>,
    /// Fields beside that and the note.
    pub(super) more: Markup,
    /// Where the proposal goes.
    pub(super) propose: String,
}

/// The form of the first person.
pub(super) fn first_person(ask: &Ask, seal: &str, fields: &Typed, wrong: Option<&Error>) -> Markup {
    let described = described(wrong, "how");
    let is_note_first = ask.choice.is_none();
    html! {
        section.sheet.confirm {
            h2 { (ask.title) }
            p #how { (ask.how) }
            @if let Some(wrong) = wrong { (layout::wrong(wrong)) }
            form.fields method="post" action=(ask.propose) {
                (layout::seal(seal))
                @if let Some((choice, label)) = ask.choice {
                    label for=(choice) { (label) }
                    select id=(choice) name=(choice) accesskey="x" required aria-describedby=(described) autofocus[wrong.is_some()] {
                        @for term in &ask.terms {
                            option value=(term.code) selected[term.code == typed(fields, choice)] { (term.label.vi) }
                        }
                    }
                }
                (ask.more)
                label for="note" { "Ghi chú" }
                input #note name="note" value=(typed(fields, "note")) required maxlength="1000" autocomplete="off"
                    aria-describedby=[is_note_first.then_some(&described)] autofocus[is_note_first && wrong.is_some()];
                button.main type="submit" { "Gửi đề nghị" }
            }
        }
    }
}

/// What one person proposed and another has to decide.
pub(super) struct Waits<'p> {
    /// The proposal.
    pub(super) id: Uuid,
    /// What is proposed, in words.
    pub(super) way: String,
    /// By whom, when and why.
    pub(super) said: &'p ProposalView,
    /// Who may decide it.
    pub(super) by: &'static str,
    /// Where the decision goes.
    pub(super) decide: String,
}

/// What is proposed, and the form of the second person.
pub(super) fn second_person(own: &Waits<'_>, clerk: &Clerk, fields: &Typed, wrong: Option<&Error>) -> Markup {
    let is_own = clerk.actor.user_id == Some(own.said.proposed_by);
    html! {
        section.sheet.confirm {
            h2 { "Đề nghị đang chờ quyết định" }
            dl #proposal {
                dt { "Cách xử lý" } dd { (own.way) }
                dt { "Ghi chú" } dd { (own.said.note) }
                dt { "Đề nghị lúc" } dd { (words::time(own.said.proposed_at)) @if is_own { " (bạn đề nghị)" } }
            }
            @if let Some(wrong) = wrong { (layout::wrong(wrong)) }
            @if is_own {
                p.quiet { "Bạn là người đề nghị: " (own.by) " phải quyết định." }
            } @else {
                form.fields method="post" action=(own.decide) {
                    (layout::seal(&clerk.seal))
                    input type="hidden" name="proposal" value=(own.id);
                    label for="note" { "Ghi chú của người quyết định" }
                    input #note name="note" value=(typed(fields, "note")) required maxlength="1000" autocomplete="off"
                        aria-describedby=(described(wrong, "proposal")) autofocus[wrong.is_some()];
                    div.actions {
                        button.main type="submit" name="decision" value="accept" { "Chấp nhận" }
                        button type="submit" name="decision" value="refuse" { "Không chấp nhận" }
                    }
                }
            }
        }
    }
}

/// A command of the service from what a form holds.
pub(super) fn command<T: DeserializeOwned>(body: Value) -> Result<T, Error> {
    let read = serde_json::from_value(body);
    read.map_err(|error| {
        Error::field(
            "",
            "invalid",
            "Biểu mẫu thiếu lựa chọn, hoặc có lựa chọn không tồn tại",
            format!("a choice of the form is missing or does not exist: {error}"),
        )
    })
}
