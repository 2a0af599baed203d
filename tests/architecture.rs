//! The import law of `src/lib.rs`, and what else the layout of the source promises.
//!
//! A violation is printed as `file:line: rule`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

/// What each module may name with `crate::`, besides itself. `app` and the crate root may name all.
const LAW: &[(&str, &[&str])] = &[
    // Compares the state with the back end.
    ("audit", &["clock", "domain", "driver", "store"]),
    // The clock decides when a token has ended.
    ("auth", &["clock", "domain", "trail"]),
    ("breakpoint", &[]),
    ("cinder", &["auth", "domain", "http", "service", "trail"]),
    ("clock", &[]),
    ("deltacloud", &["auth", "domain", "http", "service", "trail"]),
    ("domain", &[]),
    ("driver", &["breakpoint", "domain"]),
    ("http", &["auth", "domain", "service", "trail"]),
    // The development Keystone: a front and its small core.
    ("identity", &["auth", "clock", "domain", "http", "settings", "store"]),
    // The adapter between the use cases that look into the back end and the driver.
    ("inventory", &["domain", "driver", "service"]),
    // The adapters between the health check and what it looks at.
    ("probes", &["driver", "http", "store"]),
    ("service", &["auth", "clock", "domain", "standing", "store", "wakeup"]),
    ("settings", &["domain"]),
    ("standing", &[]),
    ("store", &["breakpoint", "domain"]),
    ("telemetry", &["settings", "trail"]),
    ("trail", &[]),
    ("wakeup", &[]),
    (
        "worker",
        &[
            "audit",
            "breakpoint",
            "clock",
            "domain",
            "driver",
            "standing",
            "store",
            "wakeup",
        ],
    ),
];

/// Foreign paths, and the only modules or files that may name them.
const FOREIGN: &[(&str, &[&str])] = &[
    ("reqwest", &["src/auth/keystone/"]),
    (
        "actix_web",
        &[
            "src/app/",
            "src/cinder/",
            "src/deltacloud/",
            "src/http/",
            "src/identity/http/",
        ],
    ),
    ("sea_query", &["src/store/"]),
    ("rusqlite", &["src/store/"]),
    ("tokio_postgres", &["src/store/"]),
    ("sqlx", &["src/store/"]),
    ("std::process::Command", &["src/driver/"]),
    ("tokio::process", &["src/driver/"]),
    ("unsafe", &["src/driver/file/lease.rs"]),
];

/// Foreign paths that modules must not name.
const FORBIDDEN: &[(&str, &str)] = &[
    ("src/domain/", "serde"),
    ("src/domain/", "serde_json"),
    ("src/domain/", "tokio"),
];

const MOST_LINES: usize = 400;

/// A word, `::`, another character, or a text in its quotes, and the number of its line.
type Token<'a> = (usize, &'a str);

#[test]
fn the_source_keeps_the_law() {
    let files = files("src", "rs");
    assert!(files.len() > 50, "the source is not where it was");
    let violations = files.into_iter().flat_map(|(file, text)| violations(&file, &text));
    assert_none(&violations.collect::<Vec<_>>());
}

#[test]
fn no_file_is_long() {
    let files = [("src", "rs"), ("tests", "rs"), ("tests", "py")].map(|(folder, ending)| files(folder, ending));
    let lines = files.iter().flatten().map(|(file, text)| (file, text.lines().count()));
    let long = lines.filter(|(_file, lines)| *lines > MOST_LINES);
    let described = long.map(|(file, lines)| format!("{file}:{lines}: more than {MOST_LINES} lines"));
    assert_none(&described.collect::<Vec<_>>());
}

#[test]
fn violations_are_found() {
    let found = |file: &str, text: &str| violations(file, text);
    let unwrap = "fn f() {\n    g().unwrap();\n}";
    for (file, text, expected) in [
        (
            "src/domain/a.rs",
            "\nuse crate::store::Store;",
            "src/domain/a.rs:2: domain must not use crate::store",
        ),
        (
            "src/driver/a.rs",
            "use crate::{domain::{A, B},\n service::C};",
            "src/driver/a.rs:2: driver must not use crate::service",
        ),
        (
            "src/worker/a/b.rs",
            "use super::super::super::http;",
            "src/worker/a/b.rs:1: worker must not use crate::http",
        ),
        (
            "src/store/mod.rs",
            "fn f() -> super::clock::A {}",
            "src/store/mod.rs:1: store must not use crate::clock",
        ),
        (
            "src/cinder/a.rs",
            "use crate::{domain::A, store::StoreError};",
            "src/cinder/a.rs:1: cinder must not use crate::store",
        ),
        (
            "src/new.rs",
            "use crate::domain::A;",
            "src/new.rs:1: new has no line in LAW",
        ),
        (
            "src/service/a.rs",
            "use sqlx::query;",
            "src/service/a.rs:1: sqlx belongs under src/store/",
        ),
        (
            "src/worker/a.rs",
            "use tokio::{fs, process};",
            "src/worker/a.rs:1: tokio::process belongs under src/driver/",
        ),
        (
            "src/store/a.rs",
            "unsafe { f() }",
            "src/store/a.rs:1: unsafe belongs under src/driver/file/lease.rs",
        ),
        (
            "src/domain/a.rs",
            "#[derive(serde::Serialize)]",
            "src/domain/a.rs:1: serde does not belong here",
        ),
        ("src/http/a.rs", unwrap, "src/http/a.rs:2: no unwrap outside tests"),
    ] {
        assert_eq!(found(file, text), [expected], "{text}");
    }
    let harmless = "// use crate::store;\nlet a = \"crate::store::A\"; let b: &'a str = c.super_store;\n\
                    use super::store_of;\n#[cfg(test)]\nmod tests { fn f() { g().unwrap(); } }";
    assert_eq!(found("src/domain/a.rs", harmless), Vec::<String>::new());
}

