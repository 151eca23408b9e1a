//! Pages of lists: how many, and from where.

use crate::http::error::Problem;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::Datelike as _;
use ezw_actors::machine::Time;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned, de::Error as _};
use std::ops::RangeInclusive;
use uuid::Uuid;

/// Rows on a page when the caller does not say.
pub const DEFAULT_LIMIT: i64 = 50;
/// Rows on a page at most; asking for more means this many.
pub const LARGEST_LIMIT: i64 = 200;
/// Years that a cursor may name.
const YEARS: RangeInclusive<i32> = 1..=9_999;

/// The `limit` parameter: a positive integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(i64);

impl Default for Limit {
    fn default() -> Self {
        Self(DEFAULT_LIMIT)
    }
}

impl Limit {
    /// Rows on the page.
    #[must_use]
    pub fn rows(self) -> i64 {
        self.0
    }

    /// Rows to read: one more than the page, to know whether another follows.
    #[must_use]
    pub fn rows_to_read(self) -> i64 {
        self.0 + 1
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let positive =
            text.bytes().all(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte != b'0');
        if !positive {
            return Err(D::Error::custom("give a positive integer"));
        }
        // A number too large for an i64 is above the largest page too.
        Ok(Self(text.parse().unwrap_or(LARGEST_LIMIT).min(LARGEST_LIMIT)))
    }
}

/// The `cursor` parameter: where the page before ended. Opaque to callers, so its content may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor that stands for `position`.
    ///
    /// # Errors
    /// Internal, when `position` has no JSON form.
    pub fn of<T: Serialize>(position: &T) -> Result<Self, Problem> {
        let json = serde_json::to_vec(position).map_err(|error| Problem::Internal(error.to_string()))?;
        Ok(Self(BASE64_URL_SAFE_NO_PAD.encode(json)))
    }

    /// What it stands for.
    ///
    /// # Errors
    /// `invalid_request` when this service did not make it for this list.
    pub fn position<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&self.0).ok();
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(not_ours)
    }

    /// Where a list in the order of time ended.
    ///
    /// # Errors
    /// As [`Cursor::position`]; also for a year that no row has, because Postgres knows fewer years than this parser.
    pub fn time_position(&self) -> Result<(Time, Uuid), Problem> {
        let (at, id) = self.position::<(Time, Uuid)>()?;
        if YEARS.contains(&at.year()) { Ok((at, id)) } else { Err(not_ours()) }
    }

    /// As callers see it.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

fn not_ours() -> Problem {
    Problem::field("cursor", "give a nextCursor of this list")
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// Rows of one page, and the cursor of the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows to show.
    pub rows: Vec<T>,
    /// `nextCursor`.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts what was read with [`Limit::rows_to_read`]; `position` is what the next page starts after.
    ///
    /// # Errors
    /// As [`Cursor::of`].
    pub fn cut<P: Serialize>(
        mut rows: Vec<T>,
        limit: Limit,
        position: impl Fn(&T) -> P,
    ) -> Result<Self, Problem> {
        let size = usize::try_from(limit.rows()).unwrap_or_default();
        let more = rows.len() > size;
        rows.truncate(size);
        let next = match rows.last().filter(|_| more) {
            Some(last) => Some(Cursor::of(&position(last))?.into_text()),
            None => None,
        };
        Ok(Self { rows, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::query::parse;

    #[derive(Debug, Deserialize)]
    struct List {
        #[serde(default)]
        limit: Limit,
        cursor: Option<Cursor>,
    }

    #[test]
    fn a_limit_is_a_positive_integer_and_at_most_the_largest_page() {
        let limit = |query: &str| parse::<List>(query).map(|list| list.limit.rows());
        assert_eq!(limit("").unwrap(), 50);
        assert_eq!(limit("limit=1").unwrap(), 1);
        assert_eq!(limit("limit=201").unwrap(), 200);
        assert_eq!(limit("limit=99999999999999999999999999").unwrap(), 200);
        for bad in ["0", "-1", "1.5", "", "ten", "+1", "0x10", "1e3", "%201"] {
            assert!(limit(&format!("limit={bad}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cursor_comes_back_as_it_went_and_a_foreign_one_is_refused() {
        let text = Cursor::of(&(7, "x")).unwrap().into_text();
        let list: List = parse(&format!("cursor={text}")).unwrap();
        assert_eq!(list.cursor.unwrap().position::<(i32, String)>().unwrap(), (7, "x".into()));
        for bad in ["", "!!", "e30", "AAAA"] {
            assert!(Cursor(bad.into()).position::<(i32, String)>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_cursor_of_a_year_that_no_row_has_is_refused() {
        let read = |at: &str| Cursor::of(&(at, Uuid::nil())).unwrap().time_position();
        for good in ["0001-01-01T00:00:00Z", "2026-11-22T12:00:00.123456Z", "9999-12-31T23:59:59Z"] {
            assert_eq!(read(good).unwrap().0, good.parse::<Time>().unwrap());
        }
        for bad in [
            "-5000-01-01T00:00:00Z",
            "0000-12-31T23:59:59Z",
            "+10000-01-01T00:00:00Z",
            "+262142-01-01T00:00:00Z",
        ] {
            assert!(matches!(read(bad), Err(Problem::InvalidRequest(_))), "{bad}");
        }
    }

    #[test]
    fn a_page_tells_of_the_next_only_when_there_is_one() {
        let limit = Limit(2);
        let page = Page::cut(vec![3, 2, 1], limit, |row| *row).unwrap();
        assert_eq!(page.rows, [3, 2]);
        assert_eq!(Cursor(page.next.unwrap()).position::<i32>().unwrap(), 2);
        assert_eq!(Page::cut(vec![3, 2], limit, |row| *row).unwrap().next, None);
    }
}
