//! Filing an application.

use chrono::NaiveDate;
use domain::case_file::Benefit;
use entity::enums::{Act, ApplicationStatus};
use entity::{application, approval_act};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::application::list::{self, ApplicationView};
use crate::application::subject;
use crate::audit::Event;
use crate::error::{Error, ProblemCode};
use crate::person::find_in_scope;

/// Asks for a benefit for a person.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileApplication {
    /// For whom.
    pub person_id: Uuid,
    /// Which benefit.
    #[schema(value_type = String, example = "monthly_allowance")]
    pub benefit: Benefit,
    /// When it was handed in; today if left out.
    #[serde(default)]
    #[schema(example = "2024-08-12")]
    pub filed_on: Option<NaiveDate>,
}

/// Files an application. It pays nothing before it is granted; one for the same benefit must be decided first.
pub async fn file(app: &App, actor: &Actor, command: FileApplication) -> Result<ApplicationView, Error> {
    let scope = actor.require(Permission::RegistryWrite)?;
    let FileApplication {
        person_id,
        benefit,
        filed_on,
    } = command;
    let today = app.clock.today();
    let filed_on = filed_on.unwrap_or(today);
    app.db
        .write(async |txn| {
            find_in_scope(txn.conn(), &scope, person_id).await?;
            if filed_on > today {
                let (vi, en) = ("Ngày nộp ở tương lai", "It is filed in the future");
                return Err(Error::field("/filed_on", "date_bounds", vi, en));
            }
            let pending = application::Entity::find()
                .filter(application::Column::PersonId.eq(person_id))
                .filter(application::Column::Benefit.eq(benefit.code()))
                .filter(application::Column::Status.eq(ApplicationStatus::Pending));
            if pending.count(txn.conn()).await? > 0 {
                let (vi, en) = (
                    "Đã có hồ sơ đang chờ quyết định",
                    "An application for this benefit is pending",
                );
                return Err(Error::because(ProblemCode::AlreadyExists, vi, en));
            }
            let row = application::Model {
                filing_client: actor.user_id.is_none().then_some(actor.client_id),
                ..filed(app, person_id, benefit, filed_on)
            };
            txn.insert_all::<application::Entity>(vec![row.clone()]).await?;
            if let Some(user_id) = actor.user_id {
                txn.insert_all::<approval_act::Entity>(vec![made(app, &row, user_id)])
                    .await?;
            }
            let detail = json!({ "person": person_id, "benefit": row.benefit, "filed_on": filed_on });
            txn.audit(Event::new(
                row.created_at,
                actor,
                "application.file",
                subject(row.id),
                detail,
            ));
            Ok(list::view(row, None))
        })
        .await
}

/// A pending application.
pub(crate) fn filed(app: &App, person_id: Uuid, benefit: Benefit, filed_on: NaiveDate) -> application::Model {
    application::Model {
        id: app.ids.next(),
        person_id,
        benefit: benefit.code().to_owned(),
        filed_on,
        status: ApplicationStatus::Pending,
        version: 1,
        created_at: app.clock.now(),
        filing_client: None,
    }
}

/// That a person filed it: somebody else must decide it.
pub(crate) fn made(app: &App, row: &application::Model, user_id: Uuid) -> approval_act::Model {
    approval_act::Model {
        id: app.ids.next(),
        subject: subject(row.id),
        revision: 1,
        act: Act::Make,
        user_id,
        digest: list::digest(row),
        at: row.created_at,
    }
}
