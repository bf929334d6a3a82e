//! The printed notice: what was found, why, and the right to be heard before anything is decided.

use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::entitlement::{CENTRED, closing_for};
use crate::error::Error;
use crate::overpayment::paper::told::Told;
use crate::overpayment::paper::{Subject, benefit, day_of, days, has_notice, not_yet, spelt};
use crate::print::{self, Align, BODY, Column, Face, Heading, Margins, Numbering, Paper, Table};

const MONTHS: &[Column] = &[
    Column::new("Tháng", 1.3, Align::Centre),
    Column::new("Chế độ", 3.0, Align::Left),
    Column::new("Đã chi (đồng)", 2.0, Align::Right),
    Column::new("Được hưởng (đồng)", 2.0, Align::Right),
    Column::new("Chênh lệch (đồng)", 2.0, Align::Right),
    Column::new("Thuộc thông báo này (đồng)", 2.2, Align::Right),
];

const TITLE: &str = "Thông báo về khoản đã chi vượt mức được hưởng";

/// The notice of what was paid too much, as PDF: from the day on which the cause is known. What was served is printed
/// again as it was, with the last day to answer.
pub async fn notice(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<u8>, Error> {
    let subject = Subject::load(app, actor, id).await?;
    let classified = subject.last("classify").ok_or_else(|| {
        not_yet(
            "Chưa xác định nguyên nhân nên chưa có thông báo",
            "its cause is not classified yet: there is nothing to give notice of",
        )
    })?;
    let served = subject.last("serve_notice");
    if !has_notice(&subject.history) {
        return Err(not_yet(
            "Khoản này không bị xem xét thu hồi nên không có thông báo",
            "it is not pursued: there is nothing to give notice of",
        ));
    }
    let day = day_of(classified.at);
    let told = subject.told(app, served, app.clock.today()).await?;
    let (office, who) = subject.issued(&told, day);
    let mut paper = Paper::upright(Margins::OFFICIAL)?;
    let heading = Heading {
        body: office.body.clone(),
        number: "Số: ……/TB-UBND".to_owned(),
        place_and_date: format!("{}, {}", office.place, print::long_date(day)),
        kind: "THÔNG BÁO".to_owned(),
        subject: "Về khoản đã chi vượt mức được hưởng".to_owned(),
    };
    print::heading(&mut paper, &heading);
    let to = format!("Kính gửi: {}", subject.receiver(day));
    paper.paragraph(CENTRED, &[(Face::Regular, &to)]);
    let text = format!(
        "{} thông báo qua rà soát đã chi cho {who} vượt mức được hưởng, như sau:",
        office.named
    );
    paper.paragraph(BODY, &[(Face::Regular, &text)]);
    paper.paragraph(BODY, &[(Face::Bold, "1. Các tháng đã chi vượt")]);
    months(&mut paper, &told)?;
    paper.paragraph(BODY, &[(Face::Bold, "2. Nguyên nhân")]);
    paper.paragraph(BODY, &[(Face::Regular, &format!("{}.", subject.cause(&told)))]);
    rights(&mut paper, &subject, &told);
    print::closing(&mut paper, &closing_for("Như trên", &subject.person, day));
    paper.finish(TITLE, classified.at, Numbering::Official)
}

fn months(paper: &mut Paper, told: &Told) -> Result<(), Error> {
    let mut table = Table::begin(paper, MONTHS, 10.5, 18.0);
    for own in &told.months {
        let cells = [
            print::month(own.month),
            benefit(&own.benefit),
            print::dong(own.paid),
            print::dong(own.should),
            print::dong(own.paid - own.should),
            print::dong(own.claimed),
        ];
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        table.row(paper, Face::Regular, &cells);
    }
    table.end(paper);
    paper.space(6.0);
    let text = format!("Tổng số thuộc thông báo này: {}.", spelt(told.claimed())?);
    paper.paragraph(BODY, &[(Face::Regular, &text)]);
    Ok(())
}

/// The right to be heard and what follows, each with its period.
fn rights(paper: &mut Paper, subject: &Subject, told: &Told) {
    paper.paragraph(BODY, &[(Face::Bold, "3. Quyền giải trình")]);
    let text = format!(
        "Người nhận thông báo có quyền giải trình và cung cấp tài liệu, bằng lời nói hoặc bằng văn bản, trước khi có bất \
         kỳ quyết định nào. Thời hạn giải trình kể từ ngày nhận thông báo: {}.",
        days(told.rules.response.as_ref())
    );
    paper.paragraph(BODY, &[(Face::Regular, &text)]);
    if let (Some(on), Some(due)) = (subject.row.notice_delivered_on, subject.row.response_due) {
        let text = format!(
            "Thông báo được giao ngày {}; hạn giải trình đến hết ngày {}.",
            print::date(on),
            print::date(due)
        );
        paper.paragraph(BODY, &[(Face::Regular, &text)]);
    }
    paper.paragraph(BODY, &[(Face::Bold, "4. Việc xem xét và quyền khiếu nại")]);
    let text = format!(
        "Thông báo này không phải là quyết định thu hồi; chưa khoản nào bị khấu trừ hoặc phải hoàn trả. Việc hoàn trả, nếu \
         có, theo quyết định riêng của người có thẩm quyền, trong đó nêu rõ lý do của từng tháng. Người nhận có quyền \
         khiếu nại quyết định đó; thời hạn khiếu nại kể từ ngày nhận quyết định: {}. Khi có khiếu nại, mọi việc thu hồi \
         tạm dừng.",
        days(told.rules.appeal.as_ref())
    );
    paper.paragraph(BODY, &[(Face::Regular, &text)]);
}
