use super::*;
use std::collections::BTreeSet;

#[test]
fn the_code_book_has_each_code_once_with_a_status_and_an_advice() {
    let book = code_book();
    let codes: BTreeSet<_> = book.iter().map(|entry| entry.code).collect();
    assert_eq!(codes.len(), book.len());
    for entry in &book {
        assert!((400..600).contains(&entry.status), "{entry:?}");
        assert!(!entry.meaning.is_empty() && entry.what_to_do.ends_with('.'), "{entry:?}");
        assert!(entry.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{entry:?}");
    }
}

#[actix_web::test]
async fn a_refusal_is_a_problem_body_with_the_request_id() {
    let problem = Problem::field("limit", "give a positive integer");
    let body = request_id::scope("req-1".into(), async { problem.body() }).await;
    assert_eq!(
        body,
        json!({
            "type": "urn:ezw:problem:invalid_request", "title": "Invalid request", "status": 400,
            "detail": "The request is not as this endpoint expects it; see errors.",
            "code": "invalid_request", "requestId": "req-1",
            "errors": [{"field": "limit", "message": "give a positive integer"}],
        })
    );
    assert_eq!(problem.error_response().headers().get("content-type").unwrap(), PROBLEM_JSON);
}

#[test]
fn what_broke_inside_is_never_told() {
    let problem = Problem::from(StoreError::Broken("column secret does not exist".into()));
    assert_eq!(problem.status_code(), 500);
    assert!(!problem.body().to_string().contains("secret"));
    assert_eq!(problem.cause(), Some("column secret does not exist"));
}

#[test]
fn statuses_carry_the_headers_they_promise() {
    let header = |problem: Problem, name: &str| {
        problem.error_response().headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(header(Problem::BearerRequired, "www-authenticate").as_deref(), Some("Bearer"));
    assert!(header(Problem::InvalidToken, "www-authenticate").unwrap().starts_with("Bearer"));
    assert!(header(Problem::InvalidCredentials, "www-authenticate").is_some());
    let limited = Problem::RateLimited { retry_after_seconds: 0 };
    assert_eq!(header(limited, "retry-after").as_deref(), Some("1"));
    for problem in [Problem::StoreUnavailable, Problem::HandlerDeadline, Problem::IdentityNotConfigured] {
        assert!(header(problem, "retry-after").is_some());
    }
    let allow = Problem::MethodNotAllowed { allow: "GET, POST".into() };
    assert_eq!(header(allow, "allow").as_deref(), Some("GET, POST"));
}

#[test]
fn extras_stand_beside_the_common_members() {
    let current = CurrentConversation { version: 8, assignee_user_id: None };
    let body = Problem::VersionConflict(current).body();
    assert_eq!(body["current"], json!({"version": 8, "assigneeUserId": null}));
    let until: Time = "2026-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(Problem::CoolingDown { until }.body()["until"], "2026-01-01T00:00:00.000Z");
}
