//! Citations as each language writes them.

use crate::case_file::Language;

/// A citation in a language. The catalogue keeps `NĐ 20/2021 Art 6(1)(e)`, which English readers take as it is;
/// Vietnamese ones read `điểm e khoản 1 Điều 6 NĐ 20/2021`. Several stand apart by semicolons.
pub fn citation(cited: &str, language: Language) -> String {
    match language {
        Language::English => cited.to_owned(),
        Language::Vietnamese => cited.split("; ").map(vietnamese).collect::<Vec<_>>().join("; "),
    }
}

fn vietnamese(cited: &str) -> String {
    let Some((instrument, article)) = cited.split_once(" Art ") else {
        return cited.to_owned();
    };
    let mut parts = article.split(['(', ')']).filter(|part| !part.is_empty());
    let article = parts.next().unwrap_or_default();
    let clause = parts.next().map(|clause| format!("khoản {clause} "));
    let point = parts.next().map(|point| format!("điểm {point} "));
    let (clause, point) = (clause.unwrap_or_default(), point.unwrap_or_default());
    format!("{point}{clause}Điều {article} {instrument}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_cited_as_each_language_writes_it() {
        for (cited, vi) in [
            ("NĐ 20/2021 Art 6(1)(e)", "điểm e khoản 1 Điều 6 NĐ 20/2021"),
            ("NĐ 76/2024 Art 1(1)", "khoản 1 Điều 1 NĐ 76/2024"),
            (
                "NĐ 20/2021 Art 4; NQ 21/2021 Art 1",
                "Điều 4 NĐ 20/2021; Điều 1 NQ 21/2021",
            ),
            ("Quảng Ninh trước 2017", "Quảng Ninh trước 2017"),
        ] {
            assert_eq!(citation(cited, Language::Vietnamese), vi);
            assert_eq!(citation(cited, Language::English), cited);
        }
    }
}
