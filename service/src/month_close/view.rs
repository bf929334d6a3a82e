//! How a month stands, as it is shown and kept.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Month;
use entity::enums::{Channel, CloseStatus, DifferenceStatus, OpenKind, Standing};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How much stands somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StandingSum {
    /// Where: `in_flight`, `unknown`, `settled`, `credited`, `to_reissue`, `reissued` or `cancelled`.
    #[schema(value_type = String, example = "credited")]
    pub standing: Standing,
    /// How many lines.
    pub lines: i64,
    /// Đồng, less what is kept back.
    pub amount: i64,
}

/// What the lines of released runs come to in a fund year, a channel and a bank, and where it stands, đồng.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TieRow {
    /// The fund.
    #[schema(example = "social_assistance")]
    pub fund: String,
    /// The fiscal year whose fund carries the lines.
    #[schema(example = 2024)]
    pub fiscal_year: i32,
    /// Bank transfer or post-office cash.
    #[schema(value_type = String, example = "bank_transfer")]
    pub channel: Channel,
    /// The payees' bank.
    #[schema(example = "AGRIBANK")]
    pub bank_code: Option<String>,
    /// How many lines.
    pub lines: i64,
    /// Their sum.
    pub gross: i64,
    /// What is kept back of them for overpayments.
    pub kept_back: i64,
    /// What orders pay: the lines less what is kept back.
    pub net: i64,
    /// Where it stands; the sum is `net`.
    pub standings: Vec<StandingSum>,
}

/// The three legs of one file: what lines say, what the file says, and what the bank says, đồng.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileTie {
    /// The run.
    pub pay_run_id: Uuid,
    /// The file.
    pub file_id: Uuid,
    /// Its name.
    #[schema(example = "pain001-AGRIBANK-1.xml")]
    pub name: String,
    /// The bank it goes to.
    pub bank_code: Option<String>,
    /// What the lines of its orders come to, less what is kept back.
    pub lines: i64,
    /// How many orders stand in it.
    pub orders: i64,
    /// What they pay.
    pub ordered: i64,
    /// How many orders the file says it has.
    pub filed_orders: i64,
    /// What the file says it pays.
    pub filed: i64,
    /// What the bank says was paid, by the history of the orders.
    pub paid: i64,
    /// What the bank refused or sent back.
    pub came_back: i64,
    /// What has no final answer.
    pub unanswered: i64,
    /// What the bank says by its own amounts; none in closes of before they were summed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankAmounts>,
}

/// What a bank says it moved of a file's orders, by the amounts it wrote itself, đồng.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BankAmounts {
    /// Of the orders that stand as paid, by their own lines.
    pub paid: i64,
    /// What came back, by its own lines.
    pub came_back: i64,
    /// The orders that it called paid without naming an amount, as they were ordered.
    pub silent: i64,
    /// One debit over the whole file, where it ties.
    pub batch_debit: i64,
    /// What came back over the whole file.
    pub batch_credit: i64,
}

/// Where two legs do not agree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// What is compared: `lines_orders`, `orders_files`, `orders_answers`, `orders_bank` (what was ordered or is booked as a
    /// difference, and what the bank says it moved) or `bank_statement` (what a statement says of the whole of itself, and
    /// its lines; or what was paid, and stands in no statement).
    #[schema(example = "orders_files")]
    pub legs: String,
    /// What it is about: a line, an order's reference, or the name of a file or a statement.
    pub subject: String,
    /// The one side, đồng.
    pub one: i64,
    /// The other side, đồng.
    pub other: i64,
}

/// What a bank moved more or less than an order says, as it stood.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct MovedAmount {
    /// The order's reference in files.
    pub reference: String,
    /// What the order says, đồng.
    pub ordered: i64,
    /// Does it tell of money that came back?
    pub returned: bool,
    /// What the bank says it moved, đồng.
    pub moved: i64,
    /// Above nothing, what the bank took too much or gave back too little; below, what it moved too little or gave back
    /// too much, đồng.
    pub amount: i64,
    /// `open`, `made_good`, `written_off` or `unbooked`.
    #[schema(value_type = String, example = "open")]
    pub status: DifferenceStatus,
    /// The names of the two people who settled it: who proposed it, and who accepted.
    #[schema(example = json!(["Nguyễn Thị Thu", "Trần Văn Bình"]))]
    pub settled_by: Vec<String>,
}

