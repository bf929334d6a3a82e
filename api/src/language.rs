//! Vietnamese or English, by `Accept-Language`.

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use service::Text;

/// A language of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    /// Vietnamese, unless English is preferred.
    #[default]
    Vietnamese,
    /// English.
    English,
}

impl Language {
    /// The preferred one of the two; Vietnamese where neither is named.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let header = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let mut best = (0, Self::default());
        for part in header.split(',') {
            let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
            let primary = tag.trim().split('-').next().unwrap_or_default();
            let language = match primary.to_ascii_lowercase().as_str() {
                "vi" => Self::Vietnamese,
                "en" => Self::English,
                _ => continue,
            };
            let weight = weight(parameters);
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The tag for `Content-Language`.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }

    /// The sentence in this language.
    pub(crate) fn of_text(self, text: &Text) -> &str {
        match self {
            Self::Vietnamese => &text.vi,
            Self::English => &text.en,
        }
    }

    /// The one of a pair of Vietnamese and English.
    pub(crate) const fn of_pair(self, (vi, en): (&'static str, &'static str)) -> &'static str {
        match self {
            Self::Vietnamese => vi,
            Self::English => en,
        }
    }
}

/// The quality in thousandths; 1,000 if none is given.
fn weight(parameters: &str) -> u32 {
    let Some(value) = parameters
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("q="))
    else {
        return 1_000;
    };
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u32>(), thousandths.parse::<u32>()) {
        (Ok(whole), Ok(thousandths)) => whole.min(1) * 1_000 + thousandths,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn of(value: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(value));
        Language::of(&headers)
    }

    #[test]
    fn the_higher_quality_wins_and_vietnamese_is_the_rest() {
        assert_eq!(of("en"), Language::English);
        assert_eq!(of("en-GB,en;q=0.9"), Language::English);
        assert_eq!(of("en;q=0.3, vi-VN;q=0.8"), Language::Vietnamese);
        assert_eq!(of("fr, de"), Language::Vietnamese);
        assert_eq!(of("fr, en;q=0.1"), Language::English);
        assert_eq!(Language::of(&HeaderMap::new()), Language::Vietnamese);
    }
}
