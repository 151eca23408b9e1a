//! What openapi.json says, so that tests of every endpoint miss none, nor one that comes later.

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Anybody,
    User,
    Line,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// `path`, `query` or `header`.
    pub(crate) place: String,
    pub(crate) schema: Value,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) types: Vec<String>,
    pub(crate) required: bool,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) caller: Caller,
    pub(crate) statuses: BTreeSet<u16>,
    pub(crate) parameters: Vec<Parameter>,
    /// The fields of its JSON body, if it takes one.
    pub(crate) fields: Option<Vec<Field>>,
}

impl Operation {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(crate) fn has_id(&self) -> bool {
        self.path.contains('{')
    }

    /// What its path calls the id in it.
    pub(crate) fn id_name(&self) -> Option<&str> {
        Some(self.path.split_once('{')?.1.split_once('}')?.0)
    }

    /// The path, with this id in it.
    pub(crate) fn at(&self, id: &str) -> String {
        match (self.path.split_once('{'), self.path.split_once('}')) {
            (Some((before, _)), Some((_, after))) => format!("{before}{id}{after}"),
            _ => self.path.clone(),
        }
    }

    /// It never asks PostgreSQL; a signed address not before its signature is right.
    pub(crate) fn is_without_store(&self) -> bool {
        let signed = "/api/attachments/{attachmentId}/content";
        [signed, "/livez", "/readyz", "/.well-known/jwks.json", "/api/openapi.json"]
            .contains(&self.path.as_str())
    }

    /// A body it takes, that names nobody and nothing.
    pub(crate) fn good_body(&self) -> Value {
        match self.path.as_str() {
            "/api/auth/login" => json!({"email": "nobody@example.test", "password": "not the password"}),
            "/api/auth/refresh" | "/api/auth/logout" => json!({"refreshToken": "never issued"}),
            "/api/auth/verify-email" => json!({"email": "nobody@example.test", "code": "00000-00000"}),
            "/api/auth/verify-email/resend" => json!({"email": "nobody@example.test"}),
            "/api/signup/organization" => json!({
                "organizationName": "Test", "email": "new@example.test", "password": "correct horse battery",
                "displayName": "Somebody"
            }),
            "/api/lines" | "/api/lines/{lineId}" => json!({"displayName": "Support"}),
            "/api/lines/{lineId}/qr"
            | "/api/lines/{lineId}/api-token"
            | "/api/lines/{lineId}/archive"
            | "/api/lines/{lineId}/stop"
            | "/api/lines/{lineId}/wakeup" => json!({}),
            "/api/lines/{lineId}/pairing-code" => json!({"phoneNumber": "+4915550004004"}),
            "/api/lines/{lineId}/passkey" => json!({"response": "signed"}),
            "/api/lines/{lineId}/send" => {
                json!({"recipientPhoneNumber": "+4915550004004", "bodyText": "Hello"})
            }
            "/api/messages/{messageId}/resolve" => json!({"action": "discard"}),
            _ => panic!("{} is new: give it a good body here", self.name()),
        }
    }
}

/// Every operation of openapi.json.
pub(crate) fn operations() -> Vec<Operation> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let api: Value =
        serde_json::from_str(&std::fs::read_to_string(file).expect("openapi.json")).expect("JSON");
    let mut operations = Vec::new();
    for (path, item) in members(&api["paths"]) {
        for (method, operation) in members(item) {
            let method = method.to_uppercase().parse().expect("a method");
            operations.push(read(&api, method, path, operation));
        }
    }
    assert!(operations.len() > 20, "openapi.json is read wrongly");
    operations
}

fn read(api: &Value, method: Method, path: &str, operation: &Value) -> Operation {
    let caller = match operation.pointer("/security/0").and_then(Value::as_object) {
        Some(scheme) if scheme.contains_key("idToken") => Caller::User,
        Some(scheme) if scheme.contains_key("lineToken") => Caller::Line,
        Some(other) => panic!("who may call {path}? {other:?}"),
        None => Caller::Anybody,
    };
    let parameters = operation["parameters"].as_array().into_iter().flatten().map(|parameter| Parameter {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        schema: parameter["schema"].clone(),
    });
    let body = operation.pointer("/requestBody/content/application~1json/schema");
    Operation {
        caller,
        statuses: members(&operation["responses"])
            .map(|(status, _)| status.parse().expect("a status"))
            .collect(),
        parameters: parameters.collect(),
        fields: body.map(|schema| fields(resolved(api, schema))),
        method,
        path: path.to_owned(),
    }
}

fn fields(schema: &Value) -> Vec<Field> {
    let required: Vec<String> = schema["required"].as_array().into_iter().flatten().map(text).collect();
    let types = |field: &Value| match &field["type"] {
        Value::Array(several) => several.iter().map(text).collect(),
        one => vec![text(one)],
    };
    members(&schema["properties"])
        .map(|(name, field)| Field {
            name: name.clone(),
            types: types(field),
            required: required.contains(name),
        })
        .collect()
}

fn resolved<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => api.pointer(reference.trim_start_matches('#')).expect("a schema of this file"),
        None => schema,
    }
}

fn members(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
