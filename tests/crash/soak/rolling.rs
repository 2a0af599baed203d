//! A rolling restart of the API: clients that ask again only when nobody listens see no failed request, although they
//! keep their connections.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::Client;
use serde_json::{Value, json};

use super::cluster::{Cluster, FRONTS};
use crate::wait::Deadline;

const CLIENTS: usize = 4;
const ROUNDS: usize = 3;
const PATIENCE: Duration = Duration::from_mins(1);
const PROJECT: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_fails() {
    let cluster = Cluster::start().await;
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        let (stop, answered, addresses) = (Arc::clone(&stop), Arc::clone(&answered), cluster.addresses());
        clients.spawn(async move {
            // It keeps connections, which is what a restart can hurt.
            let client = crate::http::client().timeout(PATIENCE).build().unwrap();
            let (mut turn, mut refused) = (number, 0);
            while !stop.load(Ordering::Relaxed) {
                turn += 1;
                if ask(&client, &addresses[turn % addresses.len()], number, turn).await {
                    answered.fetch_add(1, Ordering::Relaxed);
                } else {
                    refused += 1;
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
            refused
        });
    }
    for _round in 0..ROUNDS {
        for front in FRONTS {
            more(&answered, 50).await;
            cluster.stop(front).await;
            cluster.run(front).await;
        }
    }
    more(&answered, 50).await;
    stop.store(true, Ordering::Relaxed);
    let refused: usize = clients.join_all().await.into_iter().sum();
    crate::report(&format!(
        "rolling restart: {} restarts, {} requests answered, {refused} connections refused, 0 requests failed",
        ROUNDS * FRONTS.len(),
        answered.load(Ordering::Relaxed),
    ));
}

async fn more(answered: &AtomicUsize, requests: usize) {
    let wanted = answered.load(Ordering::Relaxed) + requests;
    let mut deadline = Deadline::new("requests are answered", PATIENCE);
    while answered.load(Ordering::Relaxed) < wanted {
        deadline.pause("they are not").await;
    }
}

/// Whether it was answered, and not refused; panics on anything else.
async fn ask(client: &Client, address: &str, name: usize, turn: usize) -> bool {
    let request = if turn.is_multiple_of(3) {
        let body = json!({"volume_type": {"name": format!("{name}-{turn}")}});
        client.post(format!("{address}/v3/{PROJECT}/types")).json(&body)
    } else {
        client.get(format!("{address}/v3/{PROJECT}/snapshots/detail"))
    };
    match request.send().await {
        Ok(reply) => {
            let status = reply.status().as_u16();
            let body: Value = reply
                .json()
                .await
                .unwrap_or_else(|error| panic!("a body was cut: {error:?}"));
            assert_eq!(status, 200, "{body}");
            true
        }
        // Nobody listens there, so the request was not even sent.
        Err(error) if error.is_connect() => false,
        Err(error) => panic!("a request failed: {error:?}"),
    }
}
