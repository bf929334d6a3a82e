//! What falls due to whom, and on which account.

use std::collections::BTreeMap;

use chrono::Datelike;
use domain::Month;
use entity::enums::{ArrearsKind, ArrearsStatus, LineKind, LineStatus, PeriodKind};
use entity::{
    arrears, determination, determination_period, entitlement, held_payment, pay_run, pay_run_person, payment_line,
    person,
};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::code::Code;
use crate::error::Error;
use crate::pay_run::held_words::{HeldReason, returned};
use crate::pay_run::payees::Payees;
use crate::pay_run::reissue::Returned;
use crate::payment_order::roll_up;
use crate::person::PersonRange;
use crate::registry_finding::{Hold, Holds};

/// Why an amount that is due is not paid yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// What the law does not say, as the determination names it.
    Undetermined(String),
    /// Nobody was named who may receive it.
    NoPayee,
    /// The person died and no heir or organiser of the funeral is named.
    NoHeir,
    /// It came back from this account, which has not been changed since.
    SameAccount(String),
    /// The bank debited the whole file it was in, and nobody can say yet that this amount was not debited with it.
    DebitOpen,
    /// A line of the bank that waits for people says that it was debited, although it was refused or came back.
    LineOpen,
    /// Two people had recalled it as sent twice or as a fraud: it is never paid again by itself.
    Recalled(String),
    /// A bank sent it back as a duplicate, and no two people have said that the first one was not paid.
    CalledDuplicate,
    /// A bank says that the person, or the holder of the account, has died: somebody of the registry has to look into
    /// it, or another payee has to be named.
    Finding(Hold),
    /// It is for a year of which the fund that its program draws on by now was never opened.
    NoFundYear,
    /// A person left it out.
    Excluded,
}

impl Held {
    /// The reason, in the word that lists of what is held have.
    pub(crate) fn code(&self) -> String {
        let reason = match self {
            Self::Undetermined(reason) => return reason.clone(),
            Self::SameAccount(reason) => return returned(reason),
            Self::Recalled(code) => return code.clone(),
            Self::NoPayee => HeldReason::NoPayee,
            Self::NoHeir => HeldReason::NoHeir,
            Self::Finding(hold) => hold.reason(),
            Self::DebitOpen => HeldReason::DebitOpen,
            Self::LineOpen => HeldReason::LineOpen,
            Self::CalledDuplicate => HeldReason::CalledDuplicate,
            Self::NoFundYear => HeldReason::NoFundYear,
            Self::Excluded => HeldReason::Excluded,
        };
        reason.code().to_owned()
    }
}

/// One amount that falls due.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub(super) person_id: Uuid,
    pub(super) entitlement_id: Uuid,
    pub(super) determination_id: Option<Uuid>,
    pub(super) benefit: String,
    pub(super) component: String,
    pub(super) kind: LineKind,
    pub(super) cover_month: i32,
    pub(super) sequence: i32,
    pub(super) group_code: String,
    pub(super) amount: i64,
    pub(super) provision: String,
    /// The law does not say what is due.
    pub(super) undetermined: Option<String>,
    /// Where it came back from.
    pub(super) returned: Option<Returned>,
    /// The fiscal year that carries it, where that is not the one of its month.
    pub(super) fiscal_year: Option<i32>,
}

impl Due {
    /// Where it stands among the amounts of a person.
    pub(super) fn order(&self) -> (Uuid, &str, i32, LineKind, i32, Option<Uuid>) {
        (
            self.entitlement_id,
            &self.component,
            self.cover_month,
            self.kind,
            self.sequence,
            self.determination_id,
        )
    }

    /// The account it goes to, or why it is held.
    pub(super) fn payee(&self, resident: &Resident, payees: &Payees, holds: &Holds) -> Result<Uuid, Held> {
        if let Some(reason) = &self.undetermined {
            return Err(Held::Undetermined(reason.clone()));
        }
        let account = payees.account(self.person_id, Some(&self.benefit), resident.dead)?;
        match holds.of(self.person_id, account) {
            // A death on record is no longer a finding: heirs are paid.
            Some(Hold::Person) if resident.dead => {}
            // Who is chosen above is an heir's account, or the finding was of another account.
            Some(Hold::OwnAccount) | None => {}
            Some(hold) => return Err(Held::Finding(hold)),
        }
        match &self.returned {
            Some(returned) => returned.onto(account),
            None => Ok(account),
        }
    }

