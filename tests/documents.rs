//! The tables of the README and `openapi.json` are made from the code; a difference fails here.
//! `UPDATE_DOCS=1` writes them anew.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failure here fails the test, as it should")]

use ezw::{
    config::{Kind, all_settings},
    http::code_book,
};
use std::{fmt::Write as _, fs, path::PathBuf};

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn update() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// The README with what stands between the two marks of `name` replaced.
fn with_table(readme: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- begin:{name} -->\n"), format!("<!-- end:{name} -->"));
    let from = readme.find(&begin).expect("the begin mark") + begin.len();
    let to = readme.find(&end).expect("the end mark");
    format!("{}\n{table}\n{}", &readme[..from], &readme[to..])
}

fn check(name: &str, table: &str) {
    let path = file("README.md");
    let readme = fs::read_to_string(&path).expect("the README");
    let wanted = with_table(&readme, name, table);
    if update() {
        return fs::write(&path, wanted).expect("the README is written");
    }
    assert!(
        readme == wanted,
        "the table `{name}` of the README is not what the code says: UPDATE_DOCS=1 mends it"
    );
}

#[test]
fn the_documents_list_every_error_code() {
    let mut table =
        String::from("| status | code | what happened | what the caller does |\n| --- | --- | --- | --- |\n");
    for entry in code_book() {
        writeln!(table, "| {} | `{}` | {} | {} |", entry.status, entry.code, entry.meaning, entry.what_to_do)
            .unwrap();
    }
    check("codes", &table);
}

#[test]
fn the_documents_list_every_setting() {
    let mut table = String::from(
        "| variable | key in the file | about | default and limits |\n| --- | --- | --- | --- |\n",
    );
    for setting in all_settings() {
        let limits = match setting.kind {
            Kind::Text => String::new(),
            Kind::Flag { default } => format!("{default} (`true` or `false`)"),
            Kind::Number { default, min, max, unit } => format!("{default} {unit} ({min} to {max})"),
        };
        writeln!(table, "| `{}` | `{}` | {} | {limits} |", setting.variable, setting.key, setting.about)
            .unwrap();
    }
    check("settings", &table);
}

#[test]
fn the_documents_hold_the_openapi_description_of_the_code() {
    let path = file("openapi.json");
    let wanted = format!("{}\n", ezw::http::openapi_json().trim_end());
    if update() {
        return fs::write(&path, wanted).expect("openapi.json is written");
    }
    let kept = fs::read_to_string(&path).expect("openapi.json");
    assert!(kept == wanted, "openapi.json is not what the code says: UPDATE_DOCS=1 mends it");
}

/// The tests that the README names, from its table of promises.
#[test]
fn every_test_that_the_documents_name_exists() {
    let readme = fs::read_to_string(file("README.md")).expect("the README");
    let table =
        readme.split("<!-- promises -->").nth(1).expect("the promises").split("\n## ").next().unwrap();
    let named: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| ---") && !line.starts_with("| promise"))
        .filter_map(|line| line.split('|').nth(2))
        .flat_map(|proof| proof.split('`').skip(1).step_by(2))
        .collect();
    assert!(named.len() >= 10, "the table of promises is there");
    let code = sources(&["tests", "src", "actors", "simulator"]);
    let missing: Vec<_> = named.iter().filter(|name| !code.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "no such test: {missing:?}");
}

fn sources(folders: &[&str]) -> String {
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| file(folder)).collect();
    let mut text = String::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
    text
}
