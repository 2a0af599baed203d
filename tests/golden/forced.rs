//! What the recording changed in the database for one exchange, and put back afterwards.
//!
//! It says so in its own words (`delete while error`, `volume error force=…`, `from snapshot in creating`,
//! `cascade with snapshot creating`), or the reply tells it (`current status is: in-use`).

use breezeblock::domain::{Gib, Scope, SnapshotId, SnapshotStatus, VolumeId, VolumeStatus};
use serde_json::json;

use crate::{exchange::Exchange, world::World};

/// A status that is there as long as the exchange lasts.
#[derive(Debug)]
pub enum Forced {
    Snapshot(SnapshotId, SnapshotStatus, SnapshotStatus),
    Volume(VolumeId, VolumeStatus, VolumeStatus),
}

impl World {
    /// Forces what the exchange was recorded with.
    pub async fn force(&mut self, exchange: &Exchange) -> Vec<Forced> {
        let mut forced = Vec::new();
        let (snapshot, volume) = (self.snapshot_meant(exchange), self.volume_meant(exchange));
        let status = snapshot_status(&exchange.what);
        if let (Some(id), Some(status)) = (snapshot, status) {
            let one = self.force_snapshot(id, status).await;
            // A scenario about changing the status says before each exchange where it starts from, and
            // looks afterwards.
            if exchange.what.starts_with("update_snapshot_status ") {
                self.restart(id).await;
            } else {
                forced.extend(one);
            }
        }
        let Some(volume) = volume else { return forced };
        let status = exchange.what.split_once("with snapshot ").and_then(|it| word(it.1));
        if let Some(status) = status {
            let mut tx = self.store.begin().await.unwrap();
            let newest = tx.snapshot_latest_of(volume).await.unwrap().unwrap();
            drop(tx);
            forced.extend(self.force_snapshot(newest.id, status).await);
        }
        if let Some(status) = volume_status(exchange) {
            forced.extend(self.force_volume(volume, status).await);
        }
        if exchange.reply.contains("not the latest one of volume") {
            self.one_snapshot_at_least(volume).await;
        }
        if exchange
            .reply
            .contains("volume size must be equal to the snapshot size")
        {
            self.grow(volume).await;
        }
        forced
    }

    /// Puts back what is still as it was forced.
    pub async fn unforce(&self, forced: Vec<Forced>) {
        for one in forced {
            let mut tx = self.store.begin().await.unwrap();
            match one {
                Forced::Snapshot(id, was, is) => {
                    if let Some(mut known) = tx
                        .snapshot_lock(&Scope::All, id)
                        .await
                        .unwrap()
                        .filter(|it| it.status == is)
                    {
                        known.status = was;
                        tx.snapshot_update(&known, is).await.unwrap();
                    }
                }
                Forced::Volume(id, was, is) => {
                    if let Some(mut known) = tx
                        .volume_lock(&Scope::All, id)
                        .await
                        .unwrap()
                        .filter(|it| it.status == is)
                    {
                        known.status = was;
                        tx.volume_update(&known, is).await.unwrap();
                    }
                }
            }
            tx.commit().await.unwrap();
        }
    }

    fn snapshot_meant(&mut self, exchange: &Exchange) -> Option<SnapshotId> {
        let id = in_body(exchange, "snapshot_id").or_else(|| in_path(exchange, "snapshots"))?;
        self.resolve(id).parse().ok()
    }

    fn volume_meant(&mut self, exchange: &Exchange) -> Option<VolumeId> {
        let id = in_body(exchange, "volume_id").or_else(|| in_path(exchange, "volumes"))?;
        self.resolve(id).parse().ok()
    }

    async fn force_snapshot(&self, id: SnapshotId, status: SnapshotStatus) -> Option<Forced> {
        let mut tx = self.store.begin().await.unwrap();
        let mut known = tx.snapshot_lock(&Scope::All, id).await.unwrap()?;
        let before = known.status;
        known.status = status;
        tx.snapshot_update(&known, before).await.unwrap();
        tx.task_cancel(id.into()).await.unwrap();
        tx.commit().await.unwrap();
        Some(Forced::Snapshot(id, before, status))
    }

    /// What starts anew has come nowhere yet.
    async fn restart(&self, id: SnapshotId) {
        let mut tx = self.store.begin().await.unwrap();
        let known = tx.snapshot_lock(&Scope::All, id).await.unwrap();
        if let Some(mut known) = known.filter(|it| it.status == SnapshotStatus::Creating) {
            known.progress = Some("0%".to_owned());
            tx.snapshot_update(&known, known.status).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    async fn force_volume(&self, id: VolumeId, status: VolumeStatus) -> Option<Forced> {
        let mut tx = self.store.begin().await.unwrap();
        let mut known = tx.volume_lock(&Scope::All, id).await.unwrap()?;
        let before = known.status;
        known.status = status;
        tx.volume_update(&known, before).await.unwrap();
        tx.commit().await.unwrap();
        Some(Forced::Volume(id, before, status))
    }

    /// "Not the latest" tells that there is a latest one; without any, Cinder says something else.
    async fn one_snapshot_at_least(&self, volume: VolumeId) {
        let mut tx = self.store.begin().await.unwrap();
        if tx.volume_lock(&Scope::All, volume).await.unwrap().is_none() {
            return;
        }
        let any = tx.snapshot_latest_of(volume).await.unwrap();
        drop(tx);
        if any.is_none() {
            self.named_snapshot(&format!("one of {volume}"), &volume.to_string(), 1, &json!({}))
                .await;
        }
    }

    /// The recording had extended it.
    async fn grow(&self, id: VolumeId) {
        let mut tx = self.store.begin().await.unwrap();
        let mut known = tx.volume_lock(&Scope::All, id).await.unwrap().unwrap();
        let status = known.status;
        known.size = Gib::new(known.size.get() + 1).unwrap();
        tx.volume_update(&known, status).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn word<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.split([' ', '.', '"']).next()?.parse().ok()
}

fn snapshot_status(what: &str) -> Option<SnapshotStatus> {
    if what.starts_with("update_snapshot_status {") {
        return Some(SnapshotStatus::Creating);
    }
    ["delete while ", "while ", "snapshot in "]
        .iter()
        .find_map(|before| what.split_once(before).and_then(|it| word(it.1)))
        .or_else(|| {
            let change = what.strip_prefix("update_snapshot_status ")?;
            change.split("->").next()?.parse().ok()
        })
}

fn volume_status(exchange: &Exchange) -> Option<VolumeStatus> {
    let told = exchange.what.strip_prefix("volume ");
    let told = told.and_then(|status| word(status.strip_prefix("in ").unwrap_or(status)));
    told.or_else(|| {
        ["current status is: ", ", currently "]
            .iter()
            .find_map(|before| exchange.reply.split_once(before).and_then(|it| word(it.1)))
    })
}

fn in_body<'e>(exchange: &'e Exchange, key: &str) -> Option<&'e str> {
    exchange
        .sent()
        .split_once(&format!("\"{key}\": \""))?
        .1
        .split('"')
        .next()
}

fn in_path<'e>(exchange: &'e Exchange, kind: &str) -> Option<&'e str> {
    let rest = exchange.path().split_once(&format!("/{kind}/"))?.1;
    rest.split(['/', '?']).next()
}
