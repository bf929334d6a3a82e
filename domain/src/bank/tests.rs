//! Banks and profiles.

use super::*;

#[test]
fn the_table_resolves_every_duplicate_the_same_way() {
    let table = BankTable::embedded().unwrap();
    assert_eq!(table.iter().count(), 61);
    for (bin, code) in [
        ("970406", "VIKKI"),
        ("970414", "MBV"),
        ("970449", "LPB"),
        ("970405", "AGRIBANK"),
    ] {
        assert_eq!(table.by_bin(bin).unwrap().code, code);
    }
    assert_eq!(table.by_code("LPB").unwrap().short_name, "LPBank");
    assert_eq!(table.current("OCEANBANK").unwrap().code, "MBV");
    assert_eq!(table.current("BIDC").unwrap().bin, None);
    assert!(table.by_bin("000000").is_none());

    let mut lines: Vec<&str> = TABLE.lines().collect();
    lines[1..].reverse();
    let reversed = BankTable::parse(&lines.join("\n")).unwrap();
    assert!(table.iter().eq(reversed.iter()) && table.bins == reversed.bins);
}

#[test]
fn a_bic_of_another_country_is_not_used() {
    let table = BankTable::embedded().unwrap();
    assert_eq!(table.by_code("MBV").unwrap().usable_bic(), None);
    assert_eq!(table.by_code("BID").unwrap().usable_bic(), Some("BIDVVNVX"));
}

#[test]
fn profiles_name_only_what_differs() {
    let profiles = BankProfiles::embedded().unwrap();
    assert_eq!(profiles.of("ACB").max_lines, 5000);
    assert_eq!(profiles.of("AGRIBANK").max_name, 70);
    assert_eq!(profiles.of("AGRIBANK").format, FileFormat::Pain001V09);
    assert_eq!(profiles.of("MOMO").format, FileFormat::Pain001V03);
    let table = BankTable::embedded().unwrap();
    assert!(profiles.banks.keys().all(|code| table.by_code(code).is_some()));
    let misspelt = include_str!("../../catalogue/bank_profiles.json").replace("\"max_name\": 70", "\"max_nmae\": 70");
    assert!(matches!(
        BankProfiles::parse(&misspelt),
        Err(BankCatalogueError::Profiles(_))
    ));
}

#[test]
fn profiles_in_the_program_have_no_faults() {
    let profiles = BankProfiles::embedded().unwrap();
    assert_eq!(profiles.default_profile().faults(), []);
    for (code, profile) in profiles.own() {
        assert_eq!(profile.faults(), [], "{code}");
    }
    let post = BankProfile {
        result: profiles.post_result().cloned(),
        ..profiles.default_profile().clone()
    };
    assert!(post.result.is_some());
    assert_eq!(post.faults(), [], "the words of the post office");
    assert_eq!(profiles.of("KLB").format, FileFormat::Csv);
    assert_eq!(profiles.of("KLB").same_account, SameAccount::Split);
    assert_eq!(profiles.of("PGB").format, FileFormat::Xlsx);
    assert_eq!(profiles.of("AGRIBANK").debtor.account, "102010000000001");
}

#[test]
fn a_profile_is_read_against_the_default_and_each_fault_has_its_place() {
    let profiles = BankProfiles::embedded().unwrap();
    let own = serde_json::json!({"max_lines": 10, "note": "thử"});
    assert_eq!(profiles.read(&own).unwrap().max_lines, 10);
    let csv = serde_json::to_value(profiles.of("KLB")).unwrap();
    assert_eq!(&profiles.read(&csv).unwrap(), profiles.of("KLB"));
    type Change = fn(&mut serde_json::Value);
    let cases: [(Change, &str, &str); 12] = [
        (|p| p["max_lines"] = 0.into(), "/max_lines", "range"),
        (|p| p["max_lines"] = "many".into(), "/max_lines", "unreadable"),
        (|p| p["max_line_amount"] = 0.into(), "/max_line_amount", "range"),
        (|p| p["format"] = "pain.001.001.09".into(), "/table", "not_for_messages"),
        (|p| p["table"] = serde_json::Value::Null, "/table", "missing"),
        (
            |p| p["table"]["columns"][0]["heading"] = "Số tài khoản".into(),
            "/table/columns/3/heading",
            "twice",
        ),
        (
            |p| p["table"]["columns"][5]["field"] = "blank".into(),
            "/table/columns",
            "missing",
        ),
        (
            |p| p["table"]["columns"][0]["field"] = "formula".into(),
            "/table/columns/0/field",
            "unreadable",
        ),
        (|p| p["debtor"]["account"] = "1-2".into(), "/debtor/account", "charset"),
        (
            |p| p["debtor"]["bank"] = "NOBANK".into(),
            "/debtor/bank",
            "unknown_bank",
        ),
        (
            |p| p["result"]["statuses"]["THANH CONG"] = "rejected".into(),
            "/result/statuses",
            "twice",
        ),
        (|p| p["result"]["thousands"] = "'".into(), "/result/thousands", "sign"),
    ];
    for (change, pointer, code) in cases {
        let mut bad = csv.clone();
        change(&mut bad);
        let faults = profiles.read(&bad).unwrap_err();
        assert!(
            faults.iter().any(|f| f.pointer == pointer && f.code == code),
            "{pointer} {code}: {faults:?}"
        );
    }
}
