//! Groups of benefits as the report of a month names them: in Vietnamese, and groups paid together in one order.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;

use crate::entitlement::is_confidential;
use crate::error::Error;
use crate::law;
use crate::month_close::books::Books;

/// Groups that the law keeps confidential stand together under one name.
const CONFIDENTIAL: &str = "x";

/// What stands between groups that are paid together.
const TOGETHER: &str = " + ";

/// The groups of NĐ 20/2021 (Art 5, 11, 20, 25), NĐ 28/2012, NĐ 136/2013 and NĐ 176/2025, whose provisions name several
/// at once.
const NAMES: &[(&str, &str)] = &[
    ("11", "Hỗ trợ chi phí mai táng"),
    ("136/26", "Nuôi dưỡng trong cơ sở bảo trợ xã hội"),
    ("20(1)(a)", "Nhận chăm sóc trẻ em dưới 4 tuổi"),
    ("20(1)(b)", "Nhận chăm sóc trẻ em từ 4 đến dưới 16 tuổi, người cao tuổi"),
    (
        "20(2)(a)",
        "Người khuyết tật đang mang thai hoặc nuôi con dưới 36 tháng tuổi",
    ),
    (
        "20(2)(c)",
        "Hộ gia đình trực tiếp chăm sóc người khuyết tật đặc biệt nặng",
    ),
    ("20(2)(d)", "Nhận chăm sóc người khuyết tật đặc biệt nặng"),
    ("25(1)(a)", "Nuôi dưỡng trẻ em dưới 4 tuổi trong cơ sở"),
    ("25(1)(b)", "Nuôi dưỡng người từ đủ 4 tuổi trong cơ sở"),
    ("25(3)", "Hỗ trợ mai táng trong cơ sở"),
    ("28/17", "Hỗ trợ chăm sóc người khuyết tật đặc biệt nặng"),
    ("5.1", "Trẻ em không có nguồn nuôi dưỡng"),
    ("5.2", "Người từ 16 đến 22 tuổi thuộc nhóm 5.1 đang học"),
    ("5.4", "Người đơn thân nghèo, cận nghèo đang nuôi con"),
    ("5.5a", "Người cao tuổi nghèo, không có người phụng dưỡng"),
    ("5.5b", "Người cao tuổi từ 75 đến 80 tuổi ở vùng đặc biệt khó khăn"),
    ("5.5c", "Người từ đủ 80 tuổi không có lương hưu, trợ cấp hằng tháng"),
    ("5.5d", "Người cao tuổi nghèo được nhận chăm sóc tại cộng đồng"),
    ("5.6", "Người khuyết tật đặc biệt nặng và nặng"),
    ("5.7", "Trẻ em dưới 3 tuổi ở vùng đặc biệt khó khăn"),
    ("sp", "Người hưởng trợ cấp hưu trí xã hội"),
];

/// A group's code as the report has it: groups paid together in the order of their codes, confidential ones unnamed.
pub(super) fn canonical(group: &str) -> String {
    if is_confidential(group) {
        return CONFIDENTIAL.to_owned();
    }
    let mut groups: Vec<&str> = group.split(TOGETHER).collect();
    groups.sort_unstable();
    groups.dedup();
    groups.join(TOGETHER)
}

fn known(code: &str) -> Option<&'static str> {
    NAMES.iter().find(|(own, _)| *own == code).map(|(_, name)| *name)
}

/// The names of a month's groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// Those of the groups that a province has made are what their provisions say, by the newest law of the month's runs.
    pub(super) async fn load(conn: &impl ConnectionTrait, books: &Books) -> Result<Self, Error> {
        let codes: BTreeSet<&str> = books
            .lines
            .iter()
            .flat_map(|line| line.group.split(TOGETHER))
            .filter(|code| !code.is_empty() && !is_confidential(code) && known(code).is_none())
            .collect();
        let mut names = BTreeMap::new();
        let Some(release) = books.runs.values().map(|run| run.release_number).max() else {
            return Ok(Self(names));
        };
        if codes.is_empty() {
            return Ok(Self(names));
        }
        for instrument in law::published(conn, release).await? {
            for provision in &instrument.provisions {
                let name = said(&provision.text);
                let own = provision.rules.iter().map(|rule| rule.group.as_str());
                for code in own.filter(|code| codes.contains(code) && !name.is_empty()) {
                    names.insert(code.to_owned(), name.to_owned());
                }
            }
        }
        Ok(Self(names))
    }

    /// The name of what [`canonical`] gives.
    pub(super) fn of(&self, code: &str) -> String {
        match code {
            CONFIDENTIAL => return "Nhóm được giữ kín theo luật".to_owned(),
            "" => return "Không theo nhóm".to_owned(),
            _ => {}
        }
        let all: Vec<String> = code.split(TOGETHER).map(|own| self.one(own)).collect();
        all.join(TOGETHER)
    }

    fn one(&self, code: &str) -> String {
        let numbered = code.starts_with(|first: char| first.is_ascii_digit());
        match known(code).or_else(|| self.0.get(code).map(String::as_str)) {
            Some(name) if numbered => format!("Nhóm {code}: {name}"),
            Some(name) => name.to_owned(),
            None => format!("Nhóm {code}"),
        }
    }
}

/// A group as lists name it, without what provisions of the province say of theirs.
pub(crate) fn group_label(code: &str) -> String {
    Names::default().of(&canonical(code))
}

/// Whom a provision speaks of: what stands before its amounts.
fn said(text: &str) -> &str {
    let (whom, _) = text.split_once(':').unwrap_or((text, ""));
    whom.trim().trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_paid_together_have_one_name_in_whatever_order() {
        assert_eq!(canonical("5.6 + 5.4"), "5.4 + 5.6");
        assert_eq!(canonical("5.4 + 5.6"), "5.4 + 5.6");
        assert_eq!(canonical("5.8 + 5.4"), "x");
        assert_eq!(canonical(""), "");
        let names = Names(BTreeMap::from([("qn_new".to_owned(), "Hộ mới".to_owned())]));
        for (code, name) in [
            (
                "5.4 + 5.6",
                "Nhóm 5.4: Người đơn thân nghèo, cận nghèo đang nuôi con + Nhóm 5.6: Người khuyết tật đặc biệt nặng và nặng",
            ),
            ("qn_new", "Hộ mới"),
            ("sp", "Người hưởng trợ cấp hưu trí xã hội"),
            ("qn_unknown", "Nhóm qn_unknown"),
            ("x", "Nhóm được giữ kín theo luật"),
            ("", "Không theo nhóm"),
        ] {
            assert_eq!(names.of(code), name);
        }
    }

    #[test]
    fn a_provision_names_whom_it_speaks_of() {
        assert_eq!(
            said("Đối tượng thuộc hộ nghèo: nông thôn 1.500.000 đồng."),
            "Đối tượng thuộc hộ nghèo"
        );
        assert_eq!(
            said("Trẻ em không có nguồn nuôi dưỡng."),
            "Trẻ em không có nguồn nuôi dưỡng"
        );
    }
}
