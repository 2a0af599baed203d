//! The breakpoints, as the source text has them, and the rule that whatever changes the storage or commits has one.

use std::{collections::BTreeSet, fs, path::Path};

use regex::Regex;

/// Calls that change what survives the process, or make it survive. Behind each there must be a breakpoint.
const DURABLE: [&str; 12] = [
    "commit",
    "fsync",
    "sync",
    "sync_all",
    "sync_data",
    "rename",
    "link",
    "unlink",
    "ftruncate",
    "fchmod",
    "renameat",
    "fsetxattr",
];

/// Where the rule is kept: whoever changes something durable does it here. `tx.commit()` has its points inside.
const KEPT_IN: [&str; 3] = ["src/driver", "src/service", "src/worker"];
const EXCEPT: [(&str, &str); 2] = [
    ("src/driver/file/paths.rs", "the primitives"),
    ("src/driver/file/origin.rs", "a note that nothing depends on"),
];

/// The name of every breakpoint in the source.
///
/// # Panics
/// If one has no literal name.
pub fn in_the_source() -> BTreeSet<String> {
    let call = Regex::new(r#"breakpoint::hit[(][ \n]*(?:"([a-z_.]+)")?"#).unwrap();
    let mut names = BTreeSet::new();
    for (file, text) in sources("src") {
        for found in call.captures_iter(&without_comments(&text)) {
            let name = found.get(1);
            let name = name.unwrap_or_else(|| panic!("{file}: a breakpoint needs a literal name"));
            names.insert(name.as_str().to_owned());
        }
    }
    names
}

#[test]
fn whatever_is_durable_has_a_breakpoint_behind_it() {
    let mut lacking = Vec::new();
    let kept = KEPT_IN.into_iter().flat_map(sources);
    for (file, text) in kept.filter(|(file, _)| !EXCEPT.iter().any(|(except, _why)| except == file)) {
        lacking.extend(lacking_in(&text).into_iter().map(|call| format!("{file}: {call}")));
    }
    assert!(
        lacking.is_empty(),
        "no breakpoint behind these:\n{}",
        lacking.join("\n")
    );
}

/// Where transactions are committed, and how often.
const COMMITS: [(&str, usize); 7] = [
    // `Tx::commit`, which has the points.
    ("src/store/db.rs", 1),
    // Those of each database, and statements that are a transaction of their own in SQLite.
    ("src/store/engine/mod.rs", 4),
    // The group that transactions of SQLite share; the tests of it are counted, too.
    ("src/store/engine/sqlite/group.rs", 1),
    ("src/store/engine/sqlite/committer.rs", 2),
    ("src/store/engine/sqlite/writer.rs", 4),
    ("src/store/migrate.rs", 1),
    // `Tx::commit`, some rows each.
    ("src/store/stored_objects.rs", 1),
];

#[test]
fn transactions_are_committed_in_one_place() {
    for (file, text) in sources("src/store") {
        let commits = text.matches(".commit()").count();
        let allowed = COMMITS.iter().find(|(known, _)| *known == file);
        assert_eq!(commits, allowed.map_or(0, |(_, times)| *times), "{file}");
    }
}

#[test]
fn what_lacks_a_breakpoint_is_found() {
    let found = |text: &str| lacking_in(text);
    let bad = "fn f() {\n    fsync(&file)?;\n}\nfn g() { breakpoint::hit(\"a\"); }\n#[cfg(test)] mod tests { fn f() { fsync() } }";
    assert_eq!(found(bad), ["fsync"]);
    assert_eq!(
        found("fn f() { file.sync_all(); rename(); breakpoint::hit(\"a\"); }"),
        ["sync_all"]
    );
    assert_eq!(
        found("fn fsync() { fsync(); breakpoint::hit(\"a\"); } // fsync()"),
        Vec::<String>::new()
    );
}

/// The durable calls that another one, or the end of the function, follows before a breakpoint.
fn lacking_in(text: &str) -> Vec<String> {
    let text = without_comments(text).replace("tx.commit()", "");
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let token = Regex::new(r"(?-u:\b)fn [A-Za-z_0-9]+|breakpoint::hit|(?-u:\b)([a-z_]+)[(]").unwrap();
    let mut lacking = Vec::new();
    let mut open: Option<String> = None;
    for found in token.captures_iter(text) {
        let call = found.get(1).map(|call| call.as_str());
        let whole = &found[0];
        if whole == "breakpoint::hit" {
            open = None;
        } else if whole.starts_with("fn ") || call.is_some_and(|call| DURABLE.contains(&call)) {
            lacking.extend(open.take());
            open = call.map(str::to_owned);
        }
    }
    lacking.extend(open);
    lacking
}

fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Name and text of every Rust file at or below `path`.
fn sources(path: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut left = vec![root.join(path)];
    let mut files = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.push((name, fs::read_to_string(path).unwrap()));
        }
    }
    files.sort();
    files
}
