//! The printed decision: the grant as it was signed, or the adjustment that a later determination makes.

use chrono::NaiveDate;
use domain::case_file::Benefit;
use domain::determination::open_reason;
use domain::words::in_words;
use domain::{Month, Vnd};
use entity::enums::DecisionOutcome;
use entity::{decision, determination};
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::clock::in_vietnam;
use crate::entitlement::basis;
use crate::entitlement::bulk;
use crate::entitlement::compare::changes;
use crate::entitlement::discreet::{group, provision};
use crate::entitlement::explain::{ExplainedPeriod, explained, spoken_month};
use crate::entitlement::paper::{CENTRED, VI, called, closing, grounds, identity, lower, office_of};
use crate::entitlement::trace::{Sources, Subject, Traced, head, subject, traced};
use crate::error::{Error, ProblemCode};
use crate::print::{self, Align, BODY, Column, Face, Heading, Margins, Numbering, Paper, Table};

const PERIODS: &[Column] = &[
    Column::new("Từ tháng", 1.5, Align::Centre),
    Column::new("Đến tháng", 1.6, Align::Centre),
    Column::new("Mức hưởng (đồng/tháng)", 2.1, Align::Right),
    Column::new("Nhóm", 1.8, Align::Centre),
    Column::new("Cách tính", 3.1, Align::Left),
    Column::new("Căn cứ", 2.9, Align::Left),
];

/// What a decision does.
enum Occasion {
    /// It grants: the determination is the first that carries this signature out.
    Grant(decision::Model),
    /// It puts a new level in the place of an earlier one, from the first month that changed.
    Adjustment(NaiveDate, Month),
}

impl Occasion {
    fn day(&self) -> NaiveDate {
        match self {
            Self::Grant(own) => own.signed_on,
            Self::Adjustment(day, _) => *day,
        }
    }

    fn number(&self) -> &str {
        match self {
            Self::Grant(own) => &own.number,
            Self::Adjustment(..) => "……/QĐ-UBND",
        }
    }

    fn does(&self, benefit: Benefit) -> String {
        let name = lower(benefit.label().0);
        match self {
            Self::Grant(_) => format!("hưởng {name}"),
            Self::Adjustment(..) => format!("điều chỉnh mức hưởng {name}"),
        }
    }

    /// The last month that the decision speaks of the beginning of: what the years will bring is not decided today.
    fn until(&self) -> Month {
        match self {
            Self::Grant(own) => Month::of(own.signed_on),
            Self::Adjustment(day, first) => Month::of(*day).max(*first),
        }
    }

    /// Whether a period stands in the decision; an adjustment leaves out what it does not touch.
    fn names(&self, from: i32, to: Option<i32>) -> bool {
        let touched = match self {
            Self::Grant(_) => true,
            Self::Adjustment(_, first) => to.is_none_or(|to| first.yyyymm() <= to),
        };
        from <= self.until().yyyymm() && touched
    }
}

