//! The history of the law from 2012 to 2026, replayed from an empty database in the order in which it was published, with
//! every month paid on the way.

mod calendar;
mod people;
mod town;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::Month;
use domain::law;

use self::calendar::{Step, calendar};
use self::people::month;
use self::town::{Paid, Town};
use crate::harness::each_engine_from;

/// What was not paid in the month it was for: the run, whose it is, the months, đồng a month, and why.
const LATE: &str = "
    2018-08 | Trẻ nhiễm HIV                       | 2018-07          |    875.000 | decided on 10/7, after the July list closed
    2019-05 | Cụ 80 tuổi không lương hưu          | 2019-02..2019-04 |    350.000 | from the month of the birthday
    2021-08 | Đơn thân cận nghèo                  | 2021-07          |    360.000 | decided on 12/7, at the standard of July
    2021-08 | Trẻ sơ sinh trong cơ sở             | 2021-07          |  2.500.000 | decided on 20/7
    2021-08 | Nhận chăm sóc cụ già                | 2021-07          |    540.000 | decided on 15/7
    2021-09 | Trẻ mồ côi sinh năm 2020            | 2021-08          |  1.125.000 | decided on 16/8
    2021-10 | Nhận nuôi trẻ                       | 2021-09          |    900.000 | decided on 1/9
    2022-02 | Trẻ dưới 3 tuổi vùng khó khăn       | 2022-01          |    675.000 | decided on 10/1
    2022-07 | Cụ 75 tuổi vùng khó khăn            | 2022-04..2022-06 |    450.000 | from the month of the birthday
    2023-07 | Mẹ khuyết tật nặng nuôi con nhỏ     | 2022-03..2022-12 |    675.000 | from the month of the certificate
    2023-07 | Mẹ khuyết tật nặng nuôi con nhỏ     | 2023-01..2023-06 |    750.000 | each month at its own amount
    2023-07 | Mẹ khuyết tật nặng nuôi con nhỏ     | 2023-06          |    540.000 | care support, from the month of the decision
    2024-04 | Cụ trong cơ sở                      | 2024-03          | 18.000.000 | the funeral
    2024-08 | Chăm sóc người nhà đặc biệt nặng    | 2024-07          |    140.000 | NĐ 76/2024 of 1/7: 1,0 × (500.000 − 360.000)
    2024-08 | Nhận chăm sóc hai người đặc biệt nặng | 2024-07        |    210.000 | 1,5 × 140.000
    2024-08 | Nhận chăm sóc hai người đặc biệt nặng | 2024-07        |    210.000 | the other
    2024-08 | Nhận nuôi trẻ                       | 2024-07          |    210.000 | 1,5 × 140.000
    2024-08 | Mẹ khuyết tật nặng nuôi con nhỏ     | 2024-07          |    210.000 | 1,5 × 140.000
    2024-08 | Nhận chăm sóc trẻ đặc biệt nặng     | 2024-07          |    350.000 | 2,5 × 140.000
    2024-08 | Nhận chăm sóc cụ già                | 2024-07          |    210.000 | 1,5 × 140.000
    2025-02 | Mẹ khuyết tật nặng sinh đôi         | 2024-12..2025-01 |  1.050.000 | from the month of the certificate
    2025-02 | Mẹ khuyết tật nặng sinh đôi         | 2025-01          |  1.000.000 | care support, from the month of the decision
    2025-04 | Cụ nghèo không người phụng dưỡng    | 2025-03          | 10.000.000 | the funeral
    2025-08 | Cụ 80 tuổi không lương hưu          | 2025-07          |    700.000 | social pension, decided on 4/7
    2025-09 | Cụ 75 tuổi vùng khó khăn            | 2025-08          |    700.000 | social pension, decided on 11/8
    2025-10 | Cụ 74 tuổi cận nghèo                | 2025-09          |    700.000 | social pension, decided on 10/9
    2026-08 | Cụ khuyết tật mất tháng 7/2026      | 2026-07          | 10.000.000 | the funeral, at 500.000
    2026-09 | Chăm sóc người nhà đặc biệt nặng    | 2026-07..2026-08 |     40.000 | NĐ 335/2026 of 21/8, from 1/7: 1,0 × (540.000 − 500.000)
    2026-09 | Nhận chăm sóc hai người đặc biệt nặng | 2026-07..2026-08 |   60.000 | 1,5 × 40.000
    2026-09 | Nhận chăm sóc hai người đặc biệt nặng | 2026-07..2026-08 |   60.000 | the other
    2026-09 | Nhận nuôi trẻ                       | 2026-07..2026-08 |     60.000 | 1,5 × 40.000
    2026-09 | Nhận chăm sóc trẻ đặc biệt nặng     | 2026-07..2026-08 |    100.000 | 2,5 × 40.000
    2026-09 | Nhận chăm sóc cụ già                | 2026-07..2026-08 |     60.000 | 1,5 × 40.000
    2026-09 | Mẹ khuyết tật nặng sinh đôi         | 2026-07..2026-08 |     80.000 | 2,0 × 40.000
    2026-09 | Cụ khuyết tật mất tháng 7/2026      | 2026-07          |    800.000 | 20 × 40.000
