//! Banks and profiles.

mod accounts;

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
    for code in ["MBV", "OCEANBANK"] {
        assert_eq!(table.codes_of(code), ["MBV", "OCEANBANK"]);
    }
    for code in ["AGRIBANK", "BIDC", "POST"] {
        assert_eq!(table.codes_of(code), [code]);
    }

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
    assert!(profiles.post_result().is_some());
    let post = serde_json::json!({"note": "như trong chương trình"});
    assert_eq!(profiles.read_post(&post).unwrap().table, profiles.of("POST").table);
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
        (|p| p["max_lines"] = "many".into(), "/max_lines", "wrong_type"),
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
            "unknown_value",
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

/// The one fault of a profile that names this.
fn fault(own: serde_json::Value) -> ProfileFault {
    let mut faults = BankProfiles::embedded().unwrap().read(&own).unwrap_err();
    assert_eq!(faults.len(), 1, "{own}: {faults:?}");
    faults.remove(0)
}

#[test]
fn a_value_of_the_wrong_type_is_told_by_its_place_and_what_should_stand_there() {
    use serde_json::json;
    let columns = |column: serde_json::Value| json!({"format": "csv", "table": {"columns": [column]}});
    let cases = [
        (
            json!({"max_lines": "x, expected y"}),
            "/max_lines",
            "wrong_type",
            "số nguyên từ 0 đến 4294967295",
        ),
        (
            json!({"max_lines": -1}),
            "/max_lines",
            "wrong_value",
            "số nguyên từ 0 đến 4294967295",
        ),
        (
            json!({"max_lines": 1.5}),
            "/max_lines",
            "wrong_type",
            "số nguyên từ 0 đến 4294967295",
        ),
        (
            json!({"max_line_amount": "1.000"}),
            "/max_line_amount",
            "wrong_type",
            "số nguyên",
        ),
        (
            json!({"batch_booking": 1}),
            "/batch_booking",
            "wrong_type",
            "true hoặc false",
        ),
        (json!({"note": 7}), "/note", "wrong_type", "chuỗi ký tự"),
        (json!({"format": 9}), "/format", "wrong_type", "chuỗi ký tự"),
        (
            json!({"same_account": "join"}),
            "/same_account",
            "unknown_value",
            "một trong: merge, split",
        ),
        (
            json!({"reading": "sloppy"}),
            "/reading",
            "unknown_value",
            "một trong: strict, lenient",
        ),
        (json!({"debtor": "CTG"}), "/debtor", "wrong_type", "đối tượng JSON"),
        (
            columns(json!(["A", "amount", 7])),
            "/table/columns/0",
            "wrong_type",
            "đối tượng JSON",
        ),
        (
            json!({"answers": "pain.002.001.10"}),
            "/answers",
            "wrong_type",
            "danh sách",
        ),
        (
            json!({"answers": ["pain.002.001.10", 3]}),
            "/answers/1",
            "wrong_type",
            "chuỗi ký tự",
        ),
        (
            columns(json!({"heading": "A", "field": "amount", "width": "7"})),
            "/table/columns/0/width",
            "wrong_type",
            "số nguyên từ 0 đến 65535",
        ),
        (
            json!({"cut_off": "25:00"}),
            "/cut_off",
            "wrong_value",
            "giờ trong ngày dạng HH:MM, ví dụ 15:30",
        ),
    ];
    for (own, pointer, code, vi) in cases {
        let found = fault(own);
        let expected = found.expected.as_ref().unwrap();
        assert_eq!(
            (found.pointer.as_str(), found.code, expected.vi.as_str()),
            (pointer, code, vi)
        );
        assert!(expected.en.is_ascii() && !expected.en.is_empty(), "{expected:?}");
    }
    let missing = fault(columns(json!({"heading": "A", "field": "amount"})));
    assert_eq!(
        (missing.pointer.as_str(), missing.code),
        ("/table/columns/0/width", "missing")
    );
    let misspelt = fault(json!({"max_lnies": 5}));
    assert_eq!(
        (misspelt.pointer.as_str(), misspelt.code),
        ("/max_lnies", "unknown_field")
    );
    assert_eq!(fault(json!([])).code, "not_an_object");
    // A name with the signs of a pointer in it is escaped.
    let mut word = serde_json::to_value(BankProfiles::embedded().unwrap().of("KLB")).unwrap();
    word["result"]["statuses"]["a/b.c"] = json!(1);
    assert_eq!(fault(word).pointer, "/result/statuses/a~1b.c");
}

