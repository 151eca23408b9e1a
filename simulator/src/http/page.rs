//! The page with a phone to click: one file, and a policy that lets run what is in it and nothing else.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::Answer;

const PAGE: &str = include_str!("page.html");

static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; img-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        digest_between("<script>", "</script>"),
        digest_between("<style>", "</style>"),
    )
});

/// Of the text between the two, as a browser computes it.
fn digest_between(open: &str, close: &str) -> String {
    let inner = PAGE.split_once(open).and_then(|(_, rest)| rest.split_once(close)).map(|(inner, _)| inner);
    STANDARD.encode(Sha256::digest(inner.unwrap_or_default()))
}

pub(super) async fn page() -> Answer {
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("Content-Security-Policy", POLICY.as_str()))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .insert_header(("Cache-Control", "no-store"))
        .body(PAGE))
}