";

/// The last month that is looked at: rights go on after the last run.
const LAST: &str = "2026-12";

fn late() -> Vec<Paid> {
    let mut all = Vec::new();
    for line in LATE.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let [run, name, span, amount, _why] = fields[..] else {
            panic!("{line}");
        };
        let (from, to) = span.split_once("..").unwrap_or((span, span));
        for cover in month(from).through(month(to)) {
            all.push(Paid {
                run: month(run),
                name: name.to_owned(),
                cover,
                amount: amount.replace('.', "").parse().unwrap(),
            });
        }
    }
    all.sort();
    all
}

#[test]
fn the_law_replays_from_nothing_and_every_month_is_what_it_says() {
    each_engine_from("2012-04-01T01:00:00Z", async |house| {
        let mut town = Town::open(house).await;
        assert!(town.releases().await.is_empty(), "nothing was published by then");
        for (day, step) in calendar() {
            town.on(day).await;
            match step {
                Step::Publish(number) => {
                    town.publish(number).await;
                    town.agrees(Month::of(day).previous()).await;
                }
                Step::Grant(someone, benefit) => town.grant(someone, benefit).await,
                Step::Die(someone) => town.bury(someone).await,
                Step::Pay(cover) => town.pay(cover).await,
            }
        }
        town.agrees(month(LAST)).await;
        published_in_order(&town).await;
        paid_as_due(&town).await;
        town.holds().await;
    });
}

/// One release for each instrument, in order, by a person, on the day on which it was issued.
async fn published_in_order(town: &Town<'_>) {
    let told: Vec<(i32, String, NaiveDate)> = town.releases().await;
    let all = law::catalogue();
    assert_eq!(told.len(), all.len());
    for ((number, instrument, day), (place, own)) in told.into_iter().rev().zip(all.iter().enumerate()) {
        assert_eq!(
            (number, instrument, day),
            (i32::try_from(place).unwrap() + 1, own.number.clone(), own.issued_on)
        );
    }
}

/// Every month was paid once and whole: in its own run, or later where the table says so.
async fn paid_as_due(town: &Town<'_>) {
    let last_run = month(calendar::LAST_RUN);
    let mut by_month: BTreeMap<(String, Month), i64> = BTreeMap::new();
    let (mut late_lines, mut held) = (Vec::new(), Vec::new());
    for run in town.runs() {
        let (lines, withheld) = town.lines(run).await;
        for (kind, line) in lines {
            *by_month.entry((line.name.clone(), line.cover)).or_insert(0) += line.amount;
            if kind == "regular" {
                assert_eq!(line.cover, run.0, "{line:?}");
            } else {
                late_lines.push(line);
            }
        }
        held.extend(withheld);
    }
    late_lines.sort();
    assert_eq!(late_lines, late());
    let mut due: BTreeMap<(String, Month), i64> = BTreeMap::new();
    let mut unknown = Vec::new();
    for someone in people::all() {
        for (cover, components) in someone.due(last_run) {
            let amounts = components.iter().map(|(_, amount, _)| amount).sum();
            due.insert((someone.name.to_owned(), cover), amounts);
        }
        if let Some((from, reason)) = someone.unknown {
            let months = month(from).through(last_run);
            unknown.extend(months.map(|cover| (cover, someone.name.to_owned(), reason.to_owned())));
        }
    }
    assert_eq!(by_month, due);
    unknown.sort();
    held.sort();
    assert_eq!(held, unknown, "what the law does not say is held with its reason");
}
