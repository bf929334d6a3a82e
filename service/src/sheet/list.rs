//! Workbooks of long lists (ECMA-376 SpreadsheetML), written row by row. They look as [`super::Look`] has it; the general
//! writer takes several times as long for tens of thousands of rows.

use chrono::{DateTime, SecondsFormat, Utc};

use super::Cell;
use super::archive::{Entry, Packed, archive};
use crate::error::Error;

/// The parts of the sheets: a workbook has no more.
pub(super) const SHEETS: [&str; 2] = ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"];
/// The longest text of a cell, in UTF-16 code units.
const LONGEST: usize = 32_767;
/// Rows are handed on in pieces of about so many bytes.
const PIECE: usize = 64 * 1024;

/// How a cell looks: its number among the formats of [`STYLES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// A title over all columns.
    Title,
    /// A note below it.
    Note,
    /// A heading.
    Head,
    /// A cell, money with its thousands apart.
    Plain,
    /// The same of a total.
    Total,
}

impl Style {
    /// The format of texts, and that of money.
    const fn formats(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Self::Title => (b"1", b"1"),
            Self::Note => (b"2", b"2"),
            Self::Head => (b"3", b"3"),
            Self::Plain => (b"4", b"5"),
            Self::Total => (b"6", b"7"),
        }
    }
}

const STYLES: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="4">"#,
    r#"<font><sz val="11"/><name val="Times New Roman"/><family val="1"/></font>"#,
    r#"<font><b/><sz val="14"/><name val="Times New Roman"/><family val="1"/></font>"#,
    r#"<font><i/><sz val="11"/><name val="Times New Roman"/><family val="1"/></font>"#,
    r#"<font><b/><sz val="11"/><name val="Times New Roman"/><family val="1"/></font></fonts>"#,
    r#"<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>"#,
    r#"<fill><patternFill patternType="solid"><fgColor rgb="FFE2EFDA"/><bgColor indexed="64"/></patternFill></fill></fills>"#,
    r#"<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>"#,
    r#"<border><left style="thin"><color auto="1"/></left><right style="thin"><color auto="1"/></right>"#,
    r#"<top style="thin"><color auto="1"/></top><bottom style="thin"><color auto="1"/></bottom><diagonal/></border></borders>"#,
    r#"<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="8">"#,
    r#"<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>"#,
    r#"<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1">"#,
    r#"<alignment horizontal="center"/></xf>"#,
    r#"<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/>"#,
    r#"<xf numFmtId="0" fontId="3" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">"#,
    r#"<alignment horizontal="center" vertical="center" wrapText="1"/></xf>"#,
    r#"<xf numFmtId="0" fontId="0" fillId="0" borderId="1" xfId="0" applyBorder="1" applyAlignment="1"><alignment vertical="center"/></xf>"#,
    r#"<xf numFmtId="3" fontId="0" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyBorder="1" applyAlignment="1">"#,
    r#"<alignment vertical="center"/></xf>"#,
    r#"<xf numFmtId="0" fontId="3" fillId="0" borderId="1" xfId="0" applyFont="1" applyBorder="1" applyAlignment="1">"#,
    r#"<alignment vertical="center"/></xf>"#,
    r#"<xf numFmtId="3" fontId="3" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyFont="1" applyBorder="1" applyAlignment="1">"#,
    r#"<alignment vertical="center"/></xf></cellXfs>"#,
    r#"<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#,
);

const TYPES: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#,
    r#"<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>"#,
    r#"<Default Extension="xml" ContentType="application/xml"/>"#,
    r#"<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>"#,
    r#"<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>"#,
    r#"<Override PartName="/xl/workbook.xml" "#,
    r#"ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>"#,
);
const SHEET_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";

const ROOT: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" "#,
    r#"Target="xl/workbook.xml"/><Relationship Id="rId2" "#,
    r#"Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" "#,
    r#"Target="docProps/core.xml"/></Relationships>"#,
);
const RELATIONS: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" "#,
    r#"Target="styles.xml"/>"#,
);
const SHEET_RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet";
const HEADER: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;

/// A sheet that is being written, from its title down.
pub(crate) struct Sheet {
    name: String,
    /// The columns' letters.
    letters: Vec<String>,
    /// The row of the headings, from 1.
    heading: u32,
    /// The row that comes next, from 1.
    next: u32,
    piece: Vec<u8>,
    entry: Entry,
}

/// A sheet that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(super) name: String,
    pub(super) heading: u32,
    pub(super) part: Packed,
}

