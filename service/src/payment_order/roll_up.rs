//! Which lines of a run make one order: all to one account, or, where the account's bank wants that
//! ([`SameAccount::Split`]) or their sum is more than one order may be, those of each beneficiary on it.
//!
//! It is decided by the bank's profile: when a line is written, and anew at the end of the build, since the sum of an account
//! is known only then. It stands in the line as the id of its order. A run whose lines were written under another profile
//! than the one in force is not submitted; from there on its orders are those that were submitted, whatever becomes of the
//! profile.

use std::collections::{BTreeMap, BTreeSet};

use domain::Vnd;
use domain::bank::{BankProfile, BankProfiles, BankTable, SameAccount};
use domain::ids::{self, Secret};
use entity::enums::{Channel, LineStatus};
use entity::{overpayment_deduction, payee_account, payment_line};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::bank_profile;
use crate::db::Txn;
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
        self.profiles.of(self.today(code)).same_account == SameAccount::Split
    }

    /// The bank that has such accounts today.
    fn today<'c>(&self, code: &'c str) -> &'c str {
        self.banks.current(code).map_or(code, |bank| bank.code.as_str())
    }

    /// Does anybody limit how much one order may be?
    fn is_limited(&self) -> bool {
        let limits = |profile: &BankProfile| profile.max_line_amount.is_some() || profile.max_file_amount.is_some();
        limits(self.profiles.default_profile())
            || limits(self.profiles.of(BankProfiles::POST))
            || self.profiles.own().any(|(_, profile)| limits(profile))
    }

    /// The most that one order to such an account may be, for everybody on it.
    fn most(&self, channel: Channel, bank_code: Option<&str>) -> Option<i64> {
        let profile = match (channel, bank_code) {
            (Channel::BankTransfer, Some(code)) => self.profiles.of(self.today(code)),
            (Channel::BankTransfer, None) => return None,
            (Channel::PostCash, _) => self.profiles.of(BankProfiles::POST),
        };
        // Without a table the profile is that of banks, which says nothing of cash.
        if channel == Channel::PostCash && profile.table.is_none() {
            return None;
        }
        let limits = [profile.max_line_amount, profile.max_file_amount];
        limits.into_iter().flatten().min().map(Vnd::dong)
    }

    /// Of what is paid, as `(account, person, channel, bank, đồng)`, the accounts on which several people together get more
    /// than one order may be: each of them gets an order of their own, however their bank wants them. Who alone gets more
    /// stays as they are, and is refused when the file is planned.
    fn beyond<'l>(&self, paid: impl Iterator<Item = (Uuid, Uuid, Channel, Option<&'l str>, i64)>) -> BTreeSet<Uuid> {
        if !self.is_limited() {
            return BTreeSet::new();
        }
        let mut sums: BTreeMap<Uuid, Together> = BTreeMap::new();
        for (account, person, channel, bank, amount) in paid {
            let Some(most) = self.most(channel, bank) else { continue };
            let own = sums.entry(account).or_insert(Together {
                first: person,
                several: false,
                sum: 0,
                most,
            });
            own.several |= own.first != person;
            own.sum += amount;
        }
        let beyond = sums.into_iter().filter(|(_, own)| own.several && own.sum > own.most);
        beyond.map(|(account, _)| account).collect()
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

    /// Of accounts with what people are paid on them, as `(account, person, đồng)`, those whose sum is [beyond](Self::beyond)
    /// what one order may be.
    pub(crate) async fn beyond_on(
        &self,
        conn: &impl ConnectionTrait,
        paid: &[(Uuid, Uuid, i64)],
    ) -> Result<BTreeSet<Uuid>, Error> {
        if !self.is_limited() {
            return Ok(BTreeSet::new());
        }
        let accounts: BTreeSet<Uuid> = paid.iter().map(|(account, ..)| *account).collect();
        let accounts: Vec<Uuid> = accounts.into_iter().collect();
        let mut known: BTreeMap<Uuid, (Channel, Option<String>)> = BTreeMap::new();
        for chunk in accounts.chunks(5_000) {
            let rows: Vec<(Uuid, Channel, Option<String>)> = payee_account::Entity::find()
                .select_only()
                .columns([
                    payee_account::Column::Id,
                    payee_account::Column::Channel,
                    payee_account::Column::BankCode,
                ])
                .filter(payee_account::Column::Id.is_in(chunk.iter().copied()))
                .into_tuple()
                .all(conn)
                .await?;
            known.extend(rows.into_iter().map(|(id, channel, bank)| (id, (channel, bank))));
        }
        Ok(self.beyond(paid.iter().filter_map(|(account, person, amount)| {
            let (channel, bank) = known.get(account)?;
            Some((*account, *person, *channel, bank.as_deref(), *amount))
        })))
    }

    /// Writes the lines of a built draft anew where the sum of several people on an account is beyond what one order to it
    /// may be, so that each is paid by an order of their own; and where it no longer is, so that one order pays them all.
    pub(crate) async fn settle(&self, app: &App, txn: &Txn, run_key: &str, run: Uuid) -> Result<(), Error> {
        if !self.is_limited() {
            return Ok(());
        }
        let secret = app.secret.ids();
        let shares = shares(txn.conn(), run).await?;
        let beyond = self.beyond(shares.iter().map(Share::told));
        let merged = |own: &&Share| !self.is_apart(own.channel, own.bank.as_deref());
        let otherwise = |own: &&Share| own.is_apart(secret, run_key) != beyond.contains(&own.account);
        let wrong = shares.iter().filter(merged).filter(otherwise);
        let wrong: BTreeSet<Uuid> = wrong.map(|own| own.account).collect();
        let wrong: Vec<Uuid> = wrong.into_iter().collect();
        for accounts in wrong.chunks(200) {
            write_anew(txn, run, accounts, |line| {
                let account = line.payee_account_id;
                let beneficiary = beyond.contains(&account).then_some(line.person_id);
                order_id(secret, run_key, account, beneficiary)
            })
            .await?;
        }
        Ok(())
    }

    /// Were all lines of a run written as the profiles in force want them? As [`Self::holds`], read by the set.
    pub(crate) async fn holds_for(
        &self,
        conn: &impl ConnectionTrait,
        secret: &Secret,
        run_key: &str,
        run: Uuid,
    ) -> Result<bool, Error> {
        let shares = shares(conn, run).await?;
        let beyond = self.beyond(shares.iter().map(Share::told));
        Ok(shares.iter().all(|own| {
            let wanted = self.is_apart(own.channel, own.bank.as_deref()) || beyond.contains(&own.account);
            own.is_apart(secret, run_key) == wanted
        }))
    }

    /// Were the lines of a run written as the profiles in force want them?
    pub(crate) fn holds(&self, secret: &Secret, run_key: &str, lines: &[SignedLine]) -> bool {
        let beyond = self.beyond(lines.iter().map(|own| {
            let (line, account) = (&own.line, &own.account);
            let bank = account.bank_code.as_deref();
            (
                account.id,
                line.person_id,
                account.channel,
                bank,
                line.amount - own.deducted(),
            )
        }));
        lines.iter().all(|own| {
            let account = &own.account;
            let wanted = self.is_apart(account.channel, account.bank_code.as_deref()) || beyond.contains(&account.id);
            beneficiary(secret, run_key, own).is_some() == wanted
        })
    }
}

