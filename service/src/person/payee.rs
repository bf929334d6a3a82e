//! Who receives a person's money. One person proposes an account and another confirms it, bound to a digest of what was
//! proposed: redirected accounts are the classic fraud.

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::case_file::Benefit;
use entity::enums::{Act, PayeeRelation, PayeeStatus};
use entity::{approval_act, payee, payee_account};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::approval::{self, Part};
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::pay_run;
use crate::person::account::{self, AccountView, NewAccount};
use crate::person::amend::{self, Touches};
use crate::person::read;
use crate::person::view::PersonView;

/// Proposes who shall receive a person's money.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposePayee {
    /// For this benefit alone; left out or null: for every benefit without a payee of its own.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "monthly_allowance")]
    pub benefit: Option<Benefit>,
    /// What the holder is to the person.
    #[schema(value_type = String, pattern = "^(oneself|guardian|authorised|carer|facility|heir)$", example = "oneself")]
    pub relation: PayeeRelation,
    /// First day.
    #[schema(example = "2024-09-01")]
    pub from: NaiveDate,
    /// The account.
    pub account: NewAccount,
}

/// Who receives a person's money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PayeeView {
    /// Its id.
    pub id: Uuid,
    /// For this benefit alone; null: for every benefit without a payee of its own.
    #[schema(example = "monthly_allowance")]
    pub benefit: Option<String>,
    /// What the holder is to the person.
    #[schema(value_type = String, pattern = "^(oneself|guardian|authorised|carer|facility|heir)$", example = "oneself")]
    pub relation: PayeeRelation,
    /// First day.
    pub from: NaiveDate,
    /// Last day; open if none.
    pub to: Option<NaiveDate>,
    /// Proposed accounts receive nothing; one whose end is known receives until its last day.
    #[schema(value_type = String, pattern = "^(proposed|active|ended)$", example = "active")]
    pub status: PayeeStatus,
    /// The account.
    pub account: AccountView,
}

/// The payees that stand, proposals included.
pub async fn list_payees(app: &App, actor: &Actor, person_id: Uuid) -> Result<Vec<PayeeView>, Error> {
    let scope = actor.require(Permission::RegistryRead)?;
    let person = amend::find(app.db.read(), &scope, person_id).await?;
    standing(app.db.read(), person.id).await
}

/// Proposes an account; it receives nothing before somebody else confirms it.
pub async fn propose_payee(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    expected_version: i64,
    command: ProposePayee,
) -> Result<PersonView, Error> {
    let scope = actor.require(Permission::RegistryWrite)?;
    let now = app.clock.now();
    let banks = account::banks(app.db.read()).await?;
    app.db
        .write(async |txn| {
            let person = amend::open(txn, &scope, person_id, expected_version).await?;
            let mut faults = Vec::new();
            let wanted = account::checked(&banks, &command.account, "/account", (app.ids.next(), now), &mut faults);
            let Some(wanted) = wanted else {
                return Err(Error::invalid(faults));
            };
            let account = known_or_new(txn, wanted).await?;
            let row = payee::Model {
                id: app.ids.next(),
                person_id,
                benefit: command.benefit.map(|benefit| benefit.code().to_owned()),
                payee_account_id: account.id,
                relation: command.relation,
                from_date: command.from,
                to_date: None,
                status: PayeeStatus::Proposed,
                recorded_at: now,
                superseded_at: None,
                proposing_client: actor.user_id.is_none().then_some(actor.client_id),
            };
            txn.insert_all::<payee::Entity>(vec![row.clone()]).await?;
            if let Some(user_id) = actor.user_id {
                let made = act(app, &row, &account, (Act::Make, user_id));
                txn.insert_all::<approval_act::Entity>(vec![made]).await?;
            }
            let detail = json!({ "payee": row.id, "benefit": row.benefit, "account": account.id });
            let person = amend::close(app, txn, actor, person, Touches::RecordOnly, ("payee.propose", detail)).await?;
            read::view(txn.conn(), person).await
        })
        .await
}

