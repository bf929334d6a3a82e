//! The printed decision on what is to be paid back, month by month, and its plan of instalments as an annex.

use std::collections::BTreeSet;

use domain::Month;
use domain::case_file::Language;
use domain::law::citation;
use entity::overpayment_instalment;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::entitlement::{CENTRED, closing_for};
use crate::error::Error;
use crate::overpayment::law::Rule;
use crate::overpayment::paper::told::{Told, ToldMonth};
use crate::overpayment::paper::{Subject, UNKNOWN, benefit, by, day_of, days, not_yet, number, spelt};
use crate::print::{self, Align, BODY, Column, Face, Heading, Margins, Numbering, Paper, Table};

const MONTHS: &[Column] = &[
    Column::new("Tháng", 1.4, Align::Centre),
    Column::new("Chế độ", 2.4, Align::Left),
    Column::new("Đã chi (đồng)", 1.9, Align::Right),
    Column::new("Được hưởng (đồng)", 1.9, Align::Right),
    Column::new("Chênh lệch (đồng)", 1.9, Align::Right),
    Column::new("Phải hoàn trả (đồng)", 1.9, Align::Right),
    Column::new("Lý do", 3.0, Align::Left),
];

const INSTALMENTS: &[Column] = &[
    Column::new("Kỳ", 1.0, Align::Centre),
    Column::new("Tháng", 2.0, Align::Centre),
    Column::new("Số tiền (đồng)", 3.0, Align::Right),
];

const TITLE: &str = "Quyết định về việc hoàn trả khoản đã chi vượt mức được hưởng";