/// What is paid on one account.
struct Together {
    first: Uuid,
    /// Are others than the first paid there too?
    several: bool,
    /// Đồng.
    sum: i64,
    /// What one order to it may be at most, đồng.
    most: i64,
}

/// What one person is paid on an account by one order, less what is kept back.
struct Share {
    account: Uuid,
    order: Option<Uuid>,
    person: Uuid,
    channel: Channel,
    bank: Option<String>,
    amount: i64,
}

impl Share {
    fn told(&self) -> (Uuid, Uuid, Channel, Option<&str>, i64) {
        (
            self.account,
            self.person,
            self.channel,
            self.bank.as_deref(),
            self.amount,
        )
    }

    /// Is it in an order for this person alone?
    fn is_apart(&self, secret: &Secret, run_key: &str) -> bool {
        self.order != Some(order_id(secret, run_key, self.account, None))
    }
}

/// What the lines of a run pay, by account, order and person.
async fn shares(conn: &impl ConnectionTrait, run: Uuid) -> Result<Vec<Share>, Error> {
    use payee_account::Column as A;
    use payment_line::Column as L;
    type Row = (Uuid, Option<Uuid>, Uuid, Channel, Option<String>, i64);
    let account = payment_line::Entity::belongs_to(payee_account::Entity)
        .from(L::PayeeAccountId)
        .to(A::Id);
    let rows: Vec<Row> = payment_line::Entity::find()
        .select_only()
        .columns([L::PayeeAccountId, L::OrderId, L::PersonId])
        .columns([A::Channel, A::BankCode])
        .expr_as(Expr::cust("CAST(SUM(payment_line.amount) AS BIGINT)"), "total")
        .join(JoinType::InnerJoin, account.into())
        .filter(L::PayRunId.eq(run))
        .filter(L::Status.ne(LineStatus::Cancelled))
        .group_by(L::PayeeAccountId)
        .group_by(L::OrderId)
        .group_by(L::PersonId)
        .group_by(A::Channel)
        .group_by(A::BankCode)
        .into_tuple()
        .all(conn)
        .await?;
    let kept_back: Vec<(Uuid, i64)> = overpayment_deduction::Entity::find()
        .select_only()
        .column(overpayment_deduction::Column::OrderId)
        .expr_as(Expr::cust("CAST(SUM(amount) AS BIGINT)"), "total")
        .filter(overpayment_deduction::Column::PayRunId.eq(run))
        .group_by(overpayment_deduction::Column::OrderId)
        .into_tuple()
        .all(conn)
        .await?;
    let mut kept_back: BTreeMap<Uuid, i64> = kept_back.into_iter().collect();
    let shares = rows
        .into_iter()
        .map(|(account, order, person, channel, bank, amount)| Share {
            account,
            order,
            person,
            channel,
            bank,
            // From whom of an order it is kept back makes no difference: only the sum of an account counts.
            amount: amount - order.and_then(|order| kept_back.remove(&order)).unwrap_or(0),
        });
    Ok(shares.collect())
}

