//! Paper: marks on pages, laid out from top to bottom, written as PDF at the end.

use chrono::{DateTime, Datelike, Timelike, Utc};

use crate::error::Error;
use crate::print::face::{Face, Faces};
use crate::print::line::{Line, Run, wrap};
use crate::print::write;

/// Where text stands between two edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// At the left edge.
    Left,
    /// In the middle.
    Centre,
    /// At the right edge.
    Right,
    /// At both: spaces are stretched.
    Both,
}

/// How a paragraph looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Size of the letters, in points.
    pub(crate) size: f32,
    /// Where it stands.
    pub(crate) align: Align,
    /// How much the first line is shorter, in points.
    pub(crate) indent: f32,
    /// The room below, in points.
    pub(crate) after: f32,
}

impl Style {
    /// A paragraph whose first line is as long as the others.
    pub(crate) const fn plain(size: f32, align: Align, after: f32) -> Self {
        Self {
            size,
            align,
            indent: 0.0,
            after,
        }
    }
}

/// How pages are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbering {
    /// In the middle of the top margin, from the second page on (NĐ 30/2020, Phụ lục I).
    Official,
    /// Page of pages at the foot.
    OfTotal,
    /// The same of what a second person has still to sign, which each page says.
    OfDraft,
}

/// The edges left free, in points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Margins {
    /// Above.
    pub(crate) top: f32,
    /// Right.
    pub(crate) right: f32,
    /// Below.
    pub(crate) bottom: f32,
    /// Left.
    pub(crate) left: f32,
}

/// Points in a millimetre.
const MM: f32 = 72.0 / 25.4;

impl Margins {
    /// Those of official papers: 20, 20, 20 and 30 mm (NĐ 30/2020, Phụ lục I).
    pub(crate) const OFFICIAL: Self = Self {
        top: 20.0 * MM,
        right: 20.0 * MM,
        bottom: 20.0 * MM,
        left: 30.0 * MM,
    };

    /// Those of long lists: 12 mm, 15 mm at the foot.
    pub(crate) const LIST: Self = Self {
        top: 12.0 * MM,
        right: 12.0 * MM,
        bottom: 15.0 * MM,
        left: 12.0 * MM,
    };
}

/// What stands on a page.
#[derive(Debug)]
pub(super) enum Mark {
    Text {
        x: f32,
        y: f32,
        face: Face,
        size: f32,
        gap: f32,
        text: String,
    },
    Rule {
        from: (f32, f32),
        to: (f32, f32),
    },
}

/// A4 pages being filled.
pub(crate) struct Paper {
    pub(super) faces: &'static Faces,
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) margins: Margins,
    pub(super) pages: Vec<Vec<Mark>>,
    /// The upper edge of what comes next.
    pub(super) y: f32,
}

impl Paper {
    /// Upright A4.
    pub(crate) fn upright(margins: Margins) -> Result<Self, Error> {
        Self::new(210.0 * MM, 297.0 * MM, margins)
    }

    /// A4 on its side.
    pub(crate) fn sideways(margins: Margins) -> Result<Self, Error> {
        Self::new(297.0 * MM, 210.0 * MM, margins)
    }

    fn new(width: f32, height: f32, margins: Margins) -> Result<Self, Error> {
        Ok(Self {
            faces: Faces::embedded()?,
            width,
            height,
            margins,
            pages: vec![Vec::new()],
            y: margins.top,
        })
    }

    /// The width between the margins.
    pub(crate) fn inner_width(&self) -> f32 {
        self.width - self.margins.left - self.margins.right
    }

    /// Leaves room, unless the page has just begun.
    pub(crate) fn space(&mut self, points: f32) {
        self.y += points;
    }

    /// Begins a new page unless so many points are free on this one.
    pub(crate) fn need(&mut self, points: f32) -> bool {
        let full = self.y + points > self.height - self.margins.bottom && self.y > self.margins.top;
        if full {
            self.new_page();
        }
        full
    }

    /// Begins a new page.
    pub(crate) fn new_page(&mut self) {
        self.pages.push(Vec::new());
        self.y = self.margins.top;
    }

    /// Texts side by side, each in an equal part of the width.
    pub(crate) fn beside(&mut self, style: Style, face: Face, texts: &[&str]) {
        let parts = f32::from(u16::try_from(texts.len().max(1)).unwrap_or(u16::MAX));
        let width = self.inner_width() / parts;
        let (mut x, top) = (self.margins.left, self.y);
        for text in texts {
            let below = self.block(style, &[(face, text)], (x, top), width);
            self.y = self.y.max(below);
            x += width;
        }
    }

