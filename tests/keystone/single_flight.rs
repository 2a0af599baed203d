//! Many requests, one question.

use tokio::task::JoinSet;

use crate::support::{Mode, World};

keystone_suite!(
    fifty_requests_with_a_new_token_ask_once,
    fifty_requests_after_a_period_ask_once,
    fifty_requests_with_an_unknown_token_ask_once,
    fifty_requests_share_a_failure,
    many_new_tokens_need_one_login,
    a_client_that_leaves_takes_nothing_along,
);

/// Sends that many requests while Keystone does not answer, and lets it answer as it will.
async fn herd(w: &World, token: &str, count: usize, then: Mode) -> Vec<u16> {
    let before = w.keystone.asked_about(token);
    w.keystone.become_(Mode::Held);
    let mut requests = JoinSet::new();
    for _ in 0..count {
        let (api, token) = (w.api.clone(), token.to_owned());
        requests.spawn(async move { api.list(&token).await.status });
    }
    // A first login is held, too, and then nobody is asked about the token yet.
    w.until("a question", |keystone| keystone.asked_about(token) > before)
        .await;
    w.everything_arrived().await;
    w.keystone.become_(then);
    let statuses = requests.join_all().await;
    assert_eq!(w.keystone.asked_about(token), before + 1);
    statuses
}

async fn log_in(w: &World) {
    let first = w.keystone.member();
    w.api.list(&first).await.expect(200);
}

async fn fifty_requests_with_a_new_token_ask_once(w: World) {
    log_in(&w).await;
    let token = w.keystone.member();
    assert_eq!(herd(&w, &token, 50, Mode::Well).await, [200; 50]);
    w.api.list(&token).await.expect(200);
    assert_eq!(w.keystone.asked_about(&token), 1);
}

async fn fifty_requests_after_a_period_ask_once(w: World) {
    let token = w.keystone.member();
    w.api.list(&token).await.expect(200);
    w.advance(300);
    assert_eq!(herd(&w, &token, 50, Mode::Well).await, [200; 50]);
    assert_eq!(w.keystone.asked_about(&token), 2);
}

async fn fifty_requests_with_an_unknown_token_ask_once(w: World) {
    log_in(&w).await;
    assert_eq!(herd(&w, "gAAAAA-nobody", 50, Mode::Well).await, [401; 50]);
}

async fn fifty_requests_share_a_failure(w: World) {
    log_in(&w).await;
    let token = w.keystone.member();
    assert_eq!(herd(&w, &token, 50, Mode::Broken(500)).await, [503; 50]);
    // Which nobody remembers.
    w.keystone.become_(Mode::Well);
    w.api.list(&token).await.expect(200);
}

async fn many_new_tokens_need_one_login(w: World) {
    w.keystone.become_(Mode::Held);
    let mut requests = JoinSet::new();
    for _ in 0..20 {
        let (api, token) = (w.api.clone(), w.keystone.member());
        requests.spawn(async move { api.list(&token).await.status });
    }
    w.everything_arrived().await;
    w.keystone.become_(Mode::Well);
    assert_eq!(requests.join_all().await, [200; 20]);
    assert_eq!(w.keystone.logins(), 1);
}

async fn a_client_that_leaves_takes_nothing_along(w: World) {
    log_in(&w).await;
    let token = w.keystone.member();
    w.keystone.become_(Mode::Held);
    let mut first = JoinSet::new();
    let (api, name) = (w.api.clone(), token.clone());
    first.spawn(async move { api.list(&name).await.status });
    w.until("a question", |keystone| keystone.asked_about(&token) == 1)
        .await;
    let mut others = JoinSet::new();
    for _ in 0..10 {
        let (api, token) = (w.api.clone(), token.clone());
        others.spawn(async move { api.list(&token).await.status });
    }
    w.everything_arrived().await;
    first.shutdown().await;
    w.everything_arrived().await;
    w.keystone.become_(Mode::Well);
    assert_eq!(others.join_all().await, [200; 10]);
    assert_eq!(w.keystone.asked_about(&token), 1);
}
