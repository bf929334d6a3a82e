//! What a month's close says: of a closed month what its close kept; of one that waits for its second person what that
//! person would sign now, marked as a draft.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Month;
use entity::enums::CloseStatus;
use entity::month_close;
use sea_orm::ConnectionTrait;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::clock::in_vietnam;
use crate::error::Error;
use crate::month_close::fund_name::FundNames;
use crate::month_close::open_sheet::Targets;
use crate::month_close::run_name::RunNames;
use crate::month_close::view::{Correction, OpenItem, Sums};
use crate::month_close::{close, closed_on, tie};
use crate::print;

/// What every part of a draft says of itself.
const DRAFT: &str = "BẢN DỰ THẢO, CHỜ NGƯỜI THỨ HAI KÝ";

/// What a draft says where it is no longer what the first person signed.
const CHANGED: &str = "Số liệu đã thay đổi từ khi lập: đây là số liệu hiện nay, không ký được nữa, phải lập lại";

/// What the digest of a close is over, as far as it is shown.
pub(super) struct Content {
    pub(super) sums: Sums,
    pub(super) items: Vec<OpenItem>,
    pub(super) corrections: Vec<Correction>,
    pub(super) digest: String,
    /// Is it something else than what the first person signed?
    pub(super) changed: bool,
}

impl Content {
    /// As it was kept when the month was closed; before that, as it stands.
    pub(super) async fn of(conn: &impl ConnectionTrait, row: &month_close::Model) -> Result<Self, Error> {
        match row.status {
            CloseStatus::Closed => Ok(Self {
                sums: serde_json::from_value(row.tie.clone())?,
                items: close::items(conn, row.id).await?,
                corrections: close::corrections(conn, row.id).await?,
                digest: row.digest.clone(),
                changed: false,
            }),
            CloseStatus::Prepared => {
                let month = Month::from_yyyymm(row.month).map_err(Error::internal)?;
                let tie = tie::of_month(conn, month).await?;
                let digest = tie.digest()?;
                Ok(Self {
                    changed: digest != row.digest,
                    sums: tie.sums,
                    items: tie.items,
                    corrections: tie.corrections,
                    digest,
                })
            }
        }
    }
}

/// The close of a month with everything its reports say.
pub(super) struct Report {
    row: month_close::Model,
    month: Month,
    /// The day to which ages are counted: that of the close, or today.
    pub(super) on: NaiveDate,
    digest: String,
    changed: bool,
    pub(super) sums: Sums,
    pub(super) items: Vec<OpenItem>,
    pub(super) targets: Targets,
    pub(super) funds: FundNames,
    pub(super) runs: RunNames,
    unit: String,
    pub(super) corrections: Vec<Correction>,
}

impl Report {
    /// That of a month, for whoever may read it.
    pub(super) async fn load(app: &App, actor: &Actor, month: Month) -> Result<Self, Error> {
        actor.require_province(Permission::MonthCloseRead)?;
        let conn = app.db.read();
        let row = close::find(conn, month).await?;
        let Content {
            mut sums,
            items,
            corrections,
            digest,
            changed,
        } = Content::of(conn, &row).await?;
        // What was signed keeps its order; people look areas up in that of the alphabet.
        sums.areas
            .sort_by_cached_key(|own| (domain::name::place_key(&own.name), own.code.clone()));
        Ok(Self {
            month,
            on: match row.status {
                CloseStatus::Closed => closed_on(&row),
                CloseStatus::Prepared => app.clock.today(),
            },
            digest,
            changed,
            funds: FundNames::load(conn, &sums.rows).await?,
            runs: RunNames::load(conn, &sums.files).await?,
            unit: app.unit.clone(),
            sums,
            targets: Targets::load(conn, &items).await?,
            items,
            corrections,
            row,
        })
    }

    /// Has only one person signed it?
    pub(super) fn is_draft(&self) -> bool {
        self.row.status == CloseStatus::Prepared
    }

    /// The instant that the papers bear: that of the last signature.
    pub(super) fn at(&self) -> DateTime<Utc> {
        self.row.closed_at.unwrap_or(self.row.prepared_at)
    }

    /// The month in words.
    pub(super) fn month(&self) -> String {
        print::month(self.month)
    }

    /// The title of a part that is about this.
    pub(super) fn title(&self, about: &str) -> String {
        let draft = if self.is_draft() { " (DỰ THẢO)" } else { "" };
        format!("{about} THÁNG {}{draft}", self.month())
    }

    /// The name of its file.
    pub(super) fn file_name(&self, ending: &str) -> String {
        let draft = if self.is_draft() { "-draft" } else { "" };
        format!("month-close-{}{draft}.{ending}", self.month)
    }

    /// Whose report it is.
    pub(super) fn unit(&self) -> String {
        format!("Đơn vị: {}", self.unit)
    }

    /// The lines that mark a draft; none of a closed month.
    pub(super) fn marks(&self) -> Vec<String> {
        if !self.is_draft() {
            return Vec::new();
        }
        let changed = self.changed.then(|| CHANGED.to_owned());
        std::iter::once(DRAFT.to_owned()).chain(changed).collect()
    }

    /// When it was closed, or prepared, in words.
    pub(super) fn day(&self) -> String {
        if self.is_draft() {
            let prepared = in_vietnam(self.row.prepared_at).date_naive();
            return format!(
                "Lập {}, chưa khóa sổ; số ngày treo tính đến {}",
                print::long_date(prepared),
                print::long_date(self.on)
            );
        }
        format!("Khóa sổ {}", print::long_date(self.on))
    }

    /// The digest that was signed, and that of the report where it is another.
    pub(super) fn digests(&self) -> String {
        if self.changed {
            return format!("Mã đối chiếu khi lập: {}; hiện nay: {}", self.row.digest, self.digest);
        }
        format!("Mã đối chiếu: {}", self.digest)
    }

    /// What the first person says; may be empty.
    pub(super) fn note(&self) -> &str {
        &self.row.note
    }
}
