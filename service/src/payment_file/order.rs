//! Orders as files show them, read with everything that their seal is over.

use entity::{pay_run, payment_file, payment_order};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::packed::Packed;
use crate::payment_order::hash::{self, Moment};

/// An order of a built file.
#[derive(Clone, Debug)]
pub(super) struct FileOrder {
    pub(super) reference: String,
    uetr: Uuid,
    pub(super) amount: i64,
    pub(super) account_number: String,
    name: String,
    pub(super) holder_name: String,
    pub(super) area_id: String,
    pub(super) beneficiary_code: Option<String>,
    beneficiary_name: Option<String>,
    purpose: Option<String>,
}

/// An order as instructions are made of it, planned or stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'o> {
    pub(super) reference: &'o str,
    pub(super) uetr: Uuid,
    pub(super) amount: i64,
    pub(super) account_number: &'o str,
    /// The holder in at most [`domain::name::BANK_NAME_SHORT`] characters, as older bank messages spell them.
    pub(super) name: &'o str,
    pub(super) holder_name: &'o str,
    /// Whose money it is, where the account receives for several.
    pub(super) beneficiary_code: Option<&'o str>,
    /// The same by name, where the bank is told.
    pub(super) beneficiary_name: Option<&'o str>,
    /// The purpose that the bank's profile has for it.
    pub(super) purpose: Option<&'o str>,
}

impl<'o> From<&'o payment_order::Model> for Said<'o> {
    fn from(order: &'o payment_order::Model) -> Self {
        Self {
            reference: &order.reference,
            uetr: order.uetr,
            amount: order.amount,
            account_number: &order.account_number,
            name: &order.name,
            holder_name: &order.holder_name,
            beneficiary_code: order.beneficiary_code.as_deref(),
            beneficiary_name: order.beneficiary_name.as_deref(),
            purpose: order.purpose.as_deref(),
        }
    }
}

impl<'o> From<&'o FileOrder> for Said<'o> {
    fn from(order: &'o FileOrder) -> Self {
        Self {
            reference: &order.reference,
            uetr: order.uetr,
            amount: order.amount,
            account_number: &order.account_number,
            name: &order.name,
            holder_name: &order.holder_name,
            beneficiary_code: order.beneficiary_code.as_deref(),
            beneficiary_name: order.beneficiary_name.as_deref(),
            purpose: order.purpose.as_deref(),
        }
    }
}

/// The orders of a file, in no order, as they were approved; with the SHA-256 over them, hexadecimal.
///
/// # Errors
/// `content-changed` where one of them is not what was approved.
pub(super) async fn approved(
    app: &App,
    run: &pay_run::Model,
    file: &payment_file::Model,
) -> Result<(Vec<FileOrder>, String), Error> {
    let (orders, hash) = of_file(app, file.id).await?;
    crate::pay_run::require_orders(app, run, file, &hash).await?;
    Ok((orders, hash))
}

/// The orders of a file, in no order, with the SHA-256 over them, hexadecimal.
pub(super) async fn of_file(app: &App, file: Uuid) -> Result<(Vec<FileOrder>, String), Error> {
    let conn = app.db.read();
    let fields = hash::fields(conn.get_database_backend(), Moment::Any);
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let packed = Packed::read(conn, &fields, "payment_order WHERE file_id = $1", [file.into()]).await?;
    let parsing = tokio::task::spawn_blocking(move || {
        let hash = hash::hash(&packed);
        let rows = packed.rows::<{ hash::FIELDS }>();
        let orders = rows.map(|rows| rows.iter().map(parsed).collect::<Result<Vec<_>, _>>());
        Ok::<_, Error>((orders.transpose()?, hash))
    });
    let (orders, hash) = parsing.await.map_err(Error::internal)??;
    match orders {
        Some(orders) => Ok((orders, hash)),
        None => Ok((one_by_one(app, file).await?, hash)),
    }
}

/// An order from its [fields](hash::fields).
fn parsed(row: &[&str; hash::FIELDS]) -> Result<FileOrder, Error> {
    let [
        _id,
        _payee_account,
        _file,
        _reissue_of,
        uetr,
        amount,
        _line_count,
        _channel,
        _bank,
        account_number,
        reference,
        name,
        holder_name,
        area_id,
        beneficiary_code,
        beneficiary_name,
        purpose,
        _status,
    ] = *row;
    Ok(FileOrder {
        reference: reference.to_owned(),
        uetr: Uuid::parse_str(uetr).map_err(Error::internal)?,
        amount: amount.parse().map_err(Error::internal)?,
        account_number: account_number.to_owned(),
        name: name.to_owned(),
        holder_name: holder_name.to_owned(),
        area_id: area_id.to_owned(),
        beneficiary_code: unless_empty(beneficiary_code),
        beneficiary_name: unless_empty(beneficiary_name),
        purpose: unless_empty(purpose),
    })
}

fn unless_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// The same, whatever stands in their texts.
async fn one_by_one(app: &App, file: Uuid) -> Result<Vec<FileOrder>, Error> {
    use payment_order::Column as C;
    type Row = (
        String,
        Uuid,
        i64,
        String,
        String,
        String,
        String,
        Option<String>,
        Option<String>,
        Option<String>,
    );
    let rows: Vec<Row> = payment_order::Entity::find()
        .select_only()
        .columns([
            C::Reference,
            C::Uetr,
            C::Amount,
            C::AccountNumber,
            C::Name,
            C::HolderName,
            C::AreaId,
            C::BeneficiaryCode,
            C::BeneficiaryName,
            C::Purpose,
        ])
        .filter(C::FileId.eq(file))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let orders = rows.into_iter().map(|row| {
        let (reference, uetr, amount, account_number, name, holder_name, area_id, ..) = row;
        let (.., beneficiary_code, beneficiary_name, purpose) = row;
        FileOrder {
            reference,
            uetr,
            amount,
            account_number,
            name,
            holder_name,
            area_id,
            beneficiary_code,
            beneficiary_name,
            purpose,
        }
    });
    Ok(orders.collect())
}
