//! Too many open files.

use std::{
    fs,
    net::TcpStream,
    time::{Duration, Instant},
};

use reqwest::Method;
use rustix::process::{Resource, Rlimit, prlimit};
use uuid::Uuid;

use crate::{server::Server, site::Site, wait::Deadline};

/// How many more files than it has open at rest it may open.
const SPARE: u64 = 6;
const STRANGERS: usize = 40;
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the processor time is watched: less than the 5 seconds after which a silent connection is closed.
const WATCHED: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_take_all_files() {
    let site = Site::new();
    let (server, api) = site.serve().await;
    let volume = api.new_volume(1).await;
    let limit = open_files(&server) + SPARE;
    let limits = Rlimit {
        current: Some(limit),
        maximum: Some(limit),
    };
    prlimit(Some(server.pid()), Resource::Nofile, limits).unwrap();

    let mut accepted: Vec<Uuid> = Vec::new();
    let mut strangers = Vec::new();
    let address = server.address.trim_start_matches("http://").to_owned();
    for _ in 0..STRANGERS {
        // The kernel takes them in even when the service cannot.
        strangers.push(TcpStream::connect(&address).unwrap());
    }
    let mut deadline = Deadline::new("all files are open", PATIENCE);
    while open_files(&server) + 1 < limit {
        deadline.pause(&format!("{} of {limit}", open_files(&server))).await;
    }

    // A connection that is there already: an answer, and a definite one.
    for _ in 0..3 {
        let answer = api.snapshot(volume).await;
        if answer.status == 202 {
            accepted.push(answer.id());
        } else {
            answer.assert_unavailable();
        }
    }
    // A new one waits, or is served; it is not turned into nonsense.
    let hasty = api.hasty(Duration::from_millis(500));
    if let Ok(answer) = hasty.send(Method::GET, "/volumes", None).await
        && answer.status != 200
    {
        answer.assert_unavailable();
    }
    // Nobody runs in circles meanwhile.
    let (before, start) = (processor_time(&server), Instant::now());
    tokio::time::sleep(WATCHED).await;
    let (used, wall) = (processor_time(&server).saturating_sub(before), start.elapsed());
    assert!(used < wall / 4, "{used:?} of processor time in {wall:?}");

    drop(strangers);
    let mut deadline = Deadline::new("new connections are served", PATIENCE);
    loop {
        match hasty.send(Method::GET, "/volumes", None).await {
            Ok(answer) if answer.status == 200 => break,
            other => deadline.pause(&format!("{other:?}")).await,
        }
    }
    let answer = api.snapshot(volume).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    accepted.push(answer.id());
    let mut deadline = Deadline::new("rows, files and quota agree", PATIENCE);
    loop {
        let body = api.get("/snapshots").await.ok();
        let all: Vec<Uuid> = body["snapshots"].as_array().unwrap().iter().map(id).collect();
        assert!(accepted.iter().all(|id| all.contains(id)), "{accepted:?} {all:?}");
        for id in &all {
            api.becomes("snapshots", *id, Some("available")).await;
        }
        let (stored, used) = (site.stored().len(), api.usage().await[1]);
        if stored == 1 + all.len() && used == all.len() as u64 {
            break;
        }
        deadline
            .pause(&format!("{} rows, {stored} files, {used} used", all.len()))
            .await;
    }
}

fn id(shown: &serde_json::Value) -> Uuid {
    shown["id"].as_str().unwrap().parse().unwrap()
}

fn open_files(server: &Server) -> u64 {
    let folder = format!("/proc/{}/fd", server.pid().as_raw_nonzero());
    fs::read_dir(folder).unwrap().count() as u64
}

/// What the process has used of the processor so far.
fn processor_time(server: &Server) -> Duration {
    const TICK: u64 = 10;
    let stat = fs::read_to_string(format!("/proc/{}/stat", server.pid().as_raw_nonzero())).unwrap();
    let (_command, rest) = stat.rsplit_once(") ").unwrap();
    let ticks: u64 = rest
        .split(' ')
        .skip(11)
        .take(2)
        .map(|part| part.parse::<u64>().unwrap())
        .sum();
    Duration::from_millis(ticks * TICK)
}