#[test]
fn a_cut_off_is_a_time_of_day_to_the_minute_and_nothing_else() {
    for text in ["00:00", "07:30", "15:30", "23:59"] {
        assert_eq!(CutOff::parse(text).unwrap().to_string(), text);
    }
    for text in [
        "", "9:00", "24:00", "15:60", "15:30:00", "15h30", " 15:30", "+5:30", "1530",
    ] {
        assert_eq!(CutOff::parse(text), None, "{text}");
    }
    let profiles = BankProfiles::embedded().unwrap();
    assert_eq!(profiles.default_profile().cut_off, None);
    let own = serde_json::json!({"cut_off": "14:00"});
    assert_eq!(profiles.read(&own).unwrap().cut_off, CutOff::parse("14:00"));
    assert_eq!(
        serde_json::to_value(profiles.read(&own).unwrap()).unwrap()["cut_off"],
        "14:00"
    );
    for rubbish in [
        serde_json::json!(930),
        serde_json::json!("9:00"),
        serde_json::json!(["14:00"]),
    ] {
        assert_eq!(fault(serde_json::json!({"cut_off": rubbish})).pointer, "/cut_off");
    }
}

#[test]
fn the_messages_a_bank_answers_with_are_names_or_whole_namespaces() {
    let swiss = "http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02.xsd";
    let profiles = BankProfiles::embedded().unwrap();
    assert_eq!(profiles.default_profile().answers, READABLE);
    let own = serde_json::json!({"answers": ["camt.053.001.08", swiss]});
    let profile = profiles.read(&own).unwrap();
    assert!(lists(&profile.answers, swiss));
    assert!(lists(
        &profile.answers,
        "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
    ));
    assert!(!lists(
        &profile.answers,
        "urn:iso:std:iso:20022:tech:xsd:camt.053.001.04"
    ));
    assert!(!lists(&profile.answers, "http://bank.example/camt.053.001.08"));
    let none: Vec<String> = Vec::new();
    assert_eq!(
        profiles.read(&serde_json::json!({"answers": none})).unwrap().answers,
        none
    );
    for (entry, code) in [
        ("pain.002.001.11", "unknown_message"),
        ("pain.001.001.09", "unknown_message"),
        ("", "unknown_message"),
        ("http://bank.example/statement.xsd", "unknown_message"),
        ("urn:x y:pain.002.001.10", "charset"),
        ("camt.053.001.08", "twice"),
    ] {
        let found = fault(serde_json::json!({"answers": ["camt.053.001.08", entry]}));
        assert_eq!((found.pointer.as_str(), found.code), ("/answers/1", code), "{entry}");
    }
    let long = format!("urn:{}:pain.002.001.10", "x".repeat(200));
    assert_eq!(fault(serde_json::json!({"answers": [long]})).code, "length");
}

#[test]
fn a_profile_stored_before_these_fields_were_there_is_read_as_it_was_meant() {
    let now = BankProfiles::embedded().unwrap().default_profile();
    let mut old = serde_json::to_value(now).unwrap();
    for field in ["cut_off", "answers", "reading"] {
        old.as_object_mut().unwrap().remove(field).unwrap();
    }
    let read: BankProfile = serde_json::from_value(old).unwrap();
    assert_eq!((read.cut_off, read.reading), (None, ReadingMode::Strict));
    assert_eq!(&read, now);
}

#[test]
fn codes_at_the_state_bank_are_eight_digits_wherever_they_are_said() {
    let profiles = BankProfiles::embedded().unwrap();
    for own in [
        serde_json::json!({"sbv_code": "1234567"}),
        serde_json::json!({"sbv_code": "1234567A"}),
    ] {
        let faults = profiles.read(&own).unwrap_err();
        assert_eq!((faults[0].pointer.as_str(), faults[0].code), ("/sbv_code", "sbv_code"));
    }
    let table = |code: &str| {
        BankTable::parse(&format!(
            "bin,short_name,full_name,swift_bic,vietqr_code,vietqr_status,deprecated,sbv_code\n970999,Thử,Thử,,THU,1,no,{code}\n"
        ))
    };
    assert_eq!(
        table("00000001")
            .unwrap()
            .by_code("THU")
            .unwrap()
            .address()
            .sbv_code
            .as_deref(),
        Some("00000001")
    );
    assert_eq!(table("").unwrap().by_code("THU").unwrap().sbv_code, None);
    assert!(table("1").is_err());
}
