//! Groups of benefits as the report of a month names them: in Vietnamese, and groups paid together in one order.

use std::collections::{BTreeMap, BTreeSet};

use domain::law::{TOGETHER, UNNAMED, group_name, is_numbered};
use sea_orm::ConnectionTrait;

use crate::entitlement::is_confidential;
use crate::error::Error;
use crate::law;
use crate::month_close::books::Books;

/// Groups that the law keeps confidential stand together under one name.
const CONFIDENTIAL: &str = "x";

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
            .filter(|code| !code.is_empty() && !is_confidential(code) && group_name(code).is_none())
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
        match group_name(code).or_else(|| self.0.get(code).map(String::as_str)) {
            Some(name) if is_numbered(code) => format!("Nhóm {code}: {name}"),
            Some(name) => name.to_owned(),
            None if is_numbered(code) => format!("Nhóm {code}"),
            None => UNNAMED.to_owned(),
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
            ("qn_unknown", UNNAMED),
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