/// Writes draft lines to these accounts anew, with what is kept back of them, each into the order that it belongs in: which
/// order a line stands in is never changed in its place.
async fn write_anew(
    txn: &Txn,
    run: Uuid,
    accounts: &[Uuid],
    order_of: impl Fn(&payment_line::Model) -> Uuid,
) -> Result<(), Error> {
    let mut lines = payment_line::Entity::find()
        .filter(payment_line::Column::PayRunId.eq(run))
        .filter(payment_line::Column::PayeeAccountId.is_in(accounts.iter().copied()))
        .filter(payment_line::Column::Status.eq(LineStatus::Draft))
        .order_by_asc(payment_line::Column::Id)
        .all(txn.conn())
        .await?;
    lines.retain(|line| line.order_id != Some(order_of(line)));
    for line in &mut lines {
        line.order_id = Some(order_of(line));
    }
    let orders: BTreeMap<Uuid, Uuid> = lines
        .iter()
        .filter_map(|line| Some((line.id, line.order_id?)))
        .collect();
    // One account may have more lines than a statement has places for.
    let ids: Vec<Uuid> = orders.keys().copied().collect();
    let mut kept_back = Vec::new();
    for chunk in ids.chunks(5_000) {
        let own = overpayment_deduction::Entity::find()
            .filter(overpayment_deduction::Column::LineId.is_in(chunk.iter().copied()))
            .order_by_asc(overpayment_deduction::Column::Id)
            .all(txn.conn())
            .await?;
        kept_back.extend(own);
        overpayment_deduction::Entity::delete_many()
            .filter(overpayment_deduction::Column::LineId.is_in(chunk.iter().copied()))
            .exec(txn.conn())
            .await?;
        payment_line::Entity::delete_many()
            .filter(payment_line::Column::Id.is_in(chunk.iter().copied()))
            .exec(txn.conn())
            .await?;
    }
    for own in &mut kept_back {
        own.order_id = orders.get(&own.line_id).copied().unwrap_or(own.order_id);
    }
    txn.insert_all::<payment_line::Entity>(lines).await?;
    txn.insert_all::<overpayment_deduction::Entity>(kept_back).await
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
