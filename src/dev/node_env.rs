//! What one more node of the running environment is started with, as a file for a shell: `. .ezw/node.env`.

use std::path::Path;

use secrecy::ExposeSecret as _;

use super::place;
use crate::config::Config;

const FILE: &str = "node.env";
/// Keys that the environment made for itself; one that was given is in the caller's environment already.
const KEYS: [(&str, &str); 3] = [
    ("EZW_SIGNING_KEY_FILE", "signing-key.pem"),
    ("EZW_CREDENTIALS_KEY_FILE", "credentials-key"),
    ("EZW_MEDIA_KEY_FILE", "media-key"),
];

pub(super) fn write(config: &Config) -> anyhow::Result<()> {
    let folder = &config.data_dir;
    let mut text = String::from(
        "# Written by `ezw dev`, and gone when it ends. Give each node a name and addresses of its own:\n",
    );
    text.push_str(
        "# EZW_NODE_NAME=two EZW_HTTP_ADDR=127.0.0.1:8081 EZW_METRICS_ADDR=127.0.0.1:9465 ezw serve\n",
    );
    let mut set = |name: &str, value: &str| {
        text.push_str(&format!("export {name}='{}'\n", value.replace('\'', r"'\''")));
    };
    if let Some(database) = &config.database {
        set("DATABASE_URL", database.url.expose_secret());
    }
    if let Some(redis) = &config.redis {
        set("REDIS_URL", redis.url.expose_secret());
    }
    set("EZW_PROVIDER", "simulated");
    set("EZW_SIMULATOR_URL", config.simulator_url.as_str());
    set("EZW_DATA_DIR", &folder.display().to_string());
    for (variable, name) in KEYS {
        let file = folder.join(name);
        if file.exists() {
            set(variable, &file.display().to_string());
        }
    }
    place::write_private(&folder.join(FILE), &text)
}

/// The addresses in it are of a running environment.
pub(super) fn forget(data_dir: &Path) {
    std::fs::remove_file(data_dir.join(FILE)).ok();
}