/// The decision as PDF, as it was signed, and the plan of instalments in force as an annex.
pub async fn decision(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<u8>, Error> {
    let subject = Subject::load(app, actor, id).await?;
    let decided = subject
        .last("decide")
        .ok_or_else(|| not_yet("Chưa có quyết định", "nothing is decided yet"))?;
    let day = day_of(decided.at);
    let told = subject.told(app, Some(decided), day).await?;
    let (office, who) = subject.issued(&told, day);
    let mut paper = Paper::upright(Margins::OFFICIAL)?;
    let heading = Heading {
        body: office.body.clone(),
        number: "Số: ……/QĐ-UBND".to_owned(),
        place_and_date: format!("{}, {}", office.place, print::long_date(day)),
        kind: "QUYẾT ĐỊNH".to_owned(),
        subject: "Về việc hoàn trả khoản đã chi vượt mức được hưởng".to_owned(),
    };
    print::heading(&mut paper, &heading);
    let chairman = format!("CHỦ TỊCH {}", office.body.replace('\n', " "));
    paper.paragraph(CENTRED, &[(Face::Bold, &chairman)]);
    let called = subject.called(day);
    basis(&mut paper, (&subject, called.as_str()), &told);
    paper.paragraph(CENTRED, &[(Face::Bold, "QUYẾT ĐỊNH:")]);
    let sum = told.decided();
    let text = if sum > 0 {
        format!("Yêu cầu {who} hoàn trả {}, gồm:", spelt(sum)?)
    } else {
        format!("Không yêu cầu {who} hoàn trả khoản đã chi vượt mức được hưởng, gồm:")
    };
    paper.paragraph(BODY, &[(Face::Bold, "Điều 1. "), (Face::Regular, &text)]);
    months(&mut paper, &told);
    let text = format!("Nguyên nhân: {}.", subject.cause(&told));
    paper.paragraph(BODY, &[(Face::Regular, &text)]);
    articles(&mut paper, (&subject, called.as_str()), &told, &office.named);
    print::closing(&mut paper, &closing_for("Như Điều 4", &subject.person, day));
    annex(app, &mut paper, &subject).await?;
    paper.finish(TITLE, decided.at, Numbering::Official)
}

/// The instruments that say something of recovery, and the hearing.
fn basis(paper: &mut Paper, (subject, called): (&Subject, &str), told: &Told) {
    let rules = &told.rules;
    let said = [&rules.appeal, &rules.cap, &rules.protected];
    let provisions: BTreeSet<&str> = said.into_iter().flatten().map(|rule| rule.provision.as_str()).collect();
    for provision in provisions {
        let line = format!("Căn cứ {};", citation(provision, Language::Vietnamese));
        paper.paragraph(BODY, &[(Face::Italic, &line)]);
    }
    let line = format!("Căn cứ hồ sơ về khoản đã chi vượt mức được hưởng của {called};");
    paper.paragraph(BODY, &[(Face::Italic, &line)]);
    let line = match (&subject.row.statement, subject.row.response_due) {
        (Some(_), _) => format!("Sau khi xem xét ý kiến giải trình của {called};"),
        (None, Some(due)) => format!(
            "{called} không có ý kiến giải trình trong thời hạn đến hết ngày {};",
            print::date(due)
        ),
        (None, None) => return,
    };
    paper.paragraph(BODY, &[(Face::Italic, &line)]);
}

fn months(paper: &mut Paper, told: &Told) {
    let mut table = Table::begin(paper, MONTHS, 10.5, 18.0);
    for own in &told.months {
        let cells = [
            print::month(own.month),
            benefit(&own.benefit),
            print::dong(own.paid),
            print::dong(own.should),
            print::dong(own.paid - own.should),
            print::dong(own.decided.unwrap_or(0)),
            why(own).to_owned(),
        ];
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        table.row(paper, Face::Regular, &cells);
    }
    table.end(paper);
    paper.space(6.0);
}

fn why(month: &ToldMonth) -> &str {
    match &month.reason {
        Some(reason) if !month.confidential => reason,
        _ => "theo hồ sơ",
    }
}

fn articles(paper: &mut Paper, (subject, called): (&Subject, &str), told: &Told, body: &str) {
    let rules = &told.rules;
    let limit = |rule: Option<&Rule>, say: &dyn Fn(&Rule) -> String| {
        rule.map_or_else(|| UNKNOWN.to_owned(), |rule| format!("{}{}", say(rule), by(rule)))
    };
    let cap = limit(rules.cap.as_ref(), &|rule| {
        format!("{}% số tiền được chi của tháng", number(rule.value))
    });
    let protected = limit(rules.protected.as_ref(), &|rule| format!("{} đồng", amount(rule.value)));
    let text = if told.decided() > 0 {
        format!(
            "Việc hoàn trả chỉ bắt đầu khi Quyết định này có hiệu lực thi hành, một lần hoặc theo các kỳ của kế hoạch hoàn \
             trả. Mức khấu trừ tối đa của một tháng: {cap}. Mức tối thiểu được giữ lại mỗi tháng: {protected}."
        )
    } else {
        "Không khoản nào bị khấu trừ hoặc phải hoàn trả.".to_owned()
    };
    paper.paragraph(BODY, &[(Face::Bold, "Điều 2. "), (Face::Regular, &text)]);
    let text = format!(
        "Người được quyết định có quyền khiếu nại; thời hạn khiếu nại kể từ ngày nhận Quyết định này: {}. Khi có khiếu \
         nại, mọi việc thu hồi tạm dừng cho đến khi khiếu nại được giải quyết.",
        days(rules.appeal.as_ref())
    );
    paper.paragraph(BODY, &[(Face::Bold, "Điều 3. "), (Face::Regular, &text)]);
    if let (Some(on), Some(until)) = (subject.row.decision_delivered_on, subject.row.appeal_until) {
        let text = format!(
            "Quyết định được giao ngày {}; hạn khiếu nại đến hết ngày {}.",
            print::date(on),
            print::date(until)
        );
        paper.paragraph(BODY, &[(Face::Regular, &text)]);
    }
    let text =
        format!("Văn phòng {body}, các bộ phận có liên quan và {called} chịu trách nhiệm thi hành Quyết định này.");
    paper.paragraph(BODY, &[(Face::Bold, "Điều 4. "), (Face::Regular, &text)]);
}

/// An amount of law in digits with dots.
fn amount(value: Decimal) -> String {
    value.to_i64().map_or_else(|| number(value), print::dong)
}

/// The plan in force on a page of its own; the signed pages stay as they were.
async fn annex(app: &App, paper: &mut Paper, subject: &Subject) -> Result<(), Error> {
    let rows = overpayment_instalment::Entity::find()
        .filter(overpayment_instalment::Column::CaseId.eq(subject.row.id))
        .filter(overpayment_instalment::Column::Plan.eq(subject.row.plan))
        .order_by_asc(overpayment_instalment::Column::DueMonth)
        .all(app.db.read())
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    paper.new_page();
    let title = format!("PHỤ LỤC: KẾ HOẠCH HOÀN TRẢ (lần {})", subject.row.plan);
    paper.paragraph(CENTRED, &[(Face::Bold, &title)]);
    // What was the law when the plan was made.
    let limits = subject.last("plan").map(|event| &event.detail);
    let limit = |field: &str| -> Option<Decimal> {
        let value = limits?.get(field)?;
        serde_json::from_value(value.clone()).ok()
    };
    let cap = limit("cap").map_or_else(|| UNKNOWN.to_owned(), |value| format!("{}%", number(value)));
    let protected = limit("protected").map_or_else(|| UNKNOWN.to_owned(), |value| format!("{} đồng", amount(value)));
    let text =
        format!("Mỗi kỳ không quá {cap} số tiền được chi của tháng và luôn để lại ít nhất {protected} của tháng đó.");
    paper.paragraph(BODY, &[(Face::Regular, &text)]);
    let mut table = Table::begin(paper, INSTALMENTS, 10.5, 18.0);
    for (place, row) in rows.iter().enumerate() {
        let month = Month::from_yyyymm(row.due_month).map_err(Error::internal)?;
        let cells = [(place + 1).to_string(), print::month(month), print::dong(row.amount)];
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        table.row(paper, Face::Regular, &cells);
    }
    table.end(paper);
    paper.space(6.0);
    let text = format!("Tổng số các kỳ: {}.", spelt(rows.iter().map(|row| row.amount).sum())?);
    paper.paragraph(BODY, &[(Face::Regular, &text)]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_that_rests_on_confidential_facts_does_not_tell_its_reason() {
        let open = ToldMonth {
            benefit: "monthly_allowance".to_owned(),
            month: "2024-09".parse().unwrap(),
            paid: 750_000,
            should: 0,
            claimed: 750_000,
            decided: Some(300_000),
            reason: Some("Kết quả xét nghiệm".to_owned()),
            confidential: false,
        };
        assert_eq!(why(&open), "Kết quả xét nghiệm");
        let closed = ToldMonth {
            confidential: true,
            ..open
        };
        assert_eq!(why(&closed), "theo hồ sơ");
    }

    #[test]
    fn what_a_paper_told_is_read_back_as_it_was_kept() {
        let rule = |value: &str| Rule {
            value: value.parse().unwrap(),
            provision: "NQ 1/2024 Art 1".to_owned(),
        };
        let month = ToldMonth {
            benefit: "monthly_allowance".to_owned(),
            month: "2024-09".parse().unwrap(),
            paid: 9_007_199_254_740_991,
            should: 16_777_217,
            claimed: 1,
            decided: None,
            reason: None,
            confidential: true,
        };
        let told = Told {
            area: "06652@1900-01".to_owned(),
            months: vec![month],
            rules: crate::overpayment::paper::told::Rules {
                response: Some(rule("10")),
                appeal: None,
                cap: Some(rule("12.5")),
                protected: None,
            },
        };
        let kept = serde_json::to_value(&told).unwrap();
        assert_eq!(serde_json::from_value::<Told>(kept).unwrap(), told);
        assert_eq!(days(told.rules.appeal.as_ref()), "chưa có quy định");
        assert_eq!(days(told.rules.response.as_ref()), "10 ngày (theo Điều 1 NQ 1/2024)");
        assert_eq!(number("12.50".parse().unwrap()), "12,5");
    }
}
