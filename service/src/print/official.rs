//! The parts of an official paper (NĐ 30/2020/NĐ-CP, Phụ lục I): national heading, issuing body, number, place and
//! date, title, receivers and signature.

use crate::print::face::Face;
use crate::print::paper::{Align, Paper, Style};

/// What stands above the text.
#[derive(Clone, Debug)]
pub(crate) struct Heading {
    /// The issuing body, line by line.
    pub(crate) body: String,
    /// Number and sign, such as `Số: 12/QĐ-UBND`.
    pub(crate) number: String,
    /// Place and date, such as `Hạ Long, ngày 05 tháng 6 năm 2024`.
    pub(crate) place_and_date: String,
    /// The kind of paper, such as `QUYẾT ĐỊNH`; empty for a letter (công văn), which names none.
    pub(crate) kind: String,
    /// What it is about; of a letter it stands below the number (Mẫu 1.5).
    pub(crate) subject: String,
}

/// What stands below the text.
#[derive(Clone, Debug)]
pub(crate) struct Closing {
    /// Who receives it.
    pub(crate) receivers: Vec<String>,
    /// The office of the signer, such as `CHỦ TỊCH`, line by line.
    pub(crate) signer: Vec<String>,
}

/// The paragraphs of the text.
pub(crate) const BODY: Style = Style {
    size: 13.0,
    align: Align::Both,
    indent: 28.35,
    after: 4.0,
};

const fn centred(size: f32) -> Style {
    Style::plain(size, Align::Centre, 0.0)
}

/// Sets the heading.
pub(crate) fn heading(paper: &mut Paper, heading: &Heading) {
    let (left, width) = (paper.margins.left, paper.inner_width());
    let (narrow, wide) = (width * 0.41, width * 0.59);
    let right = left + narrow;
    let top = paper.y;
    let mut y = top;
    for line in heading.body.lines() {
        y = paper.block(centred(12.0), &[(Face::Bold, line)], (left, y), narrow - 8.0);
    }
    let third = narrow / 3.0;
    paper.rule((left + third, y + 2.0), (left + narrow - 8.0 - third, y + 2.0));
    let mut below_left = paper.block(
        centred(13.0),
        &[(Face::Regular, &heading.number)],
        (left, y + 8.0),
        narrow - 8.0,
    );
    if heading.kind.is_empty() {
        let about = [(Face::Regular, heading.subject.as_str())];
        below_left = paper.block(centred(12.0), &about, (left, below_left), narrow - 8.0);
    }
    let state = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM";
    let motto = "Độc lập - Tự do - Hạnh phúc";
    y = paper.block(centred(12.0), &[(Face::Bold, state)], (right, top), wide);
    y = paper.block(centred(13.0), &[(Face::Bold, motto)], (right, y), wide);
    let long = paper.faces.of(Face::Bold).width(motto, 13.0);
    let start = right + (wide - long) / 2.0;
    paper.rule((start, y + 2.0), (start + long, y + 2.0));
    let date = [(Face::Italic, heading.place_and_date.as_str())];
    let below_right = paper.block(centred(13.0), &date, (right, y + 8.0), wide);
    paper.y = below_left.max(below_right) + 16.0;
    if heading.kind.is_empty() {
        return;
    }
    paper.paragraph(centred(14.0), &[(Face::Bold, &heading.kind)]);
    paper.paragraph(centred(13.5), &[(Face::Bold, &heading.subject)]);
    let (middle, y) = (left + width / 2.0, paper.y + 3.0);
    paper.rule((middle - width / 8.0, y), (middle + width / 8.0, y));
    paper.y += 14.0;
}

/// Sets receivers and signature side by side, never parted by a page's end.
pub(crate) fn closing(paper: &mut Paper, closing: &Closing) {
    paper.need(120.0);
    paper.space(8.0);
    let (left, width) = (paper.margins.left, paper.inner_width());
    let half = width / 2.0;
    let top = paper.y;
    let list = Style {
        size: 11.0,
        align: Align::Left,
        indent: 0.0,
        after: 0.0,
    };
    let mut y = paper.block(
        Style { size: 12.0, ..list },
        &[(Face::BoldItalic, "Nơi nhận:")],
        (left, top),
        half,
    );
    for receiver in &closing.receivers {
        y = paper.block(list, &[(Face::Regular, &format!("- {receiver}"))], (left, y), half);
    }
    let mut signature = top;
    for line in &closing.signer {
        signature = paper.block(centred(13.0), &[(Face::Bold, line)], (left + half, signature), half);
    }
    let hint = "(Ký, đóng dấu, ghi rõ họ tên)";
    signature = paper.block(centred(11.0), &[(Face::Italic, hint)], (left + half, signature), half);
    paper.y = y.max(signature + 60.0);
}
