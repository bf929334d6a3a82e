//! Values over months.

use crate::Month;

/// One stretch of a [`Timeline`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<T> {
    /// First month; open to the past if none.
    pub from: Option<Month>,
    /// Last month; open if none.
    pub to: Option<Month>,
    /// The value.
    pub value: T,
}

impl<T> Piece<T> {
    /// Whether a month lies inside.
    pub fn covers(&self, month: Month) -> bool {
        self.from.is_none_or(|from| from <= month) && self.to.is_none_or(|to| month <= to)
    }
}

/// Stretches of months with one value each, sorted, none overlapping; there may be holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline<T> {
    pieces: Vec<Piece<T>>,
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self { pieces: Vec::new() }
    }
}

impl<T: Clone + PartialEq> Timeline<T> {
    /// Lays a value over whatever stands in those months.
    pub fn overlay(&mut self, from: Option<Month>, to: Option<Month>, value: T) {
        let mut pieces = Vec::with_capacity(self.pieces.len() + 2);
        for piece in self.pieces.drain(..) {
            if let Some(start) = from
                && piece.from.is_none_or(|first| first < start)
            {
                let end = start.previous();
                let to = Some(piece.to.map_or(end, |last| last.min(end)));
                pieces.push(Piece {
                    from: piece.from,
                    to,
                    value: piece.value.clone(),
                });
            }
            if let Some(end) = to
                && piece.to.is_none_or(|last| last > end)
            {
                let start = end.next();
                let from = Some(piece.from.map_or(start, |first| first.max(start)));
                pieces.push(Piece {
                    from,
                    to: piece.to,
                    value: piece.value,
                });
            }
        }
        pieces.push(Piece { from, to, value });
        pieces.sort_by_key(|piece| piece.from);
        self.pieces = pieces;
        self.join();
    }

    /// Takes away, from a month on, the values that are meant; true if there were any.
    pub fn cut(&mut self, from: Month, meant: impl Fn(&T) -> bool) -> bool {
        let mut hit = false;
        for piece in &mut self.pieces {
            if piece.to.is_none_or(|last| last >= from) && meant(&piece.value) {
                hit = true;
                piece.to = Some(from.previous());
            }
        }
        self.pieces
            .retain(|piece| !matches!((piece.from, piece.to), (Some(first), Some(last)) if last < first));
        hit
    }

    fn join(&mut self) {
        let mut joined: Vec<Piece<T>> = Vec::with_capacity(self.pieces.len());
        for piece in self.pieces.drain(..) {
            match joined.last_mut() {
                Some(last) if last.value == piece.value && last.to.map(Month::next) == piece.from => last.to = piece.to,
                _ => joined.push(piece),
            }
        }
        self.pieces = joined;
    }
}

impl<T> Timeline<T> {
    /// The stretches, sorted.
    pub fn pieces(&self) -> &[Piece<T>] {
        &self.pieces
    }

    /// The value in a month.
    pub fn at(&self, month: Month) -> Option<&T> {
        self.pieces
            .iter()
            .find(|piece| piece.covers(month))
            .map(|piece| &piece.value)
    }

    /// The holes between the first and the last stretch, and after it if that ends.
    pub fn holes(&self) -> impl Iterator<Item = (Month, Option<Month>)> + '_ {
        self.pieces.iter().enumerate().filter_map(|(index, piece)| {
            let start = piece.to?.next();
            match self.pieces.get(index + 1) {
                Some(next) if next.from == Some(start) => None,
                Some(next) => Some((start, next.from.map(Month::previous))),
                None => Some((start, None)),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn month(index: u8) -> Month {
        Month::MIN.plus(24_000 + i32::from(index))
    }

    proptest! {
        #[test]
        fn the_last_value_laid_over_a_month_is_the_one_it_has(
            layers in prop::collection::vec((prop::option::of(0u8..40), prop::option::of(0u8..40), 0u8..4), 1..8)
        ) {
            let mut timeline = Timeline::default();
            let mut plain = [None; 40];
            for (from, to, value) in layers {
                if from.zip(to).is_some_and(|(from, to)| to < from) {
                    continue;
                }
                timeline.overlay(from.map(month), to.map(month), value);
                for index in from.unwrap_or(0)..=to.unwrap_or(39) {
                    plain[usize::from(index)] = Some(value);
                }
            }
            for index in 0..40u8 {
                prop_assert_eq!(timeline.at(month(index)).copied(), plain[usize::from(index)]);
            }
            for pair in timeline.pieces().windows(2) {
                prop_assert!(pair[0].to.unwrap() < pair[1].from.unwrap());
                prop_assert!(pair[0].value != pair[1].value || pair[0].to.unwrap().next() != pair[1].from.unwrap());
            }
        }
    }
}
