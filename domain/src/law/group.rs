//! Groups of benefits as people call them.

use crate::case_file::Language;

/// What stands between groups that are paid together.
pub const TOGETHER: &str = " + ";

/// What a group is called in Vietnamese: those of NĐ 20/2021 (Art 5, 11, 20, 25), NĐ 28/2012, NĐ 136/2013, NĐ 176/2025 and NQ
/// 08/2022, most of whose provisions name several at once. None for a group that later law makes, and for those that the law
/// keeps confidential (NĐ 20/2021 Art 8(1)(b)).
pub fn group_name(code: &str) -> Option<&'static str> {
    Some(match code {
        "11" => "Hỗ trợ chi phí mai táng",
        "136/26" => "Nuôi dưỡng trong cơ sở bảo trợ xã hội",
        "20(1)(a)" => "Nhận chăm sóc trẻ em dưới 4 tuổi",
        "20(1)(b)" => "Nhận chăm sóc trẻ em từ 4 đến dưới 16 tuổi, người cao tuổi",
        "20(2)(a)" => "Người khuyết tật đang mang thai hoặc nuôi con dưới 36 tháng tuổi",
        "20(2)(c)" => "Hộ gia đình trực tiếp chăm sóc người khuyết tật đặc biệt nặng",
        "20(2)(d)" => "Nhận chăm sóc người khuyết tật đặc biệt nặng",
        "25(1)(a)" => "Nuôi dưỡng trẻ em dưới 4 tuổi trong cơ sở",
        "25(1)(b)" => "Nuôi dưỡng người từ đủ 4 tuổi trong cơ sở",
        "25(3)" => "Hỗ trợ mai táng trong cơ sở",
        "28/17" => "Hỗ trợ chăm sóc người khuyết tật đặc biệt nặng",
        "5.1" => "Trẻ em không có nguồn nuôi dưỡng",
        "5.2" => "Người từ 16 đến 22 tuổi thuộc nhóm 5.1 đang học",
        "5.4" => "Người đơn thân nghèo, cận nghèo đang nuôi con",
        "5.5a" => "Người cao tuổi nghèo, không có người phụng dưỡng",
        "5.5b" => "Người cao tuổi từ 75 đến 80 tuổi ở vùng đặc biệt khó khăn",
        "5.5c" => "Người từ đủ 80 tuổi không có lương hưu, trợ cấp hằng tháng",
        "5.5d" => "Người cao tuổi nghèo được nhận chăm sóc tại cộng đồng",
        "5.6" => "Người khuyết tật đặc biệt nặng và nặng",
        "5.7" => "Trẻ em dưới 3 tuổi ở vùng đặc biệt khó khăn",
        "sp" => "Người hưởng trợ cấp hưu trí xã hội",
        "qn_poor_unable_to_work" => "Đối tượng bảo trợ xã hội thuộc hộ nghèo không có khả năng lao động",
        _ => return None,
    })
}

/// Is the code the number of a provision, by which people know the group?
pub fn is_numbered(code: &str) -> bool {
    code.starts_with(|first: char| first.is_ascii_digit())
}

/// A group, or those paid together, as papers name it where there is little room: by the number of its provision, `5.6`; one
/// without a number by its name in Vietnamese, or as [`UNNAMED`].
pub fn group_said(group: &str, language: Language) -> String {
    if language == Language::English {
        return group.to_owned();
    }
    let said = group.split(TOGETHER).map(|code| {
        if code.is_empty() || is_numbered(code) {
            return code;
        }
        group_name(code).unwrap_or(UNNAMED)
    });
    said.collect::<Vec<_>>().join(TOGETHER)
}

/// What a group is called that has neither a number nor a name.
pub const UNNAMED: &str = "Đối tượng khác theo quy định";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::catalogue;

    #[test]
    fn every_group_of_the_catalogue_has_a_number_or_a_name() {
        let provisions = catalogue().iter().flat_map(|own| &own.provisions);
        for rule in provisions.flat_map(|own| &own.rules) {
            let code = rule.group.as_str();
            assert!(is_numbered(code) || group_name(code).is_some(), "{code}");
        }
    }

    #[test]
    fn a_group_is_said_by_its_number_or_its_name() {
        let vi = |group: &str| group_said(group, Language::Vietnamese);
        assert_eq!(vi("5.4 + 5.6"), "5.4 + 5.6");
        assert_eq!(vi("sp"), "Người hưởng trợ cấp hưu trí xã hội");
        assert_eq!(vi("qn_of_tomorrow"), UNNAMED);
        assert_eq!(vi(""), "");
        assert_eq!(group_said("sp", Language::English), "sp");
    }
}
