//! The story, step by step. Each step can be taken again after an interruption and comes to the same end.

use chrono::Datelike;
use domain::Month;
use service::pay_run::CreatePayRun;
use service::{App, Error, ProblemCode, installation};

use crate::demo::summary::Summary;
use crate::demo::{Options, answers, events, explain};
use crate::play::office::Office;
use crate::play::takeover::{self, Estimate};
use crate::play::{advance, files, law, pay_run, relief, wait};

/// The step after the last.
pub(super) const DONE: i32 = 1_000_000;

/// Tells the story to its end.
pub(super) async fn tell(app: &App, options: &Options, key: &str) -> Result<Summary, Error> {
    let mut summary = Summary::new();
    let office = Office::open(app, &[]).await?;
    let mut bank = answers::open(app, &office, options).await?;
    let (september, october) = (month(2024, 9)?, month(2024, 10)?);
    let step = installation::demo_state(app).await?.step;

    if step < 1 {
        take_over(app, &office, options, september).await?;
        installation::set_demo_state(app, key, 1).await?;
    }
    summary.step("20/8 tiếp nhận tỉnh", Some(count(options.people)), None);
    wait::for_run(app, takeover::DETERMINED, "Xác định quyền hưởng").await?;
    summary.step("20/8 xác định quyền hưởng", Some(count(options.people)), None);

    advance(app, "2024-08-20T14:00:00+07:00").await?;
    let run = pay_run::take(app, &office, regular(september)?).await?;
    let folder = options.out.join(september.to_string());
    files::write(app, &office, run.id, &folder).await?;
    summary.step("20/8 chi trả tháng 9", Some(run.line_count), Some(run.total));

    let told = events::until(app, &office, options, key, "2024-09-06").await?;
    let storm = relief::storm(app, &office, &options.out).await?;
    summary.step("7/9 cứu trợ bão số 3", Some(storm.claims), Some(storm.total));
    let told = told + events::until(app, &office, options, key, "2024-09-17").await?;
    summary.step("biến động đến 17/9", Some(told), None);

    let day = advance(app, "2024-09-18T09:00:00+07:00").await?.date_naive();
    let answered = answers::receive(app, &office, &mut bank, day, &options.answers).await?;
    summary.step("18/9 kết quả của ngân hàng, bưu điện", Some(answered), None);

    let told = events::until(app, &office, options, key, "2024-09-22").await?;
    summary.step("biến động đến 22/9", Some(told), None);
    let day = advance(app, "2024-09-23T09:00:00+07:00").await?.date_naive();
    law::publish(app, &office, day, &options.out.join(october.to_string())).await?;
    summary.step("23/9 nghị quyết mới, tính lại", Some(count(options.people)), None);

    let told = events::until(app, &office, options, key, "2024-09-24").await?;
    summary.step("biến động đến 24/9", Some(told), None);
    advance(app, "2024-09-24T15:00:00+07:00").await?;
    let run = pay_run::take(app, &office, regular(october)?).await?;
    let folder = options.out.join(october.to_string());
    files::write(app, &office, run.id, &folder).await?;
    explain::write(app, &office, run.id, &folder).await?;
    summary.step("24/9 chi trả tháng 10", Some(run.line_count), Some(run.total));

    let day = advance(app, "2024-10-18T09:00:00+07:00").await?.date_naive();
    let all = answers::receive(app, &office, &mut bank, day, &options.answers).await?;
    summary.step("18/10 kết quả của ngân hàng, bưu điện", Some(all - answered), None);

    let checks = service::verify::all(app).await?;
    let faults: Vec<_> = checks.iter().flat_map(|check| check.faults.iter()).collect();
    if let Some(fault) = faults.first() {
        return Err(Error::because(
            ProblemCode::Internal,
            format!("{} bất biến bị vi phạm; thí dụ: {fault}", faults.len()),
            format!("{} invariants do not hold; for one: {fault}", faults.len()),
        ));
    }
    summary.step(format!("kiểm tra {} bất biến", checks.len()), None, None);
    installation::set_demo_state(app, key, DONE).await?;
    Ok(summary)
}

fn month(year: i32, number: u32) -> Result<Month, Error> {
    Month::new(year, number).map_err(Error::internal)
}

/// The regular run of a month, paid on the 5th.
fn regular(month: Month) -> Result<CreatePayRun, Error> {
    let pay_date = month.first_day().with_day(5);
    let pay_date = pay_date.ok_or_else(|| Error::internal("no such day"))?;
    Ok(CreatePayRun::regular(month, pay_date))
}

fn count(people: usize) -> i64 {
    i64::try_from(people).unwrap_or(i64::MAX)
}

/// Takes the province over from its predecessor.
async fn take_over(app: &App, office: &Office, options: &Options, first_month: Month) -> Result<(), Error> {
    takeover::import(app, options.people, options.seed, "demo").await?;
    open_funds(app, office, options).await?;
    takeover::determine(app, first_month, "demo").await
}

/// Funds in the proportion of the province: the estimate of a year, and what earlier years left for arrears.
async fn open_funds(app: &App, office: &Office, options: &Options) -> Result<(), Error> {
    let share = |amount: i64| amount / 44_000 * count(options.people).max(100);
    let fund = |code, fiscal_year, name: &str, amount| Estimate {
        code,
        fiscal_year,
        source: "provincial",
        name: name.to_owned(),
        amount: share(amount),
    };
    let funds = [
        fund("social_assistance", 2024, "Trợ giúp xã hội 2024", 300_000_000_000),
        fund(
            "social_assistance",
            2023,
            "Trợ giúp xã hội 2023, chuyển nguồn",
            10_000_000_000,
        ),
        fund("emergency_relief", 2024, "Cứu trợ khẩn cấp 2024", 200_000_000_000),
    ];
    takeover::open_funds(app, office, &funds).await
}
