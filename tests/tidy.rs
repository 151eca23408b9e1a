//! The rules of the house that neither compiler nor clippy knows. Each is a function from text to complaints, so that
//! the second half of this file can show that it complains.

#![expect(clippy::unwrap_used, reason = "a failure here fails the test, as it should")]

#[path = "tidy/rules.rs"]
mod rules;

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file of the checkout, with its path relative to the root; build results and local data are not ours.
fn files(under: &str, wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&root().join(under), &mut found);
    let relative = |path: &Path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
    let mut texts: Vec<(String, String)> = found
        .iter()
        .map(|path| (relative(path), path))
        .filter(|(name, _)| wanted(name))
        .filter_map(|(name, path)| Some((name, fs::read_to_string(path).ok()?)))
        .collect();
    texts.sort();
    texts
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    const SKIPPED: &[&str] = &["target", ".git", ".ezw", ".sqlx", "node_modules", "snapshots"];
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if !SKIPPED.contains(&name.to_str().unwrap()) {
                collect(&path, found);
            }
        } else if path.is_file() {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let is_rust = |name: &str| name.ends_with(".rs");
    ["src", "actors/src", "simulator/src"].into_iter().flat_map(|folder| files(folder, is_rust)).collect()
}

fn assert_none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn imports_run_one_way() {
    let service = files("src", |name| name.ends_with(".rs"));
    assert!(service.len() > 10, "the sources were not found");
    assert_none(service.iter().flat_map(|(name, text)| rules::arrows(name, text)).collect());
}

#[test]
fn files_and_functions_stay_short() {
    let sources = sources();
    assert_none(sources.iter().flat_map(|(name, text)| rules::file_length(name, text)).collect());
    assert_none(sources.iter().flat_map(|(name, text)| rules::function_length(name, text)).collect());
}

#[test]
fn the_line_crate_names_no_storage_no_http_and_no_vendor() {
    let manifest = fs::read_to_string(root().join("actors/Cargo.toml")).unwrap();
    assert_none(rules::actors_manifest(&manifest));
}

#[test]
fn nothing_is_left_to_be_done_and_no_registry_is_named() {
    let all = files("", |_| true);
    assert!(all.iter().any(|(name, _)| name == "Cargo.toml"), "the checkout was not found");
    assert_none(all.iter().flat_map(|(name, text)| rules::leftovers(name, text)).collect());
}

#[test]
fn migrations_are_numbered_verbs_on_nouns() {
    let names: Vec<String> = files("migrations", |name| name.ends_with(".sql"))
        .into_iter()
        .map(|(name, _)| name.trim_start_matches("migrations/").to_owned())
        .collect();
    assert!(!names.is_empty(), "the migrations were not found");
    assert_none(rules::migration_names(&names));
}

#[test]
fn a_migration_alters_one_table_and_waits_for_its_lock_for_a_limited_time() {
    let migrations = files("migrations", |name| name.ends_with(".sql"));
    assert_none(migrations.iter().flat_map(|(name, text)| rules::migration_locks(name, text)).collect());
}

mod the_rules_complain {
    use super::rules;

    #[test]
    fn about_an_import_that_runs_up_or_sideways_or_from_an_unranked_room() {
        assert_eq!(rules::arrows("src/store/lines.rs", "use crate::http::Error;").len(), 1);
        assert_eq!(rules::arrows("src/store.rs", "fn f() { crate::app::serve() }").len(), 1);
        assert_eq!(rules::arrows("src/jobs/prune.rs", "use crate::{store, http::routes};").len(), 1);
        assert_eq!(rules::arrows("src/attic.rs", "").len(), 1);
        assert_eq!(rules::arrows("src/http/api/lines.rs", "use crate::attic::x;").len(), 1);
        assert_eq!(
            rules::arrows("src/http/api/lines.rs", "use crate::http::error;\nuse crate::store::lines;").len(),
            0
        );
        assert_eq!(rules::arrows("src/store/lines.rs", "/// See [`crate::http`].\nfn f() {}").len(), 0);
    }

