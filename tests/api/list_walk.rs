//! Walking a list by its next links while other clients create and delete (cinder.md §5.3).
//!
//! A row that is there from the first page to the last is seen exactly once, under every sort key and
//! direction, with ties and NULLs, at every page size. A marker whose row has gone still marks its place.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::support::{App, NOWHERE, text};

api_suite!(
    every_order_of_snapshots_is_walked_whole,
    every_order_of_volumes_is_walked_whole,
    a_walk_survives_the_deletion_of_all_its_markers,
);

const SNAPSHOT_KEYS: [&str; 15] = [
    "id",
    "created_at",
    "updated_at",
    "status",
    "volume_id",
    "volume_size",
    "name",
    "display_name",
    "display_description",
    "project_id",
    "user_id",
    "progress",
    "volume_type_id",
    "group_snapshot_id",
    "deleted",
];

const VOLUME_KEYS: [&str; 17] = [
    "id",
    "created_at",
    "updated_at",
    "status",
    "size",
    "name",
    "display_description",
    "project_id",
    "user_id",
    "availability_zone",
    "host",
    "attach_status",
    "migration_status",
    "volume_type_id",
    "snapshot_id",
    "source_volid",
    "bootable",
];

const PAGES: [usize; 4] = [1, 2, 7, 1000];

/// What a new row moves in while it is being finished; such a row may be met twice then, as in any database.
const MOVING: [&str; 3] = ["updated_at", "status", "progress"];

/// One kind of list, and how somebody else adds to it.
struct Subject {
    resource: &'static str,
    /// The volume of new snapshots.
    volume: Option<String>,
}

impl Subject {
    async fn add(&self, app: &App, name: Option<&str>) -> String {
        let (path, key) = (format!("/{}", self.resource), self.resource.trim_end_matches('s'));
        let fields = match &self.volume {
            Some(volume) => json!({"volume_id": volume, "name": name}),
            None => json!({"size": 1, "name": name}),
        };
        let reply = app.api.post(&path, json!({key: fields})).await.expect(202);
        text(&reply.part(key), "id").to_owned()
    }

    async fn remove(&self, app: &App, id: &str) {
        let path = format!("/{}/{id}", self.resource);
        app.api.delete(&path).await.expect(202);
        app.drain().await;
        app.api.get(&path).await.expect(404);
    }

    /// Follows the links literally. After each page somebody removes its last row, if it is one of
    /// `victims`, and adds another one. Returns how often each row was seen.
    async fn walk(&self, app: &App, query: &str, mut victims: Vec<String>) -> (HashMap<String, usize>, Vec<String>) {
        let path = format!("/{}?{query}", self.resource);
        let mut page = app.at("latest").get(&path).await.expect(200).json();
        let (mut seen, mut added) = (HashMap::new(), Vec::new());
        loop {
            let rows: Vec<Value> = page[self.resource].as_array().unwrap().clone();
            for row in &rows {
                *seen.entry(text(row, "id").to_owned()).or_default() += 1;
            }
            let links = page.get(format!("{}_links", self.resource)).cloned();
            let Some(links) = links else { break };
            let marker = text(rows.last().expect("a page with a link has rows"), "id");
            if let Some(at) = victims.iter().position(|id| id == marker) {
                self.remove(app, &victims.swap_remove(at)).await;
            }
            if added.len() < 2 {
                added.push(self.add(app, None).await);
            }
            page = app
                .at("latest")
                .follow(text(&links[0], "href"))
                .await
                .expect(200)
                .json();
        }
        (seen, victims.into_iter().chain(added).collect())
    }

    /// Walks every order at every page size.
    async fn walk_all(&self, app: &App, keys: &[&str], stable: &[String]) {
        for key in keys {
            for direction in ["asc", "desc"] {
                for limit in PAGES {
                    let query = format!("sort={key}:{direction}&limit={limit}");
                    let victims = vec![self.add(app, Some("victim")).await, self.add(app, None).await];
                    app.drain().await;
                    let (seen, left) = self.walk(app, &query, victims).await;
                    for id in stable {
                        assert_eq!(seen.get(id), Some(&1), "{id} in {query}");
                    }
                    if !MOVING.contains(key) {
                        assert!(seen.values().all(|times| *times == 1), "{query}: {seen:?}");
                    }
                    app.drain().await;
                    for id in left {
                        self.remove(app, &id).await;
                    }
                }
            }
        }
    }
}

/// Rows with the same name, with none, and made at the same moment.
const NAMES: [Option<&str>; 7] = [Some("a"), None, Some("b"), Some("a"), None, Some("c"), None];

async fn every_order_of_snapshots_is_walked_whole(app: App) {
    let volumes = [app.volume(1).await, app.volume(2).await, app.volume(1).await];
    let mut stable = Vec::new();
    for (index, name) in NAMES.iter().enumerate() {
        let volume = &volumes[index % volumes.len()];
        let fields = json!({"volume_id": volume, "name": name, "description": name.filter(|name| *name != "b")});
        stable.push(app.new_snapshot(fields).await);
    }
    app.drain().await;
    for (id, status) in stable.iter().zip(["error", "error_deleting", "error"]) {
        app.reset_snapshot(id, status).await;
    }
    let [volume, ..] = volumes;
    let subject = Subject {
        resource: "snapshots",
        volume: Some(volume),
    };
    subject.walk_all(&app, &SNAPSHOT_KEYS, &stable).await;
}

async fn every_order_of_volumes_is_walked_whole(app: App) {
    let first = app.volume(1).await;
    let snapshot = app.snapshot(&first).await;
    let mut stable = vec![first.clone()];
    for (index, name) in NAMES.iter().enumerate() {
        let mut fields = json!({"size": 1 + index % 2, "name": name, "description": name});
        if index % 3 == 0 {
            fields["snapshot_id"] = json!(snapshot);
        } else if index % 3 == 1 {
            fields["size"] = json!(2);
            fields["source_volid"] = json!(first);
        }
        stable.push(app.volume_with(fields).await);
    }
    app.reset_volume(&stable[2], "error").await;
    let subject = Subject {
        resource: "volumes",
        volume: None,
    };
    subject.walk_all(&app, &VOLUME_KEYS, &stable).await;
}

async fn a_walk_survives_the_deletion_of_all_its_markers(app: App) {
    for resource in ["snapshots", "volumes"] {
        let volume = match resource {
            "snapshots" => Some(app.volume(1).await),
            _ => None,
        };
        let subject = Subject { resource, volume };
        let mut victims = Vec::new();
        for _ in 0..5 {
            app.advance(1);
            victims.push(subject.add(&app, None).await);
        }
        app.drain().await;
        let all = app.api.get(&format!("/{resource}")).await.expect(200).part(resource);
        let all: Vec<_> = all
            .as_array()
            .unwrap()
            .iter()
            .map(|row| text(row, "id").to_owned())
            .collect();
        let (seen, _left) = subject.walk(&app, "limit=1", victims).await;
        for id in all {
            assert_eq!(seen.get(&id), Some(&1), "{id} of {resource}");
        }
        let name = if resource == "snapshots" { "Snapshot" } else { "Volume" };
        let never = format!("{name} {NOWHERE} could not be found.");
        app.api
            .get(&format!("/{resource}?marker={NOWHERE}"))
            .await
            .expect_fault(404, &never);
    }
}
