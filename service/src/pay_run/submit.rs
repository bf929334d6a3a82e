//! Submission: the lines freeze, the maker signs their digest, the funds are reserved.

use std::collections::BTreeMap;

use entity::enums::{Act, Build, LineKind, PayRunKind, PayRunStatus};
use entity::pay_run;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::approval;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::fund::{self, Account, Move};
use crate::pay_run::digest::{self, SignedLine};
use crate::pay_run::sealed::Sums;
use crate::pay_run::view::{PayRunView, view};
use crate::pay_run::{prepared, tier};
use crate::payment_order::roll_up::RollUp;
use crate::{law, overpayment, payment_file, reassessment};

/// Submits a built run for approval. Refused while a reassessment is unfinished, while the lines are not built,
/// where they were built under another release than the one in force, or where a run that is not regular has none. How many
/// must approve it is fixed by now, by its money and that of the other runs of its month.
pub async fn submit(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<PayRunView, Error> {
    actor.require_province(Permission::PayRunMake)?;
    let maker = actor.person()?;
    let release = law::latest(app).await?;
    let run = app
        .db
        .write(async |txn| {
            let run = super::for_update(txn, id).await?;
            super::expect(&run, version, PayRunStatus::Draft)?;
            reassessment::require_finished(txn.conn()).await?;
            if run.build != Build::Done || run.release_number != release {
                return Err(Error::because(
                    ProblemCode::IllegalTransition,
                    "Danh sách chưa lập xong hoặc đã cũ; hãy lập lại",
                    "the lines are not built or no longer current; build the run again",
                ));
            }
            overpayment::deduction::require_standing(txn, id).await?;
            let now = app.clock.now();
            let lines = digest::signed_lines(txn.conn(), id).await?;
            require_lines(&run, &lines)?;
            require_rolled_up(app, txn, &run, &lines).await?;
            let digest = digest::digest(&lines)?;
            approval::sign(app, txn, &super::subject(id), run.revision, Act::Make, maker, &digest).await?;
            let batch = format!("pay_run:{}:submit:{}", id.simple(), run.revision);
            fund::post(
                app,
                txn,
                super::fund_code(&run),
                &batch,
                &moves(&Sums::of(&lines), Account::Available, Account::Reserved),
            )
            .await?;
            fund::draw(txn, &run, &lines).await?;
            // Only now, under the lock of the fund: another run of the month that was submitted meanwhile counts.
            let (tier, tier_amount) = tier::of(txn.conn(), &run).await?;
            let detail = json!({"digest": digest, "lines": run.line_count, "total": run.total, "deducted": run.deducted,
                    "approvals": tier.approvals, "tier_amount": tier_amount});
            txn.audit(Event::new(now, actor, "pay_run.submit", super::subject(id), detail));
            let changed = pay_run::Model {
                status: PayRunStatus::Submitted,
                digest: Some(digest),
                submitted_at: Some(now),
                made_by: Some(maker),
                approvals: tier.approvals,
                approval_role: tier.role,
                rejected_reason: None,
                version: run.version + 1,
                ..run
            };
            prepared::make(app, txn, &changed, &lines).await?;
            payment_file::prepared::prepare(txn, &changed).await?;
            save(txn, changed).await
        })
        .await?;
    view(app, &run).await
}

/// A regular run takes its month, and carries over what it held, even where it pays nobody. Any other is there for its lines
/// alone: where they are in another run by now, or left out, there is nothing to sign.
fn require_lines(run: &pay_run::Model, lines: &[SignedLine]) -> Result<(), Error> {
    if run.kind == PayRunKind::Regular || !lines.is_empty() {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        "Đợt chi trả không có khoản nào để chi; hãy lập lại danh sách hoặc hủy đợt này",
        "the run has no lines and pays nothing; build it again or cancel it",
    ))
}

/// The lines make the orders that the profiles in force want; where a bank has changed its mind since they were written,
/// they are written again first.
async fn require_rolled_up(app: &App, txn: &Txn, run: &pay_run::Model, lines: &[SignedLine]) -> Result<(), Error> {
    let (roll_up, key) = (RollUp::now(txn.conn()).await?, super::natural_key(run));
    let secret = app.secret.ids();
    if roll_up.holds(secret, &key, lines) {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        "Mẫu của ngân hàng về gộp hay tách lệnh chi, hoặc hạn mức một lệnh, đã thay đổi; hãy lập lại danh sách",
        "a bank's profile says otherwise by now whether orders to one account are merged or split, or how much one may be; \
         build the run again",
    ))
}

/// Money of a run's lines between two accounts, by the fiscal year that carries each line. What a line pays again is not
/// available to others: it is taken from what came back, and goes back there.
pub(super) fn moves(sums: &Sums, from: Account, to: Account) -> Vec<Move> {
    let mut by_account: BTreeMap<(i32, Account, Account), i64> = BTreeMap::new();
    for ((year, kind), sum) in &sums.0 {
        let own = |account| match (account, kind) {
            (Account::Available, LineKind::Reissue) => Account::ToReissue,
            _ => account,
        };
        *by_account.entry((*year, own(from), own(to))).or_insert(0) += sum.amount;
    }
    by_account
        .into_iter()
        .map(|((fiscal_year, from, to), amount)| Move {
            fiscal_year,
            from,
            to,
            amount,
        })
        .collect()
}

/// Writes a changed run.
pub(super) async fn save(txn: &Txn, run: pay_run::Model) -> Result<pay_run::Model, Error> {
    run.clone().into_active_model().reset_all().update(txn.conn()).await?;
    Ok(run)
}
