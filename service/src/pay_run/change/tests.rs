use super::*;

const RIGHT: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);
const OLD: Uuid = Uuid::from_u128(11);
const NEW: Uuid = Uuid::from_u128(12);
const ACCOUNT: Uuid = Uuid::from_u128(21);
const LAW: &str = "NQ 1/2024 Điều 1";

fn part(group: &str, amount: i64, determination: Uuid) -> Part {
    Part {
        entitlement_id: RIGHT,
        component: String::new(),
        group: group.to_owned(),
        provision: "NĐ 20/2021 Art 6(1)(e)".to_owned(),
        amount,
        determination: Some(determination),
        account: Some(ACCOUNT),
    }
}

/// What a test says of a person, in one place.
#[derive(Default)]
struct Told {
    before: Vec<Part>,
    elsewhere: Vec<Part>,
    now: Vec<Part>,
    held: Vec<(Uuid, String, String)>,
    held_before: Vec<(Uuid, String, String)>,
    fate: Fate,
    bases: BTreeMap<Uuid, Basis>,
    heads: BTreeMap<Uuid, Uuid>,
    due: BTreeSet<(Uuid, String)>,
    standards: Standards,
}

impl Told {
    fn of(before: &[Part], now: &[Part]) -> Self {
        Self {
            before: before.to_vec(),
            now: now.to_vec(),
            ..Self::default()
        }
    }

    /// The determinations: release and revision of the evidence of the old and the new one.
    fn made(mut self, old: (i32, i64), new: (i32, i64)) -> Self {
        for (id, (release, evidence)) in [(OLD, old), (NEW, new)] {
            self.bases.insert(id, Basis { release, evidence });
        }
        self
    }

    fn standards(mut self, before: i64, now: i64) -> Self {
        self.standards.both.push((before, now));
        self
    }

    fn steps(&self) -> Vec<Step> {
        let case = Case {
            before: &self.before,
            elsewhere: &self.elsewhere,
            now: &self.now,
            held: &self.held,
            held_before: &self.held_before,
            fate: Some(&self.fate),
            bases: &self.bases,
            heads: &self.heads,
            due: &self.due,
            standards: &self.standards,
        };
        case.steps()
    }

    /// Codes and words.
    fn said(&self) -> Vec<(String, String)> {
        let telling = Telling::for_tests(LAW);
        let said = self.steps().into_iter();
        said.map(|step| (step.reason.code(), telling.of(&step, false)))
            .collect()
    }
}

fn one(code: &str, words: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), words.to_owned())]
}

#[test]
fn a_standard_that_rises_explains_amounts_that_rise_with_it() {
    let told = Told::of(&[part("5.6", 750_000, OLD)], &[part("5.6", 900_000, NEW)])
        .made((3, 5), (4, 7))
        .standards(500_000, 600_000);
    let words = format!("Tăng mức trợ cấp từ 750.000 lên 900.000 đồng theo {LAW}");
    assert_eq!(told.said(), one("rate", &words));
}

#[test]
fn another_degree_in_the_same_group_is_evidence_and_no_law() {
    let grade = "nhóm 5.6: Người khuyết tật đặc biệt nặng và nặng";
    let words = format!("Tăng mức trợ cấp từ 750.000 lên 1.000.000 đồng do thay đổi hồ sơ trong {grade}");
    let told = || Told::of(&[part("5.6", 750_000, OLD)], &[part("5.6", 1_000_000, NEW)]);
    for told in [
        told().made((3, 5), (3, 6)).standards(500_000, 500_000),
        // Nobody can say by the numbers of the determinations alone, and the standard is what it was.
        told().made((3, 5), (4, 6)).standards(500_000, 500_000),
    ] {
        assert_eq!(told.said(), one("evidence", &words));
    }
    let both = told().made((3, 5), (4, 6)).standards(500_000, 550_000);
    assert_eq!(both.said()[0].0, "rate_and_evidence");
    assert!(both.said()[0].1.contains(LAW) && both.said()[0].1.contains("thay đổi hồ sơ"));
}

