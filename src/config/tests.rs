use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::*;

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::from_environment(&environment, None)
}

fn refusal(variables: &[(&str, &str)]) -> String {
    load(variables).expect_err("must be refused").to_string()
}

#[test]
fn an_empty_environment_gives_the_documented_defaults() {
    let config = load(&[]).expect("defaults");
    assert_eq!(config.http.addr.to_string(), "127.0.0.1:8080");
    assert_eq!(config.metrics.addr.to_string(), "127.0.0.1:9464");
    assert_eq!((config.http.rate_per_second, config.http.rate_burst), (50, 200));
    assert_eq!(config.http.new_contacts_per_hour, 20);
    assert_eq!(config.http.handler_deadline, Duration::from_secs(15));
    assert_eq!(config.http.body_deadline, Duration::from_secs(30));
    assert_eq!(config.http.json_limit_bytes, 1 << 20);
    assert_eq!((config.lines.connects_per_second, config.lines.mailbox), (20, 64));
    assert_eq!((config.lines.pacing_per_second, config.lines.pacing_burst), (1, 5));
    assert_eq!((config.identity.id_token_seconds, config.identity.refresh_token_days), (3_600, 30));
    assert!(config.provider.is_none() && config.dev.is_none());
    assert!(config.database.is_none() && config.redis.is_none());
    assert_eq!(config.data_dir, PathBuf::from(".ezw"));
}

#[test]
fn storage_limits_have_their_defaults_once_the_address_is_given() {
    let config =
        load(&[("DATABASE_URL", "postgres://a:b@c/d"), ("REDIS_URL", "redis://127.0.0.1:1")]).unwrap();
    let database = config.database.expect("given");
    assert_eq!(database.max_connections, 16);
    assert_eq!(database.statement_timeout, Duration::from_secs(5));
    assert_eq!(database.lock_timeout, Duration::from_secs(2));
    assert_eq!(database.idle_in_transaction_timeout, Duration::from_secs(3));
    assert_eq!(config.redis.expect("given").timeout, Duration::from_millis(500));
}

#[test]
fn every_number_is_refused_just_outside_its_limits_and_taken_on_them() {
    for setting in all_settings() {
        let Kind::Number { min, max, default, .. } = setting.kind else { continue };
        assert!((min..=max).contains(&default), "{}", setting.variable);
        for good in [min, max] {
            load(&[(setting.variable, &good.to_string())]).expect("on the limit");
        }
        for bad in [min - 1, max + 1] {
            let text = refusal(&[(setting.variable, &bad.to_string())]);
            for part in [setting.variable, &bad.to_string(), &min.to_string(), &max.to_string()] {
                assert!(text.contains(part), "{text} lacks {part}");
            }
        }
    }
}

#[test]
fn words_where_numbers_belong_are_refused_with_the_range() {
    let text = refusal(&[("EZW_HTTP_RATE_PER_SECOND", "many")]);
    assert!(text.contains("EZW_HTTP_RATE_PER_SECOND") && text.contains("many") && text.contains("100000"));
    assert!(refusal(&[("EZW_HTTP_ADDR", "8080")]).contains("127.0.0.1:8080"));
    assert!(refusal(&[("EZW_PROVIDER", "whatsup")]).contains("simulated"));
    assert!(refusal(&[("EZW_NODE_NAME", "two words")]).contains("EZW_NODE_NAME"));
}

#[test]
fn a_node_name_of_digits_stays_a_text() {
    assert_eq!(load(&[("EZW_NODE_NAME", "7")]).expect("a name").node.name, "7");
}

