//! A scene that is set once and copied for each case: most of a case would be setting it.

use std::{path::Path, process::Command, time::Duration};

use crate::{
    database::{Kind, TestDatabase},
    raw,
    wait::Deadline,
    world::{Scene, World},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// A world that nobody works in any more.
#[derive(Debug)]
pub struct Template {
    kind: Kind,
    world: World,
    scene: Scene,
}

impl Template {
    pub async fn new(kind: Kind) -> Self {
        let world = World::new(kind, "the scene").await;
        let scene = world.set_the_scene().await;
        world.sql.close().await;
        if kind == Kind::Postgres {
            let name = name(&world.database);
            let others = format!("SELECT CAST(count(*) AS BIGINT) FROM pg_stat_activity WHERE datname = '{name}'");
            // The server has ended, and PostgreSQL may not have noticed yet.
            let mut deadline = Deadline::new("the template is free", PATIENCE);
            while raw::rows::<(i64,)>(&server(), &others).await != [(0,)] {
                deadline.pause("it is not").await;
            }
        }
        Self { kind, world, scene }
    }

    /// A world of its own with the same rows and bytes.
    pub async fn copy(&self, about: &str) -> (World, Scene) {
        let world = match self.kind {
            Kind::Sqlite => {
                let world = World::new(self.kind, about).await;
                copy_files(&self.world.database.url, &world.database.url);
                world
            }
            Kind::Postgres => {
                let database = TestDatabase::from_template(self.kind, name(&self.world.database)).await;
                World::on(self.kind, database, about)
            }
        };
        copy(&self.world.storage(), &world.storage());
        (world, self.scene.clone())
    }
}

fn server() -> String {
    std::env::var("TEST_POSTGRES_URL").unwrap()
}

/// The name of a database in PostgreSQL.
pub fn name(database: &TestDatabase) -> &str {
    let (address, _query) = database.url.split_once('?').unwrap_or((&database.url, ""));
    address.rsplit_once('/').unwrap().1
}

fn copy_files(from: &str, to: &str) {
    let file = |url: &str| url.strip_prefix("sqlite://").unwrap().to_owned();
    let (from, to) = (file(from), file(to));
    for ending in ["", "-wal"] {
        let from = format!("{from}{ending}");
        if Path::new(&from).exists() {
            std::fs::copy(from, format!("{to}{ending}")).unwrap();
        }
    }
}

/// With holes and extended attributes.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp")
        .args(["-a", "--sparse=always"])
        .args([from, to])
        .status();
    assert!(copied.unwrap().success(), "cp");
}