/// Everything that `text` does and must not do in `file`.
fn violations(file: &str, text: &str) -> Vec<String> {
    let module: Vec<_> = file
        .trim_start_matches("src/")
        .trim_end_matches(".rs")
        .trim_end_matches("/mod")
        .split('/')
        .collect();
    let tokens = tokens(text);
    let mut found = Vec::new();
    for (line, path) in paths(&tokens) {
        let named = of_crate(&module, &path).and_then(|path| against_the_law(module[0], path));
        found.extend(named.map(|rule| format!("{file}:{line}: {rule}")));
        let full = path.join("::");
        let starts_with = |prefix: &str| full == prefix || full.starts_with(&format!("{prefix}::"));
        let misplaced = FOREIGN
            .iter()
            .filter(|(name, homes)| starts_with(name) && !homes.iter().any(|home| file.starts_with(home)));
        found
            .extend(misplaced.map(|(name, homes)| format!("{file}:{line}: {name} belongs under {}", homes.join(", "))));
        let forbidden = FORBIDDEN
            .iter()
            .filter(|(home, name)| file.starts_with(home) && starts_with(name));
        found.extend(forbidden.map(|(_home, name)| format!("{file}:{line}: {name} does not belong here")));
    }
    for part in without_tests(&tokens).windows(3) {
        let [(_, before), (line, word), (_, after)] = part else {
            continue;
        };
        if *before == "." && ["unwrap", "expect"].contains(word) && *after == "(" {
            found.push(format!("{file}:{line}: no {word} outside tests"));
        }
    }
    found
}

/// The part of a path behind the crate's root, if it starts there: at `crate`, or with enough `super`.
fn of_crate<'a>(module: &[&str], path: &'a [&'a str]) -> Option<&'a [&'a str]> {
    let supers = path.iter().take_while(|word| **word == "super").count();
    match path.first() {
        Some(&"crate") => Some(&path[1..]),
        _ => (supers >= module.len()).then(|| &path[supers..]),
    }
}

fn against_the_law(module: &str, path: &[&str]) -> Option<String> {
    let target = path.first()?;
    if ["app", "lib", "main", *target].contains(&module) {
        return None;
    }
    let Some((_module, allowed)) = LAW.iter().find(|(name, _allowed)| *name == module) else {
        return Some(format!("{module} has no line in LAW"));
    };
    (!allowed.contains(target)).then(|| format!("{module} must not use crate::{target}"))
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let skipped = r"//[^\n]*|/\*.*?\*/";
    let texts = r##"b?r#".*?"#|b?r"[^"]*"|b?"(?:[^"\\]|\\.)*"|b?'(?:[^'\\\n]|\\.[^'\n]*)'"##;
    let regex = Regex::new(&format!(r"(?s){skipped}|{texts}|[A-Za-z_][A-Za-z0-9_]*|::|[^ \t\r\n]")).unwrap();
    let (mut line, mut at) = (1, 0);
    let mut tokens = Vec::new();
    for found in regex.find_iter(text) {
        line += text[at..found.start()].matches('\n').count();
        at = found.start();
        if !found.as_str().starts_with("//") && !found.as_str().starts_with("/*") {
            tokens.push((line, found.as_str()));
        }
    }
    tokens
}

/// Every path, with the groups of `use` written out: `use a::{b, c::d}` names `a::b` and `a::c::d`.
fn paths<'a>(tokens: &[Token<'a>]) -> Vec<(usize, Vec<&'a str>)> {
    let mut paths = Vec::new();
    // The beginnings of the groups that are open; `None` for other braces.
    let mut open: Vec<Option<Vec<&str>>> = Vec::new();
    let mut path: Vec<&str> = Vec::new();
    for (index, (line, token)) in tokens.iter().enumerate() {
        let next = tokens.get(index + 1).map_or("", |(_line, token)| token);
        match *token {
            "::" => {}
            "{" => {
                let group = index > 0 && tokens[index - 1].1 == "::";
                open.push(group.then(|| path.clone()));
                path.clear();
            }
            "}" => drop(open.pop()),
            word if word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') => {
                if index == 0 || tokens[index - 1].1 != "::" {
                    path = open.last().cloned().flatten().unwrap_or_default();
                }
                path.push(word);
                if next != "::" || tokens.get(index + 2).is_some_and(|(_line, token)| *token == "<") {
                    paths.push((*line, path.clone()));
                }
            }
            _other => path.clear(),
        }
    }
    paths
}

/// Leaves out every item behind `#[cfg(test)]`.
fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut kept = Vec::new();
    let mut rest = tokens;
    while let Some((first, others)) = rest.split_first() {
        let words: Vec<_> = rest.iter().take(7).map(|(_line, token)| *token).collect();
        if words != ["#", "[", "cfg", "(", "test", ")", "]"] {
            kept.push(*first);
            rest = others;
            continue;
        }
        let mut depth = 0;
        let end = rest.iter().position(|(_line, token)| {
            depth += i32::from(*token == "{") - i32::from(*token == "}");
            depth == 0 && ["}", ";"].contains(token)
        });
        rest = &rest[end.map_or(rest.len(), |end| end + 1)..];
    }
    kept
}

/// Name and text of all files below `folder`.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let (inner, plain): (Vec<_>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
        folders.extend(inner);
        for path in plain
            .iter()
            .filter(|path| path.extension().is_some_and(|found| found == ending))
        {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.push((name, fs::read_to_string(path).unwrap()));
        }
    }
    files.sort();
    files
}

fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}