#[test]
fn a_secret_is_never_part_of_a_refusal() {
    let text = refusal(&[("DATABASE_URL", "mysql://root:hunter2@host/db")]);
    assert!(text.contains("DATABASE_URL") && !text.contains("hunter2"));
    let text = refusal(&[("EZW_SIGNING_KEY", "hunter2")]);
    assert!(text.contains("openssl genpkey") && !text.contains("hunter2"));
    let text = refusal(&[("EZW_CREDENTIALS_KEY", "hunter2")]);
    assert!(text.contains("openssl rand") && !text.contains("hunter2"));
    let config = load(&[("DATABASE_URL", "postgres://a:hunter2@c/d"), ("EZW_SIGNING_KEY", KEY)]).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn serve_wants_a_provider_and_with_a_database_its_keys() {
    let none = load(&[]).unwrap().check_serve().expect_err("no provider").to_string();
    assert!(none.contains("EZW_PROVIDER=simulated"));
    load(&[("EZW_PROVIDER", "simulated")]).unwrap().check_serve().expect("starts without a database");
    let with_database = [("EZW_PROVIDER", "simulated"), ("DATABASE_URL", "postgres://a:b@c/d")];
    let text = load(&with_database).unwrap().check_serve().expect_err("no key").to_string();
    assert!(text.contains("ec_paramgen_curve:P-256"));
    let mut complete = with_database.to_vec();
    complete.push(("EZW_SIGNING_KEY", KEY));
    let text = load(&complete).unwrap().check_serve().expect_err("no credentials key").to_string();
    assert!(text.contains("openssl rand -hex 32"));
    let sealing = "5e".repeat(32);
    complete.push(("EZW_CREDENTIALS_KEY", &sealing));
    load(&complete).unwrap().check_serve().expect("complete");
}

#[test]
fn the_signing_key_comes_from_a_file_or_inline_but_not_from_both() {
    let path = std::env::temp_dir().join(format!("ezw-config-{}.pem", uuid::Uuid::new_v4()));
    std::fs::write(&path, KEY).unwrap();
    let file = path.to_str().unwrap();
    let config = load(&[("EZW_SIGNING_KEY_FILE", file)]).expect("from the file");
    assert_eq!(config.identity.signing_key_pem.unwrap().expose_secret(), KEY);
    assert!(refusal(&[("EZW_SIGNING_KEY_FILE", file), ("EZW_SIGNING_KEY", KEY)]).contains("one of them"));
    std::fs::remove_file(&path).unwrap();
    assert!(refusal(&[("EZW_SIGNING_KEY_FILE", file)]).contains("can't be read"));
}

#[test]
fn development_variables_are_refused() {
    let text = refusal(&[("EZW_DEV_AUTO_VERIFY_EMAIL", "true")]);
    assert!(text.contains("EZW_DEV_AUTO_VERIFY_EMAIL") && text.contains("ezw dev"));
}

#[test]
fn an_unknown_variable_warns_and_names_its_neighbour() {
    let config =
        load(&[("EZW_HTTP_ADRR", "x"), ("EZW_LINE_TOKEN", "y"), ("OTHER", "z")]).expect("only a warning");
    assert_eq!(config.warnings, ["EZW_HTTP_ADRR is not a setting; did you mean EZW_HTTP_ADDR?"]);
}

#[test]
fn the_file_is_read_the_environment_wins_and_unknown_keys_are_refused() {
    let path = std::env::temp_dir().join(format!("ezw-config-{}.toml", uuid::Uuid::new_v4()));
    let environment = BTreeMap::from([("EZW_HTTP_RATE_BURST".to_owned(), "7".to_owned())]);
    std::fs::write(&path, "[http]\nrate_burst = 9\nrate_per_second = 3\n[lines]\nmailbox = 9\n").unwrap();
    let config = Config::from_environment(&environment, Some(&path)).expect("a good file");
    assert_eq!((config.http.rate_burst, config.http.rate_per_second), (7, 3));
    assert_eq!(config.lines.mailbox, 9);
    std::fs::write(&path, "[http]\nrate_brust = 9\n").unwrap();
    let text = Config::from_environment(&environment, Some(&path)).expect_err("a misspelt key").to_string();
    assert!(text.contains("http.rate_brust") && text.contains("http.rate_burst"));
    std::fs::write(&path, "[http]\nrate_per_second = -4\n").unwrap();
    let text = Config::from_environment(&environment, Some(&path)).expect_err("a bad value").to_string();
    assert!(text.contains("-4") && text.contains("EZW_HTTP_RATE_PER_SECOND"));
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn names_are_unique_and_follow_one_scheme() {
    let mut seen = std::collections::BTreeSet::new();
    for setting in all_settings() {
        assert!(
            seen.insert(setting.variable) && seen.insert(setting.key),
            "{} is there twice",
            setting.variable
        );
        let outside = ["DATABASE_URL", "REDIS_URL"].contains(&setting.variable);
        assert!(outside || setting.variable.starts_with("EZW_"), "{}", setting.variable);
    }
}
