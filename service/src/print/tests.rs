use chrono::DateTime;

use super::*;

/// The text of a PDF as a reader copies it, a line for each line of letters.
pub(crate) fn text_of(bytes: &[u8]) -> Vec<String> {
    let document = lopdf::Document::load_mem(bytes).unwrap();
    let pages = document.get_pages();
    pages
        .keys()
        .map(|page| {
            let text = document.extract_text(&[*page]).unwrap();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect()
}

const COLUMNS: &[Column] = &[
    Column::new("STT", 1.0, Align::Right),
    Column::new("Họ và tên", 4.0, Align::Left),
    Column::new("Số tiền", 2.0, Align::Right),
];

fn list(rows: usize) -> Vec<u8> {
    let mut paper = Paper::upright(Margins::LIST).unwrap();
    paper.paragraph(
        BODY,
        &[
            (Face::Bold, "Danh sách chi trả. "),
            (Face::Regular, "Ưu đãi, thưởng, quỹ."),
        ],
    );
    let mut table = Table::begin(&mut paper, COLUMNS, 10.0, 16.0);
    for row in 1..=rows {
        table.row(
            &mut paper,
            Face::Regular,
            &[&row.to_string(), "Nguyễn Thị Thuỳ Đặng Ẩn", &dong(1_250_000)],
        );
    }
    table.end(&mut paper);
    paper
        .finish("Danh sách", DateTime::UNIX_EPOCH, Numbering::OfTotal)
        .unwrap()
}

#[test]
fn vietnamese_can_be_copied_out_of_a_paper() {
    let pages = text_of(&list(3));
    assert_eq!(pages.len(), 1);
    for text in [
        "Danh sách chi trả.",
        "Ưu đãi, thưởng, quỹ.",
        "Họ và tên",
        "Nguyễn Thị Thuỳ Đặng Ẩn",
        "1.250.000",
    ] {
        assert!(pages[0].contains(text), "{text} in {}", pages[0]);
    }
}

#[test]
fn a_long_list_repeats_its_headings_and_counts_its_pages() {
    let pages = text_of(&list(200));
    assert!(pages.len() > 3);
    for (at, page) in (1..).zip(&pages) {
        assert!(page.contains("Họ và tên"), "headings on page {at}");
        assert!(
            page.contains(&format!("Trang {at}/{}", pages.len())),
            "number of page {at}"
        );
    }
    let rows: usize = pages.iter().map(|page| page.matches("1.250.000").count()).sum();
    assert_eq!(rows, 200);
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    assert_eq!(list(50), list(50));
    assert_ne!(list(50), list(51));
}

#[test]
fn the_fonts_are_embedded_as_subsets() {
    let bytes = list(1);
    assert!(bytes.len() < 60_000, "{} bytes for one page", bytes.len());
    let document = lopdf::Document::load_mem(&bytes).unwrap();
    let embedded = document.objects.values().filter(|object| {
        object
            .as_dict()
            .is_ok_and(|own| own.has(b"FontFile2") || own.has(b"FontFile3"))
    });
    assert_eq!(embedded.count(), 2, "regular and bold, and no face that is not used");
}

#[test]
fn a_word_wider_than_its_cell_is_cut_and_not_lost() {
    let mut paper = Paper::upright(Margins::LIST).unwrap();
    let long = "A".repeat(400);
    paper.paragraph(BODY, &[(Face::Regular, &long)]);
    let bytes = paper.finish("Dài", DateTime::UNIX_EPOCH, Numbering::Official).unwrap();
    let letters: usize = text_of(&bytes).iter().map(|page| page.matches('A').count()).sum();
    assert_eq!(letters, 400);
}

#[test]
fn amounts_and_days_read_as_official_papers_write_them() {
    assert_eq!(dong(9_007_199_254_740_991), "9.007.199.254.740.991");
    assert_eq!(dong(-500), "-500");
    assert_eq!(
        long_date(chrono::NaiveDate::from_ymd_opt(2024, 2, 5).unwrap()),
        "ngày 05 tháng 02 năm 2024"
    );
    assert_eq!(
        long_date(chrono::NaiveDate::from_ymd_opt(2024, 9, 25).unwrap()),
        "ngày 25 tháng 9 năm 2024"
    );
}

#[test]
fn a_letter_names_no_kind_and_says_below_its_number_what_it_is_about() {
    let mut paper = Paper::upright(Margins::OFFICIAL).unwrap();
    let own = Heading {
        body: "SỞ Y TẾ".to_owned(),
        number: "Số: ………/………".to_owned(),
        place_and_date: "Quảng Ninh, ngày 05 tháng 9 năm 2024".to_owned(),
        kind: String::new(),
        subject: "V/v đề nghị thu hồi".to_owned(),
    };
    heading(&mut paper, &own);
    let bytes = paper
        .finish("Công văn", DateTime::UNIX_EPOCH, Numbering::Official)
        .unwrap();
    let text = text_of(&bytes).join(" ");
    assert!(text.contains("Số: ………/……… V/v đề nghị thu hồi"), "{text}");
}