#[test]
fn another_group_is_evidence_and_both_groups_are_named_unless_the_law_forbids_it() {
    let told = || Told::of(&[part("5.5b", 500_000, OLD)], &[part("5.5c", 600_000, OLD)]).made((3, 5), (3, 5));
    let risen = told().standards(500_000, 600_000).said();
    assert_eq!(risen[0].0, "rate_and_evidence");
    assert!(
        risen[0].1.contains(LAW) && risen[0].1.contains("sang nhóm 5.5c: "),
        "{risen:?}"
    );
    let told = told().standards(500_000, 500_000);
    let said = told.said();
    assert_eq!(said[0].0, "evidence");
    assert!(
        said[0].1.contains("từ nhóm 5.5b: ") && said[0].1.contains("sang nhóm 5.5c: "),
        "{said:?}"
    );
    assert!(!said[0].1.contains(LAW));
    let step = &told.steps()[0];
    let discreet = Telling::for_tests(LAW).of(step, true);
    assert_eq!(
        discreet,
        "Tăng mức trợ cấp từ 500.000 lên 600.000 đồng do thay đổi hồ sơ"
    );
    let secret = Told::of(&[part("5.8", 500_000, OLD)], &[part("5.6", 600_000, OLD)]);
    assert!(!secret.said()[0].1.contains("5."), "{:?}", secret.said());
    // One benefit in the place of another.
    let mut pension = part("sp", 600_000, NEW);
    pension.entitlement_id = OTHER;
    let moved = Told::of(&[part("5.5c", 500_000, OLD)], &[pension]);
    assert_eq!(moved.said().len(), 1);
    assert_eq!(moved.said()[0].0, "evidence");
}

#[test]
fn an_end_is_told_by_death_departure_papers_age_law_or_records() {
    let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
    let gone = || Told::of(&[part("5.1", 750_000, OLD)], &[]);
    let with = |fate: Fate| {
        let mut told = gone();
        told.fate = fate;
        told.heads.insert(RIGHT, OLD);
        told
    };
    let birthday = Some((day("2024-09-14"), 16));
    let died = Fate {
        died: Some(day("2024-09-12")),
        birthday,
        ..Fate::default()
    };
    let left = Fate {
        left: Some(day("2024-09-20")),
        ..Fate::default()
    };
    let ran_out = Fate {
        run_out: Some(RunOut {
            kind: "disability".to_owned(),
            on: day("2024-09-15"),
        }),
        birthday,
        ..Fate::default()
    };
    let secret = Fate {
        run_out: Some(RunOut {
            kind: "hiv".to_owned(),
            on: day("2024-09-15"),
        }),
        ..Fate::default()
    };
    let grown = Fate {
        birthday,
        ..Fate::default()
    };
    let ends = "Thôi hưởng trợ cấp: ";
    for (fate, code, words) in [
        (died, "died", "người hưởng mất ngày 12/09/2024"),
        (left, "left_province", "chuyển khỏi tỉnh, ngày cuối cư trú 20/09/2024"),
        (secret, "evidence_ended", "hồ sơ hết hiệu lực ngày 15/09/2024"),
        (grown, "age", "hết tuổi hưởng, đủ 16 tuổi ngày 14/09/2024"),
        (Fate::default(), "right_ended", "không còn đủ điều kiện theo hồ sơ"),
    ] {
        assert_eq!(with(fate).said(), one(code, &format!("{ends}{words}")));
    }
    let said = with(ran_out).said();
    assert_eq!(said[0].0, "evidence_ended");
    assert!(said[0].1.ends_with("hết hiệu lực ngày 15/09/2024"), "{said:?}");
    // Whoever takes care of somebody has not outgrown that.
    let mut carer = part("20(1)(b)", 750_000, OLD);
    carer.component = "2008-10-25".to_owned();
    let mut carer = Told::of(&[carer], &[]);
    carer.heads.insert(RIGHT, OLD);
    carer.fate.birthday = birthday;
    assert_eq!(carer.said()[0].0, "right_ended");
    // An age is no reason where something else was determined anew.
    let mut anew = gone().made((3, 5), (3, 6));
    anew.heads.insert(RIGHT, NEW);
    anew.fate.birthday = birthday;
    assert_eq!(anew.said()[0].0, "right_ended");
    let mut repealed = gone().made((3, 5), (4, 5));
    repealed.heads.insert(RIGHT, NEW);
    assert_eq!(
        repealed.said(),
        one("law", &format!("{ends}không còn thuộc diện hưởng theo {LAW}"))
    );
}

#[test]
fn what_is_held_is_no_end_of_the_right_in_whole_or_in_part() {
    let mut whole = Told::of(&[part("5.6", 750_000, OLD)], &[]);
    whole.held = vec![(RIGHT, String::new(), "excluded".to_owned())];
    assert_eq!(whole.said(), one("excluded", "Chưa chi: người lập danh sách để lại"));

    let mut care = part("20(2)(c)", 500_000, OLD);
    care.entitlement_id = OTHER;
    let own = part("5.6", 750_000, OLD);
    let mut some = Told::of(&[own.clone(), care.clone()], std::slice::from_ref(&own));
    some.held = vec![(OTHER, String::new(), "no_payee_account".to_owned())];
    let said = some.said();
    assert_eq!(said[0].0, "held:no_payee_account");
    assert!(
        said[0].1.starts_with("Chưa chi khoản 500.000 đồng (nhóm 20(2)(c): "),
        "{said:?}"
    );
    assert!(said[0].1.ends_with("chưa có tài khoản hoặc người nhận"));
    // Not held, that part has ended.
    some.held.clear();
    assert_eq!(some.said()[0].0, "part_ended");
    assert!(some.said()[0].1.starts_with("Thôi hưởng khoản 500.000 đồng"));
    // And it begins as a part.
    let begun = Told::of(std::slice::from_ref(&own), &[own.clone(), care]);
    assert_eq!(begun.said()[0].0, "part_began");
}

