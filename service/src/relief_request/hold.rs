//! Claims that are not paid with the rest of their request: a finding of the registry holds them, or their account is no
//! longer that of who may receive the money.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::enums::{ReliefClaimKind, ReliefClaimStatus};
use entity::{held_payment, pay_run, person, relief_claim, relief_request};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode, Text};
use crate::pay_run::{HeldReason, Payees, held_text};
use crate::person::PersonRange;
use crate::registry_finding::Holds;
use crate::relief_request::claims_of;

/// What of a request is paid now.
pub(super) struct Split {
    /// The claims that are paid; those of rice alone are among them.
    pub(super) paid: Vec<relief_claim::Model>,
    held: Vec<(relief_claim::Model, String)>,
}

fn money(claim: &relief_claim::Model) -> i64 {
    claim.amount + claim.top_up
}

/// The account that may receive relief for a victim, or why there is none. Who has died, on record or as the request
/// says, receives nothing on an account of their own.
pub(super) fn recipient(payees: &Payees, victim: &person::Model, kind: ReliefClaimKind) -> Result<Uuid, String> {
    let dead = victim.death_date.is_some() || kind == ReliefClaimKind::Death;
    payees.account(victim.id, None, dead).map_err(|held| held.code())
}

/// What says of each claim whether it is paid.
struct Desk {
    victims: BTreeMap<Uuid, person::Model>,
    payees: Payees,
    holds: Holds,
}

impl Desk {
    async fn load(txn: &Txn, people: &[Uuid], today: NaiveDate) -> Result<Self, Error> {
        let conn = txn.conn();
        let mut victims = BTreeMap::new();
        for chunk in people.chunks(5_000) {
            let rows = person::Entity::find()
                .filter(person::Column::Id.is_in(chunk.iter().copied()))
                .all(conn)
                .await?;
            victims.extend(rows.into_iter().map(|row| (row.id, row)));
        }
        let holds = match (people.iter().min(), people.iter().max()) {
            (Some(first), Some(last)) => {
                let people = PersonRange {
                    first: *first,
                    last: *last,
                };
                Holds::load(conn, people).await?
            }
            _ => Holds::default(),
        };
        Ok(Self {
            victims,
            payees: Payees::of(conn, people, today).await?,
            holds,
        })
    }

    /// Why a claim is not paid to its account today.
    fn held(&self, claim: &relief_claim::Model) -> Option<String> {
        let (Some(person), Some(account)) = (claim.person_id, claim.payee_account_id) else {
            return None;
        };
        if money(claim) == 0 {
            return None;
        }
        if let Some(hold) = self.holds.of(person, account) {
            return Some(hold.reason().code().to_owned());
        }
        let victim = self.victims.get(&person);
        match victim.map(|victim| recipient(&self.payees, victim, claim.kind)) {
            Some(Ok(own)) if own == account => None,
            Some(Err(reason)) => Some(reason),
            // Another account than the claim's is the person's payee by now.
            _ => Some(HeldReason::PayeeChanged.code().to_owned()),
        }
    }
}

impl Split {
    /// The claims of a request, the findings about their people, and who may receive their money today.
    ///
    /// # Errors
    /// `conflict` where all of its money is held: nothing would be paid.
    pub(super) async fn load(txn: &Txn, request: Uuid, today: NaiveDate) -> Result<Self, Error> {
        let claims = claims_of(txn.conn(), request).await?;
        let people: Vec<Uuid> = claims.iter().filter_map(|claim| claim.person_id).collect();
        let desk = Desk::load(txn, &people, today).await?;
        let mut split = Self {
            paid: Vec::new(),
            held: Vec::new(),
        };
        for claim in claims {
            match desk.held(&claim) {
                Some(reason) => split.held.push((claim, reason)),
                None => split.paid.push(claim),
            }
        }
        if !split.held.is_empty() && split.total() == 0 {
            return Err(split.all_held());
        }
        Ok(split)
    }

    /// What is paid now, đồng.
    pub(super) fn total(&self) -> i64 {
        self.paid.iter().map(money).sum()
    }

    /// What is held, đồng.
    pub(super) fn held_total(&self) -> i64 {
        self.held.iter().map(|(claim, _)| money(claim)).sum()
    }

    fn all_held(&self) -> Error {
        let fields = self.held.iter().map(|(claim, reason)| {
            let Text { vi, en } = held_text(reason);
            FieldError::new(format!("/claims/{}", claim.id), reason, vi, en)
        });
        Error {
            fields: fields.collect(),
            ..Error::because(
                ProblemCode::Conflict,
                "Mọi khoản của đề nghị đang bị tạm giữ, chờ xác minh hoặc đổi người nhận",
                "every claim of the request is held, until a finding is looked into or with another payee",
            )
        }
    }

    /// Says in the run and with each claim why it is not paid. The claim may be filed again, with another account.
    pub(super) async fn store(
        &self,
        app: &App,
        txn: &Txn,
        run: &pay_run::Model,
        request: &relief_request::Model,
    ) -> Result<(), Error> {
        use relief_claim::Column as C;
        let rows = self.held.iter().filter_map(|(claim, reason)| {
            Some(held_payment::Model {
                id: app.ids.next(),
                pay_run_id: run.id,
                person_id: claim.person_id?,
                entitlement_id: claim.id,
                component: String::new(),
                cover_month: run.cover_month,
                amount: money(claim),
                reason: reason.clone(),
                area_id: request.area_id.clone(),
            })
        });
        txn.insert_all::<held_payment::Entity>(rows.collect()).await?;
        for (claim, reason) in &self.held {
            relief_claim::Entity::update_many()
                .col_expr(C::Status, Expr::value(ReliefClaimStatus::Held))
                .col_expr(C::Note, Expr::value(reason.as_str()))
                .filter(C::Id.eq(claim.id))
                .exec(txn.conn())
                .await?;
        }
        Ok(())
    }
}
