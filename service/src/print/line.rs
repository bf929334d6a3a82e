//! Text broken into lines.

use crate::print::face::{Face, Faces};

/// A stretch of text in one face.
pub(crate) type Run<'a> = (Face, &'a str);

/// A line: its pieces, each in one face.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) pieces: Vec<(Face, String)>,
    pub(super) width: f32,
    /// The line ends its paragraph, so that it is never stretched.
    pub(super) last: bool,
}

impl Line {
    pub(super) fn spaces(&self) -> usize {
        self.pieces.iter().map(|(_, text)| text.matches(' ').count()).sum()
    }

    fn add(&mut self, face: Face, text: &str) {
        match self.pieces.last_mut() {
            Some((last, own)) if *last == face => own.push_str(text),
            _ => self.pieces.push((face, text.to_owned())),
        }
    }
}

/// A word: pieces without a space between them.
type Word<'a> = Vec<Run<'a>>;

/// Breaks runs into lines of at most `width` points, the first shorter by `indent`. A word wider than a line is cut.
pub(super) fn wrap(faces: &Faces, runs: &[Run<'_>], size: f32, width: f32, indent: f32) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut line = Line::default();
    let mut room = width - indent;
    for word in words(runs) {
        let wide: f32 = word.iter().map(|(face, text)| faces.of(*face).width(text, size)).sum();
        let space = line
            .pieces
            .last()
            .map_or(0.0, |(face, _)| faces.of(*face).width(" ", size));
        if !line.pieces.is_empty() && line.width + space + wide > room {
            lines.push(std::mem::take(&mut line));
            room = width;
        } else if let Some((face, _)) = line.pieces.last() {
            line.add(*face, " ");
            line.width += space;
        }
        if wide <= room {
            line.width += wide;
            for (face, text) in word {
                line.add(face, text);
            }
            continue;
        }
        for (face, text) in word {
            for letter in text.chars() {
                let mut own = [0; 4];
                let own: &str = letter.encode_utf8(&mut own);
                let wide = faces.of(face).width(own, size);
                if !line.pieces.is_empty() && line.width + wide > room {
                    lines.push(std::mem::take(&mut line));
                    room = width;
                }
                line.add(face, own);
                line.width += wide;
            }
        }
    }
    line.last = true;
    lines.push(line);
    lines
}

fn words<'a>(runs: &[Run<'a>]) -> Vec<Word<'a>> {
    let mut words: Vec<Word<'a>> = vec![Vec::new()];
    for (face, text) in runs {
        for (at, part) in text.split(' ').enumerate() {
            if at > 0 && words.last().is_some_and(|word| !word.is_empty()) {
                words.push(Vec::new());
            }
            if let Some(word) = words.last_mut().filter(|_| !part.is_empty()) {
                word.push((*face, part));
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
