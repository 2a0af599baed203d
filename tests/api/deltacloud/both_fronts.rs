//! Two fronts, one state: whatever either of them does is in the other's next answer.

use std::collections::BTreeMap;

use proptest::{
    prelude::{Strategy as _, any},
    strategy::ValueTree as _,
    test_runner::{Config, RngSeed, TestRunner},
};
use serde_json::{Value, json};

use super::{Client, client};
use crate::support::{App, text};

api_suite!(a_random_walk_over_both_fronts["quota.snapshots" = "9", "quota.volumes" = "6"]);

const STEPS: usize = 120;
const SEED: u64 = 20_261_128;

/// What is done, by which front, to which of the things that there are.
type Step = (u8, bool, u8);

async fn a_random_walk_over_both_fronts(app: App) {
    let config = Config {
        rng_seed: RngSeed::Fixed(SEED),
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let steps = proptest::collection::vec(any::<Step>(), STEPS);
    let steps = steps.new_tree(&mut runner).unwrap().current();
    let dc = client(&app);
    let mut accepted = BTreeMap::<_, u32>::new();
    for (number, step) in steps.into_iter().enumerate() {
        let (what, done) = take(&app, &dc, step).await;
        *accepted.entry((what, step.1)).or_default() += u32::from(done);
        compare(&app, &dc)
            .await
            .unwrap_or_else(|why| panic!("after step {number}, {what} {step:?}: {why}"));
    }
    // The walk has been everywhere.
    for what in [
        "volume",
        "snapshot",
        "volume of a snapshot",
        "delete snapshot",
        "delete volume",
    ] {
        for deltacloud in [true, false] {
            let times = accepted.get(&(what, deltacloud)).copied().unwrap_or_default();
            assert!(times > 0, "{what}, deltacloud {deltacloud}: {accepted:?}");
        }
    }
}

/// Does one thing, and tells what it was and whether it was accepted.
async fn take(app: &App, dc: &Client, (what, deltacloud, pick): Step) -> (&'static str, bool) {
    let volumes = dc.ids("storage_volumes").await;
    let snapshots = dc.ids("storage_snapshots").await;
    let one_of = |ids: &[String]| {
        let id = ids.get(usize::from(pick) % ids.len().max(1));
        id.cloned().unwrap_or_else(|| "none".to_owned())
    };
    let (volume, snapshot) = (one_of(&volumes), one_of(&snapshots));
    let sent = |what, status: u16| (what, status < 300);
    match what % 12 {
        0 if deltacloud => sent(
            "volume",
            dc.post("/api/storage_volumes", &[("name", "dc")]).await.status,
        ),
        0 => {
            let body = json!({"volume": {"size": 1, "name": null}});
            sent("volume", app.api.post("/volumes", body).await.status)
        }
        1..=3 if deltacloud => {
            let form = [("volume_id", &*volume), ("name", "from deltacloud")];
            sent("snapshot", dc.post("/api/storage_snapshots", &form).await.status)
        }
        1..=3 => {
            let body = json!({"snapshot": {"volume_id": volume, "metadata": {"kept": "yes"}, "force": true}});
            sent("snapshot", app.api.post("/snapshots", body).await.status)
        }
        4 if deltacloud => {
            let form = [("snapshot_id", &*snapshot)];
            sent(
                "volume of a snapshot",
                dc.post("/api/storage_volumes", &form).await.status,
            )
        }
        4 => {
            let body = json!({"volume": {"snapshot_id": snapshot}});
            sent("volume of a snapshot", app.api.post("/volumes", body).await.status)
        }
        5 if deltacloud => {
            let path = format!("/api/storage_snapshots/{snapshot}");
            sent("delete snapshot", dc.delete(&path).await.status)
        }
        5 => {
            let path = format!("/snapshots/{snapshot}");
            sent("delete snapshot", app.api.delete(&path).await.status)
        }
        6 if deltacloud => {
            let path = format!("/api/storage_volumes/{volume}");
            sent("delete volume", dc.delete(&path).await.status)
        }
        6 => sent(
            "delete volume",
            app.api.delete(&format!("/volumes/{volume}")).await.status,
        ),
        7 => {
            let body = json!({"snapshot": {"name": "renamed", "description": "<&>"}});
            sent(
                "rename",
                app.api.put(&format!("/snapshots/{snapshot}"), body).await.status,
            )
        }
        8 => {
            let status = ["error", "available", "error_deleting"][usize::from(pick) % 3];
            let argument = json!({"status": status});
            let path = format!("/snapshots/{snapshot}");
            sent("reset", app.api.act(&path, "os-reset_status", argument).await.status)
        }
        _work => {
            app.advance(1);
            app.drain().await;
            ("work", true)
        }
    }
}

/// The two lists of each kind, side by side.
async fn compare(app: &App, dc: &Client) -> Result<(), String> {
    let cinder = app
        .at("latest")
        .get("/snapshots/detail")
        .await
        .expect(200)
        .part("snapshots");
    let deltacloud = dc.get("/api/storage_snapshots?format=json").await.expect(200).json();
    let told = |snapshot: &Value| {
        json!([
            snapshot["id"],
            snapshot["status"],
            snapshot["volume_id"],
            snapshot["name"],
            snapshot["description"],
            snapshot["size"],
        ])
    };
    let seen = |snapshot: &Value| {
        json!([
            snapshot["id"],
            snapshot["state"],
            snapshot["storage_volume"]["id"],
            snapshot["name"],
            snapshot["description"],
            snapshot["size"],
        ])
    };
    same(&cinder, told, &deltacloud["storage_snapshots"], seen)?;
    // XML is written by other code.
    let xml = dc.get("/api/storage_snapshots").await.expect(200);
    let states: Vec<_> = cinder
        .as_array()
        .unwrap()
        .iter()
        .map(|snapshot| text(snapshot, "status"))
        .collect();
    if xml.xml("state") != states {
        return Err(format!("{states:?} are {:?} in XML", xml.xml("state")));
    }
    let cinder = app
        .at("latest")
        .get("/volumes/detail")
        .await
        .expect(200)
        .part("volumes");
    let deltacloud = dc.get("/api/storage_volumes?format=json").await.expect(200).json();
    let told = |volume: &Value| {
        let state = text(volume, "status").to_uppercase();
        json!([
            volume["id"],
            state,
            volume["size"],
            volume["name"],
            volume["availability_zone"]
        ])
    };
    let seen = |volume: &Value| {
        json!([
            volume["id"],
            volume["state"],
            volume["capacity"],
            volume["name"],
            volume["realm"]["id"]
        ])
    };
    same(&cinder, told, &deltacloud["storage_volumes"], seen)
}

fn same(
    left: &Value,
    of_left: impl Fn(&Value) -> Value,
    right: &Value,
    of_right: impl Fn(&Value) -> Value,
) -> Result<(), String> {
    let left: Vec<_> = left.as_array().unwrap().iter().map(of_left).collect();
    let right: Vec<_> = right.as_array().unwrap().iter().map(of_right).collect();
    if left == right {
        return Ok(());
    }
    Err(format!("Cinder: {left:?}\nDeltacloud: {right:?}"))
}
