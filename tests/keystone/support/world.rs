//! The application and its Keystone.

use std::{sync::Arc, time::Duration};

use breezeblock::{
    app::{Application, Sources},
    clock::{ManualClock, RandomIds},
    settings::Settings,
};
use chrono::{DateTime, TimeDelta};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Client, Fake, log};

/// The password of the service's user.
const PASSWORD: &str = "d0-n0t-te11-anyb0dy";

/// Both, with the clock that both of them have.
#[derive(Debug)]
pub struct World {
    pub api: Client,
    pub keystone: Fake,
    clock: Arc<ManualClock>,
}

/// Starts both, runs the case, stops both, and looks for secrets in the log.
pub async fn run<F>(settings: &[(&str, &str)], case: impl FnOnce(World) -> F)
where
    F: Future<Output = ()>,
{
    log::record();
    let clock = Arc::new(ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
    let keystone = Fake::start(Arc::clone(&clock)).await;
    keystone.state().secrets.push(PASSWORD.to_owned());
    let folder = TempDir::new().unwrap();
    let sources = Sources {
        clock: Arc::<ManualClock>::clone(&clock),
        ids: Arc::new(RandomIds),
        ..Sources::default()
    };
    let settings = load(&folder, &keystone.url(), settings);
    assert!(!format!("{settings:?}").contains(PASSWORD));
    let application = Application::build(settings, sources).await.unwrap().by_hand();
    let api = Client::new(format!("http://{}", application.address().unwrap()));
    assert!(!format!("{application:?}").contains(PASSWORD));

    let stop = CancellationToken::new();
    let mut running = JoinSet::new();
    running.spawn(application.run(stop.clone()));
    let world = World {
        api,
        keystone: keystone.clone(),
        clock,
    };
    Box::pin(case(world)).await;
    keystone.become_(super::Mode::Well);
    stop.cancel();
    running.join_next().await.expect("it runs").unwrap().unwrap();
    keystone.die().await;

    assert_eq!(keystone.state().astray, Vec::<String>::new());
    let served = log::logged("served");
    assert!(!served.is_empty(), "nothing was logged at all");
    for line in served {
        assert!(
            line.contains("request{request_id=req-"),
            "of which request is {line:?}?"
        );
    }
    let secrets = keystone.state().secrets.clone();
    for secret in secrets {
        assert_eq!(log::logged(&secret), Vec::<String>::new());
    }
}

fn load(folder: &TempDir, auth_url: &str, settings: &[(&str, &str)]) -> Settings {
    let database = format!("sqlite://{}", folder.path().join("db.sqlite").display());
    let storage = folder.path().join("data").display().to_string();
    let usual = [
        ("server.bind", "127.0.0.1:0"),
        ("server.workers", "1"),
        ("server.shutdown_grace", "5"),
        ("database.url", &database),
        ("storage.path", &storage),
        ("auth.strategy", "keystone"),
        ("keystone.auth_url", auth_url),
        ("keystone.username", "cinder"),
        ("keystone.password", PASSWORD),
        ("keystone.project_name", "service"),
    ];
    let environment = usual.iter().chain(settings).map(|(key, value)| {
        let key = format!("BREEZEBLOCK__{}", key.replace('.', "__").to_uppercase());
        (key, (*value).to_owned())
    });
    Settings::load(None, environment).unwrap()
}

impl World {
    /// The clock moves on.
    pub fn advance(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// Waits until `happened`, with a deadline.
    pub async fn until(&self, what: &str, happened: impl Fn(&Fake) -> bool) {
        let wait = async {
            while !happened(&self.keystone) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let ended = tokio::time::timeout(Duration::from_secs(10), wait).await;
        ended.unwrap_or_else(|_late| panic!("never: {what}"));
    }

    /// Returns when the service has read what was sent to it before: it has one worker, which answers
    /// this after that.
    pub async fn everything_arrived(&self) {
        for _ in 0..5 {
            let path = "/healthcheck";
            super::Reply::to(self.api.request(reqwest::Method::GET, path))
                .await
                .expect(200);
        }
    }
}
