//! The answers of the banks and the post office, synthetic, but through the same door theirs would use.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, FixedOffset};
use domain::Vnd;
use domain::bank_report::synthetic::{Answer, AnswerHeader, write_camt054, write_pain002, write_post_results};
use domain::payment_file::Manifest;
use domain::province::{self, Outcome, SentOrder};
use service::payment_file::FileView;
use service::payment_order::{self, OrderView};
use service::{App, Code, Error, Role, bank_report, payment_file};
use uuid::Uuid;

use crate::demo::Options;
use crate::play::office::Office;
use crate::play::{files, wait};

/// Writes the answers to every payment file of a run into `folder`, brings them in and waits until they are
/// reconciled; gives how many lines were answered. The banks write them `at`.
pub(super) async fn receive(
    app: &App,
    office: &Office,
    options: &Options,
    run: Uuid,
    at: DateTime<FixedOffset>,
    folder: &Path,
) -> Result<i64, Error> {
    let treasury = office.of(Role::Treasury)?;
    let orders = orders(app, office, run).await?;
    let sent: Vec<SentOrder> = orders.iter().map(sent).collect::<Result<_, _>>()?;
    let outcomes = province::answers(&sent, options.seed);
    let mut by_file: BTreeMap<Uuid, Vec<(&OrderView, &province::Answer)>> = BTreeMap::new();
    for (order, answer) in orders.iter().zip(&outcomes) {
        if let Some(file) = order.file_id {
            by_file.entry(file).or_default().push((order, answer));
        }
    }
    let mut answered = 0;
    for file in payment_file::list(app, treasury, run).await? {
        let Some(lines) = by_file.get(&file.id) else { continue };
        answered += lines.len();
        let stem = file.name.rsplit_once('.').map_or(file.name.as_str(), |(stem, _)| stem);
        if file.bank_code.is_none() {
            let results: Vec<Answer> = lines.iter().map(|(order, answer)| first(order, answer)).collect();
            let mut bytes = Vec::new();
            write_post_results(&mut bytes, at.date_naive(), &results).map_err(Error::internal)?;
            bring(app, office, folder, &format!("result-{stem}.csv"), bytes).await?;
            continue;
        }
        let manifest = payment_file::manifest(app, treasury, file.id).await?;
        let header = header(at, &file, &manifest, "status");
        let statuses: Vec<Answer> = lines.iter().map(|(order, answer)| first(order, answer)).collect();
        let mut bytes = Vec::new();
        write_pain002(&mut bytes, &header, &statuses).map_err(Error::internal)?;
        bring(app, office, folder, &format!("pain002-{stem}.xml"), bytes).await?;
        let back = lines.iter().filter(|(_, answer)| answer.outcome == Outcome::Returned);
        let returns: Vec<Answer> = back.map(|(order, answer)| returned(order, answer)).collect();
        if !returns.is_empty() {
            let header = self::header(at, &file, &manifest, "return");
            let mut bytes = Vec::new();
            write_camt054(&mut bytes, &header, &returns).map_err(Error::internal)?;
            bring(app, office, folder, &format!("camt054-{stem}.xml"), bytes).await?;
        }
    }
    Ok(i64::try_from(answered).unwrap_or(i64::MAX))
}

async fn orders(app: &App, office: &Office, run: Uuid) -> Result<Vec<OrderView>, Error> {
    let treasury = office.of(Role::Treasury)?;
    let (mut orders, mut cursor) = (Vec::new(), None);
    loop {
        let page = payment_order::list(app, treasury, run, Some(200), cursor.as_deref()).await?;
        orders.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    orders.sort_by(|a, b| a.reference.cmp(&b.reference));
    Ok(orders)
}

fn sent(order: &OrderView) -> Result<SentOrder, Error> {
    let transfer = order.channel.code() == "bank_transfer";
    Ok(SentOrder {
        reference: order.reference.clone(),
        uetr: transfer.then(|| order.uetr.to_string()),
        amount: Vnd::new(order.amount).map_err(Error::internal)?,
        bank: order.bank_code.clone(),
        channel: if transfer {
            province::Channel::BankTransfer
        } else {
            province::Channel::PostCash
        },
    })
}

fn header(at: DateTime<FixedOffset>, file: &FileView, manifest: &Manifest, what: &str) -> AnswerHeader {
    let own = file.message_id.clone().unwrap_or_default();
    AnswerHeader {
        message_id: format!("{}-{own}", what.to_uppercase()),
        created_at: at.to_utc(),
        original_message_id: own,
        original_message: manifest.format.clone(),
        payment_information_id: manifest.payment_information_id.clone().unwrap_or_default(),
        group_status: Some("PART".to_owned()),
        account: "102010000000001".to_owned(),
        one_debit: true,
    }
}

/// The first answer to an order.
fn first(order: &OrderView, answer: &province::Answer) -> Answer {
    let status = match answer.outcome {
        Outcome::Credited => "ACCC",
        Outcome::Rejected => "RJCT",
        Outcome::Returned => "ACSC",
        Outcome::Collected => "paid",
        Outcome::NotCollected => "not_collected",
    };
    let reason = answer.reason.filter(|_| answer.outcome == Outcome::Rejected);
    line(order, status, reason)
}

/// The return of an order that was settled first.
fn returned(order: &OrderView, answer: &province::Answer) -> Answer {
    line(order, "BOOK", answer.reason)
}

fn line(order: &OrderView, status: &str, reason: Option<&str>) -> Answer {
    let transfer = order.bank_code.is_some();
    Answer {
        reference: order.reference.clone(),
        uetr: transfer.then_some(order.uetr),
        amount: Vnd::new(order.amount).unwrap_or(Vnd::ZERO),
        status: status.to_owned(),
        reason: reason.map(str::to_owned),
        account: transfer.then(|| order.account_number.clone()),
        bank_reference: transfer.then(|| format!("FT{}", order.uetr.simple())),
    }
}

async fn bring(app: &App, office: &Office, folder: &Path, name: &str, bytes: Vec<u8>) -> Result<(), Error> {
    files::put(folder, name, &bytes)?;
    bank_report::upload(app, office.of(Role::Treasury)?, name, bytes).await?;
    wait::until_idle(app).await
}
