//! The name of a request: the caller's if it is sane, else a new one. It is on every answer and in every log line.

use std::{cell::RefCell, future::Future};

/// Longest name taken from a caller.
const LONGEST: usize = 128;

tokio::task_local! {
    static CURRENT: RefCell<String>;
}

/// The caller's name for the request, if it is 1 to 128 visible ASCII characters.
#[must_use]
pub fn sane(given: Option<&[u8]>) -> Option<String> {
    let text = std::str::from_utf8(given?).ok()?;
    let good = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    good.then(|| text.to_owned())
}

/// Runs `work` with `id` as the current request, so that a refusal made anywhere below carries it.
pub async fn scope<F: Future>(id: String, work: F) -> F::Output {
    CURRENT.scope(RefCell::new(id), work).await
}

/// The request being answered; none outside of one.
#[must_use]
pub fn current() -> Option<String> {
    CURRENT.try_with(|id| id.borrow().clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_visible_ascii_is_taken_from_a_caller() {
        assert_eq!(sane(Some(b"req-1")), Some("req-1".into()));
        assert_eq!(sane(Some(&[b'a'; 128])), Some("a".repeat(128)));
        for bad in [&b""[..], b"two words", b"line\nbreak", "caf\u{e9}".as_bytes(), &[0xff], &[b'a'; 129]] {
            assert_eq!(sane(Some(bad)), None, "{bad:?}");
        }
        assert_eq!(sane(None), None);
    }
}
