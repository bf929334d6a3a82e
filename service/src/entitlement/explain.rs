//! An entitlement explained to the person: facts, periods, amounts and the provisions they rest on.

use std::fmt::Write;

use entity::{determination, entitlement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::entitlement::list::{PeriodView, period};
use crate::entitlement::{benefit, bulk};
use crate::error::{Error, Text};
use crate::person;
use crate::person::case_file;

/// The explanation of an entitlement, in both languages.
pub async fn explain(app: &App, actor: &Actor, id: Uuid) -> Result<Text, Error> {
    let scope = actor.require(Permission::RegistryRead)?;
    let conn = app.db.read();
    let own = entitlement::Entity::find_by_id(id)
        .one(conn)
        .await?
        .ok_or_else(Error::not_found)?;
    let who = person::find_in_scope(conn, &scope, own.person_id).await?;
    let head = determination::Entity::find()
        .filter(determination::Column::EntitlementId.eq(id))
        .filter(determination::Column::SupersededAt.is_null())
        .one(conn)
        .await?
        .ok_or_else(Error::not_found)?;
    let rows = bulk::periods(conn, &[head.id])
        .await?
        .remove(&head.id)
        .unwrap_or_default();
    let periods: Vec<PeriodView> = rows.iter().map(period).collect::<Result<_, _>>()?;
    let case = case_file::load_one(conn, own.person_id).await?.case_file;
    let (name_vi, name_en) = benefit(&own.benefit).map_or(("", ""), |benefit| benefit.label());
    let mut text = Text::new(
        format!(
            "GIẢI TRÌNH MỨC HƯỞNG\n\nNgười hưởng: {}\nChế độ: {name_vi}\nBản pháp luật áp dụng: số {}\n\nCăn cứ:\n",
            who.full_name, head.first_release
        ),
        format!(
            "EXPLANATION\n\nBeneficiary: {}\nBenefit: {name_en}\nRelease of law: {}\n\nFacts:\n",
            who.full_name, head.first_release
        ),
    );
    for fact in &case.evidence {
        let (vi, en) = fact.kind.label();
        let value = fact.value.to_json();
        let until = fact
            .to
            .map_or_else(String::new, |to| format!(" – {}", to.format("%d/%m/%Y")));
        line(
            &mut text.vi,
            &format!("- {vi}: {value}, từ {}{until}", fact.from.format("%d/%m/%Y")),
        );
        line(&mut text.en, &format!("- {en}: {value}, from {}{until}", fact.from));
    }
    line(&mut text.vi, "\nMức hưởng:");
    line(&mut text.en, "\nAmounts:");
    for own in &periods {
        let (until_vi, until_en) = match &own.to {
            Some(to) => (format!("đến {to}"), format!("to {to}")),
            None => ("trở đi".to_owned(), "on".to_owned()),
        };
        match &own.reason {
            Some(reason) => {
                line(
                    &mut text.vi,
                    &format!("- Từ {} {until_vi}: chưa xác định được ({reason}), chưa chi", own.from),
                );
                line(
                    &mut text.en,
                    &format!("- From {} {until_en}: the law does not say ({reason}), held", own.from),
                );
            }
            None => {
                let due = own.due.as_ref().map_or_else(Default::default, |due| {
                    (format!(", chi trong tháng {due}"), format!(", due in {due}"))
                });
                line(
                    &mut text.vi,
                    &format!(
                        "- Từ {} {until_vi}: {} đồng/tháng, nhóm {}, theo {}{}",
                        own.from, own.amount, own.group, own.provision, due.0
                    ),
                );
                line(
                    &mut text.en,
                    &format!(
                        "- From {} {until_en}: {} đồng a month, group {}, by {}{}",
                        own.from, own.amount, own.group, own.provision, due.1
                    ),
                );
            }
        }
    }
    Ok(text)
}

fn line(text: &mut String, own: &str) {
    // Writing to a String never fails.
    let _ = writeln!(text, "{own}");
}
