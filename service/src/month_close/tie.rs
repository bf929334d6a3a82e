//! The three-way tie, from the books of a month: lines = files = answers, and where every đồng stands.

use std::collections::{BTreeMap, BTreeSet};

use domain::Month;
use domain::payment_order::State;
use entity::enums::{Channel, OpenKind, Standing};
use entity::{area, held_payment, payment_file};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Error, ProblemCode};
use crate::month_close::bank_leg::Bank;
use crate::month_close::books::{Books, Line, Order, Which};
use crate::month_close::group::{self, canonical};
use crate::month_close::open_item::{self, is_released};
use crate::month_close::state::OpenState;
use crate::month_close::view::{
    Correction, Difference, FileTie, HeldTotal, OpenItem, Share, StandingSum, Sums, TieRow, TieView,
};
use crate::month_close::{correction, moved_amount};
use crate::print;
use crate::reconciliation::state;

/// Everything a close says of a month.
#[derive(Clone, Debug)]
pub(crate) struct Tie {
    pub(crate) sums: Sums,
    pub(crate) orders: BTreeMap<Uuid, BTreeMap<Standing, i64>>,
    pub(crate) items: Vec<OpenItem>,
    pub(crate) corrections: Vec<Correction>,
}

impl Tie {
    /// What both people sign.
    pub(crate) fn digest(&self) -> Result<String, Error> {
        digest(&self.sums, &self.orders, &self.items, &self.corrections)
    }

    pub(super) fn view(self) -> Result<TieView, Error> {
        let digest = self.digest()?;
        let items = self.items.into_iter();
        Ok(TieView {
            month_not_completed: items.filter(|own| own.kind == OpenKind::MonthNotCompleted).collect(),
            ties: self.sums.differences.is_empty(),
            sums: self.sums,
            corrections: self.corrections,
            digest,
        })
    }
}

/// SHA-256 over the sums, where each order stands, what is open and what is corrected, each as JSON on a line.
pub(crate) fn digest(
    sums: &Sums,
    orders: &BTreeMap<Uuid, BTreeMap<Standing, i64>>,
    items: &[OpenItem],
    corrections: &[Correction],
) -> Result<String, Error> {
    let mut hash = Sha256::new();
    add(&mut hash, sums)?;
    for (order, standings) in orders {
        for (standing, amount) in standings {
            add(&mut hash, &(order, standing, amount))?;
        }
    }
    for item in items {
        add(&mut hash, item)?;
    }
    for correction in corrections {
        add(&mut hash, correction)?;
    }
    Ok(hex::encode(hash.finalize()))
}

fn add(hash: &mut Sha256, part: &impl Serialize) -> Result<(), Error> {
    hash.update(serde_json::to_string(part)?.as_bytes());
    hash.update(b"\n");
    Ok(())
}

/// The tie of a month. A month without a run has none.
pub(crate) async fn of_month(conn: &impl ConnectionTrait, month: Month) -> Result<Tie, Error> {
    use entity::pay_run::Column as R;
    let runs: Vec<Uuid> = entity::pay_run::Entity::find()
        .select_only()
        .column(R::Id)
        .filter(R::CoverMonth.eq(month.yyyymm()))
        .into_tuple()
        .all(conn)
        .await?;
    if runs.is_empty() {
        return Err(Error::because(
            ProblemCode::NotFound,
            format!("Tháng {} chưa có đợt chi trả nào", print::month(month)),
            format!("there is no pay run for {month}"),
        ));
    }
    let mut books = Books::load(conn, &Which::Runs(runs)).await?;
    let mut items = open_item::unreleased(&books);
    items.extend(open_item::not_completed(conn, month, &books).await?);
    keep_released(&mut books);
    let files = files(conn, &books).await?;
    let names = names(conn).await?;
    let groups = group::Names::load(conn, &books).await?;
    let bank = Bank::load(conn, &books).await?;
    let mut differences = differences(&books, &files);
    let file_names = files.iter().map(|(id, file)| (*id, file.name.clone())).collect();
    differences.extend(bank.differences(&books, &file_names));
    differences.sort();
    let own: BTreeSet<Uuid> = books.orders.keys().copied().collect();
    items.extend(open_item::orders(&books));
    items.extend(open_item::suspense(conn, Some(&own)).await?);
    items.extend(open_item::amount_differences(conn, Some(&own)).await?);
    items.extend(open_item::differences(&differences, &books, &files));
    items.sort();
    let sums = Sums {
        month,
        rows: rows(&books),
        files: with_bank(file_ties(&books, &files), &bank, &books),
        differences,
        amount_differences: moved_amount::load(conn, &own).await?,
        open: open_item::sums(&items),
        held: held(conn, &books).await?,
        areas: shares(
            &books,
            |line| line.area_id.clone(),
            |code| names.get(code).map_or_else(|| code.to_owned(), Clone::clone),
        ),
        groups: shares(&books, |line| canonical(&line.group), |code| groups.of(code)),
    };
    Ok(Tie {
        sums,
        orders: books.standings(),
        items,
        corrections: correction::pending(conn, Some(month)).await?,
    })
}

