//! What people call a run; machines call it by its natural key.

use domain::Month;
use entity::pay_run::Model;

use crate::code::Code;
use crate::error::Text;
use crate::{print, vocabulary};

/// A run in words: `hằng tháng, tháng 10/2024, số 1`.
pub(crate) fn label(run: &Model) -> Text {
    super::cover_month(run).map_or_else(
        |_| Text::new(super::natural_key(run), super::natural_key(run)),
        |month| label_of(&run.kind.code(), month, run.sequence),
    )
}

/// The same of the kind of a run, its cover month and its number in that month.
pub(crate) fn label_of(kind: &str, month: Month, number: i32) -> Text {
    let named = vocabulary::label("pay_run_kind", kind)
        .cloned()
        .unwrap_or_else(|| Text::new(kind, kind));
    Text::new(
        format!(
            "{}, tháng {}, số {number}",
            named.vi.to_lowercase(),
            print::month(month)
        ),
        format!("{}, {month}, no. {number}", named.en.to_lowercase()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_called_by_its_kind_its_month_and_its_number() {
        let month: Month = "2024-10".parse().unwrap();
        let called = label_of("regular", month, 1);
        assert_eq!(called.vi, "hằng tháng, tháng 10/2024, số 1");
        assert_eq!(called.en, "regular, 2024-10, no. 1");
        assert_eq!(label_of("reissue", month, 2).vi, "chi lại, tháng 10/2024, số 2");
    }
}
