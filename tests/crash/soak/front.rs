//! How a client of the cluster asks, and what answers it accepts: 2xx, what it expects, no answer at all from a process
//! that is being hurt at that time, and 503 in Cinder's envelope while the database is down or somebody is frozen.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Client, Method};
use serde_json::Value;

use super::{
    cluster::{DATABASE_TIMEOUT, FRONTS},
    trouble::{Trouble, Troubles},
};
use crate::api::UNAVAILABLE;

/// Longer than anybody is frozen and than any answer may take, so that no answer means that there will be none.
const PATIENCE: Duration = Duration::from_secs(40);
/// How long any answer may take, times of trouble left out: the one statement whose answer is lost with them, and a
/// busy machine.
const LATEST: Duration = DATABASE_TIMEOUT.saturating_add(Duration::from_secs(3));
const PAUSE: Duration = Duration::from_millis(100);

/// The addresses of the API, and what was counted.
#[derive(Debug)]
pub struct Front {
    client: Client,
    addresses: Vec<String>,
    next: AtomicUsize,
    pub troubles: Troubles,
    pub asked: AtomicUsize,
    pub unavailable: AtomicUsize,
    pub unanswered: AtomicUsize,
    /// Milliseconds that the latest answer took, times of trouble left out.
    pub latest: AtomicUsize,
}

/// The answer to one request.
#[derive(Debug)]
pub enum Answer {
    /// With this status and body.
    Is(u16, Value),
    /// Nobody knows whether it was done.
    Unknown,
}

impl Front {
    pub fn new(addresses: Vec<String>) -> Arc<Self> {
        Arc::new(Self {
            client: crate::http::client()
                .timeout(PATIENCE)
                // The server closes what was idle for 5 s, and who sends just then cannot know whether it was
                // heard. After the database was away every connection is about that old.
                .pool_idle_timeout(Duration::from_secs(2))
                .build()
                .unwrap(),
            addresses,
            next: AtomicUsize::new(0),
            troubles: Troubles::default(),
            asked: AtomicUsize::new(0),
            unavailable: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
            latest: AtomicUsize::new(0),
        })
    }

    /// Asks one of the processes.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.addresses.len();
        let (address, api) = (&self.addresses[turn], FRONTS[turn]);
        let url = format!("{address}/v3/{path}");
        let mut request = self
            .client
            .request(method.clone(), &url)
            .header("OpenStack-API-Version", "volume 3.71");
        if let Some(body) = body {
            request = request.json(body);
        }
        self.asked.fetch_add(1, Ordering::Relaxed);
        let sent = Instant::now();
        let reply = match request.send().await {
            Ok(reply) => {
                let status = reply.status().as_u16();
                reply.text().await.map(|text| (status, text))
            }
            Err(error) => Err(error),
        };
        let now = Instant::now();
        let excused = self.troubles.cover(|trouble| trouble.delays(api), sent, now);
        let took = (now - sent).saturating_sub(excused);
        assert!(took < LATEST, "{method} {path}: {took:?} of calm for {reply:?}");
        self.latest
            .fetch_max(usize::try_from(took.as_millis()).unwrap(), Ordering::Relaxed);
        match reply {
            Ok((503, text)) => {
                assert_eq!(text, UNAVAILABLE, "{method} {path}");
                assert!(
                    self.troubles.explain(Trouble::makes_unavailable, sent, now),
                    "503 without a reason: {method} {path}"
                );
                self.unavailable.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(PAUSE).await;
                Answer::Unknown
            }
            Ok((status, text)) => {
                assert!(status < 500, "{method} {path}: {status} {text}");
                Answer::Is(status, serde_json::from_str(&text).unwrap_or_default())
            }
            Err(no_answer) => {
                assert!(
                    self.troubles.explain(|trouble| trouble.silences(api), sent, now),
                    "no answer from an API that is well: {method} {url}: {no_answer:?}"
                );
                self.unanswered.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(PAUSE).await;
                Answer::Unknown
            }
        }
    }

    /// Reads until there is an answer.
    pub async fn read(&self, path: &str) -> (u16, Value) {
        loop {
            if let Answer::Is(status, body) = self.ask(Method::GET, path, None).await {
                return (status, body);
            }
        }
    }
}
