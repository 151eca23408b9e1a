//! The description of the API, made from the handlers. What every endpoint of a kind can answer is added here, once,
//! so that a handler names only what is its own.

use super::{
    api,
    error::{FieldError, PROBLEM_JSON, ProblemBody},
    v1,
};
use std::sync::LazyLock;
use utoipa::{
    Modify, OpenApi, ToSchema as _,
    openapi::{
        Components, Content, ObjectBuilder, Ref, RefOr, Required, Response, ResponseBuilder,
        header::HeaderBuilder,
        path::{Operation, ParameterIn},
        schema::Type,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

/// A handler joins by its name in `paths`; the schemas it uses come along.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "EZW Lines",
        description = "Health of WhatsApp support lines, and the shared inbox behind them. Errors are RFC 9457 problems; \
                       switch on their `code`. Enumerations may grow: treat an unknown word as the least capable one.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        v1::health::health,
        api::line_tokens::read,
        api::line_tokens::rotate,
        api::lines::list,
        api::lines::create,
        api::lines::rename,
        api::line_orders::stop,
        api::line_orders::wakeup,
        api::line_orders::archive,
        api::timeline::timeline,
        api::pairing::request_qr,
        api::pairing::current_qr,
        api::pairing::request_code,
        api::passkey::current,
        api::passkey::answer,
        api::conversations::list,
        api::messages::list,
        api::send::send,
        api::resolve::resolve,
        api::attachments::url,
        api::attachments::content,
        api::live::stream,
        api::auth::login,
        api::auth::refresh,
        api::auth::logout,
        api::auth::session,
        api::verify_email::verify,
        api::verify_email::resend,
        api::signup::organization,
        api::operations::livez,
        api::operations::readyz,
        api::operations::jwks,
        api::operations::openapi,
    ),
    components(schemas(ProblemBody, FieldError)),
    modifiers(&Bearers, &Common),
)]
struct Description;

/// The two kinds of bearer.
struct Bearers;

impl Modify for Bearers {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let bearer = |description: &str| {
            let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description));
            SecurityScheme::Http(scheme.build())
        };
        let components = api.components.get_or_insert_with(Components::new);
        components
            .add_security_scheme("lineToken", bearer("A line token, `ezw_line_...`: Channel API only."));
        components.add_security_scheme("idToken", bearer("An ID token of login: workspace endpoints only."));
    }
}

/// What is the same everywhere.
struct Common;

impl Modify for Common {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        for item in api.paths.paths.values_mut() {
            let operations =
                [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            for operation in operations.into_iter().flatten() {
                complete(operation);
            }
        }
    }
}

/// How a handler says that its body is optional.
const OPTIONAL_BODY: &str = "May be left out.";
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

fn complete(operation: &mut Operation) {
    if let Some(RefOr::T(body)) = &mut operation.request_body
        && body.description.as_deref() == Some(OPTIONAL_BODY)
    {
        body.required = Some(Required::False);
    }
    for (status, description) in common_responses(operation) {
        add(operation, status, description);
    }
    for (status, response) in &mut operation.responses.responses {
        let refusal = status.starts_with(['4', '5']);
        let own_body = operation.operation_id.as_deref() == Some("readyz") && status == "503";
        if let RefOr::T(response) = response
            && refusal
            && !own_body
        {
            response.content.clear();
            let schema = Ref::from_schema_name(ProblemBody::name());
            response.content.insert(PROBLEM_JSON.into(), RefOr::T(Content::new(Some(schema))));
        }
    }
    add_headers(operation);
}

/// The headers that a status promises wherever it is answered.
fn add_headers(operation: &mut Operation) {
    let replays = operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.name == IDEMPOTENCY_KEY,
        RefOr::Ref(_) => false,
    });
    for (status, response) in &mut operation.responses.responses {
        let (name, kind, description) = match status.as_str() {
            "401" => ("WWW-Authenticate", Type::String, "Bearer"),
            "429" | "503" => ("Retry-After", Type::Integer, "Whole seconds after which to try again."),
            _ if replays && status.starts_with('2') => (
                "Idempotency-Replayed",
                Type::String,
                "`true` when the key was answered before; else left out.",
            ),
            _ => continue,
        };
        if let RefOr::T(response) = response {
            let schema = ObjectBuilder::new().schema_type(kind).build();
            let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
            response.headers.insert(name.to_owned(), RefOr::T(header));
        }
    }
}

