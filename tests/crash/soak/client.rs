//! One client of the cluster: a volume, its snapshots, and what they must be, whatever happens meanwhile.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use rand::{Rng, RngExt, rngs::StdRng};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::front::{Answer, Front};
use crate::content;

/// How long anything may take to become final: a frozen worker, a lease, the database, and a busy machine.
const BOUND: Duration = Duration::from_secs(90);
const LOOK: Duration = Duration::from_millis(50);
const MOST_SNAPSHOTS: usize = 4;

/// A snapshot as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub gib: u64,
    pub seed: u8,
    pub note: Option<String>,
}

#[derive(Debug)]
pub struct Client {
    front: Arc<Front>,
    storage: PathBuf,
    project: String,
    number: usize,
    random: StdRng,
    names: usize,
    pub volume: Uuid,
    pub gib: u64,
    pub seed: u8,
    /// Oldest first.
    pub snapshots: Vec<(Uuid, Taken)>,
    pub done: BTreeMap<&'static str, usize>,
    pub slowest: Duration,
}

impl Client {
    pub async fn new(front: Arc<Front>, storage: PathBuf, number: usize, random: StdRng) -> Self {
        let mut client = Self {
            front,
            storage,
            // Two projects.
            project: format!("{:032x}", 1 + number % 2),
            number,
            random,
            names: 0,
            volume: Uuid::nil(),
            gib: 1,
            seed: 0,
            snapshots: Vec::new(),
            done: BTreeMap::new(),
            slowest: Duration::ZERO,
        };
        client.new_volume().await;
        client
    }

    /// Does one operation and checks what came of it.
    pub async fn step(&mut self) {
        let latest = self.snapshots.last().map(|(_id, taken)| taken.gib);
        let what = match self.random.random_range(0..100) {
            0..30 if self.snapshots.len() < MOST_SNAPSHOTS => self.take().await,
            30..45 if latest.is_some() => self.delete().await,
            45..55 => self.take_and_force_delete().await,
            55..65 if latest == Some(self.gib) => self.revert().await,
            65..70 if self.gib < 4 => self.extend().await,
            70..80 if latest.is_some() => self.clone_one().await,
            80..84 => self.cascade().await,
            84..92 if latest.is_some() => self.note().await,
            _ => self.list().await,
        };
        *self.done.entry(what).or_default() += 1;
    }

    async fn new_volume(&mut self) {
        self.gib = 1;
        self.seed = 0;
        self.snapshots.clear();
        let name = self.name();
        let body = json!({"volume": {"size": 1, "name": name}});
        self.volume = self.create("volumes", "volume", &name, body).await;
        self.available("volumes", "volume", self.volume).await;
    }

