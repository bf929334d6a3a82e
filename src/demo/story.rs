//! The story, step by step. Each step can be taken again after an interruption and comes to the same end.

use std::path::PathBuf;

use domain::Month;
use domain::province;
use service::fund::{self, OpenFund, ProposeFund};
use service::person::bulk::{self, ImportPersons};
use service::person::synthetic;
use service::proposal::{DecideProposal, Decision};
use service::reassessment::{self, Parameters};
use service::treasury_proposal::{self, ListTreasuryProposals};
use service::{Actor, App, Error, ProblemCode, Role, installation};

use crate::demo::office::Office;
use crate::demo::summary::Summary;
use crate::demo::{Options, advance, answers, events, explain, files, law, pay_run, relief, wait};

/// The step after the last.
pub(super) const DONE: i32 = 1_000_000;

/// People imported in one go.
const IMPORT: usize = 4_000;

/// Tells the story to its end.
pub(super) async fn tell(app: &App, options: &Options, key: &str) -> Result<Summary, Error> {
    let mut summary = Summary::new();
    let office = Office::open(app).await?;
    let (september, october) = (month(2024, 9)?, month(2024, 10)?);
    let step = installation::demo_state(app).await?.step;

    if step < 1 {
        take_over(app, &office, options, september).await?;
        installation::set_demo_state(app, key, 1).await?;
    }
    summary.step("20/8 tiếp nhận tỉnh", Some(count(options.people)), None);
    wait::for_run(app, "reassessment:release:opening", "Xác định quyền hưởng").await?;
    summary.step("20/8 xác định quyền hưởng", Some(count(options.people)), None);

    advance(app, "2024-08-20T14:00:00+07:00").await?;
    let run = pay_run::take(app, &office, september, 5).await?;
    let folder = options.out.join(september.to_string());
    files::write(app, &office, run.id, &folder).await?;
    summary.step("20/8 chi trả tháng 9", Some(run.line_count), Some(run.total));

    let told = events::until(app, &office, options, key, "2024-09-06").await?;
    relief::storm(app, &office, options, &mut summary).await?;
    let told = told + events::until(app, &office, options, key, "2024-09-17").await?;
    summary.step("biến động đến 17/9", Some(told), None);

    let at = advance(app, "2024-09-18T09:00:00+07:00").await?;
    let answered = answers::receive(app, &office, options, run.id, at, &answers_folder(options, september)).await?;
    summary.step("18/9 kết quả của ngân hàng, bưu điện", Some(answered), None);

    let told = events::until(app, &office, options, key, "2024-09-22").await?;
    summary.step("biến động đến 22/9", Some(told), None);
    let day = advance(app, "2024-09-23T09:00:00+07:00").await?.date_naive();
    law::publish(app, &office, day, &options.out.join(october.to_string())).await?;
    summary.step("23/9 nghị quyết mới, tính lại", Some(count(options.people)), None);

    let told = events::until(app, &office, options, key, "2024-09-24").await?;
    summary.step("biến động đến 24/9", Some(told), None);
    advance(app, "2024-09-24T15:00:00+07:00").await?;
    let run = pay_run::take(app, &office, october, 5).await?;
    let folder = options.out.join(october.to_string());
    files::write(app, &office, run.id, &folder).await?;
    explain::write(app, &office, run.id, &folder).await?;
    summary.step("24/9 chi trả tháng 10", Some(run.line_count), Some(run.total));

    let at = advance(app, "2024-10-18T09:00:00+07:00").await?;
    let answered = answers::receive(app, &office, options, run.id, at, &answers_folder(options, october)).await?;
    summary.step("18/10 kết quả của ngân hàng, bưu điện", Some(answered), None);

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

fn count(people: usize) -> i64 {
    i64::try_from(people).unwrap_or(i64::MAX)
}

fn answers_folder(options: &Options, month: Month) -> PathBuf {
    options.answers.join(month.to_string())
}

/// Takes the province over from its predecessor: people, funds, and what they were entitled to so far.
async fn take_over(app: &App, office: &Office, options: &Options, first_month: Month) -> Result<(), Error> {
    let founder = Actor::system("demo");
    let bar = wait::bar("Tiếp nhận hồ sơ", u64::try_from(options.people).unwrap_or(0));
    let mut people = province::generate(options.people, options.seed);
    loop {
        let persons: Vec<_> = people
            .by_ref()
            .take(IMPORT)
            .map(|own| synthetic::new_person(&own))
            .collect::<Result<_, _>>()?;
        if persons.is_empty() {
            break;
        }
        let taken = persons.len();
        let report = bulk::import(app, &founder, ImportPersons { opening: true, persons }).await?;
        if let Some(row) = report.rows.first() {
            return Err(Error::internal(format!("row {}: {:?}", row.row, row.errors)));
        }
        bar.inc(u64::try_from(taken).unwrap_or(0));
    }
    bar.finish_and_clear();
    open_funds(app, office, options).await?;
    installation::set_first_month(app, first_month).await?;
    let parameters = Parameters {
        release: service::law::latest(app).await?,
        opening: true,
    };
    app.db
        .write(async |txn| reassessment::start(app, txn, parameters.clone(), "demo").await)
        .await?;
    Ok(())
}

/// Funds in the proportion of the province: the estimate of a year, and what earlier years left for arrears. The preparer
/// proposes each, and the approver accepts what waits.
async fn open_funds(app: &App, office: &Office, options: &Options) -> Result<(), Error> {
    let share = |amount: i64| amount / 44_000 * count(options.people).max(100);
    let preparer = office.of(Role::Preparer)?;
    for (code, fiscal_year, name, amount) in [
        ("social_assistance", 2024, "Trợ giúp xã hội 2024", 300_000_000_000),
        (
            "social_assistance",
            2023,
            "Trợ giúp xã hội 2023, chuyển nguồn",
            10_000_000_000,
        ),
        ("emergency_relief", 2024, "Cứu trợ khẩn cấp 2024", 200_000_000_000),
    ] {
        let fund = OpenFund {
            code: code.to_owned(),
            fiscal_year,
            source: fund::provincial(),
            name: name.to_owned(),
            amount: domain::Vnd::new(share(amount)).map_err(Error::internal)?,
        };
        let note = format!("Giao dự toán năm {fiscal_year}");
        match fund::propose_opening(app, preparer, ProposeFund { fund, note }).await {
            // Proposed, or even open, before an interruption.
            Err(error) if error.code == ProblemCode::AlreadyExists => {}
            done => drop(done?),
        }
    }
    let approver = office.of(Role::Approver)?;
    let waiting = treasury_proposal::list(app, approver, ListTreasuryProposals::waiting()).await?;
    for waiting in waiting.items {
        let accept = DecideProposal {
            proposal_id: waiting.id,
            decision: Decision::Accept,
            note: "Đã đối chiếu với quyết định giao dự toán".to_owned(),
        };
        treasury_proposal::decide(app, approver, waiting.id, waiting.version, accept).await?;
    }
    Ok(())
}
