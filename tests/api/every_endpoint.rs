//! Bad input, on each endpoint of openapi.json: the right problem, never a 5xx, and nothing changed in the database.

use super::{
    house::House,
    people::refusal,
    support::{
        TestBed,
        client::{Call, Reply},
        contract::{Caller, Field, Operation, Parameter, operations},
    },
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::{StreamExt as _, stream};
use jsonwebtoken::{Algorithm, EncodingKey, Header, decode_header, encode};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, BTreeSet};

const NOWHERE: &str = "01a203aa-5919-72a3-8e55-2f57ebabb9a6";
const JSON: &str = "application/json";

struct Estate {
    bed: TestBed,
    ours: House,
    theirs: House,
}

impl Estate {
    async fn build() -> Self {
        let bed = TestBed::options()
            .env("EZW_HTTP_RATE_PER_SECOND", "100000")
            .env("EZW_HTTP_RATE_BURST", "1000000")
            .env("EZW_HTTP_OPEN_RATE_BURST", "1000000")
            .start()
            .await;
        let ours = House::build(&bed, "+4915550002002").await;
        let theirs = House::build(&bed, "+4915550003003").await;
        let estate = Self { bed, ours, theirs };
        estate.comes_to_rest().await;
        estate
    }

    /// Waits for what the beginnings still have to write.
    async fn comes_to_rest(&self) {
        let open = "select (select count(*) from line_commands where state in ('queued', 'running'))
            + (select count(*) from lines where state in
                ('starting', 'waiting_permit', 'connecting', 'syncing', 'pairing', 'reconnecting', 'degraded'))";
        self.bed
            .eventually("no command left to settle", || async {
                let open: i64 = sqlx::query_scalar(open).fetch_one(self.bed.sql()).await.unwrap();
                (open == 0).then_some(())
            })
            .await;
    }

    /// The operation at this path, as its rightful caller would ask.
    fn call(&self, operation: &Operation, path: &str) -> Call {
        let call = self.anonymous(operation, path);
        match self.ours.token_for(operation) {
            Some(token) => call.bearer(token),
            None => call,
        }
    }

    /// The same without a bearer.
    fn anonymous(&self, operation: &Operation, path: &str) -> Call {
        let call = self.bed.call(operation.method.clone(), path);
        if operation.path.ends_with("/send") { call.idempotency_key("k") } else { call }
    }

    fn at_ours(&self, operation: &Operation) -> String {
        operation.at(self.ours.id_for(operation))
    }

    /// Row counts and contents of every table, without what a refused or reading request may note: the last use of a
    /// token, failed tries, and signs of life of connected lines.
    async fn contents(&self) -> BTreeMap<String, String> {
        let tables: Vec<String> = sqlx::query_scalar(
            "select table_name::text from information_schema.tables
             where table_schema = 'public' and table_type = 'BASE TABLE'
                 and table_name not in ('nodes', 'live_events', 'live_sequences', 'login_failures', '_sqlx_migrations')",
        )
        .fetch_all(self.bed.sql())
        .await
        .unwrap();
        assert!(tables.len() > 15, "{tables:?}");
        let mut contents = BTreeMap::new();
        for table in tables {
            let noted = match table.as_str() {
                "api_tokens" => "last_used_at,last_channel_type,last_platform",
                "local_credentials" => "updated_at",
                "one_time_codes" => "attempts",
                // Numbered later, by nobody's request.
                "audit_log" => "seq,previous_hash,hash",
                "lines" => "last_frame_at,last_ack_at,last_inbound_at",
                _ => "",
            };
            let statement = format!(
                r#"select count(*) || ' rows ' || md5(coalesce(string_agg(content, '|' order by content), ''))
                   from (select (to_jsonb(t) - '{{{noted}}}'::text[])::text as content from "{table}" t) r"#
            );
            // The names are the catalogue's own; identifiers can't be bound.
            let found: String =
                sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(self.bed.sql()).await.unwrap();
            contents.insert(table, found);
        }
        contents
    }

