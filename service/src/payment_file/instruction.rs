//! From orders to the instructions that files carry.

use domain::bank::{BankProfiles, BankTable};
use domain::name::NameStyle;
use domain::payment_file::{Channel as FileChannel, Instruction, Purpose, Route};
use domain::{Month, Vnd};
use entity::enums::{Channel, PayRunKind};
use entity::{pay_run, payment_order};

use crate::error::{Error, ProblemCode};

/// The instruction of an order, its texts in the style of the payee's bank.
pub(super) fn of(run: &pay_run::Model, order: &payment_order::Model) -> Result<Instruction, Error> {
    let month = Month::from_yyyymm(run.cover_month).map_err(Error::internal)?;
    let (route, style, longest) = match (order.channel, &order.bank_code) {
        (Channel::BankTransfer, Some(code)) => {
            let bank = BankTable::embedded()
                .map_err(Error::internal)?
                .current(code)
                .ok_or_else(|| {
                    Error::because(
                        ProblemCode::Conflict,
                        format!("Không có ngân hàng {code}"),
                        format!("there is no bank {code}"),
                    )
                })?;
            let profile = BankProfiles::embedded().map_err(Error::internal)?.of(code);
            (Route::Bank(bank.address()), profile.name_style, profile.max_name)
        }
        _ => (Route::Post, NameStyle::AsciiUpperV1, 70),
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
        name: style.render(&order.holder_name, longest),
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
