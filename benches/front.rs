//! What the Cinder front does with a request besides asking the database: `cargo bench`.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on must stop")]

use std::hint::black_box;

use breezeblock::{
    cinder::{
        microversion::Microversion,
        snapshots::create,
        views::snapshot::{View, detail, summary},
    },
    domain::{Gib, Label, ProjectId, Snapshot, SnapshotId, SnapshotStatus, UserId, VolumeId, VolumeTypeId},
    http::{query::Params, wire::Wire as _},
};
use chrono::DateTime;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use uuid::Uuid;

fn snapshot(number: u32) -> Snapshot {
    let id = Uuid::from_u128(0x0001_db12_4ba1_7244_1569_a241_9f04_793e + u128::from(number));
    let time = DateTime::from_timestamp(1_800_000_000, 123_456_000).unwrap();
    Snapshot {
        id: SnapshotId::new(id),
        project_id: ProjectId::new("0123456789abcdef0123456789abcdef"),
        user_id: UserId::new("demo"),
        volume_id: VolumeId::new(id),
        volume_type_id: VolumeTypeId::new(id),
        size: Gib::new(10).unwrap(),
        status: SnapshotStatus::Available,
        overridden: false,
        previous_status: None,
        progress: Some("100%".to_owned()),
        name: Some(Label::stored(format!("snapshot {number}"))),
        description: Some(Label::stored("Taken every night, kept for a week".to_owned())),
        metadata: [("schedule", "nightly"), ("keep", "7d")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        group_snapshot_id: None,
        consumes_quota: true,
        created_at: time,
        updated_at: Some(time),
    }
}

fn written<'a>(views: impl Iterator<Item = View<'a>>) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 << 10);
    for view in views {
        view.write(&mut out).unwrap();
    }
    out
}

fn views(criterion: &mut Criterion) {
    let all: Vec<_> = (0..100).map(snapshot).collect();
    let mut group = criterion.benchmark_group("views");
    for count in [1, 100] {
        let page = &all[..count];
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("summary of {count}"), |bencher| {
            bencher.iter(|| written(black_box(page).iter().map(summary)));
        });
        group.bench_function(format!("detail of {count}"), |bencher| {
            bencher.iter(|| written(black_box(page).iter().map(|one| detail(Microversion::MAX, one, true))));
        });
    }
    group.finish();
}

fn requests(criterion: &mut Criterion) {
    criterion.bench_function("negotiate a version", |bencher| {
        bencher.iter(|| Microversion::negotiate(black_box(Some("volume 3.66"))));
    });
    criterion.bench_function("parse a query", |bencher| {
        let query = "limit=100&sort=created_at%3Adesc&status=available&marker=1db124ba-1724-4156-9a24-19f04793e088";
        bencher.iter(|| Params::parse(black_box(query)));
    });
    criterion.bench_function("parse a create body", |bencher| {
        let body = br#"{"snapshot": {"volume_id": "1db124ba-1724-4156-9a24-19f04793e088", "name": "nightly", "description": null, "force": false, "metadata": {"schedule": "nightly"}}}"#;
        bencher.iter(|| create::parse(serde_json::from_slice(black_box(body)).unwrap()));
    });
}

criterion_group!(benches, views, requests);
criterion_main!(benches);
