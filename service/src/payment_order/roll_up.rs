//! Which lines of a run make one order: all to one account, or, where the account's bank wants that
//! ([`SameAccount::Split`]), those of each beneficiary on it.
//!
//! It is decided when a line is written, by the bank's profile of that moment, and stands in the line as the id of its
//! order. A run whose lines were written under another profile than the one in force is not submitted; from there on its
//! orders are those that were submitted, whatever becomes of the profile.

use std::collections::BTreeSet;

use domain::bank::{BankProfiles, BankTable, SameAccount};
use domain::ids::{self, Secret};
use entity::enums::{Channel, LineStatus};
use entity::{payee_account, payment_line};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::bank_profile;
use crate::error::Error;
use crate::pay_run::digest::SignedLine;

/// What banks want of several beneficiaries on one account.
pub(crate) struct RollUp {
    profiles: BankProfiles,
    banks: &'static BankTable,
}

impl RollUp {
    /// By the profiles in force.
    pub(crate) async fn now(conn: &impl ConnectionTrait) -> Result<Self, Error> {
        Ok(Self {
            profiles: bank_profile::current(conn).await?.profiles,
            banks: BankTable::embedded().map_err(Error::internal)?,
        })
    }

    /// Does the bank of such an account want its beneficiaries apart? A merged bank's accounts go by the profile of the
    /// bank that took it over; cash is paid out once to whoever comes.
    fn is_apart(&self, channel: Channel, bank_code: Option<&str>) -> bool {
        let (Channel::BankTransfer, Some(code)) = (channel, bank_code) else {
            return false;
        };
        let today = self.banks.current(code).map_or(code, |bank| bank.code.as_str());
        self.profiles.of(today).same_account == SameAccount::Split
    }

    /// Of these accounts those whose beneficiaries get orders of their own.
    pub(crate) async fn apart(
        &self,
        conn: &impl ConnectionTrait,
        accounts: &BTreeSet<Uuid>,
    ) -> Result<BTreeSet<Uuid>, Error> {
        let mut apart = BTreeSet::new();
        let wanting = self.banks.iter().map(|bank| bank.code.as_str());
        let banks: Vec<&str> = wanting
            .filter(|code| self.is_apart(Channel::BankTransfer, Some(*code)))
            .collect();
        if banks.is_empty() {
            return Ok(apart);
        }
        let accounts: Vec<Uuid> = accounts.iter().copied().collect();
        for chunk in accounts.chunks(5_000) {
            let found: Vec<Uuid> = payee_account::Entity::find()
                .select_only()
                .column(payee_account::Column::Id)
                .filter(payee_account::Column::Id.is_in(chunk.iter().copied()))
                .filter(payee_account::Column::Channel.eq(Channel::BankTransfer))
                .filter(payee_account::Column::BankCode.is_in(banks.iter().copied()))
                .into_tuple()
                .all(conn)
                .await?;
            apart.extend(found);
        }
        Ok(apart)
    }

    /// Were all lines of a run written as the profiles in force want them? As [`Self::holds`], read by the set.
    pub(crate) async fn holds_for(
        &self,
        conn: &impl ConnectionTrait,
        secret: &Secret,
        run_key: &str,
        run: Uuid,
    ) -> Result<bool, Error> {
        use payment_line::Column as L;
        let account = payment_line::Entity::belongs_to(payee_account::Entity)
            .from(L::PayeeAccountId)
            .to(payee_account::Column::Id);
        let rows: Vec<(Uuid, Option<Uuid>, Channel, Option<String>)> = payment_line::Entity::find()
            .select_only()
            .columns([L::PayeeAccountId, L::OrderId])
            .columns([payee_account::Column::Channel, payee_account::Column::BankCode])
            .distinct()
            .join(JoinType::InnerJoin, account.into())
            .filter(L::PayRunId.eq(run))
            .filter(L::Status.ne(LineStatus::Cancelled))
            .into_tuple()
            .all(conn)
            .await?;
        Ok(rows.into_iter().all(|(account, order, channel, bank)| {
            let apart = order != Some(order_id(secret, run_key, account, None));
            apart == self.is_apart(channel, bank.as_deref())
        }))
    }

    /// Was a line written as the profiles in force want it?
    pub(crate) fn holds(&self, secret: &Secret, run_key: &str, signed: &SignedLine) -> bool {
        let apart = self.is_apart(signed.account.channel, signed.account.bank_code.as_deref());
        beneficiary(secret, run_key, signed).is_some() == apart
    }
}

/// The natural key of an order of a run: by the account alone, or by the account and the beneficiary.
pub(crate) fn key(run_key: &str, account: &str, beneficiary: Option<Uuid>) -> String {
    match beneficiary {
        None => format!("{run_key}:{account}"),
        Some(person) => format!("{run_key}:{account}:{}", person.simple()),
    }
}

/// The id of an order of a run to an account, for everybody on it or for one beneficiary.
pub(crate) fn order_id(secret: &Secret, run_key: &str, account: Uuid, beneficiary: Option<Uuid>) -> Uuid {
    let account = account.simple().to_string();
    ids::uuid8(secret, "payment_order", &key(run_key, &account, beneficiary))
}

/// Whose money alone the order of a line holds; none where it holds that of everybody on its account.
pub(crate) fn beneficiary(secret: &Secret, run_key: &str, signed: &SignedLine) -> Option<Uuid> {
    let of_all = order_id(secret, run_key, signed.account.id, None);
    (signed.line.order_id != Some(of_all)).then_some(signed.line.person_id)
}
