//! The rules themselves; no file is read here.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};

const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 70;

/// A room may name rooms of a lower rank, and itself. Rooms of one rank don't know each other.
const RANKS: &[(&str, u8)] = &[
    ("main", 9),
    ("cli", 8),
    ("app", 7),
    ("dev", 7),
    ("http", 5),
    ("jobs", 5),
    ("auth", 4),
    ("live", 4),
    ("media", 4),
    ("billing", 4),
    ("provider", 4),
    ("store", 2),
    ("telemetry", 1),
    ("shutdown", 1),
    ("migrations", 1),
    ("mail", 1),
    ("config", 0),
    ("random", 0),
    ("phone", 0),
    ("unread", 0),
];

fn rank(room: &str) -> Option<u8> {
    RANKS.iter().find(|(name, _)| *name == room).map(|(_, rank)| *rank)
}

/// `src/http/api/lines.rs` is of the room `http`, `src/app.rs` of `app`.
fn room_of(path: &str) -> &str {
    let inside = path.trim_start_matches("src/");
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

pub(crate) fn arrows(path: &str, text: &str) -> Vec<String> {
    let room = room_of(path);
    if room == "lib" {
        return Vec::new();
    }
    let Some(own) = rank(room) else {
        return vec![format!("{path}: the room {room} has no rank: give it one in tests/tidy/rules.rs")];
    };
    let mut complaints = Vec::new();
    for named in named_rooms(text) {
        match rank(&named) {
            _ if named == room => {}
            Some(other) if other < own => {}
            Some(_) => complaints.push(format!("{path}: {room} must not know {named}")),
            None => complaints.push(format!("{path}: the room {named} has no rank")),
        }
    }
    complaints
}

/// The rooms behind each `crate::`, also those of a group `crate::{a, b::c}`. Comments don't count.
fn named_rooms(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |all, line| all + line + "\n");
    let mut rooms = Vec::new();
    for after in code.split("crate::").skip(1) {
        if let Some(group) = after.strip_prefix('{') {
            rooms.extend(group_heads(group));
        } else {
            rooms.push(word(after));
        }
    }
    // Macros and constants of the crate root are no rooms.
    rooms.retain(|room| room.starts_with(|c: char| c.is_ascii_lowercase()));
    rooms
}

/// The first word of each entry of a `use` group, not of the groups inside it.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut start) = (0_usize, Vec::new(), true);
    for (index, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if c.is_whitespace() => {}
            _ if start => {
                heads.push(word(&group[index..]));
                start = false;
            }
            _ => {}
        }
    }
    heads
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

pub(crate) fn file_length(path: &str, text: &str) -> Vec<String> {
    if is_test_file(path) {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{'));
    let length = tests.unwrap_or(lines.len());
    if length > FILE_LINES {
        vec![format!("{path}: {length} lines, {FILE_LINES} are the limit")]
    } else {
        Vec::new()
    }
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

pub(crate) fn function_length(path: &str, text: &str) -> Vec<String> {
    if is_test_file(path) {
        return Vec::new();
    }
    match syn::parse_file(text) {
        Err(error) => vec![format!("{path}: can't be read: {error}")],
        Ok(file) => {
            let mut lengths = Lengths { path, complaints: Vec::new() };
            lengths.visit_file(&file);
            lengths.complaints
        }
    }
}

struct Lengths<'a> {
    path: &'a str,
    complaints: Vec<String>,
}

impl Lengths<'_> {
    fn measure(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let name = &signature.ident;
        let start = signature.fn_token.span.start().line;
        let length = block.brace_token.span.close().end().line + 1 - start;
        if length > FUNCTION_LINES {
            self.complaints.push(format!(
                "{}:{}: {name} has {length} lines, {FUNCTION_LINES} are the limit",
                self.path, start
            ));
        }
    }
}

impl<'ast> Visit<'ast> for Lengths<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test_only(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.measure(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

fn is_test_only(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|condition| condition == "test")
    })
}

pub(crate) fn actors_manifest(manifest: &str) -> Vec<String> {
    const FORBIDDEN: &[&str] = &["sqlx", "redis", "actix-web", "reqwest"];
    manifest
        .lines()
        .map(|line| line.split(['.', ' ', '=']).next().unwrap_or_default())
        .filter(|name| FORBIDDEN.contains(name))
        .map(|name| format!("actors/Cargo.toml: {name} belongs to the service"))
        .collect()
}

/// Words are put together here, so that this file doesn't hold them.
pub(crate) fn leftovers(path: &str, text: &str) -> Vec<String> {
    let unfinished =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!"), concat!("unimple", "mented!")];
    let registries = [
        concat!("index.crates", ".io"),
        concat!("static.crates", ".io"),
        concat!("pypi", ".org"),
        concat!("registry.npmjs", ".org"),
        concat!("proxy.golang", ".org"),
    ];
    unfinished
        .iter()
        .chain(&registries)
        .filter(|word| text.contains(**word))
        .map(|word| format!("{path}: holds {word}"))
        .collect()
}

/// `names` in the order of their files. A gap is allowed, a number used by two branches is not.
pub(crate) fn migration_names(names: &[String]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut previous = None;
    for name in names {
        match migration_number(name) {
            None => {
                complaints.push(format!("migrations/{name}: a name is NNNN_verb_noun.sql, in lower case"))
            }
            number if number <= previous => {
                complaints.push(format!("migrations/{name}: this number is used already"));
            }
            number => previous = number,
        }
    }
    complaints
}

/// A table that is altered is locked from everybody, and stays so until the migration is over: together with a second one,
/// a process that works on both the other way round waits for it in a circle. And while it waits for its lock, nobody else
/// gets one.
pub(crate) fn migration_locks(path: &str, text: &str) -> Vec<String> {
    let code = text.lines().map(|line| line.split("--").next().unwrap_or_default());
    let code = code.collect::<Vec<_>>().join(" ").to_lowercase();
    let words: Vec<&str> = code.split([' ', ';', '(']).filter(|word| !word.is_empty()).collect();
    let filler = ["if", "exists", "only"];
    let altered = words.windows(2).enumerate().filter(|(_, pair)| *pair == ["alter", "table"]);
    let altered: BTreeSet<&str> = altered
        .filter_map(|(at, _)| words[at + 2..].iter().find(|word| !filler.contains(word)).copied())
        .collect();
    let mut complaints = Vec::new();
    if altered.len() > 1 {
        complaints.push(format!("{path}: alters {altered:?}: give each table a migration of its own"));
    }
    if !altered.is_empty() && !code.contains("set local lock_timeout") {
        complaints.push(format!("{path}: alters a table and sets no lock_timeout"));
    }
    complaints
}

fn migration_number(name: &str) -> Option<usize> {
    let (number, words) = name.strip_suffix(".sql")?.split_once('_')?;
    let (verb, noun) = words.split_once('_')?;
    let lower = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    (number.len() == 4 && lower(verb) && lower(noun)).then(|| number.parse().ok()).flatten()
}