/// Only what left the house is counted; what did not is listed as open.
fn keep_released(books: &mut Books) {
    books.runs.retain(|_, run| is_released(run));
    let runs = &books.runs;
    books.orders.retain(|_, order| runs.contains_key(&order.run));
    books.lines.retain(|line| runs.contains_key(&line.run));
}

async fn files(conn: &impl ConnectionTrait, books: &Books) -> Result<BTreeMap<Uuid, payment_file::Model>, Error> {
    let rows = payment_file::Entity::find()
        .filter(payment_file::Column::PayRunId.is_in(books.runs.keys().copied()))
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|file| (file.id, file)).collect())
}

/// The names of areas by id.
pub(crate) async fn names(conn: &impl ConnectionTrait) -> Result<BTreeMap<String, String>, Error> {
    let rows: Vec<(String, String)> = area::Entity::find()
        .select_only()
        .columns([area::Column::Id, area::Column::Name])
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

async fn held(conn: &impl ConnectionTrait, books: &Books) -> Result<Vec<HeldTotal>, Error> {
    let rows: Vec<(String, i64)> = held_payment::Entity::find()
        .select_only()
        .columns([held_payment::Column::Reason, held_payment::Column::Amount])
        .filter(held_payment::Column::PayRunId.is_in(books.runs.keys().copied()))
        .into_tuple()
        .all(conn)
        .await?;
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for (reason, amount) in rows {
        let sum = sums.entry(reason).or_insert((0, 0));
        sum.0 += 1;
        sum.1 += amount;
    }
    let sums = sums
        .into_iter()
        .map(|(reason, (items, amount))| HeldTotal { reason, items, amount });
    Ok(sums.collect())
}

/// By fund, fiscal year, channel and bank.
fn rows(books: &Books) -> Vec<TieRow> {
    let mut rows: BTreeMap<(String, i32, Channel, Option<String>), TieRow> = BTreeMap::new();
    for line in &books.lines {
        let (Some(standing), Some(run)) = (books.standing(line), books.runs.get(&line.run)) else {
            continue;
        };
        let Some(order) = line.order.and_then(|id| books.orders.get(&id)) else {
            continue;
        };
        let fund = crate::pay_run::fund_code(run).to_owned();
        let fiscal_year = line.fiscal_year;
        let key = (fund.clone(), fiscal_year, order.channel, order.bank_code.clone());
        let row = rows.entry(key).or_insert_with(|| TieRow {
            fund,
            fiscal_year,
            channel: order.channel,
            bank_code: order.bank_code.clone(),
            lines: 0,
            gross: 0,
            kept_back: 0,
            net: 0,
            standings: Vec::new(),
        });
        row.lines += 1;
        row.gross += line.amount;
        row.kept_back += line.kept_back;
        row.net += line.net();
        match row.standings.iter_mut().find(|sum| sum.standing == standing) {
            Some(sum) => {
                sum.lines += 1;
                sum.amount += line.net();
            }
            None => row.standings.push(StandingSum {
                standing,
                lines: 1,
                amount: line.net(),
            }),
        }
    }
    let mut rows: Vec<TieRow> = rows.into_values().collect();
    for row in &mut rows {
        row.standings.sort_by_key(|sum| sum.standing);
    }
    rows
}

/// What the lines of each order come to.
fn line_sums(books: &Books) -> BTreeMap<Uuid, i64> {
    let standings = books.standings().into_iter();
    standings.map(|(order, own)| (order, own.values().sum())).collect()
}

fn file_ties(books: &Books, files: &BTreeMap<Uuid, payment_file::Model>) -> Vec<FileTie> {
    let lines = line_sums(books);
    let mut ties: BTreeMap<Uuid, FileTie> = BTreeMap::new();
    for (id, order) in &books.orders {
        let Some(file) = order.file.and_then(|id| files.get(&id)) else {
            continue;
        };
        let tie = ties.entry(file.id).or_insert_with(|| FileTie {
            pay_run_id: file.pay_run_id,
            file_id: file.id,
            name: file.name.clone(),
            bank_code: file.bank_code.clone(),
            lines: 0,
            orders: 0,
            ordered: 0,
            filed_orders: file.order_count,
            filed: file.sum,
            paid: 0,
            came_back: 0,
            unanswered: 0,
            bank: None,
        });
        tie.lines += lines.get(id).copied().unwrap_or(0);
        tie.orders += 1;
        tie.ordered += order.amount;
        let told = order.last.map(|(status, _)| state(status));
        match told {
            Some(told) if told.is_paid() => tie.paid += order.amount,
            Some(State::Rejected | State::Returned) => tie.came_back += order.amount,
            _ => tie.unanswered += order.amount,
        }
    }
    let mut ties: Vec<FileTie> = ties.into_values().collect();
    ties.sort_by(|a, b| (a.pay_run_id, &a.name).cmp(&(b.pay_run_id, &b.name)));
    ties
}

/// Each file with what its bank says by its own amounts.
fn with_bank(mut ties: Vec<FileTie>, bank: &Bank, books: &Books) -> Vec<FileTie> {
    let mut by_file: BTreeMap<Uuid, Vec<(&Uuid, &Order)>> = BTreeMap::new();
    for (id, order) in &books.orders {
        if let Some(file) = order.file {
            by_file.entry(file).or_default().push((id, order));
        }
    }
    for tie in &mut ties {
        let own = by_file.remove(&tie.file_id).unwrap_or_default();
        tie.bank = Some(bank.of_file(tie.file_id, own.into_iter()));
    }
    ties
}

/// Where the legs do not agree.
fn differences(books: &Books, files: &BTreeMap<Uuid, payment_file::Model>) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut note = |legs: OpenState, subject: String, one: i64, other: i64| {
        found.push(Difference {
            legs: legs.code().to_owned(),
            subject,
            one,
            other,
        });
    };
    for line in &books.lines {
        let has_order = line.order.is_some_and(|id| books.orders.contains_key(&id));
        if !has_order && books.standing(line).is_none() && line.status != entity::enums::LineStatus::Cancelled {
            note(OpenState::LinesOrders, open_item::line_subject(line.id), line.net(), 0);
        }
    }
    let lines = line_sums(books);
    for (id, order) in &books.orders {
        let own = lines.get(id).copied().unwrap_or(0);
        if own != order.amount {
            note(OpenState::LinesOrders, order.reference.clone(), own, order.amount);
        }
        if order.file.is_none_or(|file| !files.contains_key(&file)) {
            note(OpenState::OrdersFiles, order.reference.clone(), order.amount, 0);
        }
        if order.last.map(|(status, _)| status) != Some(order.status) {
            note(OpenState::OrdersAnswers, order.reference.clone(), order.amount, 0);
        }
    }
    let ties = file_ties(books, files);
    for tie in &ties {
        if (tie.ordered, tie.orders) != (tie.filed, tie.filed_orders) {
            note(OpenState::OrdersFiles, tie.name.clone(), tie.ordered, tie.filed);
        }
    }
    // A file without any of its orders says it pays what nobody ordered.
    let tied: BTreeSet<Uuid> = ties.iter().map(|tie| tie.file_id).collect();
    let paying = files
        .values()
        .filter(|file| file.message_id.is_some() && file.order_count > 0);
    for file in paying.filter(|file| !tied.contains(&file.id)) {
        note(OpenState::OrdersFiles, file.name.clone(), 0, file.sum);
    }
    found.sort();
    found
}

fn shares(books: &Books, code: impl Fn(&Line) -> String, name: impl Fn(&str) -> String) -> Vec<Share> {
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    for line in &books.lines {
        let Some(standing) = books.standing(line) else { continue };
        let code = code(line);
        let share = shares.entry(code.clone()).or_insert_with(|| Share {
            name: name(&code),
            code,
            lines: 0,
            net: 0,
            paid: 0,
            unpaid: 0,
            carried_over: 0,
            cancelled: 0,
        });
        share.lines += 1;
        share.net += line.net();
        *(match standing {
            Standing::Settled | Standing::Credited => &mut share.paid,
            Standing::InFlight | Standing::Unknown => &mut share.unpaid,
            Standing::ToReissue | Standing::Reissued => &mut share.carried_over,
            Standing::Cancelled => &mut share.cancelled,
        }) += line.net();
    }
    let mut shares: Vec<Share> = shares.into_values().collect();
    shares.sort_by(|a, b| (&a.name, &a.code).cmp(&(&b.name, &b.code)));
    shares
}
