//! `breezeblock doctor`, the real command, on the database and storage of a real service.

use std::{fs, path::Path, process::Output, time::SystemTime};

use uuid::Uuid;

use crate::{
    content,
    database::Kind,
    raw,
    world::{Scene, World},
};

/// What the command says with these arguments.
pub fn doctor(world: &World, arguments: &[&str]) -> Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_breezeblock"))
        .arg("doctor")
        .args(arguments)
        .env("BREEZEBLOCK__DATABASE__URL", &world.database.url)
        .env("BREEZEBLOCK__STORAGE__PATH", world.storage())
        .env_remove("BREEZEBLOCK_BREAKPOINT")
        .output()
        .unwrap()
}

/// Checks the code and gives the lines.
pub fn lines(output: &Output, code: i32) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    assert_eq!(err, "");
    out.lines().map(str::to_owned).collect()
}

/// Checks that exactly these things are found, by the part of the line before the advice.
pub fn assert_found(world: &World, expected: &[String]) {
    let found = lines(&doctor(world, &[]), 1);
    let mut found: Vec<_> = found.iter().map(|line| line.split_once("; ").unwrap().0).collect();
    let mut expected: Vec<_> = expected.iter().map(String::as_str).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

/// Runs one statement; `?` is the id.
pub async fn behind_its_back(world: &World, sql: &str, id: Uuid) {
    let id = if world.database.url.starts_with("sqlite:") {
        format!("x'{}'", id.as_simple())
    } else {
        format!("'{id}'")
    };
    raw::rows::<()>(&world.database.url, &sql.replace('?', &id)).await;
}

/// Name, size and time of everything in a folder and below.
fn everything_in(folder: &Path) -> Vec<(String, u64, SystemTime)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let meta = entry.metadata().unwrap();
        all.push((entry.path().display().to_string(), meta.len(), meta.modified().unwrap()));
        if meta.is_dir() {
            all.extend(everything_in(&entry.path()));
        }
    }
    all.sort();
    all
}

/// The statuses of all rows and the number of tasks and messages.
async fn rows(world: &World) -> Vec<(String,)> {
    let sql = "SELECT status FROM volumes UNION ALL SELECT status FROM snapshots
               UNION ALL SELECT operation FROM tasks UNION ALL SELECT cause FROM messages";
    let mut rows = raw::rows(&world.database.url, sql).await;
    rows.sort();
    rows
}

async fn a_healthy_system_is_said_to_be(kind: Kind) {
    let world = World::new(kind, "a healthy system").await;
    let Scene { volume, .. } = world.set_the_scene().await;
    let (server, api) = world.serve(None).await;
    let host = host(&world).await;
    // While it serves, and while it does not.
    let said = lines(&doctor(&world, &[]), 0);
    assert_eq!(
        said,
        [format!(
            "healthy: 3 volumes, 2 snapshots, 0 tasks, 0 messages; the storage of {host} holds 5 objects"
        )]
    );
    api.create_snapshot(volume).await.id();
    world.settled().await;
    server.kill();
    let (files, before) = (everything_in(&world.storage()), rows(&world).await);
    for arguments in [&[][..], &["--repair"][..]] {
        let said = lines(&doctor(&world, arguments), 0);
        assert_eq!(
            said,
            [format!(
                "healthy: 3 volumes, 3 snapshots, 0 tasks, 0 messages; the storage of {host} holds 6 objects"
            )]
        );
    }
    assert_eq!(everything_in(&world.storage()), files);
    assert_eq!(rows(&world).await, before);
}

/// The name of the back end, which is the machine's.
async fn host(world: &World) -> String {
    let [(host,)] = raw::rows::<(String,)>(&world.database.url, "SELECT DISTINCT host FROM volumes")
        .await
        .try_into()
        .unwrap();
    host
}

