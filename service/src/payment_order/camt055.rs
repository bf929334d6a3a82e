//! The message by which a bank is asked to stop or send back an order.

use domain::payment_file::{Recall, RecallHeader, write_camt055};
use domain::{Vnd, name};
use entity::enums::FileKind;
use entity::{payment_file, payment_order, recall};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait};

use crate::app::App;
use crate::code::Code;
use crate::error::{Error, ProblemCode};
use crate::{pay_run, proposal};

/// A camt.055.001.09, and the payment file of the order that it is about.
#[derive(Clone, Debug)]
pub(crate) struct RecallMessage {
    /// Its name; unique for ever, by the id in it.
    pub(crate) name: String,
    /// Its bytes, the same each time.
    pub(crate) bytes: Vec<u8>,
    /// Its id.
    pub(crate) message_id: String,
    /// How much is asked back.
    pub(crate) amount: Vnd,
    /// The file.
    pub(crate) file: payment_file::Model,
}

/// The files whose receivers take no messages: they are asked by letter, and answer by letter.
pub(crate) const BY_LETTER: [FileKind; 2] = [FileKind::PaymentTable, FileKind::PostList];

/// The same as a query of their ids.
pub(crate) fn files_by_letter() -> SelectStatement {
    Query::select()
        .column(payment_file::Column::Id)
        .from(payment_file::Entity)
        .and_where(payment_file::Column::Kind.is_in(BY_LETTER))
        .to_owned()
}

/// The file that an order stands in.
pub(super) async fn file_of(
    conn: &impl ConnectionTrait,
    order: &payment_order::Model,
) -> Result<payment_file::Model, Error> {
    let file = match order.file_id {
        Some(file) => payment_file::Entity::find_by_id(file).one(conn).await?,
        None => None,
    };
    file.ok_or_else(Error::not_found)
}

/// The message of an accepted recall; none where who pays takes tables and no messages, as the post office does.
///
/// # Errors
/// `illegal-transition` where it was not accepted.
pub(crate) async fn of(
    app: &App,
    conn: &impl ConnectionTrait,
    row: &recall::Model,
    order: &payment_order::Model,
) -> Result<Option<RecallMessage>, Error> {
    let (Some(message_id), Some(decided_at)) = (&row.message_id, row.decided_at) else {
        return Err(proposal::not_accepted());
    };
    let file = file_of(conn, order).await?;
    if BY_LETTER.contains(&file.kind) {
        return Ok(None);
    }
    let run = pay_run::find(conn, order.pay_run_id).await?;
    let terms = crate::payment_file::terms_of(&file)?;
    let Some(message) = terms.profile.format.message() else {
        return Ok(None);
    };
    let original = crate::payment_file::header(app, &run, &file, &terms)?;
    let header = RecallHeader {
        message_id: message_id.clone(),
        created_at: decided_at,
    };
    let amount = Vnd::new(order.amount).map_err(Error::internal)?;
    let recalled = Recall {
        cancellation_id: message_id.clone(),
        reference: order.reference.clone(),
        uetr: order.uetr,
        amount,
        reason: row.reason.code(),
        note: name::bank_name(&row.note, 105),
    };
    let bytes = write_camt055(&header, &original, message, &recalled).map_err(Error::internal)?;
    Ok(Some(RecallMessage {
        name: format!("camt055-{message_id}.xml"),
        bytes,
        message_id: message_id.clone(),
        amount,
        file,
    }))
}

/// The refusal where who pays takes tables alone.
pub(crate) fn by_letter() -> Error {
    Error::because(
        ProblemCode::Conflict,
        "Nơi chi trả nhận bảng kê, không nhận thông điệp ISO 20022; hãy in và gửi công văn đề nghị thu hồi",
        "who pays takes tables and no ISO 20022 messages: print and send the letter that asks for the recall",
    )
}