/// The decision that a determination carries out, the standing one if no number is given, as PDF.
pub async fn decision(app: &App, actor: &Actor, id: Uuid, sequence: Option<i32>) -> Result<Vec<u8>, Error> {
    let subject = subject(app, actor, id).await?;
    let conn = app.db.read();
    let mut traced = traced(app, &subject, head(conn, id, sequence).await?).await?;
    let sources = Sources::load(conn, subject.person.id).await?;
    let occasion = occasion(conn, &subject, &traced).await?;
    let named = |row: &entity::determination_period::Model| occasion.names(row.from_month, row.to_month);
    // Who is granted something that begins later is told when it does.
    if traced.rows.iter().any(named) {
        traced.rows.retain(named);
    }
    let periods = explained(&traced, &sources)?;
    if periods.is_empty() {
        return Err(Error::because(
            ProblemCode::Conflict,
            "Lần xác định này không có khoản nào để quyết định",
            "this determination gives nothing to decide on",
        ));
    }
    let office = office_of(&traced, &sources, occasion.day())?;
    let does = occasion.does(subject.benefit);
    let heading = Heading {
        body: office.body.clone(),
        number: format!("Số: {}", occasion.number()),
        place_and_date: format!("{}, {}", office.place, print::long_date(occasion.day())),
        kind: "QUYẾT ĐỊNH".to_owned(),
        subject: format!("Về việc {does}"),
    };
    let mut paper = Paper::upright(Margins::OFFICIAL)?;
    print::heading(&mut paper, &heading);
    let chairman = format!("CHỦ TỊCH {}", office.body.replace('\n', " "));
    paper.paragraph(CENTRED, &[(Face::Bold, &chairman)]);
    for line in basis::lines(app, &traced).await? {
        paper.paragraph(BODY, &[(Face::Italic, &line)]);
    }
    let day = occasion.day();
    let file = format!("Căn cứ hồ sơ của {};", called(&subject.person, day));
    paper.paragraph(BODY, &[(Face::Italic, &file)]);
    paper.paragraph(CENTRED, &[(Face::Bold, "QUYẾT ĐỊNH:")]);
    let who = identity(&subject, &traced, &sources, day);
    let verb = match occasion {
        Occasion::Grant(_) => "Cho hưởng",
        Occasion::Adjustment(..) => "Điều chỉnh mức hưởng",
    };
    let text = format!("{verb} {} đối với {who}, như sau:", lower(subject.benefit.label().0));
    paper.paragraph(BODY, &[(Face::Bold, "Điều 1. "), (Face::Regular, &text)]);
    levels(&mut paper, &periods, occasion.until())?;
    last_articles(&mut paper, &called(&subject.person, day), &periods, &office.named);
    print::closing(&mut paper, &closing("Như Điều 3", &subject, day));
    let title = format!("Quyết định về việc {does}");
    paper.finish(&title, traced.head.recorded_at, Numbering::Official)
}

/// What the decision on a determination does. The first determination after a signature carries that signature out.
async fn occasion(conn: &impl ConnectionTrait, subject: &Subject, traced: &Traced) -> Result<Occasion, Error> {
    let head = &traced.head;
    let earlier = determination::Entity::find()
        .filter(determination::Column::EntitlementId.eq(head.entitlement_id))
        .filter(determination::Column::Sequence.eq(head.sequence - 1))
        .one(conn)
        .await?;
    let signed = signed(conn, subject, head).await?;
    let Some(earlier) = earlier else {
        return Ok(signed.map_or_else(|| adjustment(head, Month::MIN), Occasion::Grant));
    };
    match signed {
        Some(own) if own.recorded_at > earlier.recorded_at => Ok(Occasion::Grant(own)),
        _ => {
            let before = bulk::periods(conn, &[earlier.id])
                .await?
                .remove(&earlier.id)
                .unwrap_or_default();
            let first = changes(&before, &traced.rows)?.iter().map(|own| own.from.clone()).min();
            let first = first.and_then(|first| first.parse().ok()).unwrap_or(Month::MIN);
            Ok(adjustment(head, first))
        }
    }
}

fn adjustment(head: &determination::Model, first: Month) -> Occasion {
    Occasion::Adjustment(in_vietnam(head.recorded_at).date_naive(), first)
}

/// The decision on the record that a determination carries out: the last one signed before it was recorded.
async fn signed(
    conn: &impl ConnectionTrait,
    subject: &Subject,
    head: &determination::Model,
) -> Result<Option<decision::Model>, Error> {
    let row = decision::Entity::find()
        .filter(decision::Column::PersonId.eq(subject.person.id))
        .filter(decision::Column::Benefit.eq(subject.benefit.code()))
        .filter(decision::Column::Outcome.eq(DecisionOutcome::Granted))
        .filter(decision::Column::RecordedAt.lte(head.recorded_at))
        .filter(
            sea_orm::Condition::any()
                .add(decision::Column::SupersededAt.is_null())
                .add(decision::Column::SupersededAt.gt(head.recorded_at)),
        )
        .order_by_desc(decision::Column::SignedOn)
        .order_by_desc(decision::Column::Id)
        .one(conn)
        .await?;
    Ok(row)
}

