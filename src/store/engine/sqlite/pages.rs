//! Pages of lists that were read, for as long as the database is as it was then. Who asks again and again, as
//! clients do that wait for something, does not make SQLite read the same rows again and again.
//!
//! SQLite tells each connection whether another one, of this process or any other, has committed since: what is kept is
//! exact, and one commit ends all of it.

use std::{any::Any, collections::HashMap, sync::Arc};

use rusqlite::Connection;

use crate::store::{StoreError, engine::query::Key};

/// At most so many rows are kept with each connection, of some 600 bytes each.
const MOST: usize = 4096;

/// What one connection has read.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// Which commit the database was at.
    version: i64,
    kept: HashMap<Key, Arc<dyn Any + Send + Sync>>,
    rows: usize,
}

impl Pages {
    /// The page of a statement: one that was read before, or what `read` reads.
    pub(super) fn of<T: Send + Sync + 'static>(
        &mut self,
        connection: &Connection,
        key: Key,
        read: impl FnOnce(&Key) -> Result<Vec<T>, StoreError>,
    ) -> Result<Arc<Vec<T>>, StoreError> {
        // Before the rows: what is committed in between belongs to the next version, and so do the rows then.
        let version = connection
            .prepare_cached("PRAGMA data_version")?
            .query_row((), |row| row.get(0))?;
        if self.version != version {
            self.forget();
            self.version = version;
        }
        let known = self.kept.get(&key).map(Arc::clone);
        if let Some(page) = known.and_then(|page| page.downcast().ok()) {
            return Ok(page);
        }
        let page = Arc::new(read(&key)?);
        self.rows += page.len();
        if self.rows > MOST {
            self.forget();
            self.rows = page.len();
        }
        if page.len() <= MOST {
            self.kept.insert(key, Arc::clone(&page) as Arc<dyn Any + Send + Sync>);
        }
        Ok(page)
    }

    fn forget(&mut self) {
        self.kept.clear();
        self.rows = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::engine::{Query, Weight};

    fn key(text: &str) -> Key {
        Query::built(text.to_owned(), Vec::new(), Weight::Light)
            .bind(1_i64)
            .into_key()
    }

    #[test]
    fn a_page_is_read_once_until_somebody_commits() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Connection::open(folder.path().join("db")).unwrap();
        let (reader, writer) = (open(), open());
        writer
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (n)")
            .unwrap();
        let mut pages = Pages::default();
        let mut reads = 0;
        let mut ask = |text: &str| {
            let page = pages.of(&reader, key(text), |_key| {
                reads += 1;
                Ok(vec![reads])
            });
            page.unwrap()[0]
        };
        assert_eq!((ask("a"), ask("b"), ask("a"), ask("b")), (1, 2, 1, 2));
        writer.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        assert_eq!((ask("a"), ask("a")), (3, 3));
        // What is rolled back changes nothing.
        writer.execute_batch("BEGIN; DELETE FROM t; ROLLBACK").unwrap();
        assert_eq!(ask("a"), 3);
        writer.execute_batch("DELETE FROM t").unwrap();
        assert_eq!((ask("b"), ask("a")), (4, 5));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let connection = Connection::open_in_memory().unwrap();
        let mut pages = Pages::default();
        for number in 0..20 {
            let read = |_key: &Key| Ok(vec![number; 1000]);
            assert_eq!(
                pages.of(&connection, key(&number.to_string()), read).unwrap().len(),
                1000
            );
            assert!(pages.rows <= MOST && pages.kept.len() <= 4);
        }
        let read = |_key: &Key| Ok(vec![0; MOST + 1]);
        pages.of(&connection, key("large"), read).unwrap();
        assert!(pages.kept.is_empty());
    }
}