    /// The line that pays it; with `apart`, in an order for this person alone. Its id and its order's id follow from
    /// natural keys, so that a rebuilt run is the same.
    pub(super) fn line(
        self,
        app: &App,
        run: &pay_run::Model,
        run_key: &str,
        (account, apart): (Uuid, bool),
        area_id: &str,
    ) -> Result<payment_line::Model, Error> {
        let key = format!(
            "{run_key}:{}:{}:{}:{}:{}",
            self.entitlement_id.simple(),
            self.component,
            self.kind.code(),
            self.cover_month,
            self.sequence,
        );
        let secret = app.secret.ids();
        Ok(payment_line::Model {
            id: domain::ids::uuid8(secret, "payment_line", &key),
            pay_run_id: run.id,
            entitlement_id: self.entitlement_id,
            person_id: self.person_id,
            component: self.component,
            kind: self.kind,
            cover_month: self.cover_month,
            sequence: self.sequence,
            group_code: self.group_code,
            amount: self.amount,
            provision: self.provision,
            determination_id: self.determination_id,
            payee_account_id: account,
            area_id: area_id.to_owned(),
            order_id: Some(roll_up::order_id(
                secret,
                run_key,
                account,
                apart.then_some(self.person_id),
            )),
            status: LineStatus::Draft,
            fiscal_year: self.fiscal_year,
        })
    }

    /// The row that says why it is not paid.
    pub(super) fn held(self, app: &App, run: Uuid, reason: Held, area_id: &str) -> held_payment::Model {
        held_payment::Model {
            id: app.ids.next(),
            pay_run_id: run,
            person_id: self.person_id,
            entitlement_id: self.entitlement_id,
            component: self.component,
            cover_month: self.cover_month,
            amount: self.amount,
            reason: reason.code(),
            area_id: area_id.to_owned(),
        }
    }
}

/// A person of a run: where they live, whether they died, and how lists show them.
#[derive(Clone, Debug)]
pub(super) struct Resident {
    pub(super) area_id: String,
    pub(super) dead: bool,
    full_name: String,
    citizen_id: String,
    birth_year: i32,
    protected: bool,
}

impl Resident {
    /// The row that lists read.
    pub(super) fn shown(&self, pay_run_id: Uuid, person_id: Uuid, amount_before: i64) -> pay_run_person::Model {
        pay_run_person::Model {
            pay_run_id,
            person_id,
            full_name: self.full_name.clone(),
            citizen_id: self.citizen_id.clone(),
            birth_year: self.birth_year,
            area_id: self.area_id.clone(),
            protected: self.protected,
            amount_before,
        }
    }
}

/// The people of a range.
pub(super) async fn residents(
    conn: &impl ConnectionTrait,
    people: PersonRange,
) -> Result<BTreeMap<Uuid, Resident>, Error> {
    let rows = person::Entity::find()
        .filter(person::Column::Id.between(people.first, people.last))
        .all(conn)
        .await?;
    let residents = rows.into_iter().map(|row| {
        let resident = Resident {
            area_id: row.area_id,
            dead: row.death_date.is_some(),
            full_name: row.full_name,
            citizen_id: row.citizen_id.unwrap_or_default(),
            birth_year: row.birth_date.year(),
            protected: row.protected,
        };
        (row.id, resident)
    });
    Ok(residents.collect())
}

#[derive(Debug, FromQueryResult)]
struct PeriodRow {
    person_id: Uuid,
    benefit: String,
    entitlement_id: Uuid,
    determination_id: Uuid,
    component: String,
    kind: PeriodKind,
    from_month: i32,
    to_month: Option<i32>,
    due_month: Option<i32>,
    group_code: String,
    amount: i64,
    provision: String,
    reason: Option<String>,
}

impl PeriodRow {
    fn due(&self, kind: LineKind, cover_month: i32) -> Due {
        Due {
            person_id: self.person_id,
            entitlement_id: self.entitlement_id,
            determination_id: Some(self.determination_id),
            benefit: self.benefit.clone(),
            component: self.component.clone(),
            kind,
            cover_month,
            sequence: 1,
            group_code: self.group_code.clone(),
            amount: self.amount,
            provision: self.provision.clone(),
            undetermined: self.reason.clone(),
            returned: None,
            fiscal_year: None,
        }
    }