/// Confirms a proposed account: by another person than the one who proposed it, and only as it was proposed. The payee
/// before it ends the day before. Runs that are not released and would pay that one afterwards go back to draft.
pub async fn confirm_payee(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    payee_id: Uuid,
    expected_version: i64,
) -> Result<PersonView, Error> {
    let scope = actor.require(Permission::DecisionSign)?;
    let user_id = actor.person()?;
    let now = app.clock.now();
    app.db
        .write(async |txn| {
            amend::find(txn.conn(), &scope, person_id).await?;
            // Runs are locked before people.
            pay_run::lock_paying(txn).await?;
            let person = amend::open(txn, &scope, person_id, expected_version).await?;
            let (row, account) = proposed(txn, person_id, payee_id).await?;
            let made = approval_act::Entity::find()
                .filter(approval_act::Column::Subject.eq(subject(payee_id)))
                .filter(approval_act::Column::Act.eq(Act::Make))
                .one(txn.conn())
                .await?;
            if let Some(made) = made {
                if made.user_id == user_id {
                    return Err(approval::own_proposal());
                }
                let own = Part {
                    person: user_id,
                    at: now,
                };
                approval::require_own_keys(txn.conn(), own, &[Part::of(&made)]).await?;
                if made.digest != digest(&row, &account) {
                    return Err(Error::new(ProblemCode::ContentChanged));
                }
            }
            if let Some(client) = row.proposing_client {
                approval::require_not_giver(txn.conn(), user_id, (client, row.recorded_at)).await?;
            }
            let checked = act(app, &row, &account, (Act::Check, user_id));
            txn.insert_all::<approval_act::Entity>(vec![checked]).await?;
            end_predecessors(app, txn, &row, now).await?;
            let change = payee::ActiveModel {
                id: Set(row.id),
                status: Set(PayeeStatus::Active),
                ..Default::default()
            };
            change.update(txn.conn()).await?;
            let detail = json!({ "payee": row.id, "benefit": row.benefit, "account": account.id });
            let person = amend::close(app, txn, actor, person, Touches::Right, ("payee.confirm", detail)).await?;
            pay_run::void_misdirected(app, txn, pay_run::Because::Payee, person_id).await?;
            read::view(txn.conn(), person).await
        })
        .await
}

/// Refuses a proposed account.
pub async fn reject_payee(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    payee_id: Uuid,
    expected_version: i64,
) -> Result<PersonView, Error> {
    let scope = actor.require(Permission::DecisionSign)?;
    actor.person()?;
    let now = app.clock.now();
    app.db
        .write(async |txn| {
            let person = amend::open(txn, &scope, person_id, expected_version).await?;
            let (row, account) = proposed(txn, person_id, payee_id).await?;
            let change = payee::ActiveModel {
                id: Set(row.id),
                status: Set(PayeeStatus::Ended),
                superseded_at: Set(Some(now)),
                ..Default::default()
            };
            change.update(txn.conn()).await?;
            let detail = json!({ "payee": row.id, "account": account.id });
            let person = amend::close(app, txn, actor, person, Touches::RecordOnly, ("payee.reject", detail)).await?;
            read::view(txn.conn(), person).await
        })
        .await
}

/// The payees of a person that stand, by benefit and first day.
pub(crate) async fn standing(conn: &impl ConnectionTrait, person_id: Uuid) -> Result<Vec<PayeeView>, Error> {
    let rows = payee::Entity::find()
        .find_also_related(payee_account::Entity)
        .filter(payee::Column::PersonId.eq(person_id))
        .filter(payee::Column::SupersededAt.is_null())
        .order_by_asc(payee::Column::FromDate)
        .order_by_asc(payee::Column::Id)
        .all(conn)
        .await?;
    let views = rows.into_iter().filter_map(|(row, account)| {
        Some(PayeeView {
            id: row.id,
            benefit: row.benefit,
            relation: row.relation,
            from: row.from_date,
            to: row.to_date,
            status: row.status,
            account: account?.into(),
        })
    });
    let mut views: Vec<PayeeView> = views.collect();
    views.sort_by(|a, b| (&a.benefit, a.from, a.id).cmp(&(&b.benefit, b.from, b.id)));
    Ok(views)
}

