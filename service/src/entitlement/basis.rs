//! The legal basis of a paper: the instruments that the trace cites, in order of publication.

use std::collections::BTreeSet;

use domain::law::{Instrument, Issuer};

use crate::app::App;
use crate::entitlement::compare::of_instrument;
use crate::entitlement::trace::Traced;
use crate::error::Error;
use crate::{law, print};

/// One line for each instrument: `Căn cứ Nghị định số 20/2021/NĐ-CP ngày 15 tháng 3 năm 2021 ...;`.
pub(super) async fn lines(app: &App, traced: &Traced) -> Result<Vec<String>, Error> {
    let instruments = law::published(app.db.read(), traced.head.first_release).await?;
    let reasons = traced.rows.iter().flat_map(|row| traced.reasons(row));
    let cited: BTreeSet<&str> = reasons
        .flat_map(|reason| {
            let values = reason.parameters.iter().map(|used| used.provision.as_str());
            values.chain(reason.paid.iter().map(|paid| paid.provision.as_str()))
        })
        .collect();
    let used = instruments
        .iter()
        .filter(|own| cited.iter().any(|provision| of_instrument(provision, &own.cite)));
    Ok(used.map(line).collect())
}

fn line(own: &Instrument) -> String {
    let (kind, rest) = own.number.split_once(' ').unwrap_or(("", &own.number));
    let numbered = rest.starts_with(|letter: char| letter.is_ascii_digit());
    let kind = match kind {
        "NĐ" => "Nghị định",
        "NQ" => "Nghị quyết",
        "TT" => "Thông tư",
        "QĐ" => "Quyết định",
        "Luật" => "Luật",
        _ => return format!("Căn cứ {} ({});", own.number, own.title),
    };
    if !numbered {
        return format!("Căn cứ {kind} {rest} ({});", own.title);
    }
    let issuer = match (kind, own.issuer) {
        ("Nghị định", _) => " của Chính phủ",
        ("Luật", _) => " của Quốc hội",
        ("Nghị quyết", Issuer::Provincial) => " của Hội đồng nhân dân tỉnh Quảng Ninh",
        _ => "",
    };
    let day = print::long_date(own.issued_on);
    format!("Căn cứ {kind} số {rest} {day}{issuer} ({});", own.title)
}