    /// Asks all of it; what is wrong with the answers, or with the database afterwards.
    async fn faults(&self, operation: &Operation, attempts: Vec<Attempt>) -> Vec<String> {
        assert!(!attempts.is_empty(), "{} was asked nothing", operation.name());
        let before = self.contents().await;
        let mut faults: Vec<String> = stream::iter(attempts)
            .map(|attempt| attempt.fault(operation))
            .buffer_unordered(8)
            .filter_map(std::future::ready)
            .collect()
            .await;
        let after = self.contents().await;
        let changed: Vec<&String> =
            before.keys().filter(|table| before.get(*table) != after.get(*table)).collect();
        if !changed.is_empty() {
            faults.push(format!("{} changed {changed:?}", operation.name()));
        }
        faults
    }
}

struct Attempt {
    what: String,
    call: Call,
    /// Which statuses are right; empty for whatever the description names.
    right: &'static [u16],
}

impl Attempt {
    fn new(what: impl Into<String>, call: Call, right: &'static [u16]) -> Self {
        Self { what: what.into(), call, right }
    }

    async fn fault(self, operation: &Operation) -> Option<String> {
        let Self { what, call, right } = self;
        let fault = match call.try_send().await {
            Err(error) => Some(format!("no answer: {error}")),
            Ok(reply) => {
                let routing: &[u16] = if right == [405] { right } else { &[] };
                fault_of(&reply, &operation.statuses, routing)
                    .or_else(|| {
                        let wrong = !right.is_empty() && !right.contains(&reply.status);
                        wrong.then(|| format!("{right:?} would be right"))
                    })
                    .map(|fault| format!("{fault}: {} {:.300}", reply.status, reply.raw))
            }
        };
        fault.map(|fault| format!("{}, {what}: {fault}", operation.name()))
    }
}

/// What is wrong with an answer whatever it is about.
fn fault_of(reply: &Reply, documented: &BTreeSet<u16>, routing: &[u16]) -> Option<String> {
    let status = reply.status;
    if status >= 500 {
        return Some("a 5xx".into());
    }
    if !documented.contains(&status) && !routing.contains(&status) {
        return Some("a status that openapi.json does not name".into());
    }
    if reply.header("x-request-id").is_none() {
        return Some("no X-Request-Id".into());
    }
    if status < 400 {
        return None;
    }
    let of_the_book =
        ezw::http::code_book().iter().any(|entry| reply.body["code"] == entry.code && entry.status == status);
    if !of_the_book {
        return Some("a code that is not in the code book, or has another status there".into());
    }
    let whole = ["type", "title", "detail", "requestId"].iter().all(|member| reply.body[member].is_string());
    if !whole || reply.body["status"] != json!(status) {
        return Some("not the whole problem".into());
    }
    if reply.header("content-type") != Some("application/problem+json") {
        return Some("another content type".into());
    }
    (status == 401 && reply.header("www-authenticate").is_none()).then(|| "no WWW-Authenticate".into())
}

#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// The owner's own token, signed anew by the same key, and over since long ago.
fn expired(estate: &Estate) -> String {
    let token = &estate.ours.owner.token;
    let key = std::fs::read(estate.bed.data_dir().join("signing-key.pem")).unwrap();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let mut claims: Value = serde_json::from_slice(&claims).unwrap();
    for claim in ["iat", "nbf", "exp"] {
        claims[claim] = json!(claims[claim].as_i64().unwrap() - 1_000_000);
    }
    let header = Header { kid: decode_header(token).unwrap().kid, ..Header::new(Algorithm::ES256) };
    encode(&header, &claims, &EncodingKey::from_ec_pem(&key).unwrap()).unwrap()
}

/// The line token that a rotation ended.
async fn revoked(estate: &Estate) -> String {
    let line = estate.bed.line(&estate.ours.owner).await;
    let first = estate.bed.line_token(&estate.ours.owner, &line).await;
    estate.bed.line_token(&estate.ours.owner, &line).await;
    let stop = format!("/api/lines/{line}/stop");
    estate.bed.post(&stop).bearer(&estate.ours.owner.token).send().await.expect_status(200);
    first
}