/// The table of levels, the present one in words, and the facts it rests on.
fn levels(paper: &mut Paper, periods: &[ExplainedPeriod], by: Month) -> Result<(), Error> {
    let mut table = Table::begin(paper, PERIODS, 10.5, 18.0);
    for own in periods {
        let period = &own.period;
        let to = period
            .to
            .as_deref()
            .map_or("trở đi".to_owned(), |to| spoken_month(to, VI));
        let amount = match &period.reason {
            Some(_) => "chưa xác định".to_owned(),
            None => print::dong(period.amount),
        };
        let cells = [
            spoken_month(&period.from, VI),
            to,
            amount,
            group(&period.group),
            reckoning(own),
            provision(&period.group, &domain::law::citation(&period.provision, VI)),
        ];
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        table.row(paper, Face::Regular, &cells);
    }
    table.end(paper);
    paper.space(6.0);
    if let Some(last) = periods.iter().rfind(|own| own.period.reason.is_none()) {
        let amount = Vnd::new(last.period.amount).map_err(Error::internal)?;
        let text = format!(
            "Mức hưởng từ tháng {}: {} đồng/tháng (Bằng chữ: {}).",
            spoken_month(&last.period.from, VI),
            print::dong(last.period.amount),
            in_words(amount)
        );
        paper.paragraph(BODY, &[(Face::Regular, &text)]);
    }
    let by = by.to_string();
    let mut reasons = periods.iter().flat_map(|own| &own.reasons);
    let last = reasons.clone().rfind(|own| own.from <= by);
    if let Some(reason) = last.or_else(|| reasons.next()) {
        grounds(paper, reason);
    }
    Ok(())
}

fn last_articles(paper: &mut Paper, whom: &str, periods: &[ExplainedPeriod], body: &str) {
    let now = |own: &&ExplainedPeriod| own.period.due.is_none() && own.period.reason.is_none();
    let first = periods.iter().find(now).or(periods.first());
    let from = first.map_or(String::new(), |own| spoken_month(&own.period.from, VI));
    let text = format!(
        "Khoản hưởng được chi trả theo danh sách chi trả hằng tháng của tỉnh kể từ tháng {from}; khoản của các tháng \
         trước, nếu có, được truy lĩnh."
    );
    paper.paragraph(BODY, &[(Face::Bold, "Điều 2. "), (Face::Regular, &text)]);
    let text = format!(
        "Quyết định này có hiệu lực kể từ ngày ký. Văn phòng {body}, các bộ phận có liên quan và {whom} chịu trách nhiệm \
         thi hành Quyết định này. Người được quyết định có quyền khiếu nại theo quy định của pháp luật."
    );
    paper.paragraph(BODY, &[(Face::Bold, "Điều 3. "), (Face::Regular, &text)]);
}

/// How a period's amount is reckoned, from its first reason: shown only where it comes to that amount.
fn reckoning(own: &ExplainedPeriod) -> String {
    if let Some(reason) = &own.period.reason {
        return open_reason(reason).0.to_owned();
    }
    let Some(reason) = own.reasons.first() else {
        return String::new();
    };
    let value = reason.values.iter().filter_map(|used| used.value).max();
    let paid = reason.paid.iter().filter(|paid| paid.component == own.period.component);
    let parts = paid.map(|paid| match (&paid.coefficient, value) {
        (Some(coefficient), Some(value)) => times(coefficient, value, paid.amount),
        _ => reason
            .values
            .first()
            .map_or_else(String::new, |used| used.label.vi.clone()),
    });
    parts.collect::<Vec<_>>().join(" + ")
}

fn times(coefficient: &str, value: i64, amount: i64) -> String {
    let once = coefficient.parse::<Decimal>().unwrap_or_default() * Decimal::from(value);
    let written = format!("hệ số {} x {}", coefficient.replace('.', ","), print::dong(value));
    // A single parent's amount is counted by child (NĐ 20/2021 Art 6(1)(đ)).
    let count = (1..=20_i64).find(|count| once * Decimal::from(*count) == Decimal::from(amount));
    match count {
        Some(1) => written,
        Some(count) => format!("{written} x {count}"),
        None => format!("hệ số {}", coefficient.replace('.', ",")),
    }
}
