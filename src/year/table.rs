//! What a person sees of the year: a row for each month as it is closed, and the account at its end.

use domain::Month;
use service::clock::in_vietnam;
use service::month_close::{self, StandingSum};
use service::page::MAX_LIMIT;
use service::{App, Code, Error, ProblemCode, Role, bank_report};

use super::account::{Account, FundAccount, PLACES};
use crate::play::office::Office;
use crate::play::pages;
use crate::play::table::grouped;

/// The head of the months.
pub(super) fn print_head() {
    say!();
    say!(
        "{:8} {:>7} {:>16} {:>16} {:>14} {:>14} {:>13} {:>9} {:>6}  Khóa sổ",
        "Tháng",
        "Dòng",
        "Đồng",
        "Đã trả",
        "Trả lại",
        "Đã chi lại",
        "Còn mở",
        "Dòng lệch",
        "Chờ"
    );
    say!(
        "{0:-<8} {0:->7} {0:->16} {0:->16} {0:->14} {0:->14} {0:->13} {0:->9} {0:->6}  {0:-<18}",
        ""
    );
}

/// A month as it was closed: its lines and đồng, what was paid, came back, and was paid again, what was open, how many
/// lines of banks needed a look and how many waited still.
pub(super) async fn print_row(app: &App, office: &Office, month: Month) -> Result<(), Error> {
    let auditor = office.of(Role::Auditor)?;
    let own = match month_close::get(app, auditor, month).await {
        Ok(own) => own,
        Err(error) if error.code == ProblemCode::NotFound => {
            say!("{:8} chưa khóa sổ (not closed)", month.to_string());
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let of = |wanted: &[&str]| sum_of(&own.standings, wanted);
    let lines: i64 = own.standings.iter().map(|sum| sum.lines).sum();
    let waiting = own.open.iter().filter(|sum| sum.kind.code() == "suspense");
    let waiting: i64 = waiting.map(|sum| sum.items).sum();
    let day = own.closed_at.map(|at| in_vietnam(at).date_naive().to_string());
    say!(
        "{:8} {:>7} {:>16} {:>16} {:>14} {:>14} {:>13} {:>9} {:>6}  {} {}",
        month.to_string(),
        grouped(lines),
        grouped(own.net),
        grouped(of(&["settled", "credited"])),
        grouped(of(&["to_reissue", "reissued", "cancelled"])),
        grouped(of(&["reissued"])),
        grouped(of(&["in_flight", "unknown"])),
        grouped(odd_lines(app, office, month).await?),
        grouped(waiting),
        day.as_deref().unwrap_or("chưa"),
        if own.ties { "khớp" } else { "LỆCH" },
    );
    Ok(())
}

fn sum_of(standings: &[StandingSum], wanted: &[&str]) -> i64 {
    let own = standings
        .iter()
        .filter(|sum| wanted.contains(&sum.standing.code().as_str()));
    own.map(|sum| sum.amount).sum()
}

/// How many lines that banks wrote in a month did not simply find their order and agree with it.
async fn odd_lines(app: &App, office: &Office, month: Month) -> Result<i64, Error> {
    let auditor = office.of(Role::Auditor)?;
    let reports =
        pages::all(async |cursor| bank_report::list(app, auditor, Some(MAX_LIMIT), cursor.as_deref()).await).await?;
    let own = reports
        .iter()
        .filter(|report| Month::of(in_vietnam(report.received_at).date_naive()) == month);
    Ok(own.map(|report| report.line_count - report.matched).sum())
}

/// The account: each fund with its places, and what ties to it.
pub(super) fn print_account(account: &Account) {
    say!();
    let width = account.funds.iter().map(|fund| fund.name.chars().count()).max();
    let width = width.unwrap_or(0).max(10);
    say!(
        "{:width$} {:>16} {:>16} {:>9} {:>9} {:>12} {:>16} {:>12} {:>10} {:>16}",
        "Nguồn",
        "Được giao",
        "Còn lại",
        "Giữ chỗ",
        "Cam kết",
        "Đang đi",
        "Đã chi",
        "Chờ chi lại",
        "Chi lệch",
        "Cộng"
    );
    say!(
        "{0:-<width$} {0:->16} {0:->16} {0:->9} {0:->9} {0:->12} {0:->16} {0:->12} {0:->10} {0:->16}",
        ""
    );
    for fund in &account.funds {
        print_fund(&fund.name, width, (fund.opened, fund.stands, fund.whole()));
    }
    let mut all = [0; PLACES.len()];
    for fund in &account.funds {
        for (sum, own) in all.iter_mut().zip(fund.stands) {
            *sum += own;
        }
    }
    let opened = account.funds.iter().map(|fund| fund.opened).sum();
    let whole = account.funds.iter().map(FundAccount::whole).sum();
    print_fund("Tất cả", width, (opened, all, whole));
    say!();
    say!(
        "Đã khóa sổ {}/{} tháng (months closed); {} bất biến đã xét (invariants)",
        account.closed,
        account.months,
        account.invariants
    );
    let bank = &account.bank;
    say!(
        "Sổ của ngân hàng, bưu điện: {} lệnh, đã chi {} đ (the banks' own books)",
        grouped(i64::try_from(bank.orders).unwrap_or(i64::MAX)),
        grouped(bank.moved)
    );
    say!(
        "Sổ của ta: đã chi {} + hoàn trả {} + chi thiếu {} + chi lệch {} đ (paid, paid back, too little, otherwise)",
        grouped(bank.paid),
        grouped(bank.recovered),
        grouped(bank.short),
        grouped(bank.otherwise)
    );
}

fn print_fund(name: &str, width: usize, (opened, stands, whole): (i64, [i64; PLACES.len()], i64)) {
    let [
        available,
        reserved,
        committed,
        in_transit,
        paid,
        to_reissue,
        differing @ ..,
    ] = stands;
    let [available, reserved, committed, in_transit, paid, to_reissue] =
        [available, reserved, committed, in_transit, paid, to_reissue].map(grouped);
    let differing = grouped(differing.iter().sum());
    say!(
        "{name:width$} {:>16} {available:>16} {reserved:>9} {committed:>9} {in_transit:>12} {paid:>16} {to_reissue:>12} {differing:>10} {:>16}",
        grouped(opened),
        grouped(whole)
    );
}
