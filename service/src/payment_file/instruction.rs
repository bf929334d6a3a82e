//! From orders to the instructions that files carry.

use domain::Vnd;
use domain::name::NameStyle;
use domain::payment_file::{Channel as FileChannel, FileTerms, Instruction, Purpose, Route};
use entity::enums::{Channel, PayRunKind};
use entity::{pay_run, payment_order};

use crate::error::Error;

/// Longest name on a list of cash, in characters.
const CASH_NAME: usize = 70;

/// The instruction of an order, its texts in the style of the payee's bank.
pub(super) fn of(run: &pay_run::Model, order: &payment_order::Model, terms: &FileTerms) -> Result<Instruction, Error> {
    let month = crate::pay_run::cover_month(run)?;
    let (route, name) = match &terms.bank {
        Some(bank) => (Route::Bank(bank.clone()), terms.profile.name(&order.holder_name)),
        None => (
            Route::Post,
            NameStyle::AsciiUpperV1.render(&order.holder_name, CASH_NAME),
        ),
    };
    let purpose = if run.kind == PayRunKind::Relief {
        Purpose::EmergencyRelief
    } else {
        Purpose::SocialBenefit
    };
    let subject = if run.kind == PayRunKind::Relief {
        "HO TRO KHAN CAP"
    } else {
        "TRO CAP XA HOI THANG"
    };
    Ok(Instruction {
        reference: order.reference.clone(),
        uetr: order.uetr,
        amount: Vnd::new(order.amount).map_err(Error::internal)?,
        route,
        account: order.account_number.clone(),
        name,
        beneficiary: None,
        purpose,
        remittance: format!("{subject} {:02}/{} {}", month.number(), month.year(), order.reference),
    })
}

/// The channel as files name it.
pub(super) const fn channel(channel: Channel) -> FileChannel {
    match channel {
        Channel::BankTransfer => FileChannel::BankTransfer,
        Channel::PostCash => FileChannel::PostCash,
    }
}