impl Sheet {
    /// Begins the sheet of a place in its workbook: title over all columns, notes below it, then the headings.
    pub(crate) fn start(
        (place, name): (usize, &str),
        title: &str,
        notes: &[String],
        columns: &[(&str, f64)],
    ) -> Result<Self, Error> {
        let part = SHEETS
            .get(place)
            .ok_or_else(|| Error::internal("a list has two sheets at most"))?;
        let notes_count = u32::try_from(notes.len()).map_err(Error::internal)?;
        let mut sheet = Self {
            name: name.to_owned(),
            letters: letters(columns.len()),
            heading: notes_count + 3,
            next: 1,
            piece: Vec::with_capacity(2 * PIECE),
            entry: Entry::new(part),
        };
        sheet.opening(columns);
        let blank = Cell::Text("");
        let titles: Vec<&Cell<'_>> = std::iter::repeat_n(&blank, columns.len()).collect();
        let title = Cell::Text(title);
        let over_all = std::iter::once(&title).chain(titles.into_iter().skip(1));
        sheet.cells(Style::Title, over_all)?;
        for note in notes {
            sheet.row(Style::Note, &[Cell::Text(note)])?;
        }
        sheet.skip(1);
        let headings: Vec<Cell<'_>> = columns.iter().map(|(heading, _)| Cell::Text(heading)).collect();
        sheet.row(Style::Head, &headings)?;
        Ok(sheet)
    }

    /// The title covers all columns; headings stay in sight. Widths are characters, with the space around them that the
    /// usual font has at its usual size.
    fn opening(&mut self, columns: &[(&str, f64)]) {
        let below = self.heading + 1;
        let mut text = format!(
            "{HEADER}<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetPr>\
             <pageSetUpPr fitToPage=\"1\"/></sheetPr><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"{}\" \
             topLeftCell=\"A{below}\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>\
             <sheetFormatPr defaultRowHeight=\"15\"/><cols>",
            self.heading
        );
        for ((_, width), number) in columns.iter().zip(1..) {
            text.push_str(&format!(
                "<col min=\"{number}\" max=\"{number}\" width=\"{width}.7109375\" customWidth=\"1\"/>"
            ));
        }
        text.push_str("</cols><sheetData>");
        self.piece.extend_from_slice(text.as_bytes());
    }

    /// Leaves rows free.
    pub(crate) const fn skip(&mut self, rows: u32) {
        self.next += rows;
    }

    /// Writes the next row.
    pub(crate) fn row(&mut self, style: Style, cells: &[Cell<'_>]) -> Result<(), Error> {
        self.cells(style, cells.iter())
    }

    fn cells<'c>(&mut self, style: Style, cells: impl Iterator<Item = &'c Cell<'c>>) -> Result<(), Error> {
        self.begin_row();
        for (column, cell) in cells.enumerate() {
            self.cell(style, column, cell)?;
        }
        self.end_row()
    }

    /// Writes notes into some columns of the next row, from 0.
    pub(crate) fn notes(&mut self, notes: &[(usize, &str)]) -> Result<(), Error> {
        self.begin_row();
        for (column, note) in notes {
            self.cell(Style::Note, *column, &Cell::Text(note))?;
        }
        self.end_row()
    }

    fn begin_row(&mut self) {
        self.piece.extend_from_slice(b"<row r=\"");
        decimal(&mut self.piece, i64::from(self.next));
        self.piece.extend_from_slice(b"\">");
    }

    fn end_row(&mut self) -> Result<(), Error> {
        self.piece.extend_from_slice(b"</row>");
        self.next += 1;
        if self.piece.len() >= PIECE {
            self.entry.add(&self.piece)?;
            self.piece.clear();
        }
        Ok(())
    }

    fn cell(&mut self, style: Style, column: usize, cell: &Cell<'_>) -> Result<(), Error> {
        let letters = self
            .letters
            .get(column)
            .ok_or_else(|| Error::internal("a row is wider than its sheet"))?;
        let (text, money) = style.formats();
        let to = &mut self.piece;
        to.extend_from_slice(b"<c r=\"");
        to.extend_from_slice(letters.as_bytes());
        decimal(to, i64::from(self.next));
        to.extend_from_slice(b"\" s=\"");
        match cell {
            Cell::Text("") => {
                to.extend_from_slice(text);
                to.extend_from_slice(b"\"/>");
            }
            Cell::Text(own) => {
                if own.len() > LONGEST && own.encode_utf16().count() > LONGEST {
                    return Err(Error::internal("a text is longer than a cell holds"));
                }
                to.extend_from_slice(text);
                to.extend_from_slice(b"\" t=\"inlineStr\"><is><t");
                if own.starts_with(char::is_whitespace) || own.ends_with(char::is_whitespace) {
                    to.extend_from_slice(b" xml:space=\"preserve\"");
                }
                to.extend_from_slice(b">");
                escape(to, own);
                to.extend_from_slice(b"</t></is></c>");
            }
            Cell::Money(own) => {
                to.extend_from_slice(money);
                to.extend_from_slice(b"\"><v>");
                decimal(to, *own);
                to.extend_from_slice(b"</v></c>");
            }
        }
        Ok(())
    }

