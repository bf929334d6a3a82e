//! The golden cases of `tests/cases`: what an officer reads in the article is what is determined.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]
#![allow(missing_docs, unreachable_pub, dead_code, reason = "a test program")]

mod oracle;

use std::collections::BTreeMap;
use std::path::Path;

use domain::Month;
use domain::case_file::CaseFile;
use oracle::engine::{answer, difference};
use oracle::{Line, Outcome};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    name: String,
    provision: String,
    case: Value,
    from: Month,
    to: Month,
    expect: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    undetermined: Vec<String>,
}

impl Golden {
    fn case(&self) -> CaseFile {
        let mut value = self.case.clone();
        let file = value.as_object_mut().expect("a case file is an object");
        for (field, otherwise) in [
            ("id", json!(self.name)),
            ("sex", json!("female")),
            ("death_date", Value::Null),
            ("evidence", json!([])),
        ] {
            file.entry(field).or_insert(otherwise);
        }
        CaseFile::from_value(&value).unwrap_or_else(|refused| panic!("{}: {refused:?}", self.name))
    }

    /// The expectation, with an empty provision where the case names none.
    fn outcome(&self) -> Outcome {
        let mut outcome = Outcome::default();
        for (months, components) in &self.expect {
            for due in range(months) {
                for component in components {
                    outcome.lines.extend(lines(due, component));
                }
            }
        }
        outcome.undetermined = self
            .undetermined
            .iter()
            .map(|text| match text.split(' ').collect::<Vec<_>>()[..] {
                [month, benefit, reason] => (month.parse().expect("a month"), benefit.into(), reason.into()),
                _ => panic!("{}: {text}", self.name),
            })
            .collect();
        outcome.lines.sort();
        outcome.undetermined.sort();
        outcome
    }
}

fn range(text: &str) -> Vec<Month> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    first
        .parse::<Month>()
        .expect("a month")
        .through(last.parse().expect("a month"))
        .collect()
}

/// `group amount [kind for-months] [@ provision]`.
fn lines(due: Month, text: &str) -> Vec<Line> {
    let (text, provision) = text.split_once(" @ ").unwrap_or((text, ""));
    let mut words = text.split(' ');
    let (group, amount) = (words.next().expect("a group"), words.next().expect("an amount"));
    let kind = words.next().unwrap_or("regular");
    let months = words.next().map_or(vec![due], range);
    let benefit = match group {
        "sp" => "social_pension",
        "11" | "25(3)" => "funeral",
        "28/17" => "care_support",
        _ if group.starts_with("20(") => "care_support",
        "136/26" | "25(1)(a)" | "25(1)(b)" => "facility_care",
        _ => "monthly_allowance",
    };
    let line = |for_month| Line {
        due,
        benefit,
        group: group.into(),
        kind: kind.into(),
        for_month,
        amount: amount.parse().expect("an amount"),
        provision: provision.into(),
    };
    months.into_iter().map(line).collect()
}

fn golden_cases() -> Vec<(String, Golden)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|f| f.unwrap().path())
        .collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "yaml"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let read: Vec<Golden> = yaml_serde::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        cases.extend(read.into_iter().map(|case| (name.clone(), case)));
    }
    assert!(cases.len() >= 150, "only {} golden cases", cases.len());
    cases
}

/// Provisions count only where the case names them.
fn compare(file: &str, golden: &Golden, found: Outcome) -> Option<String> {
    let expected = golden.outcome();
    let mut named: BTreeMap<_, String> = BTreeMap::new();
    for line in expected.lines.iter().filter(|line| !line.provision.is_empty()) {
        named.insert((line.due, line.group.clone(), line.for_month), line.provision.clone());
    }
    let bare = |mut line: Line| {
        line.provision.clear();
        line
    };
    let mut wrong: Vec<String> = found
        .lines
        .iter()
        .filter(|line| {
            named
                .get(&(line.due, line.group.clone(), line.for_month))
                .is_some_and(|p| !line.provision.starts_with(p.as_str()))
        })
        .map(|line| format!("  provision {line:?}"))
        .collect();
    let expected_lines: Vec<Line> = expected.lines.into_iter().map(bare).collect();
    let mut found_lines: Vec<Line> = found.lines.into_iter().map(bare).collect();
    found_lines.sort();
    wrong.extend(difference("expected", &expected_lines, &found_lines));
    wrong.extend(difference("got", &found_lines, &expected_lines));
    wrong.extend(difference("expected", &expected.undetermined, &found.undetermined));
    wrong.extend(difference("got", &found.undetermined, &expected.undetermined));
    (!wrong.is_empty()).then(|| format!("{file}: {} ({})\n{}", golden.name, golden.provision, wrong.join("\n")))
}

fn assert_golden(found: impl Fn(&Golden) -> Outcome) {
    let wrong: Vec<String> = golden_cases()
        .iter()
        .filter_map(|(file, golden)| compare(file, golden, found(golden)))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} golden cases fail\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_second_reading_agrees_with_the_golden_cases() {
    assert_golden(|golden| oracle::evaluate(&golden.case(), golden.from, golden.to, false));
}

#[test]
fn the_engine_agrees_with_the_golden_cases() {
    assert_golden(|golden| answer(&golden.case(), golden.from, golden.to));
}

/// The line of output as it is specified, byte for byte.
#[test]
fn the_line_reads_as_specified() {
    let case = json!({"id": "a1", "jurisdiction": "22", "birth_date": "1990-05-01", "sex": "female", "death_date": null,
        "residences": [{"area": "06652", "from": "2018-01-01", "to": null, "setting": "community"}],
        "evidence": [{"kind": "disability", "value": "severe", "from": "2022-04-20", "to": null}],
        "claims": [{"benefit": "monthly_allowance", "filed_on": "2022-04-25", "decided_on": "2022-05-05"}]});
    let line = |case: &Value, from: &str| {
        let case = CaseFile::from_value(case).expect("a case file");
        let month = |text: &str| text.parse().expect("a month");
        let calculation = domain::determination::calculate(&case, domain::law::latest(), month(from), month("2022-05"));
        serde_json::to_string(&calculation).expect("a line")
    };
    let component = |kind: &str, for_month: &str| {
        format!(
            r#"{{"benefit":"monthly_allowance","group":"5.6","amount":675000,"kind":"{kind}","for_month":"{for_month}","provision":"NĐ 20/2021 Art 6(1)(e)"}}"#
        )
    };
    let due = format!(
        "{},{}",
        component("regular", "2022-05"),
        component("arrears", "2022-04")
    );
    let expected = format!(
        r#"{{"id":"a1","months":[{{"month":"2022-05","total":1350000,"components":[{due}]}}],"undetermined":[]}}"#
    );
    assert_eq!(line(&case, "2022-01"), expected);

    let mut vague = case.clone();
    vague["birth_date"] = json!("1990");
    assert!(line(&vague, "2022-01").ends_with(r#""birth_date_precision":"year"}"#));
    vague["claims"] = json!([]);
    assert!(line(&vague, "2022-01").contains(r#""months":[],"undetermined":[]"#));
}
