//! What reports call a fund: its name, its code and where its money comes from.

use std::collections::{BTreeMap, BTreeSet};

use entity::fund;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::error::Error;
use crate::month_close::view::TieRow;
use crate::vocabulary;

/// The funds of a month, by code and fiscal year.
#[derive(Clone, Debug, Default)]
pub(super) struct FundNames(BTreeMap<(String, i32), String>);

impl FundNames {
    /// Those of some rows.
    pub(super) async fn load(conn: &impl ConnectionTrait, rows: &[TieRow]) -> Result<Self, Error> {
        let codes: BTreeSet<&str> = rows.iter().map(|row| row.fund.as_str()).collect();
        let funds = fund::Entity::find()
            .filter(fund::Column::Code.is_in(codes))
            .all(conn)
            .await?;
        let named = funds.into_iter().map(|own| {
            let text = told(&own);
            ((own.code, own.fiscal_year), text)
        });
        Ok(Self(named.collect()))
    }

    /// What a row's fund is called; its code where no such fund is open.
    pub(super) fn of<'n>(&'n self, row: &'n TieRow) -> &'n str {
        let named = self.0.get(&(row.fund.clone(), row.fiscal_year));
        named.map_or(row.fund.as_str(), String::as_str)
    }
}

/// `Trợ cấp hằng tháng (mã social_assistance), Ngân sách tỉnh`.
fn told(own: &fund::Model) -> String {
    let source = vocabulary::said("fund_source", &own.source);
    format!("{} (mã {}), {source}", own.name, own.code)
}

#[cfg(test)]
mod tests {
    use entity::enums::{Channel, FundSource};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn any_fund_has_its_name_its_code_and_its_source() {
        let own = fund::Model {
            id: Uuid::nil(),
            code: "donations".to_owned(),
            fiscal_year: 2024,
            source: FundSource::Donation,
            name: "Quỹ vận động cứu trợ".to_owned(),
            version: 1,
            proposal_id: None,
        };
        let text = told(&own);
        assert_eq!(text, "Quỹ vận động cứu trợ (mã donations), Đóng góp, tài trợ");
        let names = FundNames(BTreeMap::from([(("donations".to_owned(), 2024), text.clone())]));
        let row = |fiscal_year| TieRow {
            fund: "donations".to_owned(),
            fiscal_year,
            channel: Channel::PostCash,
            bank_code: None,
            lines: 0,
            gross: 0,
            kept_back: 0,
            net: 0,
            standings: Vec::new(),
        };
        assert_eq!(names.of(&row(2024)), text);
        assert_eq!(names.of(&row(2025)), "donations");
    }
}
