//! Reading the two sources (settings file, then environment, which wins) into one look-up.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use figment::Figment;
use figment::providers::{Format as _, Serialized, Toml};
use figment::value::{Dict, Tag, Value};
use secrecy::SecretString;

use super::setting::{ConfigError, Kind, Setting, nearest};
use super::{all_settings, is_secret};

/// Variables that other commands read, so that they are not reported as misspelt.
const READ_ELSEWHERE: &[&str] = &["EZW_LINE_TOKEN"];
/// So begin those of the development command, and of tests.
const NOT_OF_SERVICE: [&str; 2] = ["EZW_DEV_", "EZW_TEST_"];

/// All given values, with typed and bounded look-ups.
#[derive(Debug)]
pub(super) struct Source {
    figment: Figment,
    /// Messages for variables that begin with `EZW_` and that nothing reads.
    pub(super) warnings: Vec<String>,
    /// Variables of the development command, present in the environment.
    pub(super) dev_variables: Vec<String>,
}

impl Source {
    pub(super) fn new(
        environment: &BTreeMap<String, String>,
        file: Option<&Path>,
    ) -> Result<Self, ConfigError> {
        let mut figment = Figment::new();
        if let Some(path) = file {
            figment = figment.merge(read_file(path)?);
        }
        let mut given = Dict::new();
        for setting in all_settings() {
            if let Some(text) = environment.get(setting.variable) {
                insert(&mut given, setting.key, typed(setting, text)?);
            }
        }
        Ok(Self {
            figment: figment.merge(Serialized::globals(given)),
            warnings: unknown_variables(environment),
            dev_variables: environment.keys().filter(|name| name.starts_with("EZW_DEV_")).cloned().collect(),
        })
    }

    pub(super) fn text(&self, setting: &Setting) -> Result<Option<String>, ConfigError> {
        let Ok(value) = self.figment.find_value(setting.key) else { return Ok(None) };
        match value {
            Value::String(_, text) if text.trim().is_empty() => Ok(None),
            Value::String(_, text) => Ok(Some(text)),
            other => Err(invalid(setting, &shown(&other), "give a text")),
        }
    }

    pub(super) fn secret(&self, setting: &Setting) -> Result<Option<SecretString>, ConfigError> {
        match self.text(setting) {
            Ok(text) => Ok(text.map(SecretString::from)),
            Err(_) => Err(ConfigError::InvalidSecret {
                setting: setting.to_string(),
                expected: "give a text".into(),
            }),
        }
    }

    /// The number inside its limits, its default when it isn't given.
    pub(super) fn number<N: TryFrom<i64>>(&self, setting: &Setting) -> Result<N, ConfigError> {
        let Kind::Number { default, min, max, unit } = setting.kind else {
            return Err(invalid(setting, "", "this setting has no number"));
        };
        let expected = || format!("give a whole number from {min} to {max} {unit}");
        let given = match self.figment.find_value(setting.key) {
            Err(_) => default,
            Ok(value) => value
                .to_i128()
                .and_then(|number| i64::try_from(number).ok())
                .ok_or_else(|| invalid(setting, &shown(&value), &expected()))?,
        };
        if !(min..=max).contains(&given) {
            return Err(invalid(setting, &given.to_string(), &expected()));
        }
        N::try_from(given).map_err(|_| invalid(setting, &given.to_string(), &expected()))
    }

    /// Whether it is switched on; its default when it isn't given.
    pub(super) fn flag(&self, setting: &Setting) -> Result<bool, ConfigError> {
        let Kind::Flag { default } = setting.kind else {
            return Err(invalid(setting, "", "this setting is no flag"));
        };
        let Ok(value) = self.figment.find_value(setting.key) else { return Ok(default) };
        value.to_bool().ok_or_else(|| invalid(setting, &shown(&value), "give true or false"))
    }

    pub(super) fn seconds(&self, setting: &Setting) -> Result<Duration, ConfigError> {
        self.number(setting).map(Duration::from_secs)
    }

    pub(super) fn milliseconds(&self, setting: &Setting) -> Result<Duration, ConfigError> {
        self.number(setting).map(Duration::from_millis)
    }

