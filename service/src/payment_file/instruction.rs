//! From orders to the instructions that files carry.

use domain::Vnd;
use domain::name::{BANK_NAME_SHORT, NameStyle};
use domain::payment_file::{Channel as FileChannel, FileTerms, Instruction, Purpose, Route};
use entity::enums::{Channel, PayRunKind};
use entity::pay_run;

use crate::error::Error;
use crate::payment_file::order::Said;

/// Longest name on a list of cash, in characters.
const CASH_NAME: usize = BANK_NAME_SHORT;

/// The instruction of an order, its texts in the style of the payee's bank.
pub(super) fn of(run: &pay_run::Model, order: Said<'_>, terms: &FileTerms) -> Result<Instruction, Error> {
    let month = crate::pay_run::cover_month(run)?;
    let (route, name) = match &terms.bank {
        Some(bank) => (
            Route::Bank(bank.clone()),
            name(terms.profile.name_style, terms.profile.max_name, order),
        ),
        None => {
            let most = terms.profile.max_name.min(CASH_NAME);
            (Route::Post, name(NameStyle::AsciiUpperV1, most, order))
        }
    };
    let usual = if run.kind == PayRunKind::Relief {
        Purpose::EmergencyRelief
    } else {
        Purpose::SocialBenefit
    };
    let subject = if run.kind == PayRunKind::Relief {
        "HO TRO KHAN CAP"
    } else {
        "TRO CAP XA HOI THANG"
    };
    // Whose money it is, where the account receives for several: by a code, for banks and neighbours read along.
    let whose = order.beneficiary_code.map(|code| format!(" {code}"));
    Ok(Instruction {
        reference: order.reference.to_owned(),
        uetr: order.uetr,
        amount: Vnd::new(order.amount).map_err(Error::internal)?,
        route,
        account: order.account_number.to_owned(),
        name,
        beneficiary: order.beneficiary_name.map(|own| terms.profile.name(own)),
        purpose: order.purpose.and_then(Purpose::of).unwrap_or(usual),
        remittance: format!(
            "{subject} {:02}/{} {}{}",
            month.number(),
            month.year(),
            order.reference,
            whose.unwrap_or_default()
        ),
    })
}

/// The holder's name. The order has it spelt for older messages already: where no more of it is wanted, it is only cut.
fn name(style: NameStyle, most: usize, order: Said<'_>) -> String {
    if style != NameStyle::AsciiUpperV1 || most > BANK_NAME_SHORT {
        return style.render(order.holder_name, most);
    }
    let cut = order.name.get(..most.max(1)).unwrap_or(order.name);
    cut.trim_end_matches([' ', '-']).to_owned()
}

/// The channel as files name it.
pub(super) const fn channel(channel: Channel) -> FileChannel {
    match channel {
        Channel::BankTransfer => FileChannel::BankTransfer,
        Channel::PostCash => FileChannel::PostCash,
    }
}

#[cfg(test)]
mod tests {
    use domain::name::bank_name;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_name_that_is_cut_is_the_name_spelt_so_short() {
        let long = "Nguyễn Thị - Hoa ".repeat(9);
        let holders = ["Đặng Thị Ngọc Ẩn", "", "  --", "A - - B", "Æ-Œ", "王小明", "H'Hen Niê"];
        for holder in holders.into_iter().chain([long.as_str()]) {
            let order = Said {
                reference: "AS1",
                uetr: Uuid::nil(),
                amount: 1,
                account_number: "1",
                name: &bank_name(holder, BANK_NAME_SHORT),
                holder_name: holder,
                beneficiary_code: None,
                beneficiary_name: None,
                purpose: None,
            };
            for most in (0..=BANK_NAME_SHORT + 1).chain([140]) {
                for style in [NameStyle::AsciiUpperV1, NameStyle::Vietnamese] {
                    let own = name(style, most, order);
                    assert_eq!(own, style.render(holder, most), "{holder} {most}");
                }
            }
        }
    }
}
