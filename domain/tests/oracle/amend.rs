//! One more instrument, drawn at random: as the oracle's table knows it, and as the text of law that the engine reads.

use domain::Month;
use domain::case_file::Language;
use domain::law::{self, Instrument, Release};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::law::{DRAWN, Drawn, NEWEST, NQ_08, NQ_OF_2024, QN_PENSION, Subject};

fn month(year: i32, month: u32) -> Month {
    Month::new(year, month).expect("a month")
}

/// The release that is amended and how, of a seed. Only what can be law: no amount before the rule that pays it, no
/// repeal that leaves a hole between two values.
pub(crate) fn drawn(seed: u64) -> (u32, Drawn) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let release = rng.random_range(NQ_08..=NEWEST);
    let kind = rng.random_range(0..5);
    let ahead: i32 = rng.random_range(0..48);
    if kind == 0 {
        let first = if release >= NQ_OF_2024 {
            month(2024, 10)
        } else {
            month(2023, 2)
        };
        let from = first.plus(ahead.min(30));
        return (release, Drawn::Repeal { from });
    }
    if kind == 1 {
        let group = ["5.8", "25(1)(b)"][rng.random_range(0..2)];
        let from = month(2021, 8).plus(ahead);
        let tenths = rng.random_range(5..60);
        return (release, Drawn::Coefficient { group, from, tenths });
    }
    // From when on each may begin, and the amounts it may have, in thousands: a fixed amount lies above any pension.
    let mut subjects = vec![
        (Subject::CentralStandard, month(2021, 8), 300..1_000),
        (Subject::CommunityStandard, month(2021, 8), 300..1_000),
        (Subject::FacilityStandard, month(2021, 8), 300..1_000),
        (Subject::FixedRural, month(2023, 1), 1_500..2_500),
        (Subject::FixedUrban, month(2023, 1), 1_500..2_500),
    ];
    if release >= QN_PENSION {
        subjects.push((Subject::CentralPension, month(2025, 7), 300..1_200));
        subjects.push((Subject::ProvincialPension, month(2025, 7), 300..1_200));
    }
    let (subject, first, amounts) = subjects.swap_remove(rng.random_range(0..subjects.len()));
    let from = first.plus(ahead.min(30));
    let lasts: i32 = rng.random_range(0..24);
    let to = (lasts % 3 == 0).then(|| from.plus(lasts));
    let amount = rng.random_range(amounts) * 1_000;
    let amended = Drawn::Amount {
        subject,
        from,
        to,
        amount,
    };
    (release, amended)
}

/// The text of the instrument.
fn text(drawn: Drawn) -> Value {
    let (issuer, from, more) = match drawn {
        Drawn::Repeal { from } => (
            "provincial",
            from,
            json!({"repeals": ["NQ 08/2022/NQ-HĐND"], "provisions": []}),
        ),
        Drawn::Coefficient { group, from, tenths } => ("central", from, coefficient(group, from, tenths)),
        Drawn::Amount {
            subject,
            from,
            to,
            amount,
        } => {
            let (issuer, key) = match subject {
                Subject::CentralStandard => ("central", "standard.central"),
                Subject::CommunityStandard => ("provincial", "standard.community"),
                Subject::FacilityStandard => ("provincial", "standard.facility"),
                Subject::FixedRural => ("provincial", "fixed.poor_unable_to_work.rural"),
                Subject::FixedUrban => ("provincial", "fixed.poor_unable_to_work.urban"),
                Subject::CentralPension => ("central", "social_pension"),
                Subject::ProvincialPension => ("provincial", "social_pension"),
                other => panic!("{other:?} is no amount"),
            };
            let value = json!({"key": key, "from": from.first_day(), "to": to.map(Month::last_day), "value": amount,
                "unit": "vnd_per_month", "source": "thử", "confidence": "high"});
            (
                issuer,
                from,
                json!({"provisions": [{"article": "Art 1", "parameters": [value]}]}),
            )
        }
    };
    let mut text = json!({"number": DRAWN, "cite": DRAWN, "title": "Thử", "issuer": issuer, "issued_on": "2026-12-31",
        "in_force_from": from.first_day()});
    for (field, value) in more.as_object().expect("fields") {
        text[field] = value.clone();
    }
    text
}

/// The rule of a group in NĐ 20/2021 ends, and the same goes on by another coefficient.
fn coefficient(group: &str, from: Month, tenths: i64) -> Value {
    let decree = law::catalogue().iter().find(|own| own.number == "NĐ 20/2021/NĐ-CP");
    let mut rules = decree.expect("the decree").provisions.iter().flat_map(|own| &own.rules);
    let rule = rules.find(|rule| rule.group == group).expect("the rule of the group");
    let mut rule = serde_json::to_value(rule).expect("a rule as JSON");
    rule["from"] = json!(from.first_day());
    rule["amount"]["times"]["coefficient"] = json!(format!("{}.{}", tenths / 10, tenths % 10));
    let ended = json!({"instrument": "NĐ 20/2021/NĐ-CP", "groups": [group], "to": from.previous().last_day(),
        "source": "thử", "confidence": "high"});
    json!({"amends": ["NĐ 20/2021/NĐ-CP"], "provisions": [{"article": "Art 1", "rules": [rule], "ends": [ended]}]})
}

/// The engine's law with the instrument after the first so many of the catalogue.
pub(crate) fn amended(release: u32, drawn: Drawn) -> Release {
    let known = usize::try_from(release).expect("a place");
    let mut instruments: Vec<Instrument> = law::catalogue()[..known].to_vec();
    instruments.push(serde_json::from_value(text(drawn)).expect("an instrument"));
    Release::compile(release + 1, &instruments).unwrap_or_else(|findings| {
        let told: Vec<String> = findings.iter().map(|one| one.message(Language::English)).collect();
        panic!("{drawn:?} after release {release} is no law: {told:?}")
    })
}