    #[test]
    fn about_a_long_file_but_not_about_its_tests() {
        let long = "fn f() {}\n".repeat(601);
        assert_eq!(rules::file_length("src/a.rs", &long).len(), 1);
        let tested = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
        assert_eq!(rules::file_length("src/a.rs", &tested).len(), 0);
    }

    #[test]
    fn about_a_long_function_wherever_it_is() {
        let body = "    let _x = 1;\n".repeat(71);
        for text in [
            format!("fn f() {{\n{body}}}\n"),
            format!("struct S;\nimpl S {{ fn f() {{\n{body}}} }}\n"),
            format!("mod inner {{ async fn f() {{\n{body}}} }}\n"),
            format!("trait T {{ fn f() {{\n{body}}} }}\n"),
        ] {
            assert_eq!(rules::function_length("src/a.rs", &text).len(), 1, "{text}");
        }
        assert_eq!(rules::function_length("src/a.rs", "fn f() {\n}\n").len(), 0);
        let test = format!("#[cfg(test)]\nmod tests {{ fn f() {{\n{body}}} }}\n");
        assert_eq!(rules::function_length("src/a.rs", &test).len(), 0);
        assert_eq!(rules::function_length("src/a.rs", "fn (").len(), 1, "an unreadable file is a complaint");
    }

    #[test]
    fn about_a_forbidden_dependency_of_the_line_crate() {
        for name in ["sqlx", "redis", "actix-web", "reqwest"] {
            assert_eq!(
                rules::actors_manifest(&format!("[dependencies]\n{name}.workspace = true\n")).len(),
                1
            );
            assert_eq!(rules::actors_manifest(&format!("[dependencies]\n{name} = \"1\"\n")).len(), 1);
        }
        assert_eq!(rules::actors_manifest("[dependencies]\nactix.workspace = true\n").len(), 0);
    }

    #[test]
    fn about_unfinished_work_and_registry_hosts() {
        for bad in
            ["// TO DO: later", "// FIX ME", "to do!()", "unimple mented!()", "https://index.crates .io/x"]
        {
            assert_eq!(rules::leftovers("src/a.rs", &bad.replace(' ', "")).len(), 1, "{bad}");
        }
        assert_eq!(rules::leftovers("src/a.rs", "fn todos() {}").len(), 0);
    }

    #[test]
    fn about_a_migration_that_locks_two_tables_or_waits_without_end() {
        let set = "SET LOCAL lock_timeout = '2s';\n";
        let one = format!("{set}-- ALTER TABLE c\nALTER TABLE a ADD b int;\nALTER TABLE ONLY a ADD c int;");
        assert_eq!(rules::migration_locks("m", &one).len(), 0);
        assert_eq!(rules::migration_locks("m", "CREATE TABLE a (b int);").len(), 0);
        assert_eq!(rules::migration_locks("m", "ALTER TABLE a ADD b int;").len(), 1);
        assert_eq!(rules::migration_locks("m", &format!("{one}ALTER TABLE IF EXISTS b ADD c int;")).len(), 1);
    }

    #[test]
    fn about_misnamed_and_misnumbered_migrations() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert!(
            rules::migration_names(&names(&["0001_create_lines.sql", "0002_add_token_hash.sql"])).is_empty()
        );
        for bad in ["1_create_lines.sql", "0001_lines.sql", "0001_create-lines.sql", "0001_Create_lines.sql"]
        {
            assert_eq!(rules::migration_names(&names(&[bad])).len(), 1, "{bad}");
        }
        assert_eq!(
            rules::migration_names(&names(&["0001_create_lines.sql", "0001_create_users.sql"])).len(),
            1
        );
        assert_eq!(
            rules::migration_names(&names(&["0001_create_lines.sql", "0003_create_users.sql"])).len(),
            0
        );
    }
}