/// Everything that can go wrong behind its back, at once; what is found is that and nothing else, and what is
/// repaired is what can be.
async fn what_was_done_behind_its_back_is_found(kind: Kind) {
    let world = World::new(kind, "behind its back").await;
    let Scene { volume, snapshots, .. } = world.set_the_scene().await;
    let [kept, lost] = snapshots;
    let (server, api) = world.serve(None).await;
    let lost_volume = api.create_volume(1, None).await.id();
    world.settled().await;
    let failing = api.create_snapshot(lost_volume).await.id();
    let forgotten = api.create_snapshot(volume).await.id();
    let status = api.create_snapshot(volume).await.id();
    world.settled().await;
    server.kill();
    // A task that nobody is at any more.
    let (mut server, api) = world.serve(Some("worker.claimed")).await;
    // Whether it can still answer is a matter of luck.
    let _maybe = api.create_snapshot(volume).await;
    let ended = server.wait(std::time::Duration::from_secs(30)).await;
    server.assert_died_at(ended, "worker.claimed");
    let tasks = raw::rows::<(Uuid,)>(&world.database.url, "SELECT resource_id FROM tasks").await;
    let [(pending,)] = tasks[..] else {
        panic!("one task, not {tasks:?}")
    };

    let said = lines(&doctor(&world, &[]), 0);
    assert!(
        said[0].starts_with("healthy: 4 volumes, 6 snapshots, 1 task, 0 messages; "),
        "{said:?}"
    );

    // A file of each kind, a row of each kind, and what does not belong there.
    fs::remove_file(world.volume(lost_volume)).unwrap();
    fs::remove_file(world.snapshot(lost)).unwrap();
    let extra = world.storage().join("snapshots/extra");
    fs::write(&extra, b"somebody's").unwrap();
    let stray = Uuid::from_u128(7);
    let temp = world.storage().join(format!("snapshots/.snapshot-{stray}.tmp"));
    fs::write(&temp, b"half").unwrap();
    let lock = world.storage().join(format!(".locks/volume-{stray}"));
    fs::write(&lock, b"").unwrap();
    behind_its_back(&world, "DELETE FROM tasks WHERE resource_id = ?", pending).await;
    behind_its_back(&world, "UPDATE snapshots SET status = 'error' WHERE id = ?", failing).await;
    behind_its_back(&world, "DELETE FROM snapshots WHERE id = ?", forgotten).await;
    behind_its_back(
        &world,
        "UPDATE snapshots SET status = 'backing-up' WHERE id = ?",
        status,
    )
    .await;

    let left_to_people = vec![
        format!("I4: snapshots/snapshot-{forgotten} is in the storage, and no snapshot is it"),
        "I4: snapshots/extra is in the storage, and no snapshot is it".to_owned(),
        format!("I5: snapshot {status} is backing-up, which neither the service nor an admin has made it"),
    ];
    let mut expected = vec![
        format!("I1: snapshot {pending} is creating, and no task does anything about it"),
        format!("I2: snapshot {failing} is error, and no message tells its project why"),
        format!("I4: volume {lost_volume} has lost its bytes: volume-{lost_volume} is not in the storage"),
        format!("I4: snapshot {lost} has lost its bytes: snapshot-{lost} is not in the storage"),
        format!("I4: snapshots/.snapshot-{stray}.tmp is in the storage, and nobody works on snapshot {stray}"),
        format!("I4: .locks/volume-{stray} is in the storage, and nobody works on volume {stray}"),
    ];
    expected.extend(left_to_people.clone());
    let (files, before) = (everything_in(&world.storage()), rows(&world).await);
    assert_found(&world, &expected);
    assert_found(&world, &expected);
    assert_eq!(everything_in(&world.storage()), files, "it has only looked");
    assert_eq!(rows(&world).await, before, "it has only looked");

    let said = lines(&doctor(&world, &["--repair"]), 1);
    let mut repaired: Vec<_> = said.iter().filter_map(|line| line.strip_prefix("repaired: ")).collect();
    repaired.sort_unstable();
    let mut wanted = [
        format!(
            "snapshot {pending} is error now: its task was lost, and with it whether it was to be taken or to be taken over"
        ),
        format!(
            "told project {} that the cause of snapshot {failing} is not known",
            crate::api::PROJECT
        ),
        format!("set volume {lost_volume} to error, with a message for its project"),
        format!("set snapshot {lost} to error, with a message for its project"),
        format!("removed snapshots/.snapshot-{stray}.tmp"),
        format!("removed .locks/volume-{stray}"),
    ];
    wanted.sort();
    assert_eq!(repaired, wanted);
    assert!(!temp.exists() && !lock.exists());
    assert_eq!(fs::read(&extra).unwrap(), b"somebody's");
    assert_eq!(content::difference(&world.snapshot(kept), 1, 1), None);
    assert!(world.snapshot(forgotten).exists());
    assert_found(&world, &left_to_people);

    // With nothing foreign about, what the task was is known.
    fs::remove_file(&extra).unwrap();
    fs::remove_file(world.snapshot(forgotten)).unwrap();
    behind_its_back(&world, "UPDATE snapshots SET status = 'available' WHERE id = ?", status).await;
    behind_its_back(&world, "UPDATE snapshots SET status = 'creating' WHERE id = ?", pending).await;
    let said = lines(&doctor(&world, &["--repair"]), 0);
    assert_eq!(
        said[0],
        format!("repaired: snapshot {pending} gets its task create_snapshot again")
    );
    let (server, _api) = world.serve(None).await;
    world.settled().await;
    server.kill();
    assert_eq!(content::difference(&world.snapshot(pending), 1, 3), None);
    lines(&doctor(&world, &[]), 0);
}

