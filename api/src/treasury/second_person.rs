//! What two people decide at the desk: what was typed, and the form of the second of them.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde::de::DeserializeOwned;
use serde_json::Value;
use service::Error;
use service::proposal::ProposalView;
use uuid::Uuid;

use super::visit::Clerk;
use super::{layout, words};

/// What was typed into a form, to be shown again where it was refused.
pub(super) type Typed = BTreeMap<String, String>;

pub(super) fn typed<'t>(fields: &'t Typed, name: &str) -> &'t str {
    fields.get(name).map_or("", |text| text.trim())
}

pub(super) fn described(wrong: Option<&Error>, help: &str) -> String {
    if wrong.is_some() {
        format!("{help} wrong")
    } else {
        help.to_owned()
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
                p.quiet { "Bạn là người đề nghị: một người khác của kho bạc hoặc người duyệt phải quyết định." }
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
