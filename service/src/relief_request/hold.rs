//! Claims that are not paid with the rest of their request, because a finding of the registry holds them.

use entity::enums::ReliefClaimStatus;
use entity::{held_payment, pay_run, relief_claim, relief_request};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode};
use crate::person::PersonRange;
use crate::registry_finding::{Hold, Holds};
use crate::relief_request::claims_of;

/// What of a request is paid now.
pub(super) struct Split {
    /// The claims that are paid; those of rice alone are among them.
    pub(super) paid: Vec<relief_claim::Model>,
    held: Vec<(relief_claim::Model, Hold)>,
}

fn money(claim: &relief_claim::Model) -> i64 {
    claim.amount + claim.top_up
}

impl Split {
    /// The claims of a request and the findings about their people.
    ///
    /// # Errors
    /// `conflict` where all of its money is held: nothing would be paid.
    pub(super) async fn load(txn: &Txn, request: Uuid) -> Result<Self, Error> {
        let claims = claims_of(txn.conn(), request).await?;
        let people: Vec<Uuid> = claims.iter().filter_map(|claim| claim.person_id).collect();
        let holds = match (people.iter().min(), people.iter().max()) {
            (Some(first), Some(last)) => {
                let people = PersonRange {
                    first: *first,
                    last: *last,
                };
                Holds::load(txn.conn(), people).await?
            }
            _ => Holds::default(),
        };
        let mut split = Self {
            paid: Vec::new(),
            held: Vec::new(),
        };
        for claim in claims {
            let hold = match (claim.person_id, claim.payee_account_id) {
                (Some(person), Some(account)) if money(&claim) > 0 => holds.of(person, account),
                _ => None,
            };
            match hold {
                Some(hold) => split.held.push((claim, hold)),
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
        let fields = self.held.iter().map(|(claim, hold)| {
            let vi = crate::pay_run::change::held_reason(hold.reason());
            FieldError::new(format!("/claims/{}", claim.id), hold.reason(), vi, hold.reason())
        });
        Error {
            fields: fields.collect(),
            ..Error::because(
                ProblemCode::Conflict,
                "Mọi khoản của đề nghị đang bị tạm giữ, chờ xác minh",
                "every claim of the request is held until somebody has looked into a finding",
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
        let rows = self.held.iter().filter_map(|(claim, hold)| {
            Some(held_payment::Model {
                id: app.ids.next(),
                pay_run_id: run.id,
                person_id: claim.person_id?,
                entitlement_id: claim.id,
                component: String::new(),
                cover_month: run.cover_month,
                amount: money(claim),
                reason: hold.reason().to_owned(),
                area_id: request.area_id.clone(),
            })
        });
        txn.insert_all::<held_payment::Entity>(rows.collect()).await?;
        for (claim, hold) in &self.held {
            relief_claim::Entity::update_many()
                .col_expr(C::Status, Expr::value(ReliefClaimStatus::Held))
                .col_expr(C::Note, Expr::value(hold.reason()))
                .filter(C::Id.eq(claim.id))
                .exec(txn.conn())
                .await?;
        }
        Ok(())
    }
}