/// What is open of a month, by kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenSum {
    /// `unreleased`, `in_flight`, `unknown`, `to_reissue`, `suspense`, `difference`, `month_not_completed` or
    /// `amount_difference`.
    #[schema(value_type = String, example = "in_flight")]
    pub kind: OpenKind,
    /// How many.
    pub items: i64,
    /// Đồng.
    pub amount: i64,
    /// Since when the oldest is open.
    pub oldest: NaiveDate,
}

/// One thing that is open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct OpenItem {
    /// `unreleased`, `in_flight`, `unknown`, `to_reissue`, `suspense`, `difference`, `month_not_completed` or
    /// `amount_difference`. In the ageing list an order in flight that nobody has said the end of for so many days that two
    /// people may (`bank-silence`) is `bank_silent`; there alone are `file_unacknowledged` and `file_unknown`, files that
    /// were sent or may have been, `recall_unanswered`, and `death_reported`, which the registry has not looked into.
    #[schema(value_type = String, example = "to_reissue")]
    pub kind: OpenKind,
    /// The day since when it is open: the release of its run (of a difference too), its return, the receipt of its report;
    /// when the file was sent, when two people agreed on the recall.
    pub since: NaiveDate,
    /// The order's reference in files, what the line of a bank names, the name of the file, or the fund of which a month has
    /// no run.
    pub reference: Option<String>,
    /// The run.
    pub pay_run_id: Option<Uuid>,
    /// The order.
    pub order_id: Option<Uuid>,
    /// The line of a bank's report.
    pub line_id: Option<Uuid>,
    /// The area.
    pub area_id: Option<String>,
    /// Đồng; of a recall or a death, what the order pays.
    pub amount: i64,
    /// The state of the run, the order, the line or the file; of an amount that a bank moved more or less, `short_moved` or
    /// `over_moved`. Of a month that is not completed: `no_whole_run` with what its runs
    /// hold, and for each area or channel that none of them is for the channel, or `all_channels`. Of a recall
    /// `unanswered`, `letter_unsent` where it is asked by letter and nobody has noted that the letter was sent, or `pending`
    /// where the bank looks into it; of a death `reported_deceased` or
    /// `payee_reported_deceased`.
    #[schema(example = "returned")]
    pub state: String,
    /// Why: a bank's reason, or what was found of a line; why the order is recalled; what went wrong with the delivery.
    #[schema(example = "AC04")]
    pub reason: Option<String>,
    /// The file, the recall or the finding of the registry; left out of anything else.
    // Nothing that is open in a close has one: left out, it changes no digest that was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<Uuid>,
}

/// One thing that is open, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpenItemView {
    /// What.
    #[serde(flatten)]
    pub item: OpenItem,
    /// For how many days: at the close; today where a second person has still to sign it, and in the ageing list.
    pub age_days: i64,
}

/// Amounts of an area or a group of benefits, đồng.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Share {
    /// The area's id or the group's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How many lines.
    pub lines: i64,
    /// What they pay, less what is kept back.
    pub net: i64,
    /// Debited or credited.
    pub paid: i64,
    /// With the bank or the post office.
    pub unpaid: i64,
    /// Came back, to be paid again or paid again by a later run.
    pub carried_over: i64,
    /// Came back and cancelled.
    pub cancelled: i64,
}

/// What the month's runs held and did not pay, by reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldTotal {
    /// Why.
    #[schema(example = "no_payee_account")]
    pub reason: String,
    /// How many amounts.
    pub items: i64,
    /// Đồng.
    pub amount: i64,
}

/// What changed in a month after it was closed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Correction {
    /// The closed month.
    #[schema(value_type = String, example = "2024-09")]
    pub month: Month,
    /// The order.
    pub order_id: Uuid,
    /// Its reference in files.
    pub reference: String,
    /// Where more of it stands than before, or less.
    #[schema(value_type = String, example = "to_reissue")]
    pub standing: Standing,
    /// How much, đồng, signed; the corrections of an order add up to nothing, unless it is new.
    pub amount: i64,
}

