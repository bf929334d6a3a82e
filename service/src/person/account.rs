//! Accounts that money goes to: a bank account, or cash at a post office against an identity paper.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::enums::Channel;
use entity::{bank, payee_account};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{Error, FieldError};
use crate::person::check;

/// An account to which money shall go.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// To a bank account, or cash at a post office.
    #[schema(value_type = String, pattern = "^(bank_transfer|post_cash)$", example = "bank_transfer")]
    pub channel: Channel,
    /// The bank, for a transfer.
    #[serde(default)]
    #[schema(example = "AGRIBANK")]
    pub bank_code: Option<String>,
    /// The account number; for cash the number of the identity paper the holder shows.
    #[schema(example = "8011205123456", max_length = 34)]
    pub account_number: String,
    /// The holder, as the bank writes it.
    #[schema(example = "Phạm Thị Lan", max_length = 140)]
    pub holder_name: String,
    /// The holder's citizen id, where known.
    #[serde(default)]
    #[schema(example = "022190001234", pattern = "^[0-9]{12}$")]
    pub holder_citizen_id: Option<String>,
    /// The post office, for cash.
    #[serde(default)]
    #[schema(example = "Bưu cục Hà Phong")]
    pub post_office: Option<String>,
}

/// An account of a payee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountView {
    /// Its id.
    pub id: Uuid,
    /// To a bank account, or cash at a post office.
    #[schema(value_type = String, pattern = "^(bank_transfer|post_cash)$", example = "bank_transfer")]
    pub channel: Channel,
    /// The bank, for a transfer.
    #[schema(example = "AGRIBANK")]
    pub bank_code: Option<String>,
    /// The account number; for cash the number of the identity paper.
    #[schema(example = "8011205123456")]
    pub account_number: String,
    /// The holder.
    #[schema(example = "Phạm Thị Lan")]
    pub holder_name: String,
    /// The holder's citizen id, where known.
    pub holder_citizen_id: Option<String>,
    /// The post office, for cash.
    pub post_office: Option<String>,
}

impl From<payee_account::Model> for AccountView {
    fn from(row: payee_account::Model) -> Self {
        Self {
            id: row.id,
            channel: row.channel,
            bank_code: row.bank_code,
            account_number: row.account_number,
            holder_name: row.holder_name,
            holder_citizen_id: row.holder_citizen_id,
            post_office: row.post_office,
        }
    }
}

/// What stands for a bank in account keys, by bank code: its identification number, or its code where it has none.
pub(crate) async fn banks(conn: &impl ConnectionTrait) -> Result<BTreeMap<String, String>, Error> {
    let rows = bank::Entity::find().all(conn).await?;
    let keyed = rows.into_iter().map(|row| {
        let key = if row.bin.is_empty() { row.code.clone() } else { row.bin };
        (row.code, key)
    });
    Ok(keyed.collect())
}

/// The row of a new account, with the key under which an account stands once, whoever uses it.
pub(crate) fn checked(
    banks: &BTreeMap<String, String>,
    new: &NewAccount,
    pointer: &str,
    (id, now): (Uuid, DateTime<Utc>),
    faults: &mut Vec<FieldError>,
) -> Option<payee_account::Model> {
    let before = faults.len();
    let holder_name = check::name(&new.holder_name, &format!("{pointer}/holder_name"), faults);
    let holder_citizen_id = new.holder_citizen_id.as_deref();
    let holder_citizen_id =
        holder_citizen_id.and_then(|text| check::citizen_id(text, &format!("{pointer}/holder_citizen_id"), faults));
    let mut fault = |field: &str, code: &str, vi: &str, en: &str| {
        faults.push(FieldError::new(format!("{pointer}/{field}"), code, vi, en));
    };
    let number: String = new
        .account_number
        .chars()
        .filter(|c| !matches!(c, ' ' | '.' | '-'))
        .collect();
    let well_formed = (4..=34).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !well_formed {
        fault(
            "account_number",
            "account_number",
            "Số tài khoản gồm 4 đến 34 chữ số hoặc chữ cái",
            "An account number has 4 to 34 letters or digits",
        );
    }
    let account_key = match (new.channel, &new.bank_code) {
        (Channel::BankTransfer, Some(code)) => match banks.get(code) {
            Some(bin) => format!("{bin}:{number}"),
            None => {
                fault(
                    "bank_code",
                    "unknown_bank",
                    "Không có ngân hàng này",
                    "There is no such bank",
                );
                String::new()
            }
        },
        (Channel::BankTransfer, None) => {
            fault(
                "bank_code",
                "bank_missing",
                "Chuyển khoản cần mã ngân hàng",
                "A transfer needs a bank",
            );
            String::new()
        }
        (Channel::PostCash, Some(_)) => {
            fault(
                "bank_code",
                "bank_unused",
                "Nhận tiền mặt không dùng ngân hàng",
                "Cash goes through no bank",
            );
            String::new()
        }
        (Channel::PostCash, None) => format!("post:{number}"),
    };
    if faults.len() > before {
        return None;
    }
    Some(payee_account::Model {
        id,
        channel: new.channel,
        bank_code: new.bank_code.clone(),
        account_number: number,
        account_key,
        holder_name: holder_name?,
        holder_citizen_id,
        post_office: new.post_office.clone(),
        version: 1,
        created_at: now,
    })
}

/// Is it the same holder? Marks, case and spaces don't matter.
pub(crate) fn same_holder(one: &payee_account::Model, other: &payee_account::Model) -> bool {
    domain::name::search_key(&one.holder_name) == domain::name::search_key(&other.holder_name)
}

/// The fault of an account that is on record under another holder.
pub(crate) fn holder_differs(pointer: &str) -> FieldError {
    FieldError::new(
        format!("{pointer}/holder_name"),
        "account_holder_differs",
        "Tài khoản này đã ghi nhận với chủ tài khoản khác",
        "The account is on record under another holder",
    )
}
