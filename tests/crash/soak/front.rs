//! How a client of the cluster asks, and what answers it accepts: nothing but 2xx, what it expects, no answer at all
//! while somebody is being hurt, and 503 in Cinder's envelope while the database is.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Client, Method};
use serde_json::Value;

use crate::api::UNAVAILABLE;

/// Longer than anybody is frozen, so that no answer means that there will be none.
const PATIENCE: Duration = Duration::from_secs(40);
/// How long after the end of a trouble its consequences may be felt: connections that are found dead, locks of
/// whoever was frozen in a transaction.
const AFTERMATH: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

/// The addresses of the API, and what was counted.
#[derive(Debug)]
pub struct Front {
    client: Client,
    addresses: Vec<String>,
    next: AtomicUsize,
    started: Instant,
    /// Milliseconds from the start until which a 503 is no surprise.
    excused: AtomicU64,
    pub asked: AtomicUsize,
    pub unavailable: AtomicUsize,
    pub unanswered: AtomicUsize,
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
            client: crate::http::client().timeout(PATIENCE).build().unwrap(),
            addresses,
            next: AtomicUsize::new(0),
            started: Instant::now(),
            excused: AtomicU64::new(0),
            asked: AtomicUsize::new(0),
            unavailable: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap()
    }

    /// From now on, for `lasting` and what follows from it, the database may be unavailable.
    pub fn excuse(&self, lasting: Duration) {
        let until = self.now() + u64::try_from((lasting + AFTERMATH).as_millis()).unwrap();
        self.excused.fetch_max(until, Ordering::SeqCst);
    }

    /// Asks one of the processes.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let number = self.next.fetch_add(1, Ordering::Relaxed) % self.addresses.len();
        let url = format!("{}/v3/{path}", self.addresses[number]);
        let mut request = self
            .client
            .request(method.clone(), &url)
            .header("OpenStack-API-Version", "volume 3.71");
        if let Some(body) = body {
            request = request.json(body);
        }
        self.asked.fetch_add(1, Ordering::Relaxed);
        let reply = match request.send().await {
            Ok(reply) => {
                let status = reply.status().as_u16();
                reply.text().await.map(|text| (status, text))
            }
            Err(error) => Err(error),
        };
        match reply {
            Ok((503, text)) => {
                assert_eq!(text, UNAVAILABLE, "{method} {path}");
                assert!(
                    self.now() < self.excused.load(Ordering::SeqCst),
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
            Err(_no_answer) => {
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