    pub(super) fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// A thin line.
    pub(crate) fn rule(&mut self, from: (f32, f32), to: (f32, f32)) {
        self.mark(Mark::Rule { from, to });
    }

    /// A paragraph over the whole width, going on over the page's end.
    pub(crate) fn paragraph(&mut self, style: Style, runs: &[Run<'_>]) {
        let (left, width) = (self.margins.left, self.inner_width());
        let mut indent = style.indent;
        for line in wrap(self.faces, runs, style.size, width, style.indent) {
            self.need(height(style.size));
            self.line(&line, style, (left, self.y), width, indent);
            self.y += height(style.size);
            indent = 0.0;
        }
        self.y += style.after;
    }

    /// A paragraph in a box that begins at `at`; gives its lower edge and leaves the place of what comes next alone.
    pub(crate) fn block(&mut self, style: Style, runs: &[Run<'_>], at: (f32, f32), width: f32) -> f32 {
        let lines = wrap(self.faces, runs, style.size, width, style.indent);
        let mut y = at.1;
        let mut indent = style.indent;
        for line in &lines {
            self.line(line, style, (at.0, y), width, indent);
            y += height(style.size);
            indent = 0.0;
        }
        y + style.after
    }

    pub(super) fn line(&mut self, line: &Line, style: Style, (left, top): (f32, f32), width: f32, indent: f32) {
        let free = (width - indent - line.width).max(0.0);
        let spaces = u16::try_from(line.spaces()).unwrap_or(u16::MAX);
        let stretched = style.align == Align::Both && !line.last && spaces > 0;
        let gap = if stretched { free / f32::from(spaces) } else { 0.0 };
        let mut x = left
            + indent
            + match style.align {
                Align::Left | Align::Both => 0.0,
                Align::Centre => free / 2.0,
                Align::Right => free,
            };
        // Letters stand on a line a little below the middle of the room they are given.
        let y = top + style.size * 0.95;
        for (face, text) in &line.pieces {
            let own = u16::try_from(text.matches(' ').count()).unwrap_or(u16::MAX);
            let wide = self.faces.of(*face).width(text, style.size) + gap * f32::from(own);
            self.mark(Mark::Text {
                x,
                y,
                face: *face,
                size: style.size,
                gap,
                text: text.clone(),
            });
            x += wide;
        }
    }

    /// The bytes of the PDF: the same for the same marks, title and instant.
    pub(crate) fn finish(mut self, title: &str, at: DateTime<Utc>, numbering: Numbering) -> Result<Vec<u8>, Error> {
        self.number(numbering);
        write::pdf(&self, title, stamp(at))
    }

    fn number(&mut self, numbering: Numbering) {
        let total = self.pages.len();
        let (left, width) = (self.margins.left, self.inner_width());
        for at in 0..total {
            let (text, size, top, align) = match numbering {
                Numbering::Official if at == 0 => continue,
                Numbering::Official => ((at + 1).to_string(), 13.0, self.margins.top * 0.5, Align::Centre),
                Numbering::OfTotal | Numbering::OfDraft => {
                    let top = self.height - self.margins.bottom + 12.0;
                    let draft = match numbering {
                        Numbering::OfDraft => "Bản dự thảo, chờ người thứ hai ký. ",
                        _ => "",
                    };
                    (format!("{draft}Trang {}/{total}", at + 1), 9.0, top, Align::Right)
                }
            };
            let wide = self.faces.of(Face::Regular).width(&text, size);
            let free = width - wide;
            let mark = Mark::Text {
                x: left + if align == Align::Right { free } else { free / 2.0 },
                y: top + size,
                face: Face::Regular,
                size,
                gap: 0.0,
                text,
            };
            if let Some(page) = self.pages.get_mut(at) {
                page.push(mark);
            }
        }
    }
}

/// The height of a line.
pub(crate) fn height(size: f32) -> f32 {
    size * 1.3
}

fn stamp(at: DateTime<Utc>) -> krilla::metadata::DateTime {
    let small = |number: u32| u8::try_from(number).unwrap_or(0);
    krilla::metadata::DateTime::new(u16::try_from(at.year()).unwrap_or(0))
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}