fn common_responses(operation: &Operation) -> Vec<(&'static str, &'static str)> {
    let mut common =
        vec![("431", "header_fields_too_large"), ("500", "internal"), ("503", "handler_deadline")];
    if !operation.tags.iter().flatten().any(|tag| tag == "Operations") {
        common.push(("429", "rate_limited: nothing was done"));
    }
    if operation.security.is_some() {
        common.extend([
            ("401", "bearer_required or invalid_token"),
            ("501", "store_not_configured"),
            ("503", "store_unavailable"),
        ]);
    }
    let is_in = |place: &ParameterIn| {
        operation.parameters.iter().flatten().any(|parameter| match parameter {
            RefOr::T(parameter) => parameter.parameter_in == *place,
            RefOr::Ref(_) => false,
        })
    };
    if is_in(&ParameterIn::Query) {
        common.push(("400", "invalid_request"));
    }
    if is_in(&ParameterIn::Path) {
        common.push(("404", "not_found"));
    }
    if asks_for_user(operation) {
        common.push(("403", "forbidden or membership_inactive"));
    }
    if let Some(body) = &operation.request_body {
        let required = matches!(body, RefOr::T(body) if body.required == Some(Required::True));
        let invalid = if required { "invalid_request" } else { "invalid_request, when there is a body" };
        common.extend([
            ("400", invalid),
            ("408", "request_timeout"),
            ("413", "payload_too_large"),
            ("415", "unsupported_media_type"),
        ]);
    }
    common
}

fn asks_for_user(operation: &Operation) -> bool {
    let ask = serde_json::to_string(&operation.security).unwrap_or_default();
    ask.contains("idToken")
}

/// Adds a response, or its code to the description of one that is there.
fn add(operation: &mut Operation, status: &str, description: &str) {
    let responses = &mut operation.responses.responses;
    match responses.get_mut(status) {
        Some(RefOr::T(Response { description: there, .. })) => {
            let missing: Vec<&str> = description.split(" or ").filter(|code| !there.contains(code)).collect();
            if there.is_empty() {
                *there = description.to_owned();
            } else if !missing.is_empty() {
                *there = format!("{there}; {}", missing.join(" or "));
            }
        }
        Some(RefOr::Ref(_)) => {}
        None => {
            let response = ResponseBuilder::new().description(description).build();
            responses.insert(status.to_owned(), RefOr::T(response));
        }
    }
}