async fn what_it_cannot_look_at_is_said(kind: Kind) {
    let world = World::new(kind, "what it cannot look at").await;
    let refusal = |output: Output| {
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert_eq!(output.stdout, b"");
        String::from_utf8(output.stderr).unwrap()
    };
    if kind == Kind::Postgres {
        // There is a database, and nothing in it.
        let none = "breezeblock: the database cannot be used: the database has no schema of breezeblock; `breezeblock \
                    migrate` makes it\n";
        assert_eq!(refusal(doctor(&world, &[])), none);
    } else {
        assert!(refusal(doctor(&world, &[])).starts_with("breezeblock: the database cannot be used: "));
    }
    assert!(!world.storage().exists(), "it makes nothing");

    world.set_the_scene().await;
    let storage = world.storage();
    let aside = storage.with_file_name("aside");
    fs::rename(&storage, &aside).unwrap();
    assert_eq!(
        refusal(doctor(&world, &["--repair"])),
        "breezeblock: the storage cannot be used: cannot open the storage folder: the storage folder is gone: No such file \
         or directory (os error 2)\n"
    );
    for folder in ["volumes", "snapshots", ".locks"] {
        fs::create_dir_all(storage.join(folder)).unwrap();
    }
    let other = refusal(doctor(&world, &["--repair"]));
    assert!(
        other.contains("the storage folder is not the one that this database's volumes are in"),
        "{other}"
    );
    fs::remove_dir_all(&storage).unwrap();
    fs::rename(&aside, &storage).unwrap();
    lines(&doctor(&world, &[]), 0);

    let sql = "DELETE FROM _sqlx_migrations WHERE version = 9";
    raw::rows::<()>(&world.database.url, sql).await;
    let older = refusal(doctor(&world, &["--repair"]));
    assert!(
        older.contains("the database is of an older program: it has not had migration 9"),
        "{older}"
    );

    let wrong = doctor(&world, &["--mend"]);
    assert_eq!(wrong.status.code(), Some(2));
    let unset = doctor(&world, &["--config", "/nowhere/settings.toml"]);
    assert!(refusal(unset).contains("/nowhere/settings.toml"));
}

/// A SQLite file whose pages have been written over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_is_found_and_not_touched() {
    let world = World::new(Kind::Sqlite, "a damaged file").await;
    let Scene { volume, .. } = world.set_the_scene().await;
    // A row that names a type which is not there: what foreign keys would not allow.
    let sql = "UPDATE volumes SET volume_type_id = x'00' WHERE id = ?";
    let mut connection = without_foreign_keys(&world).await;
    let sql = sql.replace('?', &format!("x'{}'", volume.as_simple()));
    sqlx::Executor::execute(&mut connection, sqlx::AssertSqlSafe(sql))
        .await
        .unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    let said = lines(&doctor(&world, &["--repair"]), 1);
    let damage = "database: the database is damaged: a row in volumes names one in volume_types that is not there; stop \
                  the service and restore the database from a backup";
    assert_eq!(said[0], damage);
    assert!(said.iter().any(|line| line.starts_with("I3: ")), "{said:?}");
}

async fn without_foreign_keys(world: &World) -> sqlx::SqliteConnection {
    use std::str::FromStr as _;
    let options = sqlx::sqlite::SqliteConnectOptions::from_str(&world.database.url).unwrap();
    sqlx::ConnectOptions::connect(&options.foreign_keys(false))
        .await
        .unwrap()
}

on_both!(
    a_healthy_system_is_said_to_be
    what_was_done_behind_its_back_is_found
    what_it_cannot_look_at_is_said
);
