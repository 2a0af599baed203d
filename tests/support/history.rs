//! Every change of a status, noted by triggers in the database of a test, and whether each was a legal one (I5),
//! and whether each new snapshot was younger than all that its volume had then (I7). What cannot be seen in the state alone.

use std::collections::HashMap;

use breezeblock::domain::{GroupSnapshotStatus, GroupStatus, SnapshotStatus, VolumeStatus};
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, raw_sql};
use uuid::Uuid;

const SQLITE: &str = "
CREATE TABLE test_history (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id BLOB NOT NULL, was TEXT, became TEXT,
    said INTEGER NOT NULL, placed INTEGER NOT NULL, volume_id BLOB, created_at TEXT NOT NULL
);
CREATE TRIGGER test_volume_made AFTER INSERT ON volumes BEGIN
    INSERT INTO test_history (kind, id, became, said, placed, created_at)
    VALUES ('volume', new.id, new.status, new.overridden, new.host <> '', new.created_at);
END;
CREATE TRIGGER test_volume_changed AFTER UPDATE ON volumes WHEN old.status <> new.status BEGIN
    INSERT INTO test_history (kind, id, was, became, said, placed, created_at)
    VALUES ('volume', new.id, old.status, new.status, new.overridden, new.host <> '', new.created_at);
END;
CREATE TRIGGER test_volume_gone AFTER DELETE ON volumes BEGIN
    INSERT INTO test_history (kind, id, was, said, placed, created_at)
    VALUES ('volume', old.id, old.status, old.overridden, old.host <> '', old.created_at);
END;
CREATE TRIGGER test_snapshot_made AFTER INSERT ON snapshots BEGIN
    INSERT INTO test_history (kind, id, became, said, placed, volume_id, created_at)
    VALUES ('snapshot', new.id, new.status, new.overridden, 1, new.volume_id, new.created_at);
END;
CREATE TRIGGER test_snapshot_changed AFTER UPDATE ON snapshots WHEN old.status <> new.status BEGIN
    INSERT INTO test_history (kind, id, was, became, said, placed, volume_id, created_at)
    VALUES ('snapshot', new.id, old.status, new.status, new.overridden, 1, new.volume_id, new.created_at);
END;
CREATE TRIGGER test_snapshot_gone AFTER DELETE ON snapshots BEGIN
    INSERT INTO test_history (kind, id, was, said, placed, volume_id, created_at)
    VALUES ('snapshot', old.id, old.status, old.overridden, 1, old.volume_id, old.created_at);
END;
CREATE TRIGGER test_group_made AFTER INSERT ON volume_groups BEGIN
    INSERT INTO test_history (kind, id, became, said, placed, created_at)
    VALUES ('group', new.id, new.status, new.overridden, new.host <> '', new.created_at);
END;
CREATE TRIGGER test_group_changed AFTER UPDATE ON volume_groups WHEN old.status <> new.status BEGIN
    INSERT INTO test_history (kind, id, was, became, said, placed, created_at)
    VALUES ('group', new.id, old.status, new.status, new.overridden, new.host <> '', new.created_at);
END;
CREATE TRIGGER test_group_gone AFTER DELETE ON volume_groups BEGIN
    INSERT INTO test_history (kind, id, was, said, placed, created_at)
    VALUES ('group', old.id, old.status, old.overridden, old.host <> '', old.created_at);
END;
CREATE TRIGGER test_group_snapshot_made AFTER INSERT ON group_snapshots BEGIN
    INSERT INTO test_history (kind, id, became, said, placed, created_at)
    VALUES ('group snapshot', new.id, new.status, new.overridden, 1, new.created_at);
END;
CREATE TRIGGER test_group_snapshot_changed AFTER UPDATE ON group_snapshots WHEN old.status <> new.status BEGIN
    INSERT INTO test_history (kind, id, was, became, said, placed, created_at)
    VALUES ('group snapshot', new.id, old.status, new.status, new.overridden, 1, new.created_at);
END;
CREATE TRIGGER test_group_snapshot_gone AFTER DELETE ON group_snapshots BEGIN
    INSERT INTO test_history (kind, id, was, said, placed, created_at)
    VALUES ('group snapshot', old.id, old.status, old.overridden, 1, old.created_at);
END;
";

const POSTGRES: &str = "
CREATE TABLE test_history (
    seq BIGSERIAL PRIMARY KEY, kind TEXT NOT NULL, id UUID NOT NULL, was TEXT, became TEXT,
    said BOOLEAN NOT NULL, placed BOOLEAN NOT NULL, volume_id UUID, created_at TIMESTAMPTZ NOT NULL
);
CREATE FUNCTION test_note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one jsonb := to_jsonb(coalesce(new, old));
    was text := CASE WHEN TG_OP <> 'INSERT' THEN old.status END;
    became text := CASE WHEN TG_OP <> 'DELETE' THEN new.status END;
BEGIN
    IF was IS DISTINCT FROM became THEN
        INSERT INTO test_history (kind, id, was, became, said, placed, volume_id, created_at)
        VALUES (TG_ARGV[0], (one->>'id')::uuid, was, became, (one->>'overridden')::boolean,
                coalesce(one->>'host', 'x') <> '', (one->>'volume_id')::uuid, (one->>'created_at')::timestamptz);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER test_volume AFTER INSERT OR UPDATE OR DELETE ON volumes
    FOR EACH ROW EXECUTE FUNCTION test_note('volume');