#[tokio::test]
async fn every_endpoint_refuses_callers_it_does_not_know() {
    let estate = Estate::build().await;
    let (expired, revoked) = (expired(&estate), revoked(&estate).await);
    estate.comes_to_rest().await;
    let mut faults = Vec::new();
    for operation in operations().iter().filter(|operation| operation.caller != Caller::Anybody) {
        let path = estate.at_ours(operation);
        let good = estate.ours.token_for(operation).unwrap();
        let other_kind = match operation.caller {
            Caller::Line => &estate.ours.owner.token,
            _ => &estate.ours.line_token,
        };
        let ask = || estate.anonymous(operation, &path);
        let mut attempts = vec![
            Attempt::new("no bearer", ask(), &[401]),
            Attempt::new("no scheme", ask().header("Authorization", good), &[401]),
            Attempt::new("another scheme", ask().header("Authorization", &format!("Basic {good}")), &[401]),
            Attempt::new("an empty bearer", ask().header("Authorization", "Bearer "), &[401]),
            Attempt::new("two words", ask().header("Authorization", &format!("Bearer {good} x")), &[401]),
            Attempt::new("two bearers", ask().bearer(good).bearer(good), &[401]),
            Attempt::new(
                "a good one and another",
                ask().bearer(good).header("Authorization", "Basic x"),
                &[401],
            ),
            Attempt::new(
                "the token in the query",
                estate.anonymous(operation, &format!("{path}?token={good}")),
                &[401],
            ),
        ];
        let wrong =
            [other_kind, &expired, &revoked, "garbage", "ezw_line_garbage", "eyJhbGciOiJub25lIn0.e30."];
        for token in wrong.into_iter().chain([&good[..good.len() - 2], &*"x".repeat(7_000)]) {
            attempts.push(Attempt::new(format!("the bearer {token:.40}"), ask().bearer(token), &[401]));
        }
        faults.extend(estate.faults(operation, attempts).await);
    }
    assert_none(&faults);
}

#[tokio::test]
async fn every_endpoint_answers_alike_for_ids_that_are_foreign_missing_or_malformed() {
    let estate = Estate::build().await;
    let mut faults = Vec::new();
    // A signed address is refused as one, whatever it names: see the tests of images.
    let asks_for_ids = |operation: &&Operation| operation.has_id() && operation.caller != Caller::Anybody;
    for operation in operations().iter().filter(asks_for_ids) {
        let foreign = estate.theirs.id_for(operation);
        let upper = foreign.to_uppercase();
        let long = "a".repeat(2_000);
        let mut attempts = Vec::new();
        let mut bodies = BTreeSet::new();
        for id in [foreign, &upper, NOWHERE, "7", "nonsense", "%00", "%ff", "%2e%2e", "'--", &long] {
            let ask = || {
                let call = estate.call(operation, &operation.at(id));
                if operation.fields.is_some() { call.json(&operation.good_body()) } else { call }
            };
            attempts.push(Attempt::new(format!("the id {id:.40}"), ask(), &[404]));
            bodies.insert(refusal(ask().send().await.body).to_string());
        }
        faults.extend(estate.faults(operation, attempts).await);
        if bodies.len() != 1 {
            faults.push(format!("{} tells ids apart: {bodies:?}", operation.name()));
        }
    }
    assert_none(&faults);
}