/// The sums of a cover month: what a close keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sums {
    /// The cover month of the runs.
    #[schema(value_type = String, example = "2024-09")]
    pub month: Month,
    /// By fund, fiscal year, channel and bank.
    pub rows: Vec<TieRow>,
    /// By file.
    pub files: Vec<FileTie>,
    /// Where the legs do not agree.
    pub differences: Vec<Difference>,
    /// What banks moved more or less than was ordered; none in closes of before it was kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amount_differences: Vec<MovedAmount>,
    /// What is open, by kind.
    pub open: Vec<OpenSum>,
    /// What was held and not paid, by reason.
    pub held: Vec<HeldTotal>,
    /// By area.
    pub areas: Vec<Share>,
    /// By group of benefits.
    pub groups: Vec<Share>,
}

impl Sums {
    /// Where all of it stands.
    pub fn standings(&self) -> Vec<StandingSum> {
        let mut all: Vec<StandingSum> = Vec::new();
        for own in self.rows.iter().flat_map(|row| &row.standings) {
            match all.iter_mut().find(|sum| sum.standing == own.standing) {
                Some(sum) => {
                    sum.lines += own.lines;
                    sum.amount += own.amount;
                }
                None => all.push(own.clone()),
            }
        }
        all.sort_by_key(|sum| sum.standing);
        all
    }

    /// What stands somewhere, đồng.
    pub fn amount(&self, standing: Standing) -> i64 {
        let own = self.standings().into_iter().find(|sum| sum.standing == standing);
        own.map_or(0, |sum| sum.amount)
    }
}

/// The three-way tie of a cover month as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TieView {
    /// The sums.
    #[serde(flatten)]
    pub sums: Sums,
    /// Do runs, files and banks agree, đồng for đồng?
    pub ties: bool,
    /// What changed in closed months and stands in no close yet.
    pub corrections: Vec<Correction>,
    /// Where the month is paid by areas or channels alone: that no run for everybody takes it, and each area or channel
    /// that none of its runs is for. What such runs hold waits as arrears once they are released; what is due to those whom
    /// none is for is carried over to no later month.
    pub month_not_completed: Vec<OpenItem>,
    /// What a close binds to.
    pub digest: String,
}

/// A month's close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MonthCloseView {
    /// Id.
    pub id: Uuid,
    /// The cover month.
    #[schema(value_type = String, example = "2024-09")]
    pub month: Month,
    /// `prepared` by one person, `closed` by another.
    #[schema(value_type = String, example = "closed")]
    pub status: CloseStatus,
    /// While it is prepared: has the month changed since? Then it can't be confirmed and is prepared again; its open items
    /// and its reports are those of now. Never set in a list, for which no month is reckoned anew.
    #[schema(example = false)]
    pub changed_since_prepared: bool,
    /// Grows with each preparation.
    pub revision: i64,
    /// For `If-Match`.
    pub version: i64,
    /// The last banking day on which the settlement of the month is reported (NĐ 20/2021/NĐ-CP Điều 34(5)).
    #[schema(example = "2024-09-20")]
    pub settlement_due: NaiveDate,
    /// By how many days it was closed after that; while it is prepared, by how many it is late today. 0 in time.
    #[schema(example = 0)]
    pub days_late: i64,
    /// The digest that both people signed.
    pub digest: String,
    /// What the preparer says.
    pub note: String,
    /// Do runs, files and banks agree?
    pub ties: bool,
    /// The sum of the lines, đồng.
    pub gross: i64,
    /// What the orders pay, đồng.
    pub net: i64,
    /// Where it stood.
    pub standings: Vec<StandingSum>,
    /// What was open, by kind; each item is in the list of open items.
    pub open: Vec<OpenSum>,
    /// What it carries of months closed earlier; while it is prepared, what it would carry now, but for lists.
    pub corrections: Vec<Correction>,
    /// Who prepared it.
    pub prepared_by: Uuid,
    /// When.
    pub prepared_at: DateTime<Utc>,
    /// Who confirmed it.
    pub closed_by: Option<Uuid>,
    /// When.
    pub closed_at: Option<DateTime<Utc>>,
}