CREATE TRIGGER test_snapshot AFTER INSERT OR UPDATE OR DELETE ON snapshots
    FOR EACH ROW EXECUTE FUNCTION test_note('snapshot');
CREATE TRIGGER test_group AFTER INSERT OR UPDATE OR DELETE ON volume_groups
    FOR EACH ROW EXECUTE FUNCTION test_note('group');
CREATE TRIGGER test_group_snapshot AFTER INSERT OR UPDATE OR DELETE ON group_snapshots
    FOR EACH ROW EXECUTE FUNCTION test_note('group snapshot');
";

/// Kind, id, status before and after, whether somebody else said it, whether it has a place, volume, creation.
type Change = (
    String,
    Uuid,
    Option<String>,
    Option<String>,
    bool,
    bool,
    Option<Uuid>,
    DateTime<Utc>,
);

/// Notes everything from now on. The database has its schema already.
pub async fn install(url: &str) {
    let text = if url.starts_with("sqlite:") { SQLITE } else { POSTGRES };
    run(url, text).await;
}

/// Forgets what a test has done behind the service's back.
pub async fn forget(url: &str) {
    run(url, "DELETE FROM test_history").await;
}

/// The snapshots that the service has let go of: their objects stay.
pub async fn let_go(url: &str) -> Vec<Uuid> {
    let sql = "SELECT id FROM test_history WHERE was = 'unmanaging' AND became IS NULL";
    let rows: Vec<(Uuid,)> = crate::raw::rows(url, sql).await;
    rows.into_iter().map(|(id,)| id).collect()
}

/// Checks everything that was noted.
pub async fn check(url: &str) {
    let sql = "SELECT kind, id, was, became, said, placed, volume_id, created_at FROM test_history ORDER BY seq";
    let changes: Vec<Change> = crate::raw::rows(url, sql).await;
    // Of each volume, the snapshots that are there.
    let mut living: HashMap<Uuid, HashMap<Uuid, DateTime<Utc>>> = HashMap::new();
    for (kind, id, was, became, said, placed, volume, created_at) in changes {
        let legal = match kind.as_str() {
            "volume" => volume_may(was.as_deref(), became.as_deref(), placed),
            "snapshot" => snapshot_may(was.as_deref(), became.as_deref()),
            "group" => group_may(was.as_deref(), became.as_deref(), placed),
            _group_snapshot => group_snapshot_may(was.as_deref(), became.as_deref()),
        };
        assert!(said || legal, "I5: {kind} {id} went from {was:?} to {became:?}");
        let Some(volume) = volume else { continue };
        let siblings = living.entry(volume).or_default();
        if was.is_none() {
            let newest = siblings.values().max();
            assert!(
                newest.is_none_or(|newest| *newest < created_at),
                "I7: snapshot {id} of {volume} is not younger than {newest:?}"
            );
            siblings.insert(id, created_at);
        } else if became.is_none() {
            siblings.remove(&id);
        }
    }
}

fn volume_may(was: Option<&str>, became: Option<&str>, placed: bool) -> bool {
    let status = |text: &str| text.parse::<VolumeStatus>().unwrap();
    match (was.map(status), became.map(status)) {
        // One that no back end takes begins, and can end, without work.
        (None, Some(first)) => first == VolumeStatus::Creating || (first == VolumeStatus::Error && !placed),
        (Some(was), None) => was.may_become(None) || !placed,
        (Some(was), became) => was.may_become(became),
        (None, None) => false,
    }
}

fn snapshot_may(was: Option<&str>, became: Option<&str>) -> bool {
    let status = |text: &str| text.parse::<SnapshotStatus>().unwrap();
    match (was.map(status), became.map(status)) {
        (None, first) => first == Some(SnapshotStatus::Creating),
        (Some(was), became) => was.may_become(became),
    }
}

fn group_may(was: Option<&str>, became: Option<&str>, placed: bool) -> bool {
    let status = |text: &str| text.parse::<GroupStatus>().unwrap();
    match (was.map(status), became.map(status)) {
        // An empty one needs no work, only a back end.
        (None, Some(first)) => match first {
            GroupStatus::Creating | GroupStatus::Available => placed,
            GroupStatus::Error => !placed,
            GroupStatus::Deleting
            | GroupStatus::Deleted
            | GroupStatus::Updating
            | GroupStatus::InUse
            | GroupStatus::ErrorDeleting => false,
        },
        (Some(was), became) => was.may_become(became),
        (None, None) => false,
    }
}

fn group_snapshot_may(was: Option<&str>, became: Option<&str>) -> bool {
    let status = |text: &str| text.parse::<GroupSnapshotStatus>().unwrap();
    match (was.map(status), became.map(status)) {
        (None, first) => first == Some(GroupSnapshotStatus::Creating),
        (Some(was), became) => was.may_become(became),
    }
}

async fn run(url: &str, text: &str) {
    let text = AssertSqlSafe(text);
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        raw_sql(text).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        raw_sql(text).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}
