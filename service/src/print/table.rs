//! Ruled tables whose headings stand on every page.

use crate::print::face::Face;
use crate::print::line::{Line, wrap};
use crate::print::paper::{Align, Paper, Style, height};

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// The heading.
    pub(crate) title: &'static str,
    /// Its share of the width.
    pub(crate) share: f32,
    /// Where its texts stand.
    pub(crate) align: Align,
}

impl Column {
    /// A column.
    pub(crate) const fn new(title: &'static str, share: f32, align: Align) -> Self {
        Self { title, share, align }
    }
}

/// A table that is being filled.
pub(crate) struct Table<'c> {
    columns: &'c [Column],
    size: f32,
    /// The least height of a row.
    least: f32,
    /// The left edge of each column, and the right edge of the last.
    edges: Vec<f32>,
    /// Where the vertical rules of this page begin.
    top: f32,
}

/// The room between a rule and the text, sideways and above.
const PAD: (f32, f32) = (3.0, 2.0);

impl<'c> Table<'c> {
    /// Begins a table with its headings.
    pub(crate) fn begin(paper: &mut Paper, columns: &'c [Column], size: f32, least: f32) -> Self {
        let all: f32 = columns.iter().map(|column| column.share).sum();
        let mut edges = vec![paper.margins.left];
        let mut x = paper.margins.left;
        for column in columns {
            x += paper.inner_width() * column.share / all;
            edges.push(x);
        }
        let mut table = Self {
            columns,
            size,
            least,
            edges,
            top: 0.0,
        };
        paper.need(3.0 * least);
        table.headings(paper);
        table
    }

    fn headings(&mut self, paper: &mut Paper) {
        self.top = paper.y;
        self.horizontal(paper);
        let titles: Vec<&str> = self.columns.iter().map(|column| column.title).collect();
        let cells = self.broken(paper, &titles, Face::Bold);
        let aligns: Vec<Align> = self.columns.iter().map(|_| Align::Centre).collect();
        let tall = self.tall(&cells, 0.0);
        self.cells(paper, &cells, &aligns, tall);
    }

    /// A row; a page that is full is closed and the headings repeated on the next.
    pub(crate) fn row(&mut self, paper: &mut Paper, face: Face, texts: &[&str]) {
        let cells = self.broken(paper, texts, face);
        let tall = self.tall(&cells, self.least);
        if paper.y + tall > paper.height - paper.margins.bottom {
            self.verticals(paper);
            paper.need(tall);
            self.headings(paper);
        }
        let aligns: Vec<Align> = self.columns.iter().map(|column| column.align).collect();
        self.cells(paper, &cells, &aligns, tall);
    }

    /// Ends the table.
    pub(crate) fn end(self, paper: &mut Paper) {
        self.verticals(paper);
    }

    fn width_of(&self, at: usize) -> (f32, f32) {
        let left = self.edges.get(at).copied().unwrap_or_default();
        let right = self.edges.get(at + 1).copied().unwrap_or(left);
        (left + PAD.0, right - left - 2.0 * PAD.0)
    }

    fn broken(&self, paper: &Paper, texts: &[&str], face: Face) -> Vec<Vec<Line>> {
        let cells = texts.iter().enumerate();
        cells
            .map(|(at, text)| wrap(paper.faces, &[(face, text)], self.size, self.width_of(at).1, 0.0))
            .collect()
    }

    fn tall(&self, cells: &[Vec<Line>], least: f32) -> f32 {
        let lines = cells.iter().map(Vec::len).max().unwrap_or(1);
        let lines = f32::from(u16::try_from(lines).unwrap_or(u16::MAX));
        (lines * height(self.size) + 2.0 * PAD.1).max(least)
    }

    fn cells(&self, paper: &mut Paper, cells: &[Vec<Line>], aligns: &[Align], tall: f32) {
        for (at, (lines, align)) in cells.iter().zip(aligns).enumerate() {
            let (left, width) = self.width_of(at);
            let style = Style {
                size: self.size,
                align: *align,
                indent: 0.0,
                after: 0.0,
            };
            let count = f32::from(u16::try_from(lines.len()).unwrap_or(u16::MAX));
            let mut y = paper.y + (tall - count * height(self.size)) / 2.0;
            for line in lines {
                paper.line(line, style, (left, y), width, 0.0);
                y += height(self.size);
            }
        }
        paper.y += tall;
        self.horizontal(paper);
    }

    fn horizontal(&self, paper: &mut Paper) {
        if let (Some(left), Some(right)) = (self.edges.first(), self.edges.last()) {
            paper.rule((*left, paper.y), (*right, paper.y));
        }
    }

    fn verticals(&self, paper: &mut Paper) {
        for x in &self.edges {
            paper.rule((*x, self.top), (*x, paper.y));
        }
    }
}
