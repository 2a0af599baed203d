//! One connection for short reads, and the pages that were read on it.
//!
//! Which transactions a statement of PostgreSQL sees is all that decides what it reads. So a page that was read between
//! two statements that saw the same is right for everybody who sees that, too. To ask costs as much as a short read;
//! while others commit all the time nobody asks.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures_util::future;

use super::line::Line;
use crate::store::{
    StoreError,
    engine::{
        Dialect, Query, ReadRow, Row, none,
        pages::{Asked, Pages},
        query::Key,
        statement,
        threads::lock,
    },
};

// The oldest transaction that is open, the one behind the newest that has ended, and those in between that are open. A
// standby does not tell of the open ones; so there nothing is ever the same.
statement!(
    SEEN = "SELECT CASE WHEN pg_is_in_recovery() THEN CAST(random() AS TEXT)
                        ELSE CAST(pg_current_snapshot() AS TEXT) END"
);

/// After a change pages are not kept for so long, and then the database is looked at again.
const RESTLESS: Duration = Duration::from_millis(100);

/// A connection that statements of many share.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) line: Line,
    /// They end with the connection: another server, after a failover, may have other transactions of the same numbers.
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    pages: Pages<String>,
    /// When the last change was noticed.
    changed: Option<Instant>,
}

impl Pipe {
    pub(super) fn new(line: Line) -> Self {
        Self {
            line,
            kept: Mutex::default(),
        }
    }

    /// The page of a statement: one that was read before, or what `read` makes of its rows.
    pub(super) async fn page<T: Send + Sync + 'static>(
        &self,
        query: &Query<'_>,
        read: &impl ReadRow<T>,
    ) -> Result<Arc<Vec<T>>, StoreError> {
        if lock(&self.kept).is_restless() {
            return self.line.mapped(query, read).await.map(Arc::new);
        }
        let key = query.clone().into_key(Dialect::Postgres);
        let seen = SEEN.query();
        let asked = lock(&self.kept).pages.ask(&key);
        match asked {
            Asked::First => return self.line.mapped(query, read).await.map(Arc::new),
            Asked::Known => {
                let seen = self.line.mapped(&seen, &|row: &Row<'_>| row.get(0)).await?;
                let page = lock(&self.kept).page(only(seen)?, &key);
                return match page {
                    Some(page) => Ok(page),
                    None => self.line.mapped(query, read).await.map(Arc::new),
                };
            }
            Asked::Again => {}
        }
        let (looks, reads) = (self.line.prepared(&seen).await?, self.line.prepared(query).await?);
        let look = || self.line.rows(&looks, &seen, &|row: &Row<'_>| row.get::<String>(0));
        // Each is sent when it is first polled, and so in this order.
        let (before, page, after) = future::try_join3(look(), self.line.rows(&reads, query, read), look()).await?;
        let (before, after) = (only(before)?, only(after)?);
        let page = Arc::new(page);
        let same = before == after;
        let mut kept = lock(&self.kept);
        kept.see(after);
        if same {
            kept.pages.keep(key, &page);
        }
        Ok(page)
    }
}

fn only(rows: Vec<String>) -> Result<String, StoreError> {
    rows.into_iter().next().ok_or_else(none)
}

impl Kept {
    /// The page, if it is right for a statement that saw this.
    fn page<T: Send + Sync + 'static>(&mut self, seen: String, key: &Key) -> Option<Arc<Vec<T>>> {
        self.see(seen);
        self.pages.get(key)
    }

    /// What a statement saw.
    fn see(&mut self, seen: String) {
        if self.pages.see(seen) {
            self.changed = Some(Instant::now());
        }
    }

    /// Whether something has changed a moment ago, so that it is likely to change again.
    fn is_restless(&self) -> bool {
        self.changed.is_some_and(|changed| changed.elapsed() < RESTLESS)
    }
}
