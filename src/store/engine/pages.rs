//! Pages of lists that were read, for as long as the database is as it was then. Who asks again and again, as
//! clients do that wait for something, does not make it read the same rows again and again.
//!
//! Both databases tell what they are like now in one word: SQLite whether another connection, of this process or any
//! other, has committed since (`PRAGMA data_version`); PostgreSQL which transactions a statement sees
//! (`pg_current_snapshot()`). So what is kept is exact, on every instance, and one commit ends all of it.

use std::{
    any::Any,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::query::Key;

/// At most so many rows are kept with each connection, of some 600 bytes each.
const MOST: usize = 4096;
/// So many questions are remembered to tell whether somebody asks again.
const ASKED: usize = 64;

/// What one connection has read, while the database was at `V`.
#[derive(Debug)]
pub(super) struct Pages<V> {
    version: Option<V>,
    kept: HashMap<Key, Arc<dyn Any + Send + Sync>>,
    rows: usize,
    /// What was asked once, and not again yet.
    asked: HashSet<Key>,
}

/// What is known of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// There is a page that may still be right.
    Known,
    /// It was asked for before, so that its page is worth keeping. Most are asked for once, by somebody who goes through
    /// all of a list.
    Again,
    /// Nothing.
    First,
}

impl<V> Default for Pages<V> {
    fn default() -> Self {
        Self {
            version: None,
            kept: HashMap::new(),
            rows: 0,
            asked: HashSet::new(),
        }
    }
}

impl<V: PartialEq> Pages<V> {
    /// The database is at `version`; whether it has changed since it was looked at last, so that nothing is kept.
    pub(super) fn see(&mut self, version: V) -> bool {
        match &self.version {
            Some(known) if *known == version => false,
            known => {
                let changed = known.is_some();
                self.forget();
                self.version = Some(version);
                changed
            }
        }
    }

    /// Somebody asks for a page.
    pub(super) fn ask(&mut self, key: &Key) -> Asked {
        if self.kept.contains_key(key) {
            return Asked::Known;
        }
        if self.asked.remove(key) {
            return Asked::Again;
        }
        if self.asked.len() >= ASKED {
            self.asked.clear();
        }
        self.asked.insert(key.clone());
        Asked::First
    }

    /// The page of a statement, as it is at the version that was seen last.
    pub(super) fn get<T: Send + Sync + 'static>(&self, key: &Key) -> Option<Arc<Vec<T>>> {
        Arc::clone(self.kept.get(key)?).downcast().ok()
    }

    /// Keeps a page that was read at the version that was seen last.
    pub(super) fn keep<T: Send + Sync + 'static>(&mut self, key: Key, page: &Arc<Vec<T>>) {
        self.rows += page.len();
        if self.rows > MOST {
            self.forget();
            self.rows = page.len();
        }
        if page.len() <= MOST {
            self.kept.insert(key, Arc::clone(page) as Arc<dyn Any + Send + Sync>);
        }
    }

    fn forget(&mut self) {
        self.kept.clear();
        self.rows = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::engine::{Dialect, Query, Weight};

    fn key(text: &str) -> Key {
        Query::built(text.to_owned(), Vec::new(), Weight::Light)
            .bind(1_i64)
            .into_key(Dialect::Sqlite)
    }

    #[test]
    fn a_page_is_kept_for_one_version() {
        let mut pages = Pages::default();
        assert!(!pages.see(1));
        pages.keep(key("a"), &Arc::new(vec!["row"]));
        assert!(!pages.see(1));
        assert_eq!(pages.get(&key("a")), Some(Arc::new(vec!["row"])));
        assert_eq!(pages.get::<&str>(&key("b")), None);
        // What it has is of another type.
        assert_eq!(pages.get::<i64>(&key("a")), None);
        assert!(pages.see(2));
        assert_eq!(pages.get::<&str>(&key("a")), None);
    }

    #[test]
    fn what_is_asked_again_is_worth_keeping() {
        let mut pages = Pages::default();
        pages.see(1);
        assert_eq!(
            [pages.ask(&key("a")), pages.ask(&key("a"))],
            [Asked::First, Asked::Again]
        );
        pages.keep(key("a"), &Arc::new(vec!["row"]));
        assert_eq!(pages.ask(&key("a")), Asked::Known);
        // Who goes through a list makes nothing known, and takes no room.
        for number in 0..1000 {
            assert_eq!(pages.ask(&key(&number.to_string())), Asked::First);
            assert!(pages.asked.len() <= ASKED);
        }
        assert_eq!(pages.ask(&key("0")), Asked::First);
        assert_eq!(pages.ask(&key("a")), Asked::Known);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut pages = Pages::default();
        pages.see(1);
        for number in 0..20 {
            pages.keep(key(&number.to_string()), &Arc::new(vec![number; 1000]));
            assert!(pages.rows <= MOST && pages.kept.len() <= 4);
        }
        pages.keep(key("large"), &Arc::new(vec![0; MOST + 1]));
        assert!(pages.kept.is_empty());
    }
}