/// The account on record under this key, or the new one, stored.
async fn known_or_new(txn: &Txn, wanted: payee_account::Model) -> Result<payee_account::Model, Error> {
    let known = payee_account::Entity::find()
        .filter(payee_account::Column::AccountKey.eq(&wanted.account_key))
        .one(txn.conn())
        .await?;
    match known {
        Some(known) if account::same_holder(&known, &wanted) => Ok(known),
        Some(_) => Err(Error::invalid(vec![account::holder_differs("/account")])),
        None => {
            txn.insert_all::<payee_account::Entity>(vec![wanted.clone()]).await?;
            Ok(wanted)
        }
    }
}

async fn proposed(txn: &Txn, person_id: Uuid, payee_id: Uuid) -> Result<(payee::Model, payee_account::Model), Error> {
    let found = payee::Entity::find_by_id(payee_id)
        .find_also_related(payee_account::Entity)
        .filter(payee::Column::PersonId.eq(person_id))
        .one(txn.conn())
        .await?;
    let Some((row, Some(account))) = found else {
        return Err(Error::not_found());
    };
    if row.status == PayeeStatus::Proposed {
        Ok((row, account))
    } else {
        Err(Error::new(ProblemCode::IllegalTransition))
    }
}

/// Ends what the new payee replaces; what would end before it began never counted. One that another is to follow is
/// replaced too, from then on.
async fn end_predecessors(app: &App, txn: &Txn, new: &payee::Model, now: DateTime<Utc>) -> Result<(), Error> {
    let confirmed = payee::Entity::find()
        .filter(payee::Column::PersonId.eq(new.person_id))
        .filter(payee::Column::Status.is_in([PayeeStatus::Active, PayeeStatus::Ended]))
        .filter(payee::Column::SupersededAt.is_null())
        .all(txn.conn())
        .await?;
    let replaced = confirmed.into_iter().filter(|row| row.benefit == new.benefit);
    let mut ended = Vec::new();
    for row in replaced.filter(|row| row.to_date.is_none_or(|to| to >= new.from_date)) {
        payee::Entity::update_many()
            .col_expr(payee::Column::SupersededAt, Expr::value(now))
            .filter(payee::Column::Id.eq(row.id))
            .exec(txn.conn())
            .await?;
        let until = new
            .from_date
            .checked_sub_days(Days::new(1))
            .filter(|until| *until >= row.from_date);
        if until.is_some() {
            ended.push(payee::Model {
                id: app.ids.next(),
                to_date: until,
                status: PayeeStatus::Ended,
                recorded_at: now,
                superseded_at: None,
                ..row
            });
        }
    }
    txn.insert_all::<payee::Entity>(ended).await
}

/// What somebody did to a proposal.
pub(crate) fn act(
    app: &App,
    row: &payee::Model,
    account: &payee_account::Model,
    (act, user_id): (Act, Uuid),
) -> approval_act::Model {
    approval_act::Model {
        id: app.ids.next(),
        subject: subject(row.id),
        revision: 1,
        act,
        user_id,
        digest: digest(row, account),
        at: app.clock.now(),
    }
}

/// The subject of a payee in approvals.
pub(crate) fn subject(payee_id: Uuid) -> String {
    format!("payee:{}", payee_id.simple())
}

/// The digest of what was proposed: SHA-256 over its JSON with sorted keys.
fn digest(row: &payee::Model, account: &payee_account::Model) -> String {
    let content = json!({
        "person": row.person_id,
        "benefit": row.benefit,
        "relation": row.relation,
        "from": row.from_date,
        "account_key": account.account_key,
        "channel": account.channel,
        "holder_name": account.holder_name,
        "holder_citizen_id": account.holder_citizen_id,
        "post_office": account.post_office,
    });
    hex::encode(Sha256::digest(content.to_string().as_bytes()))
}
