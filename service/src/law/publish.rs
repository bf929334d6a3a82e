//! Publication: release N+1, its reach-back month and the reassessment, in one transaction.

use domain::law::Affected;
use entity::enums::{Act, InstrumentStatus};
use entity::{approval_act, instrument, release};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::approval;
use crate::audit::Event;
use crate::error::{Error, ProblemCode};
use crate::law::approve::SignInstrument;
use crate::reassessment;

/// What a publication started.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Published {
    /// The new release.
    pub release: i32,
    /// The reassessment: `/v1/job-runs/{id}`.
    pub job_run: Uuid,
}

/// Publishes an approved instrument; a third person does it, who drafted nothing of it and has read the simulation that
/// was approved.
pub async fn publish(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    read: SignInstrument,
) -> Result<Published, Error> {
    actor.require_province(Permission::LawPublish)?;
    let publisher = actor.person()?;
    let row = super::find(app.db.read(), id).await?;
    let before = super::latest(app).await?;
    super::since::refuse(app.db.read(), &row).await?;
    let (instruments, _) = super::release::with_draft(app.db.read(), before, &row).await?;
    let after = super::release::compile(before + 1, &instruments)?;
    let affected = match row.corrects {
        None => Affected::between(&*super::release::release(app, before).await?, &after),
        // A correction may move whatever its wrong text had placed.
        Some(_) => Affected::Everybody,
    };
    app.db
        .write(async |txn| {
            let row = super::for_update(txn, id).await?;
            super::expect(&row, version, &[InstrumentStatus::Submitted])?;
            if super::release::newest(txn.conn()).await? != before {
                return Err(Error::because(
                    ProblemCode::Stale,
                    "Vừa có bản phát hành khác; hãy kiểm tra lại",
                    "another release was published meanwhile; check again",
                ));
            }
            super::approve::refuse_drafter(txn, &row, publisher).await?;
            let (_, digest) = super::approve::signed(txn, &row, Some(read.simulation)).await?;
            let approved = approval_act::Entity::find()
                .filter(approval_act::Column::Subject.eq(super::subject(id)))
                .filter(approval_act::Column::Revision.eq(row.revision))
                .filter(approval_act::Column::Act.eq(Act::Approve))
                .one(txn.conn())
                .await?;
            refuse_unapproved(approved.as_ref(), &digest)?;
            approval::sign(
                app,
                txn,
                &super::subject(id),
                row.revision,
                Act::Release,
                publisher,
                &digest,
            )
            .await?;
            let number = before + 1;
            let reach_back = super::release::reach_back(txn.conn(), before, &row).await?;
            let new = release::Model {
                number,
                instrument_id: id,
                published_at: app.clock.now(),
                published_by: Some(publisher),
                reach_back_month: reach_back.map_or(0, domain::Month::yyyymm),
                digest: row.body_hash.clone(),
            };
            txn.insert_all::<release::Entity>(vec![new]).await?;
            let published = instrument::Model {
                status: InstrumentStatus::Published,
                release_number: Some(number),
                ..row
            };
            super::correct::told(app, txn, actor, &published, number);
            super::approve::save(app, txn, published).await?;
            let job_run = reassessment::start_affected(app, txn, (number, &affected), &actor.name).await?;
            let detail = json!({"release": number, "reach_back": reach_back, "job_run": job_run});
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "instrument.publish",
                super::subject(id),
                detail,
            ));
            Ok(Published {
                release: number,
                job_run,
            })
        })
        .await
}

/// Publication needs the approval of this very content: another simulation shows other consequences.
fn refuse_unapproved(approved: Option<&approval_act::Model>, digest: &str) -> Result<(), Error> {
    match approved {
        Some(act) if act.digest == digest => Ok(()),
        Some(_) => Err(Error::because(
            ProblemCode::ContentChanged,
            "Văn bản đã được duyệt theo một mô phỏng khác; hãy lưu lại dự thảo để trình và duyệt lại",
            "the instrument was approved on another simulation; save the draft again, then submit and approve it anew",
        )),
        None => Err(Error::because(
            ProblemCode::IllegalTransition,
            "Văn bản chưa được duyệt",
            "the instrument is not approved",
        )),
    }
}
