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
use crate::error::{Error, Text};
use crate::month_close::group_label;
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

/// Why an amount is held, in Vietnamese.
pub(crate) fn held_reason(code: &str) -> String {
    match code {
        "no_payee_account" => "chưa có tài khoản hoặc người nhận".to_owned(),
        "reported_deceased" => "ngân hàng báo người hưởng đã mất, chờ xác minh".to_owned(),
        "payee_reported_deceased" => "ngân hàng báo người nhận thay đã mất, chờ đổi người nhận".to_owned(),
        "no_fund_year" => "nguồn kinh phí chưa mở cho năm của tháng truy lĩnh".to_owned(),
        "excluded" => "người lập danh sách để lại".to_owned(),
        "called_duplicate" => "ngân hàng trả về vì cho là lệnh trùng, chờ hai người kết luận".to_owned(),
        "line_open" => "đã báo từ chối hoặc trả về nhưng lại báo đã chi, chờ hai người kết luận".to_owned(),
        "recalled_dupl" => "đã thu hồi vì gửi trùng, chỉ chi lại khi hai người hủy khoản trả lại".to_owned(),
        "recalled_frad" => "đã thu hồi vì gian lận, chỉ chi lại khi hai người hủy khoản trả lại".to_owned(),
        "batch_debit_open" => "ngân hàng đã ghi nợ cả tệp, chờ rõ tiền của lệnh bị từ chối".to_owned(),
        "payee_changed" => "người nhận đã đổi sau khi đề nghị".to_owned(),
        "no_heir_account" => "người hưởng đã mất, chưa có người nhận thay".to_owned(),
        "area_type_special_without_rule" => "đặc khu: chưa có quy định mức thành thị hay nông thôn".to_owned(),
        "small_pension_without_rule" => "lương hưu thấp hơn trợ cấp: chưa có quy định chi phần chênh lệch".to_owned(),
        other => match other.strip_prefix("returned_") {
            Some(reason) => format!("ngân hàng trả về ({}), chờ sửa tài khoản", reason.to_uppercase()),
            // Why the law leaves it open, by the code that the law gives it.
            None => format!("chưa xác định được theo quy định ({other})"),
        },
    }
}

/// The same in both languages.
pub(crate) fn held_text(code: &str) -> Text {
    let en = match code {
        "no_payee_account" => "no account and nobody to receive it is named",
        "reported_deceased" => "a bank says that the person has died: to be looked into",
        "payee_reported_deceased" => "a bank says that the payee has died: another one is to be named",
        "no_fund_year" => "the fund is not open for the year of the month",
        "excluded" => "left out by whoever made the list",
        "called_duplicate" => "sent back as a duplicate: two people have to say what became of the first one",
        "line_open" => "refused or come back, and told paid all the same: two people have to say what became of it",
        "recalled_dupl" => "recalled as sent twice: paid again only once two people cancel the return",
        "recalled_frad" => "recalled as a fraud: paid again only once two people cancel the return",
        "batch_debit_open" => "the whole file was debited: the refund of what was refused is waited for",
        "payee_changed" => "another payee was named after the request",
        "no_heir_account" => "the person has died, and nobody is named to receive it",
        "area_type_special_without_rule" => "a special zone: no rule says whether urban or rural rates hold",
        "small_pension_without_rule" => "a pension below the allowance: no rule says that the difference is paid",
        other => {
            let en = other.strip_prefix("returned_").map_or_else(
                || format!("the law leaves it open ({other})"),
                |reason| {
                    format!(
                        "it came back ({}): the account is to be put right",
                        reason.to_uppercase()
                    )
                },
            );
            return Text::new(held_reason(code), en);
        }
    };
    Text::new(held_reason(code), en)
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
