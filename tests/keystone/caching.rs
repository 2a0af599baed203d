//! How long an answer of Keystone is believed.

use crate::support::{Mode, World, member};

keystone_suite!(
    a_token_is_asked_about_once_a_period,
    a_period_is_what_the_settings_say["keystone.token_cache_time" = "30"],
    a_period_of_nothing_asks_every_time["keystone.token_cache_time" = "0"],
    an_entry_ends_with_its_token,
    a_revoked_token_works_no_longer_than_a_period,
    an_unknown_token_is_asked_about_once_for_a_while,
    what_is_remembered_is_bounded["keystone.cache_size" = "1"],
);

async fn a_token_is_asked_about_once_a_period(w: World) {
    let token = w.keystone.member();
    for period in 1..=3 {
        for _ in 0..5 {
            w.api.list(&token).await.expect(200);
        }
        w.advance(299);
        w.api.list(&token).await.expect(200);
        assert_eq!(w.keystone.asked_about(&token), period);
        w.advance(1);
    }
    assert_eq!(w.keystone.logins(), 1);
}

async fn a_period_is_what_the_settings_say(w: World) {
    let token = w.keystone.member();
    for (later, asked) in [(0, 1), (29, 1), (1, 2), (29, 2), (1, 3)] {
        w.advance(later);
        w.api.list(&token).await.expect(200);
        assert_eq!(w.keystone.asked_about(&token), asked);
    }
}

async fn a_period_of_nothing_asks_every_time(w: World) {
    let token = w.keystone.member();
    for asked in 1..=3 {
        w.api.list(&token).await.expect(200);
        assert_eq!(w.keystone.asked_about(&token), asked);
    }
}

async fn an_entry_ends_with_its_token(w: World) {
    let token = w.keystone.grant(100, member);
    w.api.list(&token).await.expect(200);
    w.advance(99);
    w.api.list(&token).await.expect(200);
    assert_eq!(w.keystone.asked_about(&token), 1);
    w.advance(1);
    w.api.list(&token).await.expect(401);
    // Not even a Keystone that is away lets it live on.
    let other = w.keystone.grant(100, member);
    w.api.list(&other).await.expect(200);
    w.keystone.become_(Mode::Broken(502));
    w.api.list(&other).await.expect(200);
    w.advance(100);
    w.api.list(&other).await.expect(503);
}

async fn a_revoked_token_works_no_longer_than_a_period(w: World) {
    let token = w.keystone.member();
    w.api.list(&token).await.expect(200);
    w.keystone.revoke(&token);
    w.advance(299);
    w.api.list(&token).await.expect(200);
    w.advance(1);
    w.api.list(&token).await.expect(401);
}

async fn an_unknown_token_is_asked_about_once_for_a_while(w: World) {
    let token = "gAAAAA-nobody-has-this";
    for (later, asked) in [(0, 1), (9, 1), (1, 2), (0, 2)] {
        w.advance(later);
        w.api.list(token).await.expect(401);
        assert_eq!(w.keystone.asked_about(token), asked);
    }
}

async fn what_is_remembered_is_bounded(w: World) {
    let tokens: Vec<_> = (0..20).map(|_| w.keystone.member()).collect();
    let total = || tokens.iter().map(|token| w.keystone.asked_about(token)).sum::<usize>();
    for token in &tokens {
        w.api.list(token).await.expect(200);
    }
    assert_eq!(total(), 20);
    for token in &tokens {
        w.api.list(token).await.expect(200);
    }
    // There was room for one; it may take the cache a moment to notice that it holds more.
    assert!((30..=40).contains(&total()), "{}", total());
}
