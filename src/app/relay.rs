//! Passes calls on between processes, so that work accepted by one is begun by another at once.
//!
//! Calls made in quick succession become one. A lost call, or a lost connection, costs nothing but the time until
//! a worker's next look at the database.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    store::{Call, Listener, Store, StoreError},
    wakeup::{Subject, Wakeup},
};

/// Between two attempts to listen; doubled after each, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Between two calls: each wakes all processes, and costs the database a transaction.
const BETWEEN_CALLS: Duration = Duration::from_millis(10);

/// Passes on until `stop` fires, if anybody else can be there.
pub(super) async fn run(store: Store, wakeup: Wakeup, stop: CancellationToken) {
    if !store.is_shared() {
        return;
    }
    tokio::select! {
        () = stop.cancelled() => {}
        () = call(&store, &wakeup) => {}
        () = hear(&store, &wakeup) => {}
    }
}

async fn call(store: &Store, wakeup: &Wakeup) {
    loop {
        let call = match wakeup.to_pass_on().await {
            Subject::Work => Call::Work,
            Subject::Recall => Call::Recall,
        };
        if let Err(error) = store.call(call).await {
            tracing::debug!(%error, "cannot call other processes");
        }
        tokio::time::sleep(BETWEEN_CALLS).await;
    }
}

async fn hear(store: &Store, wakeup: &Wakeup) {
    let mut pause = FIRST_PAUSE;
    loop {
        match store.listen().await {
            Ok(Some(mut listener)) => {
                pause = FIRST_PAUSE;
                // Something may have been said before.
                wakeup.heard(Subject::Work);
                wakeup.heard(Subject::Recall);
                let error = listen(&mut listener, wakeup).await;
                tracing::warn!(%error, "no longer hears other processes");
            }
            Ok(None) => return std::future::pending().await,
            Err(error) => tracing::warn!(%error, "cannot hear other processes"),
        }
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.9..1.1))).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn listen(listener: &mut Listener, wakeup: &Wakeup) -> StoreError {
    loop {
        match listener.heard().await {
            Ok(Call::Work) => wakeup.heard(Subject::Work),
            Ok(Call::Recall) => wakeup.heard(Subject::Recall),
            Err(error) => return error,
        }
    }
}
