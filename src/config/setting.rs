//! What a setting is: its two names (variable and file key), its default and its limits.

use std::fmt;

/// One setting that can be given as an environment variable or in the settings file.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Environment variable, for example `EZW_HTTP_ADDR`.
    pub variable: &'static str,
    /// Key in the settings file, for example `http.addr`.
    pub key: &'static str,
    pub kind: Kind,
    /// One sentence for the list of settings.
    pub about: &'static str,
}

/// How the text of a variable is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Flag {
        default: bool,
    },
    /// A whole number with its default, its limits (both included) and its unit.
    Number {
        default: i64,
        min: i64,
        max: i64,
        unit: &'static str,
    },
}

impl Setting {
    pub(super) const fn text(variable: &'static str, key: &'static str, about: &'static str) -> Self {
        Self { variable, key, kind: Kind::Text, about }
    }

    pub(super) const fn flag(
        variable: &'static str,
        key: &'static str,
        default: bool,
        about: &'static str,
    ) -> Self {
        Self { variable, key, kind: Kind::Flag { default }, about }
    }

    pub(super) const fn number(
        variable: &'static str,
        key: &'static str,
        (default, min, max): (i64, i64, i64),
        unit: &'static str,
        about: &'static str,
    ) -> Self {
        Self { variable, key, kind: Kind::Number { default, min, max, unit }, about }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} in the settings file)", self.variable, self.key)
    }
}

/// Why the configuration was refused. Values of secret settings are never part of the text.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{setting} is {value:?}: {expected}")]
    Invalid { setting: String, value: String, expected: String },
    #[error("{setting} is not valid: {expected}")]
    InvalidSecret { setting: String, expected: String },
    #[error("{setting} is missing: {how}")]
    Missing { setting: String, how: String },
    #[error("{variable} is refused here: {why}")]
    Refused { variable: String, why: &'static str },
    #[error("the settings file {file}: {problem}")]
    File { file: String, problem: String },
}

/// The known variable nearest to a misspelt one, when it is near enough to be meant.
pub(super) fn nearest<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|name| (edit_distance(unknown, name), name))
        .min()
        .filter(|(distance, _)| *distance <= unknown.len() / 3)
        .map(|(_, name)| name)
}

/// Levenshtein distance over bytes: variable names are ASCII.
fn edit_distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.bytes().enumerate() {
        let mut diagonal = i;
        let mut previous = i + 1;
        for (slot, b) in row.iter_mut().skip(1).zip(right.bytes()) {
            let above = *slot;
            let cost = usize::from(a != b);
            previous = (diagonal + cost).min(above + 1).min(previous + 1);
            diagonal = above;
            *slot = previous;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_edits() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("same", "same"), 0);
    }

    #[test]
    fn a_misspelt_name_finds_its_neighbour_and_a_strange_one_none() {
        let known = ["EZW_HTTP_ADDR", "EZW_LOG_FORMAT"];
        assert_eq!(nearest("EZW_HTP_ADDR", known.into_iter()), Some("EZW_HTTP_ADDR"));
        assert_eq!(nearest("EZW_QQQQQQQQQQQQ", known.into_iter()), None);
    }
}
