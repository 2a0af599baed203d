//! Replays one set and reports.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use breezeblock::worker::{Step, Worker};
use chrono::{DateTime, NaiveDateTime, Utc};
use reqwest::{Client, Method};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    accepted::ACCEPTED,
    answer::Answer,
    clock::RecordedClock,
    database::{Kind, TestDatabase},
    exchange::{Exchange, Set},
    explain, server,
    situations::Situation,
    sql::Sql,
    world::World,
};

/// The form of times of 2011.
pub const CLASSIC: &str = "%a %b %d %H:%M:%S UTC %Y";

/// A set in the middle of being replayed.
struct Replay {
    set: Set,
    client: Client,
    base: String,
    world: World,
    worker: Worker,
    clock: Arc<RecordedClock>,
}

pub async fn set(set: Set, kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let storage = tempfile::tempdir().unwrap();
    let clock = Arc::new(RecordedClock::new(start(set)));
    let application = server::build(set, &database, storage.path(), &clock).await;
    let sql = Sql {
        kind,
        url: database.url.clone(),
    };
    let mut replay = Replay {
        set,
        client: crate::http::client()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap(),
        base: format!("http://{}", application.address().unwrap()),
        world: World::new(set, application.store(), sql, storage.path().to_owned()),
        worker: application.worker().unwrap(),
        clock,
    };
    let (stop, running) = (CancellationToken::new(), TaskTracker::new());
    running.spawn(application.run(stop.clone()));
    running.close();
    replay.world.rows(0).await;

    let mut exchanges = set.exchanges();
    // What does not come back goes last.
    exchanges.sort_by_key(|exchange| Situation::of(set, exchange) == Situation::Away);
    let (mut wrong, mut differing) = (Vec::new(), 0);
    for exchange in &exchanges {
        let (recorded, ours) = replay.one(exchange).await;
        differing += usize::from(recorded.to_string() != ours.to_string());
        let exchange = Exchange {
            call: replay.world.resolve(&exchange.call),
            form: exchange.form.as_ref().map(|form| replay.world.resolve(form)),
            ..exchange.clone()
        };
        wrong.extend(judge(set, &exchange, recorded, ours));
    }
    stop.cancel();
    running.wait().await;
    println!(
        "deltacloud {} on {kind:?}: {} of {} equal, {differing} different",
        set.name(),
        exchanges.len() - differing,
        exchanges.len()
    );
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        set.name(),
        wrong.join("\n")
    );
}

fn start(set: Set) -> DateTime<Utc> {
    match set {
        Set::Openstack => "2026-11-22T06:58:18Z",
        Set::Mock => "2013-03-06T08:56:15Z",
    }
    .parse()
    .unwrap()
}

impl Replay {
    /// Sends one request, in the state of the recording, and returns both answers.
    async fn one(&mut self, exchange: &Exchange) -> (Answer, Answer) {
        self.world.rows(exchange.n).await;
        let mut recorded = Answer::recorded(exchange, |text| self.world.resolve(text));
        let made_at = recorded.created().filter(|_text| exchange.status == 201);
        self.clock.turn(made_at.map(|text| moment(&text)));
        let deletes = exchange.method() == "DELETE" && exchange.status == 204;
        if deletes {
            self.work().await;
        }
        let situation = Situation::of(self.set, exchange);
        situation.begin(&self.world, exchange).await;
        let ours = self.send(exchange).await;
        situation.end(&self.world, exchange).await;
        if deletes {
            self.work().await;
        }
        self.world
            .learn(exchange.reply_headers.get("location"), ours.headers.get("location"));
        (Answer::recorded(exchange, |text| self.world.resolve(text)), ours)
    }

    /// Lets the back end do what is left to do.
    async fn work(&self) {
        while !matches!(self.worker.step().await.unwrap(), Step::Idle) {}
    }

    async fn send(&self, exchange: &Exchange) -> Answer {
        let method = Method::from_bytes(exchange.method().as_bytes()).unwrap();
        let target = self.world.resolve(exchange.target());
        let mut request = self
            .client
            .request(method, format!("{}{target}", self.base))
            .header("Host", self.set.host());
        if let Some(login) = &exchange.login {
            request = request.header("Authorization", format!("Basic {}", BASE64_STANDARD.encode(login)));
        }
        for (name, value) in &exchange.headers {
            request = request.header(name, value);
        }
        if let Some(form) = &exchange.form {
            request = request.body(self.world.resolve(form));
        }
        let reply = request.send().await.expect("a reply");
        let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
        Answer::ours(status, &headers, &reply.text().await.unwrap())
    }
}

/// When something was made, in any of the forms of the recordings.
pub fn moment(text: &str) -> DateTime<Utc> {
    let here = ["%Y-%m-%dT%H:%M:%S%.f", CLASSIC].map(|form| NaiveDateTime::parse_from_str(text, form));
    if let Some(time) = here.into_iter().find_map(Result::ok) {
        return time.and_utc();
    }
    let zoned = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S %z");
    zoned.expect(text).to_utc()
}

/// What is wrong with an exchange: that it differs in another way than its differences say, or that one of them
/// changes nothing.
pub fn judge(set: Set, exchange: &Exchange, mut recorded: Answer, mut ours: Answer) -> Vec<String> {
    let about = format!("{} {} {}", exchange.n, exchange.what, exchange.call);
    if std::env::var_os("DELTACLOUD_REPORT").is_some() && recorded.to_string() != ours.to_string() {
        println!("{about}\n-- recorded: {recorded}-- ours: {ours}");
    }
    let mut wrong = Vec::new();
    let listed = ACCEPTED.iter().filter(|it| it.1 == set && it.2.contains(&exchange.n));
    for (difference, _set, _numbers) in listed {
        let before = format!("{recorded}{ours}");
        explain::apply(difference, exchange, &mut recorded, &mut ours);
        if before == format!("{recorded}{ours}") {
            wrong.push(format!(
                "{about}: `{difference}` changes nothing: take it out of accepted.rs"
            ));
        }
    }
    let (recorded, ours) = (recorded.to_string(), ours.to_string());
    if recorded != ours {
        wrong.push(format!("{about} differs\n-- recorded: {recorded}-- ours: {ours}"));
    }
    wrong
}
