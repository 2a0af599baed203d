//! What was wrong with the recording's backend for one exchange, and what has that effect here.

use crate::{
    exchange::{Exchange, Set},
    server::PROJECT,
    world::World,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    Well,
    /// The project has all the snapshots that it may have.
    NoQuota,
    /// The database has lost a table.
    Broken,
    /// The database is away, and does not come back.
    Away,
}

impl Situation {
    pub fn of(set: Set, exchange: &Exchange) -> Self {
        let what = &exchange.what;
        if set == Set::Mock {
            Self::Well
        } else if what.contains("create-backend413") {
            Self::NoQuota
        } else if what.contains("backend500") {
            Self::Broken
        } else if what.contains("backend503") {
            Self::Away
        } else {
            Self::Well
        }
    }

    pub async fn begin(self, world: &World, exchange: &Exchange) {
        let table = exchange.collection().trim_start_matches("storage_");
        match self {
            Self::Well => {}
            Self::NoQuota => {
                let sql = format!("INSERT INTO quotas VALUES ('{PROJECT}', 'snapshots', 0)");
                world.sql.run(sql).await;
            }
            Self::Broken => world.sql.run(format!("ALTER TABLE {table} RENAME TO lost")).await,
            Self::Away => world.store.close().await,
        }
    }

    pub async fn end(self, world: &World, exchange: &Exchange) {
        let table = exchange.collection().trim_start_matches("storage_");
        match self {
            Self::Well | Self::Away => {}
            Self::NoQuota => world.sql.run("DELETE FROM quotas".to_owned()).await,
            Self::Broken => world.sql.run(format!("ALTER TABLE lost RENAME TO {table}")).await,
        }
    }
}
