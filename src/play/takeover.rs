//! Taking a synthetic province over from its predecessor: people, funds, and what they were entitled to so far.

use domain::Month;
use domain::province;
use serde_json::json;
use service::fund::{self, ProposeFund};
use service::person::bulk::{self, ImportPersons};
use service::person::synthetic;
use service::reassessment::{self, Parameters};
use service::{Actor, App, Error, ProblemCode, Role, installation};

use crate::play::office::Office;
use crate::play::{accept_waiting, wait};

/// People imported in one go.
const IMPORT: usize = 4_000;

/// The key of the run that determines what everybody was entitled to.
pub(crate) const DETERMINED: &str = "reassessment:release:opening";

/// A fund of a story.
pub(crate) struct Estimate<'a> {
    /// Its code.
    pub(crate) code: &'a str,
    /// Its fiscal year.
    pub(crate) fiscal_year: i32,
    /// Whose money: `provincial` or `donation`.
    pub(crate) source: &'a str,
    /// Its name.
    pub(crate) name: String,
    /// What it is given, đồng.
    pub(crate) amount: i64,
}

/// Brings the people in.
pub(crate) async fn import(app: &App, people: usize, seed: u64, who: &str) -> Result<(), Error> {
    let founder = Actor::system(who);
    let bar = wait::bar("Tiếp nhận hồ sơ", u64::try_from(people).unwrap_or(0));
    let mut all = province::generate(people, seed);
    loop {
        let persons: Vec<_> = all
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
    Ok(())
}

/// Opens funds by two people: the preparer proposes each, and the approver accepts what waits.
pub(crate) async fn open_funds(app: &App, office: &Office, funds: &[Estimate<'_>]) -> Result<(), Error> {
    let preparer = office.of(Role::Preparer)?;
    for own in funds {
        let fund = json!({"code": own.code, "fiscal_year": own.fiscal_year, "source": own.source, "name": own.name,
            "amount": own.amount});
        let command = ProposeFund {
            fund: serde_json::from_value(fund)?,
            note: format!("Giao dự toán năm {}", own.fiscal_year),
        };
        match fund::propose_opening(app, preparer, command).await {
            // Proposed, or even open, before an interruption.
            Err(error) if error.code == ProblemCode::AlreadyExists => {}
            done => drop(done?),
        }
    }
    accept_waiting(app, office, "Đã đối chiếu với quyết định giao dự toán").await
}

/// Starts to determine what everybody was entitled to; the first month that is paid here is set first.
pub(crate) async fn determine(app: &App, first_month: Month, who: &str) -> Result<(), Error> {
    installation::set_first_month(app, first_month).await?;
    let parameters = Parameters {
        release: service::law::latest(app).await?,
        opening: true,
    };
    app.db
        .write(async |txn| reassessment::start(app, txn, parameters.clone(), who).await)
        .await?;
    Ok(())
}