/// Everything that is wrong with a JSON body as such.
fn broken_bodies(operation: &Operation) -> Vec<(String, Vec<u8>)> {
    let good = operation.good_body().to_string();
    let deep = "[".repeat(100_000);
    let with = |more: &str| {
        let comma = if good == "{}" { "" } else { "," };
        format!("{}{comma}{more}}}", &good[..good.len() - 1])
    };
    let texts = [
        "[]",
        "{",
        "null",
        "7",
        "\"x\"",
        "{'a':1}",
        "nonsense",
        "\u{feff}{}",
        &deep,
        &format!("{good}{good}"),
        &format!("{good}x"),
        &with(r#""whatever":1"#),
        &with(r#""whatever":{"a":1,"a":2}"#),
        &with(r#""\u0000":1"#),
    ];
    let mut bodies: Vec<(String, Vec<u8>)> =
        texts.iter().map(|text| (format!("the body {text:.80}"), text.as_bytes().to_vec())).collect();
    bodies.push(("a body that is not UTF-8".into(), with("\"whatever\":\"\u{0}").into_bytes()));
    bodies.push(("another that is not".into(), b"{\"displayName\":\"\xff\xfe\"}".to_vec()));
    bodies
}

/// The good body with one field as it must not be.
fn broken_fields(operation: &Operation, field: &Field) -> Vec<(String, Vec<u8>)> {
    let good = operation.good_body();
    let name = &field.name;
    let with = |value: &Value| {
        let mut body = good.clone();
        body[name] = value.clone();
        body.to_string()
    };
    let is = |kind: &str| field.types.iter().any(|known| known == kind);
    let mut bodies = Vec::new();
    let wrong: Vec<Value> = [
        ("string", json!("x")),
        ("integer", json!(7)),
        ("number", json!(1.5)),
        ("boolean", json!(true)),
        ("array", json!([])),
        ("object", json!({})),
        ("null", Value::Null),
    ]
    .into_iter()
    .filter(|(kind, _)| !is(kind))
    .map(|(_, value)| value)
    .collect();
    for value in &wrong {
        bodies.push((format!("{name} is {value}"), with(value)));
    }
    if is("integer") {
        for number in ["-1", "99999999999999999999", "1e400", "\"7\""] {
            let text = with(&json!("HERE")).replace("\"HERE\"", number);
            bodies.push((format!("{name} is {number}"), text));
        }
    }
    if is("string") {
        bodies.push((format!("{name} holds NUL"), with(&json!("a\0b"))));
        bodies.push((format!("{name} is half a character"), with(&json!("HERE")).replace("HERE", "\\ud800")));
    }
    let once = with(&json!("x"));
    bodies
        .push((format!("{name} is given twice"), format!("{},\"{name}\":\"x\"}}", &once[..once.len() - 1])));
    if field.required {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(name);
        bodies.push((format!("{name} is missing"), body.to_string()));
    }
    bodies.into_iter().map(|(what, body)| (what, body.into_bytes())).collect()
}

/// Values of the right type that no sensible caller means; some are refused, some lead nowhere, none is an accident.
fn odd_values(operation: &Operation, field: &Field) -> Vec<(String, Value)> {
    let values = [json!(""), json!("   "), json!("x".repeat(100_000)), json!("\u{202e}\u{7f}\u{1}")];
    values
        .into_iter()
        .filter(|_| field.required && field.types.iter().any(|kind| kind == "string"))
        .map(|value| {
            let mut body = operation.good_body();
            body[&field.name] = value.clone();
            (format!("{} is {:.20}", field.name, value.to_string()), body)
        })
        .collect()
}

fn attempts_at_body(estate: &Estate, operation: &Operation, fields: &[Field]) -> Vec<Attempt> {
    let path = estate.at_ours(operation);
    let good = operation.good_body().to_string();
    let ask = |kind: &str, body: Vec<u8>| estate.call(operation, &path).body(kind, body);
    let mut attempts = Vec::new();
    let mut bodies = broken_bodies(operation);
    bodies.extend(fields.iter().flat_map(|field| broken_fields(operation, field)));
    if good != "{}" {
        bodies.push(("an empty body".into(), Vec::new()));
        bodies.push(("an empty object".into(), b"{}".to_vec()));
    }
    attempts.extend(bodies.into_iter().map(|(what, body)| Attempt::new(what, ask(JSON, body), &[400])));
    let large = Attempt::new("2 MiB", ask(JSON, vec![b' '; 2 << 20]), &[413]);
    let packed = ask(JSON, good.clone().into_bytes()).header("Content-Encoding", "gzip");
    attempts.extend([large, Attempt::new("packed", packed, &[415])]);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "x"] {
        attempts.push(Attempt::new(kind, ask(kind, good.clone().into_bytes()), &[415]));
    }
    for (what, body) in fields.iter().flat_map(|field| odd_values(operation, field)) {
        attempts.push(Attempt::new(what, ask(JSON, body.to_string().into_bytes()), &[]));
    }
    attempts
}

#[tokio::test]
async fn every_endpoint_with_a_body_refuses_broken_ones() {
    let estate = Estate::build().await;
    let mut faults = Vec::new();
    for operation in operations() {
        let Some(fields) = &operation.fields else { continue };
        let attempts = attempts_at_body(&estate, &operation, fields);
        faults.extend(estate.faults(&operation, attempts).await);
    }
    assert_none(&faults);
}

/// Values that this parameter does not take.
fn malformed(parameter: &Parameter) -> &'static [&'static str] {
    let kind = (parameter.schema["type"].as_str(), parameter.schema["format"].as_str());
    match (parameter.name.as_str(), kind) {
        ("platform" | "token", _) => &["%00"],
        ("cursor", _) => &["", "x!", "AAAA", "W10", "bnVsbA", "e30", "%00", "%ff"],
        ("assignee", _) => &["", "nobody", "Me", "%00"],
        ("phoneNumber", _) => &["", "abc", "0151", "%2B1", "%2B1234567890123456", "%00"],
        ("channel_type", _) => &["", "tv", "WEB", "%00"],
        (_, (Some("integer"), _)) => &["", "0", "-1", "1.5", "1e3", "abc", "%201", "0x10", "%00"],
        (_, (Some("boolean"), _)) => &["", "1", "yes", "TRUE", "%00"],
        (_, (_, Some("uuid"))) => &["", "7", "nonsense", "00000000000000000000000000000000x", "%00"],
        (name, _) => panic!("{name} is new: say here what it does not take"),
    }
}

/// Well formed, and of no list.
const ODD_CURSORS: &[&str] = &[
    r#"["-5000-01-01T00:00:00Z","00000000-0000-0000-0000-000000000000"]"#,
    r#""00000000-0000-0000-0000-000000000000""#,
    "-9223372036854775808",
    "9223372036854775807",
    "1e300",
];

#[tokio::test]
async fn every_query_parameter_is_refused_when_doubled_or_malformed() {
    let estate = Estate::build().await;
    let mut faults = Vec::new();
    for operation in operations() {
        let path = estate.at_ours(&operation);
        let mut attempts = Vec::new();
        for parameter in operation.parameters.iter().filter(|parameter| parameter.place == "query") {
            let name = &parameter.name;
            let twice = format!("{path}?{name}=true&{name}=true");
            attempts.push(Attempt::new(format!("{name} twice"), estate.call(&operation, &twice), &[400]));
            for value in malformed(parameter) {
                let ask = estate.call(&operation, &format!("{path}?{name}={value}"));
                attempts.push(Attempt::new(format!("{name}={value}"), ask, &[400]));
            }
            for json in ODD_CURSORS.iter().filter(|_| name == "cursor") {
                let cursor = BASE64_URL_SAFE_NO_PAD.encode(json);
                let ask = estate.call(&operation, &format!("{path}?cursor={cursor}"));
                attempts.push(Attempt::new(format!("a cursor of {json}"), ask, &[200, 400]));
            }
        }
        if !attempts.is_empty() {
            faults.extend(estate.faults(&operation, attempts).await);
        }
    }
    assert_none(&faults);
}

#[tokio::test]
async fn every_path_refuses_methods_it_does_not_have_and_names_those_it_has() {
    let estate = Estate::build().await;
    let operations = operations();
    let mut faults = Vec::new();
    for operation in &operations {
        let same: BTreeSet<&str> = operations
            .iter()
            .filter(|one| one.path == operation.path)
            .map(|one| one.method.as_str())
            .collect();
        let path = estate.at_ours(operation);
        let others = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"];
        let others = others.into_iter().filter(|method| !same.contains(method));
        let mut attempts = Vec::new();
        for method in others {
            let method: Method = method.parse().unwrap();
            let token = estate.ours.token_for(operation).unwrap_or("none");
            let ask = || estate.bed.call(method.clone(), &path).bearer(token);
            let allow = ask().send().await.header("allow").unwrap_or_default().to_owned();
            if allow.split(", ").collect::<BTreeSet<_>>() != same {
                faults.push(format!("{method} {path}: Allow says {allow}, openapi.json {same:?}"));
            }
            attempts.push(Attempt::new(format!("asked with {method}"), ask(), &[405]));
        }
        faults.extend(estate.faults(operation, attempts).await);
    }
    assert_none(&faults);
}

#[tokio::test]
async fn ids_of_another_organization_lead_nowhere_in_bodies_and_filters() {
    let estate = Estate::build().await;
    let (bed, ours, theirs) = (&estate.bed, &estate.ours, &estate.theirs);
    let before = estate.contents().await;
    let send = |conversation: &str, key: &str| {
        let body = json!({"conversationId": conversation, "bodyText": "Hello"});
        let call = bed.post(&format!("/api/lines/{}/send", ours.line)).bearer(&ours.owner.token);
        call.idempotency_key(key).json(&body).send()
    };
    let foreign = send(&theirs.conversation, "a").await.expect_problem(404, "not_found");
    let nowhere = send(NOWHERE, "b").await.expect_problem(404, "not_found");
    assert_eq!(refusal(foreign.body), refusal(nowhere.body));
    let number = theirs.customer.replace('+', "%2B");
    let empty = [
        (format!("/api/lines?lineId={}", theirs.line), "/lines"),
        (format!("/api/conversations?lineId={}", theirs.line), "/conversations"),
        (format!("/api/conversations?conversationId={}", theirs.conversation), "/conversations"),
        (format!("/api/conversations?assignee={}", theirs.owner.user_id), "/conversations"),
        (format!("/api/conversations?phoneNumber={number}"), "/conversations"),
    ];
    for (path, list) in empty {
        let listed = bed.get(&path).bearer(&ours.owner.token).send().await.expect_status(200).list(list);
        assert!(listed.is_empty(), "{path}: {listed:?}");
    }
    // The list of the other organization, gone through from a position of ours, is still theirs alone.
    let cursor = bed.get("/api/conversations?limit=1").bearer(&ours.owner.token).send().await;
    assert!(!cursor.expect_status(200).raw.contains(&theirs.conversation));
    assert_eq!(estate.contents().await, before);
}

#[tokio::test]
async fn keys_of_a_reply_that_are_missing_doubled_or_malformed_are_refused() {
    let estate = Estate::build().await;
    let operations = operations();
    let operation = operations.iter().find(|operation| operation.path.ends_with("/send")).unwrap();
    let path = estate.at_ours(operation);
    let ask = || {
        let call = estate.bed.post(&path).bearer(&estate.ours.owner.token);
        call.json(&operation.good_body())
    };
    let attempts = vec![
        Attempt::new("no key", ask(), &[400]),
        Attempt::new("two keys", ask().idempotency_key("a").idempotency_key("b"), &[400]),
        Attempt::new("one key twice", ask().idempotency_key("a").idempotency_key("a"), &[400]),
        Attempt::new("an empty key", ask().idempotency_key(""), &[400]),
        Attempt::new("a key of two words", ask().idempotency_key("a b"), &[400]),
        Attempt::new("a long key", ask().idempotency_key(&"x".repeat(256)), &[400]),
    ];
    assert_none(&estate.faults(operation, attempts).await);
}