    async fn take(&mut self) -> &'static str {
        self.write();
        let id = self.begin_snapshot().await;
        self.available("snapshots", "snapshot", id).await;
        let taken = Taken {
            gib: self.gib,
            seed: self.seed,
            note: None,
        };
        self.snapshots.push((id, taken));
        "create snapshot"
    }

    async fn begin_snapshot(&mut self) -> Uuid {
        let name = self.name();
        let body = json!({"snapshot": {"volume_id": self.volume.to_string(), "name": name}});
        self.create("snapshots", "snapshot", &name, body).await
    }

    async fn delete(&mut self) -> &'static str {
        let index = self.random.random_range(0..self.snapshots.len());
        let (id, _taken) = self.snapshots.remove(index);
        self.change(Method::DELETE, &format!("snapshots/{id}"), None).await;
        self.gone("snapshots", id).await;
        "delete snapshot"
    }

    async fn take_and_force_delete(&mut self) -> &'static str {
        let id = self.begin_snapshot().await;
        let action = json!({"os-force_delete": {}});
        self.change(Method::POST, &format!("snapshots/{id}/action"), Some(action))
            .await;
        self.gone("snapshots", id).await;
        "force-delete"
    }

    async fn revert(&mut self) -> &'static str {
        let (id, taken) = self.snapshots.last().cloned().unwrap();
        let action = json!({"revert": {"snapshot_id": id.to_string()}});
        self.change(Method::POST, &format!("volumes/{}/action", self.volume), Some(action))
            .await;
        self.available("volumes", "volume", self.volume).await;
        self.available("snapshots", "snapshot", id).await;
        self.seed = taken.seed;
        "revert"
    }

    async fn extend(&mut self) -> &'static str {
        self.gib += 1;
        let action = json!({"os-extend": {"new_size": self.gib}});
        self.change(Method::POST, &format!("volumes/{}/action", self.volume), Some(action))
            .await;
        let volume = self.available("volumes", "volume", self.volume).await;
        assert_eq!(volume["size"], self.gib, "{volume}");
        "extend"
    }

    async fn clone_one(&mut self) -> &'static str {
        let index = self.random.random_range(0..self.snapshots.len());
        let (source, taken) = self.snapshots[index].clone();
        let name = self.name();
        let body = json!({"volume": {"size": taken.gib, "name": name, "snapshot_id": source.to_string()}});
        let id = self.create("volumes", "volume", &name, body).await;
        self.available("volumes", "volume", id).await;
        let path = self.storage.join(format!("volumes/volume-{id}"));
        assert_eq!(
            content::difference(&path, taken.gib, taken.seed),
            None,
            "volume {id} from snapshot {source}"
        );
        self.change(Method::DELETE, &format!("volumes/{id}"), None).await;
        self.gone("volumes", id).await;
        "clone"
    }

    async fn cascade(&mut self) -> &'static str {
        let (volume, snapshots) = (self.volume, self.snapshots.clone());
        self.change(Method::DELETE, &format!("volumes/{volume}?cascade=true"), None)
            .await;
        self.gone("volumes", volume).await;
        for (id, _taken) in snapshots {
            self.gone("snapshots", id).await;
        }
        self.new_volume().await;
        "cascade"
    }

    async fn note(&mut self) -> &'static str {
        let index = self.random.random_range(0..self.snapshots.len());
        let note = self.name();
        let (id, taken) = &mut self.snapshots[index];
        taken.note = Some(note.clone());
        let path = format!("snapshots/{id}/metadata");
        self.change(Method::POST, &path, Some(json!({"metadata": {"note": note}})))
            .await;
        "metadata"
    }

    /// What was answered is what the next reading shows.
    pub async fn list(&mut self) -> &'static str {
        let path = self.path(&format!("snapshots/detail?volume_id={}", self.volume));
        let (status, body) = self.front.read(&path).await;
        assert_eq!(status, 200, "{body}");
        let mut shown: Vec<_> = body["snapshots"].as_array().unwrap().iter().map(shown).collect();
        let mut wanted: Vec<_> = self
            .snapshots
            .iter()
            .map(|(id, taken)| (*id, taken.gib, taken.note.clone()))
            .collect();
        shown.sort();
        wanted.sort();
        assert_eq!(shown, wanted, "the snapshots of volume {}", self.volume);
        "list"
    }

    /// Other bytes in the volume.
    fn write(&mut self) {
        self.seed = self.seed % 250 + 1;
        content::write(&self.storage.join(format!("volumes/volume-{}", self.volume)), self.seed);
    }

    /// A name that nobody else has.
    fn name(&mut self) -> String {
        self.names += 1;
        format!("client-{}-{}", self.number, self.names)
    }

    fn path(&self, path: &str) -> String {
        format!("{}/{path}", self.project)
    }

    /// Creates something of this name, once: who was not answered looks for it before asking again.
    async fn create(&mut self, folder: &str, word: &str, name: &str, body: Value) -> Uuid {
        loop {
            match self.front.ask(Method::POST, &self.path(folder), Some(&body)).await {
                Answer::Is(202, made) => return id_of(&made[word]),
                Answer::Is(status, body) => panic!("{folder} {name}: {status} {body}"),
                Answer::Unknown => {}
            }
            let (status, found) = self.front.read(&self.path(&format!("{folder}?name={name}"))).await;
            assert_eq!(status, 200, "{found}");
            if let [found] = &found[folder].as_array().unwrap()[..] {
                return id_of(found);
            }
            assert_eq!(found[folder], json!([]), "made twice");
        }
    }

    /// Asks for a change until it is accepted. Who was not answered may be told the second time that there is
    /// nothing left to change.
    async fn change(&mut self, method: Method, path: &str, body: Option<Value>) {
        let mut unsure = false;
        loop {
            match self.front.ask(method.clone(), &self.path(path), body.as_ref()).await {
                Answer::Is(200..300, _) => return,
                Answer::Is(400 | 404 | 409, _) if unsure => return,
                Answer::Is(status, body) => panic!("{method} {path}: {status} {body}"),
                Answer::Unknown => unsure = true,
            }
        }
    }

    async fn available(&mut self, folder: &str, word: &str, id: Uuid) -> Value {
        let start = Instant::now();
        loop {
            let (status, body) = self.front.read(&self.path(&format!("{folder}/{id}"))).await;
            let found = &body[word];
            if status == 200 && found["status"] == "available" {
                self.slowest = self.slowest.max(start.elapsed());
                return found.clone();
            }
            let failed = found["status"]
                .as_str()
                .is_some_and(|status| status.starts_with("error"));
            assert!(status == 200 && !failed, "{folder} {id}: {status} {body}");
            assert!(start.elapsed() < BOUND, "{folder} {id} is stuck: {body}");
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn gone(&mut self, folder: &str, id: Uuid) {
        let start = Instant::now();
        loop {
            let (status, body) = self.front.read(&self.path(&format!("{folder}/{id}"))).await;
            if status == 404 {
                self.slowest = self.slowest.max(start.elapsed());
                return;
            }
            assert!(
                status == 200 && !body.to_string().contains("error"),
                "{folder} {id}: {status} {body}"
            );
            assert!(start.elapsed() < BOUND, "{folder} {id} is stuck: {body}");
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn id_of(body: &Value) -> Uuid {
    body["id"].as_str().unwrap().parse().unwrap()
}

fn shown(snapshot: &Value) -> (Uuid, u64, Option<String>) {
    let note = snapshot["metadata"]["note"].as_str().map(str::to_owned);
    assert_eq!(snapshot["status"], "available", "{snapshot}");
    (id_of(snapshot), snapshot["size"].as_u64().unwrap(), note)
}

/// A source of numbers of its own for whoever has this number.
pub fn random(seed: u64, number: u64) -> StdRng {
    use rand::SeedableRng;
    let mut source = StdRng::seed_from_u64(seed.wrapping_mul(1000).wrapping_add(number));
    // So that neighbours have nothing in common.
    let _first = source.next_u64();
    source
}
