//! What a section came to, and whether that is as it has been agreed on.

use std::collections::BTreeSet;

use crate::{
    SECTIONS,
    accepted::{ACCEPTED, MOST_PERCENT, PENDING},
    database::Kind,
    exchange::{self, Exchange},
};

pub struct Report {
    section: String,
    kind: Kind,
    exchanges: usize,
    /// Number and words, by exchange.
    differing: Vec<(u32, String)>,
}

impl Report {
    pub fn new(section: &str, kind: Kind, exchanges: usize) -> Self {
        Self {
            section: section.to_owned(),
            kind,
            exchanges,
            differing: Vec::new(),
        }
    }

    pub fn add(&mut self, exchange: &Exchange, found: &[String]) {
        if found.is_empty() {
            return;
        }
        let words = format!(
            "{} {}: {} as {} {} {}\n    {}",
            exchange.n,
            exchange.what,
            exchange.call,
            exchange.user.as_deref().unwrap_or("nobody"),
            exchange.version.as_deref().unwrap_or_default(),
            exchange.sent().chars().take(200).collect::<String>(),
            found.join("\n    ")
        );
        self.differing.push((exchange.n, words));
    }

    /// Prints the number, and fails unless exactly those exchanges differ that may.
    pub fn finish(self) {
        let accepted = numbers(ACCEPTED.iter().filter(|it| it.0 == self.section).map(|it| it.1));
        let pending = numbers(PENDING.iter().filter(|it| it.0 == self.section).map(|it| it.1));
        let differing: BTreeSet<u32> = self.differing.iter().map(|it| it.0).collect();
        println!(
            "golden {} on {:?}: {} of {} equal, {} different on purpose, {} pending",
            self.section,
            self.kind,
            self.exchanges - differing.len(),
            self.exchanges,
            differing.intersection(&accepted).count(),
            differing.intersection(&pending).count(),
        );
        if std::env::var_os("GOLDEN_REPORT").is_some() {
            for (_, words) in &self.differing {
                println!("{words}");
            }
        }
        let known: BTreeSet<u32> = accepted.union(&pending).copied().collect();
        let new: Vec<&str> = self
            .differing
            .iter()
            .filter(|(n, _)| !known.contains(n))
            .map(|(_, words)| words.as_str())
            .collect();
        assert!(new.is_empty(), "{} differs:\n{}", self.section, new.join("\n"));
        let gone: Vec<&u32> = known.difference(&differing).collect();
        assert!(
            gone.is_empty(),
            "{} no longer differs in {gone:?}: take them out of accepted.rs",
            self.section
        );
    }
}

fn numbers<'n>(lists: impl Iterator<Item = &'n [u32]>) -> BTreeSet<u32> {
    lists.flatten().copied().collect()
}

/// Every reason is an entry of the document, and no exchange has two.
#[test]
fn every_accepted_difference_is_documented() {
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/differences.md")).unwrap();
    let documented: BTreeSet<&str> = document
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name)
        .collect();
    let mut seen = BTreeSet::new();
    for (section, numbers, difference) in ACCEPTED {
        assert!(
            documented.contains(difference),
            "docs/differences.md has no `{difference}`"
        );
        for n in *numbers {
            assert!(seen.insert((section, n)), "{section} {n} is listed twice");
        }
    }
}

/// Of what Cinder answered, hardly anything is answered differently; where it crashed (500), we have to
/// differ.
#[test]
fn hardly_anything_differs() {
    let (mut all, mut crashes, mut differing) = (0, 0, 0);
    for section in SECTIONS {
        let listed = numbers(ACCEPTED.iter().filter(|it| it.0 == *section).map(|it| it.1));
        for exchange in exchange::read(section) {
            all += 1;
            let no_answer = exchange.status >= 500;
            crashes += usize::from(no_answer);
            differing += usize::from(listed.contains(&exchange.n) && !no_answer);
        }
    }
    let answers = all - crashes;
    let pending: usize = PENDING.iter().map(|it| it.1.len()).sum();
    println!(
        "golden: {} of {all} equal, {pending} pending; {crashes} are crashes of Cinder's, and {differing} of its \
         {answers} answers differ on purpose",
        answers - differing - pending
    );
    assert!(
        differing * 100 <= answers * MOST_PERCENT,
        "{differing} of {answers} answers differ"
    );
}
