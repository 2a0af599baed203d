//! SQLite files that are not whole, and rows that make no sense.
//!
//! Whatever is wrong: never a panic, and never a start that looks well with half of the rows.

use std::{
    fs,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use breezeblock::{
    domain::{Direction, ListQuery, MessageKey, Scope, SnapshotKey, VolumeKey},
    store::{Database, Store, StoreError},
};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{raw::rows, site::Site};

const SNAPSHOTS: usize = 12;
const PAGE: u64 = 4096;
/// Damaged pages that are tried; the same ones in each run.
const FLIPS: u64 = 120;
const REFUSAL: &str = "breezeblock: the database cannot be used: the database file is damaged; keep it as it is, \
                       check its disk, and restore a backup: ";

/// A database with a volume and snapshots, closed.
async fn closed() -> (Site, Uuid) {
    let site = Site::new();
    let unlimited = [("BREEZEBLOCK__QUOTA__SNAPSHOTS", "-1")];
    let (server, api) = site.serve_with(&unlimited).await;
    let volume = api.new_volume(1).await;
    for _ in 0..SNAPSHOTS {
        let id = api.snapshot(volume).await.id();
        api.becomes("snapshots", id, Some("available")).await;
    }
    server.stop().await;
    (site, volume)
}

/// What a start and a look at everything come to: how many volumes and snapshots there are.
async fn read(file: PathBuf) -> Result<(usize, usize), StoreError> {
    fn everything<K>(key: K) -> ListQuery<K> {
        ListQuery {
            scope: Scope::All,
            filters: Vec::new(),
            sort: vec![(key, Direction::Asc)],
            marker: None,
            marker_scope: Scope::All,
            limit: 1000,
            offset: 0,
            with_count: true,
        }
    }
    let store = Store::open(&Database {
        url: format!("sqlite://{}", file.display()),
        max_connections: 1,
    })
    .await?;
    let looked = async {
        store.refuse_damage().await?;
        store.migrate().await?;
        store.verify().await?;
        let volumes = store.volume_list(&everything(VolumeKey::Id)).await?;
        let snapshots = store.snapshot_list(&everything(SnapshotKey::Id)).await?;
        store.message_list(&everything(MessageKey::Id)).await?;
        let count = |items: usize| items;
        Ok((
            count(volumes.map_or(0, |page| page.items.len())),
            count(snapshots.map_or(0, |page| page.items.len())),
        ))
    };
    let looked = looked.await;
    store.close().await;
    looked
}

/// The same, of bytes in a file of their own; a panic names the damage.
async fn read_bytes(folder: &Path, bytes: &[u8], damage: &str) -> Result<(usize, usize), StoreError> {
    let file = folder.join("damaged.sqlite");
    for ending in ["", "-wal", "-shm"] {
        let _missing = fs::remove_file(format!("{}{ending}", file.display()));
    }
    fs::write(&file, bytes).unwrap();
    let mut task = JoinSet::new();
    task.spawn(read(file));
    let ended = task.join_next().await.unwrap();
    ended.unwrap_or_else(|panic| panic!("{damage}: {panic}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_ends_too_early() {
    let (site, _volume) = closed().await;
    let whole = fs::read(site.file()).unwrap();
    assert_eq!(read_bytes(site.folder(), &whole, "none").await.unwrap(), (1, SNAPSHOTS));
    let pages = whole.len() as u64 / PAGE;
    let mut lengths = vec![1, 16, 99, 100, 101, 511, 512, PAGE - 1, PAGE, PAGE + 1];
    lengths.extend((1..8).map(|eighth| pages * eighth / 8 * PAGE));
    lengths.push(whole.len() as u64 - PAGE);
    for length in lengths {
        let part = &whole[..usize::try_from(length).unwrap()];
        let read = read_bytes(site.folder(), part, "cut").await;
        assert!(matches!(read, Err(StoreError::Damaged(_))), "{length} bytes: {read:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flipped_bits() {
    let (site, _volume) = closed().await;
    let whole = fs::read(site.file()).unwrap();
    let mut refused = 0;
    // Each byte of the header, and places all over the file.
    let places = (0..100).chain((1..=FLIPS).map(|number| number.wrapping_mul(0x9e37_79b9) % whole.len() as u64));
    for (number, place) in places.enumerate() {
        let mut bytes = whole.clone();
        let index = usize::try_from(place).unwrap();
        bytes[index] ^= 1 << (number % 8);
        let damage = format!("bit {} of byte {place}", number % 8);
        match read_bytes(site.folder(), &bytes, &damage).await {
            // In free space, in a text, or in a number that nobody needs.
            Ok(_counts) => {}
            Err(
                StoreError::Damaged(_)
                | StoreError::Corrupt { .. }
                | StoreError::Schema(_)
                | StoreError::Unavailable(_)
                | StoreError::Database(_),
            ) => refused += 1,
        }
    }
    assert!(refused > 20, "only {refused} were noticed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overwritten_pages() {
    let (site, _volume) = closed().await;
    let whole = fs::read(site.file()).unwrap();
    for page in 0..whole.len() as u64 / PAGE {
        let mut bytes = whole.clone();
        let start = usize::try_from(page * PAGE).unwrap();
        bytes[start..start + 4096].fill(0xa5);
        match read_bytes(site.folder(), &bytes, &format!("page {page}")).await {
            Err(StoreError::Damaged(_)) => {}
            // Nobody misses a page that is free.
            Ok(counts) => assert_eq!(counts, (1, SNAPSHOTS), "page {page}"),
            Err(other) => panic!("page {page}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_ahead_log_that_is_not_whole() {
    let site = Site::new();
    let (server, api) = site.serve().await;
    let volume = api.new_volume(1).await;
    for _ in 0..3 {
        let id = api.snapshot(volume).await.id();
        api.becomes("snapshots", id, Some("available")).await;
    }
    server.kill();
    let file = site.file();
    let (main, wal) = (
        fs::read(&file).unwrap(),
        fs::read(format!("{}-wal", file.display())).unwrap(),
    );
    let copy = site.folder().join("copy.sqlite");
    let mut last = 0;
    for eighth in 0..=8 {
        for ending in ["", "-wal", "-shm"] {
            let _missing = fs::remove_file(format!("{}{ending}", copy.display()));
        }
        fs::write(&copy, &main).unwrap();
        // A part of it, and then rubbish: what a disk makes of a power cut.
        let part = wal.len() * eighth / 8;
        let mut bytes = wal[..part].to_vec();
        bytes.resize(wal.len(), 0xa5);
        fs::write(format!("{}-wal", copy.display()), bytes).unwrap();
        let mut task = JoinSet::new();
        task.spawn(read(copy.clone()));
        // The transactions that are whole are there, and no part of any other.
        let (_volumes, snapshots) = task.join_next().await.unwrap().unwrap().unwrap();
        assert!(snapshots >= last, "{eighth}/8: {snapshots} after {last}");
        last = snapshots;
    }
    assert_eq!(last, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_refuses_and_touches_nothing() {
    let (site, _volume) = closed().await;
    let whole = fs::read(site.file()).unwrap();
    let noise: Vec<u8> = (0..20_000_u32).map(|number| number.to_le_bytes()[0] ^ 0x5a).collect();
    let mut page = whole.clone();
    page[40_960..45_056].fill(0xa5);
    for (damage, bytes) in [
        ("half of it", &whole[..whole.len() / 8192 * 4096]),
        ("a text", b"[database]\nurl = \"sqlite://elsewhere\"\n".as_slice()),
        ("noise", &noise),
        ("a page of noise", &page),
    ] {
        fs::write(site.file(), bytes).unwrap();
        let refusal = site.refused().await;
        assert!(refusal.starts_with(REFUSAL), "{damage}: {refusal}");
        assert_eq!(fs::read(site.file()).unwrap(), bytes, "{damage} was changed");
    }
    fs::remove_file(site.file()).unwrap();
    fs::create_dir(site.file()).unwrap();
    let refusal = site.refused().await;
    assert!(
        refusal.starts_with("breezeblock: the database cannot be used: "),
        "{refusal}"
    );
    fs::remove_dir(site.file()).unwrap();

    fs::write(site.file(), &whole).unwrap();
    let (_server, api) = site.serve().await;
    assert_eq!(api.usage().await[1], SNAPSHOTS as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_makes_no_sense_is_the_only_one_that_fails() {
    let site = Site::new();
    let (server, api) = site.serve().await;
    let (good, bad) = (api.new_volume(1).await, api.new_volume(1).await);
    let (fine, odd) = (api.snapshot(good).await.id(), api.snapshot(bad).await.id());
    for id in [fine, odd] {
        api.becomes("snapshots", id, Some("available")).await;
    }
    let blob = |id: Uuid| format!("x'{}'", id.simple());
    for sql in [
        format!("UPDATE volumes SET attach_status = 'glued' WHERE id = {}", blob(bad)),
        format!("UPDATE snapshots SET volume_size = 2147483648 WHERE id = {}", blob(odd)),
    ] {
        rows::<()>(&site.database, &sql).await;
    }
    api.get(&format!("/volumes/{bad}")).await.assert_internal();
    api.get(&format!("/snapshots/{odd}")).await.assert_internal();
    api.delete(&format!("/snapshots/{odd}")).await.assert_internal();
    assert_eq!(api.status("volumes", good).await.as_deref(), Some("available"));
    assert_eq!(api.status("snapshots", fine).await.as_deref(), Some("available"));
    // The others can be worked on.
    assert_eq!(api.delete(&format!("/snapshots/{fine}")).await.status, 202);
    api.becomes("snapshots", fine, None).await;
    let log = server.log();
    for what in [
        format!("the attach_status of {bad} in table volumes makes no sense"),
        format!("the volume_size of {odd} in table snapshots makes no sense"),
    ] {
        assert!(log.contains(&what), "{what}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_that_comes_while_it_runs() {
    let (site, volume) = closed().await;
    let (server, api) = site.serve().await;
    let bytes = fs::metadata(site.file()).unwrap().len();
    let file = fs::OpenOptions::new().write(true).open(site.file()).unwrap();
    for page in 2..bytes / PAGE {
        file.write_all_at(&[0xa5; 4096], page * PAGE).unwrap();
    }
    // What it still has in memory, or an error in the right words; never the end of the process.
    for path in [
        "/volumes/detail".to_owned(),
        "/snapshots/detail".to_owned(),
        "/types".to_owned(),
        format!("/volumes/{volume}"),
    ] {
        let answer = api.get(&path).await;
        if answer.status != 200 {
            answer.assert_unavailable();
        }
    }
    let answer = api.volume(1).await;
    if answer.status != 202 {
        answer.assert_unavailable();
    }
    server.kill();
    let refusal = site.refused().await;
    assert!(
        refusal.starts_with("breezeblock: the database cannot be used: "),
        "{refusal}"
    );
}
