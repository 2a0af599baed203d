//! Looks at the database, the storage folder and the quota, and compares them with a model.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use breezeblock::{
    app::{self, Diagnosis, Sources},
    settings::Settings,
};
use uuid::Uuid;

use crate::{
    api::Api,
    content,
    model::{Model, Snapshot, Volume},
    sql::Sql,
    wait::Deadline,
    world::World,
};

/// The lease of the dead server, its work again, and a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

impl World {
    /// Waits until no work is left.
    pub async fn settled(&self) {
        let mut deadline = Deadline::new("all work is done", PATIENCE);
        loop {
            match self.tasks().await {
                0 => return,
                tasks => deadline.pause(&format!("{tasks} tasks")).await,
            }
        }
    }

    /// Ends the claims of a server that is dead, as the end of its lease would.
    pub async fn leases_end(&self) {
        let sql = "UPDATE tasks SET lease_until = created_at, run_at = created_at WHERE lease_until IS NOT NULL";
        self.sql.rows::<()>(sql).await;
    }

    /// How many tasks there are.
    pub async fn tasks(&self) -> usize {
        self.count("tasks").await
    }

    /// How many rows there are of a table, perhaps with a condition behind it.
    pub async fn count(&self, table: &str) -> usize {
        count(&self.sql, table).await
    }

    /// The ids of all volumes and snapshots.
    pub async fn ids(&self) -> Vec<Uuid> {
        let sql = "SELECT id FROM volumes UNION SELECT id FROM snapshots";
        let rows = self.sql.rows::<(Uuid,)>(sql).await;
        rows.into_iter().map(|(id,)| id).collect()
    }

    /// Checks that everything is as `model` says, and there is nothing else.
    pub async fn assert_is(&self, model: &Model, api: &Api) {
        self.assert_state(model, api).await;
        for (id, Volume { gib, seed }) in &model.volumes {
            let difference = content::difference(&self.volume(*id), *gib, *seed);
            assert_eq!(difference, None, "volume {id}");
        }
        for (id, Snapshot { gib, seed, .. }) in &model.snapshots {
            let Some(seed) = seed else { continue };
            let difference = content::difference(&self.snapshot(*id), *gib, *seed);
            assert_eq!(difference, None, "snapshot {id}");
        }
    }

    /// As [`World::assert_is`], for content that the model does not know.
    pub async fn assert_state(&self, model: &Model, api: &Api) {
        assert_rows(&self.sql, model).await;
        let found = files(&self.storage());
        assert_eq!(found, model.files(), "files (name and whether it is empty)");
        let usage = api.usage().await;
        assert_eq!(usage, model.usage(), "quota: volumes, snapshots and gigabytes");
        assert_healthy(&self.database.url, &self.storage(), model).await;
    }
}

/// All rows are there in their statuses, and no others; which rules out transitional statuses, too.
pub async fn assert_rows(sql: &Sql, model: &Model) {
    assert_eq!(count(sql, "tasks").await, 0, "tasks");
    assert_eq!(count(sql, "messages").await, model.messages, "messages");

    let volumes = sql
        .rows("SELECT id, status, size, target_size, previous_status FROM volumes")
        .await;
    let volumes: BTreeMap<Uuid, _> = volumes.into_iter().map(volume_row).collect();
    let wanted = model.volumes.iter();
    let wanted = wanted.map(|(id, volume)| (*id, ("available".to_owned(), gib(volume.gib), None, None)));
    assert_eq!(volumes, wanted.collect(), "rows of volumes");

    let snapshots = sql
        .rows("SELECT id, status, volume_size, volume_id, previous_status FROM snapshots")
        .await;
    let snapshots: BTreeMap<Uuid, _> = snapshots.into_iter().map(snapshot_row).collect();
    let wanted = model.snapshots.iter();
    let wanted = wanted.map(|(id, snapshot)| {
        let row = (snapshot.status.to_owned(), gib(snapshot.gib), snapshot.volume, None);
        (*id, row)
    });
    assert_eq!(snapshots, wanted.collect(), "rows of snapshots");
}

/// How many rows there are of a table, perhaps with a condition behind it.
async fn count(sql: &Sql, table: &str) -> usize {
    let statement = format!("SELECT CAST(count(*) AS BIGINT) FROM {table}");
    let rows = sql.rows::<(i64,)>(&statement).await;
    usize::try_from(rows[0].0).unwrap()
}

/// The doctor finds nothing but what `model` says about files that no row knows.
pub async fn assert_healthy(database: &str, storage: &Path, model: &Model) {
    let environment = [
        ("BREEZEBLOCK__DATABASE__URL", database),
        ("BREEZEBLOCK__DATABASE__MAX_CONNECTIONS", "1"),
        ("BREEZEBLOCK__STORAGE__PATH", storage.to_str().unwrap()),
    ];
    let environment = environment.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let settings = Settings::load(None, environment).unwrap();
    let mut out = Vec::new();
    let diagnosis = app::doctor(&settings, &Sources::default(), false, &mut out)
        .await
        .unwrap();
    let said = String::from_utf8(out).unwrap();
    let known: Vec<_> = model
        .files
        .iter()
        .filter_map(|(path, _)| path.rsplit_once('/'))
        .collect();
    let explained = |line: &str| known.iter().any(|(_folder, name)| line.contains(name));
    let wrong: Vec<_> = said.lines().filter(|line| !explained(line)).collect();
    assert!(
        diagnosis == Diagnosis::Healthy || wrong.is_empty(),
        "the doctor says: {wrong:#?}"
    );
}

type VolumeRow = (Uuid, String, i64, Option<i64>, Option<String>);
type SnapshotRow = (Uuid, String, i64, Uuid, Option<String>);

fn volume_row((id, status, size, target, previous): VolumeRow) -> (Uuid, (String, i64, Option<i64>, Option<String>)) {
    (id, (status, size, target, previous))
}

fn snapshot_row((id, status, size, volume, previous): SnapshotRow) -> (Uuid, (String, i64, Uuid, Option<String>)) {
    (id, (status, size, volume, previous))
}

fn gib(gib: u64) -> i64 {
    i64::try_from(gib).unwrap()
}

/// Every file below the storage folder, sorted, and whether it is empty.
pub fn files(storage: &Path) -> Vec<(String, bool)> {
    let mut folders = vec![storage.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(storage).unwrap().display().to_string();
                files.push((name, path.metadata().unwrap().len() == 0));
            }
        }
    }
    files.sort();
    files
}
