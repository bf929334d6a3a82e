//! From marks to the bytes of a PDF, fonts embedded as subsets, with the table that lets text be copied.

use krilla::color::luma;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use crate::error::Error;
use crate::print::paper::{Mark, Paper};

/// How thick rules are, in points.
const THICK: f32 = 0.5;

/// The bytes; nothing in them is taken from a clock or from chance.
pub(super) fn pdf(paper: &Paper, title: &str, at: DateTime) -> Result<Vec<u8>, Error> {
    let settings = SerializeSettings {
        enable_tagging: false,
        ..SerializeSettings::default()
    };
    let mut document = Document::new_with(settings);
    document.set_metadata(
        Metadata::new()
            .title(title.to_owned())
            .language("vi".to_owned())
            .creator("An Sinh".to_owned())
            .document_id(format!("{title} {at:?}"))
            .creation_date(at),
    );
    let mut glyphs = Vec::new();
    for marks in &paper.pages {
        let size =
            PageSettings::from_wh(paper.width, paper.height).ok_or_else(|| Error::internal("a page without a size"))?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        rules(&mut surface, marks);
        surface.set_stroke(None);
        surface.set_fill(Some(Fill {
            paint: luma::Color::black().into(),
            opacity: NormalizedF32::ONE,
            rule: krilla::paint::FillRule::NonZero,
        }));
        for mark in marks {
            if let Mark::Text {
                x,
                y,
                face,
                size,
                gap,
                text,
            } = mark
            {
                let letters = paper.faces.of(*face);
                letters.shape(text, *size, *gap, &mut glyphs);
                let start = Point::from_xy(*x, *y);
                surface.draw_glyphs(start, &glyphs, letters.font.clone(), text, *size, false);
            }
        }
        surface.finish();
        page.finish();
    }
    document
        .finish()
        .map_err(|error| Error::internal(format!("a PDF could not be written: {error:?}")))
}

/// All rules of a page as one path.
fn rules(surface: &mut Surface<'_>, marks: &[Mark]) {
    let mut path = PathBuilder::new();
    for mark in marks {
        if let Mark::Rule { from, to } = mark {
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
        }
    }
    let Some(path) = path.finish() else { return };
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        width: THICK,
        ..Stroke::default()
    }));
    surface.draw_path(&path);
}
