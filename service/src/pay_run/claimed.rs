//! What other runs have taken already. Unique keys of the database are the claim; this is how a build goes around them.

use std::collections::BTreeSet;

use entity::enums::{LineKind, LineStatus, PayRunKind, PayRunStatus};
use entity::{pay_run, payment_line};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Error;
use crate::pay_run::line::Due;
use crate::pay_run::{RELEASED, turn};
use crate::person::PersonRange;

/// What the unique keys of lines consist of: the kind, entitlement, component and month, and where months can have
/// several lines what caused this one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    kind: LineKind,
    entitlement_id: Uuid,
    component: String,
    cover_month: i32,
    determination_id: Option<Uuid>,
    sequence: i32,
}

impl Key {
    fn new(
        kind: LineKind,
        (entitlement_id, component, cover_month): (Uuid, String, i32),
        determination_id: Option<Uuid>,
        sequence: i32,
    ) -> Self {
        let (kind, determination_id, sequence) = match kind {
            LineKind::Regular | LineKind::Relief => (kind, None, 0),
            LineKind::Arrears | LineKind::OneOff => (LineKind::Arrears, determination_id, 0),
            LineKind::Reissue => (kind, determination_id, sequence),
        };
        Self {
            kind,
            entitlement_id,
            component,
            cover_month,
            determination_id,
            sequence,
        }
    }
}

/// The lines of other runs that no second run may have.
#[derive(Debug, Default)]
pub(super) struct Claimed {
    keys: BTreeSet<Key>,
    /// What another run pays in another way: a line of this kind, for this right, component and month, would pay it twice.
    otherwise: BTreeSet<(LineKind, Uuid, String, i32)>,
}

type Row = (LineKind, Uuid, String, i32, Option<Uuid>, i32, LineStatus);

impl Claimed {
    /// What runs that are not released hold of some people, and what runs of the same month paid them.
    pub(super) async fn load(
        conn: &impl ConnectionTrait,
        run: &pay_run::Model,
        people: PersonRange,
    ) -> Result<Self, Error> {
        use payment_line::Column as L;
        let mut claimed = Self::default();
        if turn::may_be_made_up(conn, run).await? {
            claimed.made_up(conn, run, people).await?;
        }
        let others = others(conn, run).await?;
        if others.is_empty() {
            return Ok(claimed);
        }
        let rows: Vec<Row> = payment_line::Entity::find()
            .select_only()
            .columns([
                L::Kind,
                L::EntitlementId,
                L::Component,
                L::CoverMonth,
                L::DeterminationId,
                L::Sequence,
                L::Status,
            ])
            .filter(L::PersonId.between(people.first, people.last))
            .filter(L::PayRunId.is_in(others))
            .filter(L::Status.ne(LineStatus::Cancelled))
            .into_tuple()
            .all(conn)
            .await?;
        for (kind, entitlement, component, month, determination, sequence, status) in rows {
            if kind == LineKind::Regular && status == LineStatus::Draft {
                let arrears = (LineKind::Arrears, entitlement, component.clone(), month);
                claimed.otherwise.insert(arrears);
            }
            let key = Key::new(kind, (entitlement, component, month), determination, sequence);
            claimed.keys.insert(key);
        }
        Ok(claimed)
    }

    /// Of the month of a run that is late, or comes after others of the same month, what other runs make up for.
    async fn made_up(
        &mut self,
        conn: &impl ConnectionTrait,
        run: &pay_run::Model,
        people: PersonRange,
    ) -> Result<(), Error> {
        use payment_line::Column as L;
        let rows: Vec<(Uuid, String)> = payment_line::Entity::find()
            .select_only()
            .columns([L::EntitlementId, L::Component])
            .filter(L::PersonId.between(people.first, people.last))
            .filter(L::CoverMonth.eq(run.cover_month))
            .filter(L::Kind.eq(LineKind::Arrears))
            .filter(L::PayRunId.ne(run.id))
            .filter(L::Status.ne(LineStatus::Cancelled))
            .into_tuple()
            .all(conn)
            .await?;
        let regular = |(entitlement, component)| (LineKind::Regular, entitlement, component, run.cover_month);
        self.otherwise.extend(rows.into_iter().map(regular));
        Ok(())
    }

    /// Has another run this amount?
    pub(super) fn has(&self, due: &Due) -> bool {
        if self.keys.is_empty() && self.otherwise.is_empty() {
            return false;
        }
        let otherwise = (due.kind, due.entitlement_id, due.component.clone(), due.cover_month);
        let of = (due.entitlement_id, due.component.clone(), due.cover_month);
        self.otherwise.contains(&otherwise)
            || self
                .keys
                .contains(&Key::new(due.kind, of, due.determination_id, due.sequence))
    }
}

/// The runs beside this one that are not released, and the released ones of its month.
async fn others(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<Vec<Uuid>, Error> {
    use pay_run::Column as C;
    let open = [PayRunStatus::Draft, PayRunStatus::Submitted, PayRunStatus::Approved];
    let of_the_month = Condition::all()
        .add(C::Status.is_in(RELEASED))
        .add(C::CoverMonth.eq(run.cover_month))
        .add(C::Kind.eq(PayRunKind::Regular));
    let others: Vec<Uuid> = pay_run::Entity::find()
        .select_only()
        .column(C::Id)
        .filter(C::Id.ne(run.id))
        .filter(C::Kind.ne(PayRunKind::Relief))
        .filter(Condition::any().add(C::Status.is_in(open)).add(of_the_month))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(others)
}