#[test]
fn the_first_payment_is_new_unless_the_month_before_was_held() {
    let mut told = Told::of(&[], &[part("5.6", 750_000, NEW)]);
    assert_eq!(told.said(), one("first_payment", "Mới hưởng trợ cấp"));
    told.held_before = vec![(RIGHT, String::new(), "no_payee_account".to_owned())];
    assert_eq!(told.said()[0].0, "resumed");
    assert!(told.said()[0].1.contains("chưa có tài khoản hoặc người nhận"));
}

#[test]
fn what_another_list_pays_has_not_ended_and_what_another_list_paid_has_not_begun() {
    let words = "(khác kênh chi, địa bàn hoặc đợt chi)";
    let own = part("5.6", 750_000, OLD);
    let mut went = Told::of(std::slice::from_ref(&own), &[]);
    // Even of somebody who has died: an heir is paid by another channel.
    went.fate.died = "2024-10-10".parse().ok();
    went.due.insert((RIGHT, String::new()));
    let told = format!("Khoản 750.000 đồng vẫn được hưởng, tháng này thuộc danh sách khác {words}");
    assert_eq!(went.said(), one("to_other_list", &told));
    // What the run holds is told of as held.
    went.held = vec![(RIGHT, String::new(), "excluded".to_owned())];
    assert_eq!(went.said()[0].0, "excluded");

    let mut came = Told::of(&[], &[part("5.6", 900_000, NEW)]);
    came.elsewhere = vec![own.clone()];
    let told =
        format!("Nhận 900.000 đồng theo danh sách này; tháng trước nhận 750.000 đồng theo danh sách khác {words}");
    assert_eq!(came.said(), one("from_other_list", &told));

    // One that goes and one that comes are not one in the place of the other.
    let mut care = part("20(2)(c)", 500_000, OLD);
    care.entitlement_id = OTHER;
    let mut both = Told::of(std::slice::from_ref(&own), std::slice::from_ref(&care));
    both.due.insert((RIGHT, String::new()));
    both.elsewhere = vec![care];
    let codes: Vec<String> = both.said().into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["to_other_list", "from_other_list"]);
}

#[test]
fn another_account_is_told_even_where_the_amount_stays() {
    let before = part("5.6", 750_000, OLD);
    let now = Part {
        account: Some(Uuid::from_u128(22)),
        ..before.clone()
    };
    let told = Told::of(std::slice::from_ref(&before), std::slice::from_ref(&now));
    assert_eq!(told.said().len(), 1);
    assert_eq!(told.said()[0].0, "other_account");
    assert!(
        Told::of(std::slice::from_ref(&before), std::slice::from_ref(&before))
            .steps()
            .is_empty()
    );
    // Of the predecessor's accounts nothing is known.
    let taken_over = Part {
        account: None,
        ..before
    };
    assert!(Told::of(&[taken_over], &[now]).steps().is_empty());
}

#[test]
fn an_age_is_told_where_one_determination_foresaw_another_amount() {
    let mut told = Told::of(&[part("5.5a", 750_000, OLD)], &[part("5.5a", 1_000_000, OLD)])
        .made((3, 5), (3, 5))
        .standards(500_000, 500_000);
    assert_eq!(told.said()[0].0, "evidence");
    told.fate.birthday = Some(("2024-10-10".parse().unwrap(), 80));
    let words = "Tăng mức trợ cấp từ 750.000 lên 1.000.000 đồng do đủ 80 tuổi ngày 10/10/2024";
    assert_eq!(told.said(), one("age", words));
}

#[test]
fn a_provision_is_cited_as_the_other_papers_cite_it_and_no_code_stands_alone() {
    let told = Told::of(&[part("5.6", 750_000, OLD)], &[part("5.6", 900_000, NEW)])
        .made((3, 5), (4, 7))
        .standards(500_000, 600_000);
    let telling = Telling::for_tests("NQ 21/2024 Art 1(2)");
    let said: Vec<String> = told.steps().iter().map(|step| telling.of(step, false)).collect();
    let words = "Tăng mức trợ cấp từ 750.000 lên 900.000 đồng theo khoản 2 Điều 1 NQ 21/2024";
    assert_eq!(said, [words]);
    assert_eq!(bank_reason("not_collected"), "Người hưởng chưa đến nhận");
    assert_eq!(bank_reason("AC04"), "Sửa thông tin tài khoản (AC04)");
}