    /// What of it falls due in the run's month: that month itself, or every month it makes up for.
    fn dues(&self, month: Month) -> Result<Vec<Due>, Error> {
        let one_off = self.kind == PeriodKind::OneOff;
        let Some(_) = self.due_month else {
            let kind = if one_off { LineKind::OneOff } else { LineKind::Regular };
            return Ok(vec![self.due(kind, month.yyyymm())]);
        };
        let first = Month::from_yyyymm(self.from_month).map_err(Error::internal)?;
        let last = self
            .to_month
            .map_or(Ok(month), Month::from_yyyymm)
            .map_err(Error::internal)?;
        let kind = |cover| match cover {
            _ if one_off => LineKind::OneOff,
            _ if cover == month => LineKind::Regular,
            _ => LineKind::Arrears,
        };
        Ok(first
            .through(last.min(month))
            .map(|cover| self.due(kind(cover), cover.yyyymm()))
            .collect())
    }
}

/// What the current determinations say falls due in `month`.
pub(super) async fn periods_due(
    conn: &impl ConnectionTrait,
    people: PersonRange,
    month: Month,
) -> Result<Vec<Due>, Error> {
    use determination_period::Column as P;
    let number = month.yyyymm();
    let open = Condition::any().add(P::ToMonth.is_null()).add(P::ToMonth.gte(number));
    let in_itself = Condition::all()
        .add(P::DueMonth.is_null())
        .add(P::FromMonth.lte(number))
        .add(open);
    let rows: Vec<PeriodRow> = entitlement::Entity::find()
        .select_only()
        .columns([entitlement::Column::PersonId, entitlement::Column::Benefit])
        .column_as(entitlement::Column::Id, "entitlement_id")
        .column_as(determination::Column::Id, "determination_id")
        .columns([
            P::Component,
            P::Kind,
            P::FromMonth,
            P::ToMonth,
            P::DueMonth,
            P::GroupCode,
            P::Amount,
            P::Provision,
            P::Reason,
        ])
        .join(
            JoinType::InnerJoin,
            entitlement::Entity::belongs_to(determination::Entity)
                .from(entitlement::Column::Id)
                .to(determination::Column::EntitlementId)
                .into(),
        )
        .join(
            JoinType::InnerJoin,
            determination::Entity::belongs_to(determination_period::Entity)
                .from(determination::Column::Id)
                .to(P::DeterminationId)
                .into(),
        )
        .filter(entitlement::Column::PersonId.between(people.first, people.last))
        .filter(determination::Column::SupersededAt.is_null())
        .filter(Condition::any().add(in_itself).add(P::DueMonth.eq(number)))
        .into_model()
        .all(conn)
        .await?;
    let mut dues = Vec::with_capacity(rows.len());
    for row in rows {
        dues.extend(row.dues(month)?);
    }
    Ok(dues)
}

/// Arrears that wait for a run: those before a month, or all of them.
pub(super) async fn pending_arrears(
    conn: &impl ConnectionTrait,
    people: PersonRange,
    before: Option<Month>,
) -> Result<Vec<Due>, Error> {
    let related = arrears::Entity::belongs_to(entitlement::Entity)
        .from(arrears::Column::EntitlementId)
        .to(entitlement::Column::Id)
        .into();
    let earlier = before.map_or_else(Condition::all, |month| {
        Condition::all().add(arrears::Column::CoverMonth.lt(month.yyyymm()))
    });
    let rows = arrears::Entity::find()
        .select_also(entitlement::Entity)
        .join(JoinType::InnerJoin, related)
        .filter(arrears::Column::PersonId.between(people.first, people.last))
        .filter(arrears::Column::Status.eq(ArrearsStatus::Pending))
        .filter(earlier)
        .all(conn)
        .await?;
    let dues = rows.into_iter().map(|(row, entitlement)| Due {
        person_id: row.person_id,
        entitlement_id: row.entitlement_id,
        determination_id: Some(row.determination_id),
        benefit: entitlement.map_or_else(String::new, |entitlement| entitlement.benefit),
        component: row.component,
        kind: if row.kind == ArrearsKind::OneOff {
            LineKind::OneOff
        } else {
            LineKind::Arrears
        },
        cover_month: row.cover_month,
        sequence: 1,
        group_code: row.group_code,
        amount: row.amount,
        provision: row.provision,
        undetermined: None,
        returned: None,
        fiscal_year: None,
    });
    Ok(dues.collect())
}
