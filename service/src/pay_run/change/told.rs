//! Changes in Vietnamese, as the treasury and the communes read them.

use std::collections::BTreeMap;

use domain::case_file::Language;
use domain::evidence::EvidenceKind;
use domain::law::citation;
use domain::payment_order::reason_kind;
use entity::enums::Channel;
use entity::payee_account;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{Reason, RunOut, Step};
use crate::app::App;
use crate::entitlement::{is_confidential, is_confidential_kind};
use crate::error::Error;
use crate::month_close::group_label;
use crate::pay_run::held_reason;
use crate::print;
use crate::reconciliation;

/// Accounts in one statement.
const AT_ONCE: usize = 5_000;

/// What changes are told with.
#[derive(Debug, Default)]
pub(crate) struct Telling {
    /// The law that a changed amount rests on.
    law: String,
    /// Accounts as lists show them.
    accounts: BTreeMap<Uuid, String>,
}

impl Telling {
    /// Reads the accounts that money moved from and to.
    pub(crate) async fn load(app: &App, law: String, steps: &BTreeMap<Uuid, Vec<Step>>) -> Result<Self, Error> {
        let mut ids: Vec<Uuid> = Vec::new();
        for step in steps.values().flatten() {
            if let Reason::Account { from, to } = step.reason {
                ids.extend([from, to]);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        let accounts = Self::accounts_of(app, &ids).await?;
        Ok(Self {
            law: citation(&law, Language::Vietnamese),
            accounts,
        })
    }

    /// Some accounts as lists show them.
    pub(crate) async fn accounts_of(app: &App, ids: &[Uuid]) -> Result<BTreeMap<Uuid, String>, Error> {
        let mut accounts = BTreeMap::new();
        for chunk in ids.chunks(AT_ONCE) {
            let rows = payee_account::Entity::find()
                .filter(payee_account::Column::Id.is_in(chunk.iter().copied()))
                .all(app.db.read())
                .await?;
            accounts.extend(rows.into_iter().map(|row| (row.id, shown(&row))));
        }
        Ok(accounts)
    }

    /// The accounts that money moved from and to, as lists show them.
    pub(crate) const fn accounts(&self) -> &BTreeMap<Uuid, String> {
        &self.accounts
    }

    /// Without accounts.
    #[cfg(test)]
    pub(super) fn for_tests(law: &str) -> Self {
        Self {
            law: citation(law, Language::Vietnamese),
            accounts: BTreeMap::new(),
        }
    }

    /// One change in words. What the law keeps confidential, and the groups of protected people, are not named.
    pub(crate) fn of(&self, step: &Step, discreet: bool) -> String {
        match &step.reason {
            Reason::First => "Mới hưởng trợ cấp".to_owned(),
            Reason::Resumed(code) => format!("Chi tiếp từ tháng này, tháng trước chưa chi: {}", held_reason(code)),
            Reason::Began { group } => format!(
                "Thêm khoản trợ cấp {} đồng{}",
                print::dong(step.now),
                within(group, discreet)
            ),
            Reason::FromOtherList(before) => format!(
                "Nhận {} đồng theo danh sách này; tháng trước nhận {} đồng theo danh sách khác (khác kênh chi, \
                 địa bàn hoặc đợt chi)",
                print::dong(step.now),
                print::dong(*before)
            ),
            Reason::ToOtherList => format!(
                "Khoản {} đồng vẫn được hưởng, tháng này thuộc danh sách khác (khác kênh chi, địa bàn hoặc \
                 đợt chi)",
                print::dong(step.before)
            ),
            Reason::Held { code, whole: true, .. } => format!("Chưa chi: {}", held_reason(code)),
            Reason::Held { group, code, .. } => format!(
                "Chưa chi khoản {} đồng{}: {}",
                print::dong(step.before),
                within(group, discreet),
                held_reason(code)
            ),
            Reason::PartEnded { group, why } => format!(
                "Thôi hưởng khoản {} đồng{}: {}",
                print::dong(step.before),
                within(group, discreet),
                self.ended(why)
            ),
            Reason::Rate => format!("{} theo {}", moved(step), self.law),
            Reason::Evidence { from, to } => format!("{} do {}", moved(step), evidence(from, to, discreet)),
            Reason::Age { on, age } => format!("{} do đủ {age} tuổi ngày {}", moved(step), print::date(*on)),
            Reason::RateAndEvidence { from, to } => format!(
                "{} theo {} và do {}",
                moved(step),
                self.law,
                evidence(from, to, discreet)
            ),
            Reason::Account { from, to } => {
                let shown = |id: &Uuid| self.accounts.get(id).map_or("", String::as_str);
                format!("Đổi tài khoản nhận: từ {} sang {}", shown(from), shown(to))
            }
            ended => format!("Thôi hưởng trợ cấp: {}", self.ended(ended)),
        }
    }

    /// Why a right ended.
    fn ended(&self, reason: &Reason) -> String {
        match reason {
            Reason::Died(day) => format!("người hưởng mất ngày {}", print::date(*day)),
            Reason::Left(day) => format!("chuyển khỏi tỉnh, ngày cuối cư trú {}", print::date(*day)),
            Reason::Outgrown { on, age } => format!("hết tuổi hưởng, đủ {age} tuổi ngày {}", print::date(*on)),
            Reason::RanOut(RunOut { kind, on }) => {
                let label = EvidenceKind::ALL
                    .iter()
                    .find(|own| own.code() == kind && !is_confidential_kind(kind))
                    .map_or("hồ sơ", |own| own.label().0);
                format!("{} hết hiệu lực ngày {}", label.to_lowercase(), print::date(*on))
            }
            Reason::Repealed => format!("không còn thuộc diện hưởng theo {}", self.law),
            _ => "không còn đủ điều kiện theo hồ sơ".to_owned(),
        }
    }
}

fn moved(step: &Step) -> String {
    let (does, to) = if step.now > step.before {
        ("Tăng", "lên")
    } else if step.now < step.before {
        ("Giảm", "xuống")
    } else {
        return format!("Giữ mức trợ cấp {} đồng", print::dong(step.now));
    };
    format!(
        "{does} mức trợ cấp từ {} {to} {} đồng",
        print::dong(step.before),
        print::dong(step.now)
    )
}

/// A change of evidence, with the groups where they may be named.
fn evidence(from: &str, to: &str, discreet: bool) -> String {
    if discreet || is_confidential(from) || is_confidential(to) {
        "thay đổi hồ sơ".to_owned()
    } else if from == to {
        format!("thay đổi hồ sơ trong {}", lower(&group_label(to)))
    } else {
        format!(
            "thay đổi hồ sơ: từ {} sang {}",
            lower(&group_label(from)),
            lower(&group_label(to))
        )
    }
}

fn within(group: &str, discreet: bool) -> String {
    if discreet || group.is_empty() || is_confidential(group) {
        String::new()
    } else {
        format!(" ({})", lower(&group_label(group)))
    }
}

/// A name as it stands inside a sentence.
fn lower(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

fn shown(row: &payee_account::Model) -> String {
    let place = match row.channel {
        Channel::PostCash => "bưu điện",
        Channel::BankTransfer => row.bank_code.as_deref().unwrap_or("ngân hàng"),
    };
    format!("{place} {} ({})", row.account_number, row.holder_name)
}

/// The reason of a bank, post office or of the matching of its lines: what it means, and a bank's code as it stands.
pub(crate) fn bank_reason(code: &str) -> String {
    if code.is_empty() {
        return String::new();
    }
    if code == "not_collected" {
        return "Người hưởng chưa đến nhận".to_owned();
    }
    if code == reconciliation::NOT_EXECUTED {
        return "Ngân hàng, bưu điện không thực hiện".to_owned();
    }
    format!("{} ({code})", reason_kind(code).label().0)
}