    /// A text parsed into its type; `expected` completes the refusal.
    pub(super) fn parsed<T: std::str::FromStr>(
        &self,
        setting: &Setting,
        expected: &str,
    ) -> Result<Option<T>, ConfigError> {
        let Some(text) = self.text(setting)? else { return Ok(None) };
        text.trim().parse().map(Some).map_err(|_| invalid(setting, &text, expected))
    }
}

pub(super) fn invalid(setting: &Setting, value: &str, expected: &str) -> ConfigError {
    if is_secret(setting) {
        return ConfigError::InvalidSecret { setting: setting.to_string(), expected: expected.to_owned() };
    }
    ConfigError::Invalid {
        setting: setting.to_string(),
        value: value.to_owned(),
        expected: expected.to_owned(),
    }
}

fn read_file(path: &Path) -> Result<figment::providers::Data<Toml>, ConfigError> {
    let file_error = |problem: String| ConfigError::File { file: path.display().to_string(), problem };
    let text = std::fs::read_to_string(path).map_err(|error| file_error(error.to_string()))?;
    let content: Dict =
        Figment::from(Toml::string(&text)).extract().map_err(|error| file_error(error.to_string()))?;
    let mut keys = Vec::new();
    collect_keys("", &content, &mut keys);
    for key in keys {
        if !all_settings().any(|setting| setting.key == key) {
            let hint = nearest(&key, all_settings().map(|setting| setting.key))
                .map(|known| format!("; did you mean {known}?"))
                .unwrap_or_default();
            return Err(file_error(format!("unknown key {key}{hint}")));
        }
    }
    Ok(Toml::string(&text))
}

fn collect_keys(prefix: &str, dict: &Dict, keys: &mut Vec<String>) {
    for (name, value) in dict {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Dict(_, inner) => collect_keys(&key, inner, keys),
            _ => keys.push(key),
        }
    }
}

/// Reads a variable by the kind of its setting: figment's own guess would turn the node name `7` into a number.
fn typed(setting: &Setting, text: &str) -> Result<Value, ConfigError> {
    match setting.kind {
        Kind::Text => Ok(Value::from(text)),
        Kind::Flag { .. } => match text.trim() {
            "true" | "1" => Ok(Value::Bool(Tag::Default, true)),
            "false" | "0" => Ok(Value::Bool(Tag::Default, false)),
            _ => Err(invalid(setting, text, "give true or false")),
        },
        Kind::Number { min, max, unit, .. } => {
            let number: i64 = text.trim().parse().map_err(|_| {
                invalid(setting, text, &format!("give a whole number from {min} to {max} {unit}"))
            })?;
            Ok(Value::from(number))
        }
    }
}

fn insert(dict: &mut Dict, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            dict.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            let entry =
                dict.entry(section.to_owned()).or_insert_with(|| Value::Dict(Tag::Default, Dict::new()));
            if let Value::Dict(_, inner) = entry {
                insert(inner, rest, value);
            }
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(_, text) => text.clone(),
        Value::Bool(_, flag) => flag.to_string(),
        Value::Num(_, number) => number
            .to_i128()
            .map(|whole| whole.to_string())
            .or_else(|| number.to_f64().map(|real| real.to_string()))
            .unwrap_or_default(),
        Value::Char(..) | Value::Empty(..) | Value::Dict(..) | Value::Array(..) => {
            "(not a plain value)".into()
        }
    }
}

fn unknown_variables(environment: &BTreeMap<String, String>) -> Vec<String> {
    environment
        .keys()
        .filter(|name| {
            name.starts_with("EZW_") && !NOT_OF_SERVICE.iter().any(|begin| name.starts_with(begin))
        })
        .filter(|name| !READ_ELSEWHERE.contains(&name.as_str()))
        .filter(|name| !all_settings().any(|setting| setting.variable == name.as_str()))
        .map(|name| match nearest(name, all_settings().map(|setting| setting.variable)) {
            Some(known) => format!("{name} is not a setting; did you mean {known}?"),
            None => format!("{name} is not a setting and is ignored"),
        })
        .collect()
}