    /// Completes the sheet.
    pub(crate) fn done(mut self) -> Result<Done, Error> {
        let last = self.letters.last().map_or("A", String::as_str);
        let closing = format!(
            "</sheetData><mergeCells count=\"1\"><mergeCell ref=\"A1:{last}1\"/></mergeCells>\
             <pageMargins left=\"0.7\" right=\"0.7\" top=\"0.75\" bottom=\"0.75\" header=\"0.3\" footer=\"0.3\"/>\
             <pageSetup paperSize=\"9\" orientation=\"landscape\" fitToHeight=\"0\"/></worksheet>"
        );
        self.piece.extend_from_slice(closing.as_bytes());
        self.entry.add(&self.piece)?;
        Ok(Done {
            name: self.name,
            heading: self.heading,
            part: self.entry.pack()?,
        })
    }
}

/// The workbook of some sheets, dated as its run was approved.
pub(crate) fn book(title: &str, at: DateTime<Utc>, sheets: Vec<Done>) -> Result<Vec<u8>, Error> {
    let (mut types, mut relations) = (TYPES.to_owned(), RELATIONS.to_owned());
    let (mut list, mut names) = (String::new(), String::new());
    for (sheet, number) in sheets.iter().zip(1..) {
        types.push_str(&format!(
            "<Override PartName=\"/xl/worksheets/sheet{number}.xml\" ContentType=\"{SHEET_TYPE}\"/>"
        ));
        let id = number + 1;
        relations.push_str(&format!(
            "<Relationship Id=\"rId{id}\" Type=\"{SHEET_RELATION}\" Target=\"worksheets/sheet{number}.xml\"/>"
        ));
        let name = escaped(&sheet.name);
        list.push_str(&format!(
            "<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{id}\"/>"
        ));
        let (place, heading) = (number - 1, sheet.heading);
        names.push_str(&format!(
            "<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"{place}\">'{name}'!${heading}:${heading}</definedName>"
        ));
    }
    types.push_str("</Types>");
    relations.push_str("</Relationships>");
    let workbook = format!(
        "{HEADER}<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><bookViews><workbookView \
         xWindow=\"240\" yWindow=\"15\" windowWidth=\"16095\" windowHeight=\"9660\"/></bookViews><sheets>{list}</sheets>\
         <definedNames>{names}</definedNames></workbook>"
    );
    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let core = format!(
        "{HEADER}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title>\
         <dcterms:created xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:created>\
         <dcterms:modified xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:modified></cp:coreProperties>",
        escaped(title)
    );
    let mut parts = vec![
        Entry::whole("[Content_Types].xml", &types)?,
        Entry::whole("_rels/.rels", ROOT)?,
        Entry::whole("docProps/core.xml", &core)?,
        Entry::whole("xl/workbook.xml", &workbook)?,
        Entry::whole("xl/_rels/workbook.xml.rels", &relations)?,
        Entry::whole("xl/styles.xml", STYLES)?,
    ];
    parts.extend(sheets.into_iter().map(|sheet| sheet.part));
    archive(&parts)
}

/// The letters of columns: A to Z, no list is wider.
fn letters(columns: usize) -> Vec<String> {
    ('A'..='Z').take(columns).map(String::from).collect()
}

/// A whole number as text.
fn decimal(to: &mut Vec<u8>, number: i64) {
    let mut digits = [0_u8; 20];
    let (mut rest, mut from) = (number.unsigned_abs(), digits.len());
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        from = place;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        to.push(b'-');
    }
    to.extend_from_slice(digits.get(from..).unwrap_or_default());
}

fn escaped(text: &str) -> String {
    let mut to = Vec::with_capacity(text.len());
    escape(&mut to, text);
    String::from_utf8(to).unwrap_or_default()
}

/// Text as XML. What XML does not know is written as spreadsheets do, `_x001F_`, and what reads like that begins with
/// `_x005F_` (ECMA-376 part 1, 22.9.2.19).
fn escape(to: &mut Vec<u8>, text: &str) {
    let plain = |byte: u8| byte >= 0x20 && !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'_' | 0xEF);
    if text.bytes().all(plain) {
        to.extend_from_slice(text.as_bytes());
        return;
    }
    for (at, own) in text.char_indices() {
        match own {
            '&' => to.extend_from_slice(b"&amp;"),
            '<' => to.extend_from_slice(b"&lt;"),
            '>' => to.extend_from_slice(b"&gt;"),
            '"' => to.extend_from_slice(b"&quot;"),
            '_' if reads_escaped(text.get(at..).unwrap_or_default()) => to.extend_from_slice(b"_x005F_"),
            '\t' | '\n' => to.extend(u8::try_from(own)),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                to.extend_from_slice(format!("_x{:04X}_", u32::from(own)).as_bytes());
            }
            _ => to.extend_from_slice(own.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// Does a text begin as an escaped character, `_xHHHH_`?
fn reads_escaped(text: &str) -> bool {
    let (Some(head), Some(digits), Some(tail)) = (text.get(..2), text.get(2..6), text.get(6..7)) else {
        return false;
    };
    head == "_x" && tail == "_" && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}