/// The description, as `openapi.json` holds it.
#[must_use]
pub fn openapi_json() -> &'static str {
    /// It does not change while the process runs, and is long.
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let mut text = Description::openapi().to_pretty_json().unwrap_or_default();
        text.push('\n');
        text
    });
    &TEXT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{code_book, guard::Auth, routes::table};
    use ezw_actors::machine::{Reason, StateName, event_names};
    use serde_json::{Value, json};
    use std::collections::BTreeSet;
    use strum::IntoEnumIterator;

    fn description() -> Value {
        serde_json::from_str(openapi_json()).unwrap()
    }

    #[test]
    fn the_file_in_the_repository_is_the_description_of_the_code() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(path, openapi_json()).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == openapi_json(), "openapi.json is old: run the tests with UPDATE_OPENAPI=1");
    }

    #[test]
    fn routes_and_description_agree() {
        let description = description();
        let described: BTreeSet<_> = description["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                item.as_object().unwrap().keys().map(move |method| (path.clone(), method.to_uppercase()))
            })
            .collect();
        let routed: BTreeSet<_> =
            table().listed().iter().map(|line| (line.path.to_owned(), line.method.to_string())).collect();
        assert_eq!(described, routed);
        for line in table().listed() {
            let operation = &description["paths"][line.path][line.method.as_str().to_lowercase()];
            let scheme = match line.auth {
                Auth::Operations | Auth::Open | Auth::Signed => None,
                Auth::Line => Some("lineToken"),
                Auth::User(_) => Some("idToken"),
            };
            let described = operation["security"][0].as_object().and_then(|scheme| scheme.keys().next());
            assert_eq!(described.map(String::as_str), scheme, "{} {}", line.method, line.path);
        }
    }

    #[test]
    fn the_words_of_states_events_and_reasons_are_those_of_the_machine() {
        fn words<T: IntoEnumIterator + Into<&'static str>>() -> Vec<Value> {
            T::iter().map(Into::into).map(Value::from).collect()
        }
        let schemas = description()["components"]["schemas"].clone();
        let told = |schema: &str, member: &str| schemas[schema]["properties"][member]["enum"].clone();
        let events: Vec<Value> = event_names().map(Value::from).collect();
        assert_eq!(told("Transition", "from"), json!(words::<StateName>()));
        assert_eq!(told("Transition", "to"), json!(words::<StateName>()));
        assert_eq!(told("Transition", "event"), json!(events));
        let reasons: Vec<Value> = words::<Reason>().into_iter().chain([Value::Null]).collect();
        for schema in ["Transition", "Line", "HealthLine", "Wakeup"] {
            assert_eq!(told(schema, "reason"), json!(reasons), "{schema}");
        }
    }

    #[test]
    fn headers_and_optional_bodies_are_described() {
        let description = description();
        let operation = |path: &str| description["paths"][path]["post"].clone();
        for path in ["stop", "wakeup", "archive", "api-token", "qr"] {
            let operation = operation(&format!("/api/lines/{{lineId}}/{path}"));
            assert_eq!(operation["requestBody"]["required"], false, "{path}");
            for status in ["400", "408", "413", "415"] {
                assert!(operation["responses"][status].is_object(), "{path} {status}");
            }
            assert!(operation["responses"]["401"]["headers"]["WWW-Authenticate"].is_object(), "{path}");
            assert!(operation["responses"]["429"]["headers"]["Retry-After"].is_object(), "{path}");
        }
        for (path, status) in
            [("/api/lines", "201"), ("/api/lines/{lineId}/qr", "200"), ("/api/lines/{lineId}/send", "202")]
        {
            let operation = operation(path);
            let parameters = operation["parameters"].as_array().unwrap();
            assert!(parameters.iter().any(|parameter| parameter["name"] == IDEMPOTENCY_KEY), "{path}");
            assert!(operation["responses"][status]["headers"]["Idempotency-Replayed"].is_object(), "{path}");
        }
        let problem = &description["components"]["schemas"]["Problem"];
        for member in ["line", "until", "challengeName", "session", "current", "errors"] {
            assert!(problem["properties"][member].is_object(), "{member}");
            assert!(!problem["required"].as_array().unwrap().contains(&member.into()), "{member}");
        }
    }

    #[test]
    fn every_refusal_is_a_problem_and_names_codes_of_the_book_with_its_status() {
        let book = code_book();
        let mut faults = Vec::new();
        for (path, item) in description()["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                for (status, response) in operation["responses"].as_object().unwrap() {
                    if !status.starts_with(['4', '5']) || path == "/readyz" && status == "503" {
                        continue;
                    }
                    assert!(response["content"][PROBLEM_JSON].is_object(), "{method} {path} {status}");
                    let text = response["description"].as_str().unwrap_or_default();
                    let named = book.iter().filter(|entry| {
                        entry.status.to_string() == *status
                            && text
                                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                                .any(|word| word == entry.code)
                    });
                    if named.count() == 0 {
                        faults.push(format!("{method} {path} {status}: {text}"));
                    }
                }
            }
        }
        assert!(faults.is_empty(), "no code of the book: {faults:#?}");
    }
}
