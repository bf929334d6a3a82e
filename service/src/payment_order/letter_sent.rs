//! That the letter of a recall has left: whoever brings it to its receiver notes the day, and the number that the office gave
//! it. Until then nobody was asked, whatever two people have agreed on.

use chrono::NaiveDate;
use entity::enums::ProposalStatus;
use entity::recall;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::recall::{RecallView, subject, view};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::clock::in_vietnam;
use crate::error::Error;
use crate::payment_order::wholly_in_scope;
use crate::proposal;

/// Longest number of a letter, in characters.
const LONGEST_NUMBER: usize = 60;

/// Notes that the letter of a recall was sent.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LetterSent {
    /// The day in Vietnam: not before the recall was agreed on, and not in the future.
    #[schema(example = "2024-09-06")]
    pub sent_on: NaiveDate,
    /// The number that the office gave it; left out where it has none.
    #[serde(default)]
    #[schema(example = "125/TT-BTXH", max_length = 60)]
    pub number: Option<String>,
}

/// Notes on which day the letter of an accepted recall was sent, and by which number. Noted again it takes the place of what
/// was noted before; the audit trail keeps both.
///
/// # Errors
/// `illegal-transition` where the recall was not accepted; `invalid` for a day before that or in the future, and for a
/// number that is empty or too long.
pub async fn letter_sent(app: &App, actor: &Actor, id: Uuid, command: LetterSent) -> Result<RecallView, Error> {
    let scope = actor.require(Permission::FileDeliver)?;
    actor.person()?;
    let number = command.number.as_deref().map(checked_number).transpose()?;
    let row = app
        .db
        .write(async |txn| {
            let row = recall::Entity::find_by_id(id)
                .lock_exclusive()
                .one(txn.conn())
                .await?
                .ok_or_else(Error::not_found)?;
            let order = wholly_in_scope(txn.conn(), &scope, row.order_id).await?;
            let Some(decided_at) = row.decided_at.filter(|_| row.status == ProposalStatus::Accepted) else {
                return Err(proposal::not_accepted());
            };
            let agreed_on = in_vietnam(decided_at).date_naive();
            require_within(command.sent_on, agreed_on, app.clock.today())?;
            let detail = json!({"order": order.id, "sent_on": command.sent_on, "number": number,
                "before": {"sent_on": row.letter_sent_on, "number": row.letter_number}});
            let changed = recall::Model {
                letter_sent_on: Some(command.sent_on),
                letter_number: number.clone(),
                ..row
            };
            changed
                .clone()
                .into_active_model()
                .reset_all()
                .update(txn.conn())
                .await?;
            let at = app.clock.now();
            txn.audit(Event::new(at, actor, "recall.letter_sent", subject(id), detail));
            Ok(changed)
        })
        .await?;
    Ok(view(row))
}

/// A number as it is kept.
fn checked_number(text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_NUMBER {
        return Err(Error::field(
            "/number",
            "length",
            "Số công văn phải có từ 1 đến 60 ký tự",
            "the number of a letter has 1 to 60 characters",
        ));
    }
    Ok(text.to_owned())
}

/// Refuses a day before the recall was agreed on, or one that has not come.
fn require_within(sent_on: NaiveDate, agreed_on: NaiveDate, today: NaiveDate) -> Result<(), Error> {
    let (vi, en) = if sent_on < agreed_on {
        (
            "Ngày gửi không được trước ngày đề nghị thu hồi được chấp thuận",
            "it is not sent before the recall was agreed on",
        )
    } else if sent_on > today {
        ("Ngày gửi ở tương lai", "it is sent in the future")
    } else {
        return Ok(());
    };
    Err(Error::field("/sent_on", "date_bounds", vi, en))
}
