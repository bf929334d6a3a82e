//! The programs every installation has.

use chrono::NaiveDate;
use domain::case_file::Benefit;
use entity::enums::{ProgramKind, ProgramStatus};
use entity::program;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::{pay_run, relief_request, rows};

struct BuiltIn {
    code: &'static str,
    name: (&'static str, &'static str),
    kind: ProgramKind,
    benefit: Option<Benefit>,
    legal_basis: &'static str,
    fund_code: &'static str,
    from: (i32, u32, u32),
}

const RESPONSIBLE: &str = "Cơ quan quản lý trợ giúp xã hội cấp tỉnh";

const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        code: "monthly_allowance",
        name: ("Trợ cấp xã hội hằng tháng", "Monthly social allowance"),
        kind: ProgramKind::MonthlyCash,
        benefit: Some(Benefit::MonthlyAllowance),
        legal_basis: "NĐ 20/2021/NĐ-CP, Điều 5 và 6",
        fund_code: pay_run::REGULAR_FUND,
        from: (2015, 1, 1),
    },
    BuiltIn {
        code: "care_support",
        name: ("Hỗ trợ kinh phí chăm sóc hằng tháng", "Monthly care support"),
        kind: ProgramKind::MonthlyCash,
        benefit: Some(Benefit::CareSupport),
        legal_basis: "NĐ 20/2021/NĐ-CP, Điều 20",
        fund_code: pay_run::REGULAR_FUND,
        from: (2015, 1, 1),
    },
    BuiltIn {
        code: "facility_care",
        name: (
            "Trợ cấp nuôi dưỡng hằng tháng trong cơ sở trợ giúp xã hội",
            "Care in a social-assistance facility",
        ),
        kind: ProgramKind::FacilityCare,
        benefit: Some(Benefit::FacilityCare),
        legal_basis: "NĐ 20/2021/NĐ-CP, Điều 24 và 25",
        fund_code: pay_run::REGULAR_FUND,
        from: (2015, 1, 1),
    },
    BuiltIn {
        code: "funeral",
        name: ("Hỗ trợ chi phí mai táng", "Funeral support"),
        kind: ProgramKind::OneOffCash,
        benefit: Some(Benefit::Funeral),
        legal_basis: "NĐ 20/2021/NĐ-CP, Điều 11 và khoản 3 Điều 25",
        fund_code: pay_run::REGULAR_FUND,
        from: (2021, 7, 1),
    },
    BuiltIn {
        code: "social_pension",
        name: ("Trợ cấp hưu trí xã hội", "Social pension"),
        kind: ProgramKind::MonthlyCash,
        benefit: Some(Benefit::SocialPension),
        legal_basis: "NĐ 176/2025/NĐ-CP",
        fund_code: pay_run::REGULAR_FUND,
        from: (2025, 7, 1),
    },
    BuiltIn {
        code: "emergency_relief",
        name: ("Trợ giúp xã hội khẩn cấp", "Emergency relief"),
        kind: ProgramKind::Relief,
        benefit: None,
        legal_basis: "NĐ 20/2021/NĐ-CP, Chương III",
        fund_code: relief_request::FUND,
        from: (2021, 7, 1),
    },
];

/// Brings in the built-in programs that are missing. Those whose law is not yet in force are there, and reach nobody.
pub async fn seed(app: &App, txn: &Txn) -> Result<(), Error> {
    let secret = domain::ids::Secret::new(app.secret.bytes()).map_err(Error::internal)?;
    let programs = BUILT_IN.iter().map(|built_in| {
        let (year, month, day) = built_in.from;
        program::Model {
            id: domain::ids::uuid8(&secret, "program", built_in.code),
            code: built_in.code.to_owned(),
            name_vi: built_in.name.0.to_owned(),
            name_en: built_in.name.1.to_owned(),
            kind: built_in.kind,
            benefit: built_in.benefit.map(|benefit| benefit.code().to_owned()),
            legal_basis: built_in.legal_basis.to_owned(),
            responsible_unit: RESPONSIBLE.to_owned(),
            fund_code: built_in.fund_code.to_owned(),
            from_date: NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default(),
            to_date: None,
            status: ProgramStatus::Active,
            version: 1,
            fund_line: None,
        }
    });
    rows::insert_new::<program::Entity>(txn, programs.collect()).await?;
    Ok(())
}
