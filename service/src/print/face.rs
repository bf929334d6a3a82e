//! The faces that are embedded, and how wide their letters are. Vietnamese in NFC has a glyph for each letter, so that
//! widths are all the shaping it needs.

use std::sync::OnceLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use crate::error::Error;

/// A face of Liberation Serif (SIL Open Font License 1.1; the licence lies beside the files).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    /// Upright.
    Regular,
    /// Bold.
    Bold,
    /// Slanted.
    Italic,
    /// Both.
    BoldItalic,
}

/// The letters of a face, read once.
pub(super) struct Letters {
    pub(super) font: Font,
    /// Glyph and width in ems, by code point.
    glyphs: Vec<(u32, f32)>,
    missing: (u32, f32),
}

/// Code points from here on are drawn as missing: no script of this country lies behind.
const END: u32 = 0x2_300;

impl Letters {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        let face = FontRef::new(bytes).ok()?;
        let font = Font::new(bytes.into(), 0)?;
        let metrics = face.glyph_metrics(Size::unscaled(), LocationRef::default());
        let em = font.units_per_em();
        let width = |glyph| metrics.advance_width(glyph).unwrap_or(em) / em;
        let missing = (0, width(skrifa::GlyphId::new(0)));
        let charmap = face.charmap();
        let glyphs = (0..END)
            .map(|code| {
                charmap
                    .map(code)
                    .map_or(missing, |glyph| (glyph.to_u32(), width(glyph)))
            })
            .collect();
        Some(Self { font, glyphs, missing })
    }

    fn glyph(&self, letter: char) -> (u32, f32) {
        usize::try_from(u32::from(letter))
            .ok()
            .and_then(|code| self.glyphs.get(code))
            .copied()
            .unwrap_or(self.missing)
    }

    /// How wide a text is at a size, in points.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|letter| self.glyph(letter).1).sum::<f32>() * size
    }

    /// The glyphs of a text, each space wider by `gap` points.
    pub(super) fn shape(&self, text: &str, size: f32, gap: f32, glyphs: &mut Vec<KrillaGlyph>) {
        glyphs.clear();
        let wider = gap / size;
        for (at, letter) in text.char_indices() {
            let (glyph, width) = self.glyph(letter);
            let advance = if letter == ' ' { width + wider } else { width };
            let range = at..at + letter.len_utf8();
            glyphs.push(KrillaGlyph::new(
                GlyphId::new(glyph),
                advance,
                0.0,
                0.0,
                0.0,
                range,
                None,
            ));
        }
    }
}

/// All faces.
pub(super) struct Faces([Letters; 4]);

impl Faces {
    /// The embedded faces.
    pub(super) fn embedded() -> Result<&'static Self, Error> {
        static FACES: OnceLock<Option<Faces>> = OnceLock::new();
        let read = || {
            Some(Self([
                Letters::read(include_bytes!("../../assets/fonts/LiberationSerif-Regular.ttf"))?,
                Letters::read(include_bytes!("../../assets/fonts/LiberationSerif-Bold.ttf"))?,
                Letters::read(include_bytes!("../../assets/fonts/LiberationSerif-Italic.ttf"))?,
                Letters::read(include_bytes!("../../assets/fonts/LiberationSerif-BoldItalic.ttf"))?,
            ]))
        };
        FACES
            .get_or_init(read)
            .as_ref()
            .ok_or_else(|| Error::internal("an embedded font is unreadable"))
    }

    pub(super) const fn of(&self, face: Face) -> &Letters {
        let [regular, bold, italic, bold_italic] = &self.0;
        match face {
            Face::Regular => regular,
            Face::Bold => bold,
            Face::Italic => italic,
            Face::BoldItalic => bold_italic,
        }
    }
}
