//! Accounts at the banks of the province, and cash at its post offices.

use super::dice::{Dice, Purpose};
use super::places::Commune;
use super::record::{Destination, PayeeAccount, PayeeRelation};

/// Code as VietQR knows it, share of a hundred, and the digits before the eight that differ.
const BANKS: &[(&str, u32, &str)] = &[
    ("AGRIBANK", 40, "80002"),
    ("BID", 16, "441100"),
    ("VCB", 12, "01410"),
    ("CTG", 15, "1078"),
    ("LPB", 10, "02201"),
    ("MBB", 4, "88000"),
    ("TCB", 3, "190300"),
];

/// Facilities of the synthetic province: name, commune, bank, account.
pub(super) const FACILITIES: &[(&str, &str, &str, &str)] = &[
    (
        "Trung tâm Trợ giúp xã hội tổng hợp Bãi Cháy",
        "06673",
        "AGRIBANK",
        "8000211000017",
    ),
    (
        "Cơ sở Chăm sóc người khuyết tật Quang Hanh",
        "06778",
        "BID",
        "44110011000024",
    ),
    ("Mái ấm trẻ em Hoành Bồ", "07030", "VCB", "0141011000031"),
    ("Nhà dưỡng lão Yên Giang", "07162", "CTG", "107811000048"),
    ("Cơ sở Bảo trợ xã hội Hải Yên", "06736", "LPB", "0220111000055"),
];

/// Accounts of persons are numbered up to this and then begin anew.
const NUMBERS: usize = 88_000_000;
/// Coprime to [`NUMBERS`]: neighbours get numbers far apart.
const SPREAD: usize = 61_803_399;

/// An account, or with a commune cash at its post office. Serial and turn make it unique: a person's first account
/// has turn 0, the account they change to turn 1.
pub(super) fn account(
    seed: u64,
    serial: usize,
    turn: usize,
    holder_name: String,
    relation: PayeeRelation,
    cash_in: Option<&Commune>,
) -> PayeeAccount {
    let number = serial * 2 + turn;
    let mut dice = Dice::new(seed, Purpose::AccountId, number);
    let id = dice.uuid();
    let destination = match cash_in {
        Some(commune) => Destination::PostCash {
            post_office: commune.post_office(),
        },
        None => {
            let (bank, prefix) = bank(&mut dice);
            // Numbers of facilities begin with 11; those of persons start above.
            let digits = 12_000_000 + (number + 7_919).wrapping_mul(SPREAD) % NUMBERS;
            Destination::BankTransfer {
                bank,
                account: format!("{prefix}{digits:08}"),
            }
        }
    };
    PayeeAccount {
        id,
        destination,
        holder_name,
        relation,
    }
}

fn bank(dice: &mut Dice) -> (&'static str, &'static str) {
    let mut at = dice.below(100);
    for (code, share, prefix) in BANKS {
        match at.checked_sub(*share) {
            Some(rest) => at = rest,
            None => return (code, prefix),
        }
    }
    ("AGRIBANK", "80002")
}

/// The account of a facility, the same for all its residents.
pub(super) fn facility_account(seed: u64, at: usize) -> PayeeAccount {
    let (name, _, bank, account) = FACILITIES.get(at).copied().unwrap_or_default();
    PayeeAccount {
        id: Dice::new(seed, Purpose::AccountId, usize::MAX - at).uuid(),
        destination: Destination::BankTransfer {
            bank,
            account: account.to_owned(),
        },
        holder_name: name.to_owned(),
        relation: PayeeRelation::Facility,
    }
}
