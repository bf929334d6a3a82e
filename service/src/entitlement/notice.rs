//! The printed notice of what changed and why.

use domain::Month;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::clock::in_vietnam;
use crate::entitlement::compare::{ChangeView, LevelView, compared};
use crate::entitlement::discreet::provision;
use crate::entitlement::explain::{explained, spoken_month};
use crate::entitlement::narrate;
use crate::entitlement::paper::{CENTRED, VI, called, closing, grounds, identity, lower, office_of};
use crate::error::Error;
use crate::print::{self, Align, BODY, Column, Face, Heading, Margins, Numbering, Paper, Table};

/// Changes that begin more than so many months ahead are left out.
const AHEAD: i32 = 12;

const CHANGES: &[Column] = &[
    Column::new("Từ tháng", 1.5, Align::Centre),
    Column::new("Đến tháng", 1.6, Align::Centre),
    Column::new("Mức trước (đồng/tháng)", 2.4, Align::Right),
    Column::new("Mức sau (đồng/tháng)", 2.4, Align::Right),
    Column::new("Chênh lệch", 2.0, Align::Right),
    Column::new("Căn cứ", 3.2, Align::Left),
];

/// The notice of what changed between two determinations, and why, as PDF.
pub async fn notice(app: &App, actor: &Actor, id: Uuid, numbers: (Option<i32>, Option<i32>)) -> Result<Vec<u8>, Error> {
    let compared = compared(app, actor, id, numbers).await?;
    let (subject, view, after) = (&compared.subject, &compared.view, &compared.after);
    let day = in_vietnam(after.head.recorded_at).date_naive();
    let office = office_of(after, &compared.sources, day)?;
    let name = lower(subject.benefit.label().0);
    let title = format!("Thông báo về việc thay đổi mức hưởng {name}");
    let mut paper = Paper::upright(Margins::OFFICIAL)?;
    let heading = Heading {
        body: office.body.clone(),
        number: "Số: ……/TB-UBND".to_owned(),
        place_and_date: format!("{}, {}", office.place, print::long_date(day)),
        kind: "THÔNG BÁO".to_owned(),
        subject: format!("Về việc thay đổi mức hưởng {name}"),
    };
    print::heading(&mut paper, &heading);
    let to = format!("Kính gửi: {}", called(&subject.person, day));
    paper.paragraph(CENTRED, &[(Face::Regular, &to)]);
    let who = identity(subject, after, &compared.sources, day);
    let text = format!(
        "{} thông báo mức hưởng {name} của {who} thay đổi như sau:",
        office.named
    );
    paper.paragraph(BODY, &[(Face::Regular, &text)]);
    paper.paragraph(BODY, &[(Face::Bold, "1. Nội dung thay đổi")]);
    let mut table = Table::begin(&mut paper, CHANGES, 10.5, 18.0);
    // What the years will bring, such as a birthday far away, is not news.
    let soon = Month::of(day).plus(AHEAD).to_string();
    let (news, later): (Vec<_>, Vec<_>) = view.changes.iter().partition(|own| own.from <= soon);
    for own in if news.is_empty() { later } else { news } {
        change_row(&mut table, &mut paper, own);
    }
    table.end(&mut paper);
    paper.space(6.0);
    paper.paragraph(BODY, &[(Face::Bold, "2. Lý do")]);
    for reason in narrate::reasons_in_public(view) {
        paper.paragraph(BODY, &[(Face::Regular, &format!("- {reason}."))]);
    }
    let periods = explained(after, &compared.sources)?;
    paper.paragraph(BODY, &[(Face::Bold, "3. Căn cứ và chi trả")]);
    let first = view.changes.first().map(|own| own.from.clone());
    let then = first.unwrap_or_default().max(Month::of(day).to_string());
    let mut reasons = periods.iter().flat_map(|own| &own.reasons);
    if let Some(reason) = reasons.rfind(|own| own.from <= then) {
        grounds(&mut paper, reason);
    }
    let text = "Phần tăng của các tháng đã chi được truy lĩnh vào kỳ chi trả tiếp theo. Phần giảm của các tháng đã chi \
                không bị tự động thu hồi; việc thu hồi, nếu có, theo quyết định riêng của người có thẩm quyền. Nếu không \
                đồng ý, người nhận thông báo có quyền khiếu nại theo quy định của pháp luật.";
    paper.paragraph(BODY, &[(Face::Regular, text)]);
    print::closing(&mut paper, &closing("Như trên", subject, day));
    paper.finish(&title, after.head.recorded_at, Numbering::Official)
}

fn change_row(table: &mut Table<'_>, paper: &mut Paper, own: &ChangeView) {
    let amount = |level: &Option<LevelView>| match level {
        None => "0".to_owned(),
        Some(level) if level.undetermined.is_some() => "chưa xác định".to_owned(),
        Some(level) => print::dong(level.amount),
    };
    let to = own.to.as_deref().map_or("trở đi".to_owned(), |to| spoken_month(to, VI));
    let rests = own.after.as_ref().map_or("thôi hưởng".to_owned(), |level| {
        provision(&level.group, &level.provision.vi)
    });
    let cells = [
        spoken_month(&own.from, VI),
        to,
        amount(&own.before),
        amount(&own.after),
        print::dong(own.difference),
        rests,
    ];
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    table.row(paper, Face::Regular, &cells);
}
