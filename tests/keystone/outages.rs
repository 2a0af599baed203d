//! Keystone is away, or not itself.

use std::time::{Duration, Instant};

use crate::support::{Mode, Reply, World, logged};
use reqwest::Method;

keystone_suite!(
    each_trouble_is_a_503_and_ends_at_once,
    a_dead_keystone_is_bridged_by_what_is_known,
    a_hanging_keystone_is_given_up["keystone.timeout" = "1"],
    a_dead_keystone_at_the_start_is_no_obstacle,
    a_restarted_keystone_is_used_at_once,
    the_503_is_webobs,
);

async fn each_trouble_is_a_503_and_ends_at_once(w: World) {
    for mode in [
        Mode::Broken(500),
        Mode::Broken(502),
        Mode::Broken(503),
        Mode::Broken(504),
        Mode::Broken(300),
        Mode::Broken(302),
        Mode::Broken(400),
        // Not in Keystone's words.
        Mode::Broken(404),
        Mode::Broken(413),
        Mode::Broken(429),
        Mode::Broken(204),
        Mode::Nonsense(""),
        Mode::Nonsense("<html>welcome</html>"),
        Mode::Nonsense("{\"token\": {}}"),
        Mode::Nonsense("{\"token\": {\"expires_at\": null}}"),
    ] {
        let token = w.keystone.member();
        w.keystone.become_(mode);
        let reply = w.api.list(&token).await;
        assert_eq!(reply.status, 503, "{mode:?}: {reply:?}");
        w.keystone.become_(Mode::Well);
        w.api.list(&token).await.expect(200);
    }
    assert!(!logged("Keystone answered 502").is_empty());
}

async fn a_dead_keystone_is_bridged_by_what_is_known(w: World) {
    let (known, unknown) = (w.keystone.member(), w.keystone.member());
    w.api.list(&known).await.expect(200);
    w.keystone.die().await;
    for _ in 0..3 {
        w.api.list(&known).await.expect(200);
        w.api.list(&unknown).await.expect(503);
    }
    w.advance(300);
    w.api.list(&known).await.expect(503);
    w.keystone.rise().await;
    w.api.list(&known).await.expect(200);
    w.api.list(&unknown).await.expect(200);
    assert!(!logged("Keystone does not answer").is_empty());
}

async fn a_hanging_keystone_is_given_up(w: World) {
    let (known, token) = (w.keystone.member(), w.keystone.member());
    w.api.list(&known).await.expect(200);
    w.keystone.become_(Mode::Held);
    let start = Instant::now();
    w.api.list(&token).await.expect(503);
    let took = start.elapsed();
    assert!(
        took >= Duration::from_millis(900) && took < Duration::from_secs(5),
        "{took:?}"
    );
    // A timeout is no reason to ask twice.
    assert_eq!(w.keystone.asked_about(&token), 1);
    w.api.list(&known).await.expect(200);
    w.keystone.become_(Mode::Well);
    w.api.list(&token).await.expect(200);
}

async fn a_dead_keystone_at_the_start_is_no_obstacle(w: World) {
    let token = w.keystone.member();
    w.keystone.die().await;
    w.api.list(&token).await.expect(503);
    w.keystone.rise().await;
    w.api.list(&token).await.expect(200);
}

async fn a_restarted_keystone_is_used_at_once(w: World) {
    // The connection that was kept open is gone, which is not the user's problem.
    for _ in 0..5 {
        let token = w.keystone.member();
        w.api.list(&token).await.expect(200);
        w.keystone.die().await;
        w.keystone.rise().await;
        let token = w.keystone.member();
        w.api.list(&token).await.expect(200);
    }
    assert_eq!(w.keystone.logins(), 1);
}

async fn the_503_is_webobs(w: World) {
    let token = w.keystone.member();
    w.keystone.become_(Mode::Broken(500));
    let explanation = "The server is currently unavailable. Please try again at a later time.";
    let detail = "The Keystone service is temporarily unavailable.";
    let json = format!(
        r#"{{"message": "{explanation}<br /><br />\n{detail}\n\n", "code": "503 Service Unavailable", "title": "Service Unavailable"}}"#
    );
    let html = format!(
        "<html>\n <head>\n  <title>503 Service Unavailable</title>\n </head>\n <body>\n  <h1>503 Service Unavailable</h1>\n  \
         {explanation}<br /><br />\n{detail}\n\n\n </body>\n</html>"
    );
    let plain = format!("503 Service Unavailable\n\n{explanation}\n\n {detail}  ");
    for (accept, kind, body) in [
        (Some("application/json"), "application/json", &json),
        (Some("text/html"), "text/html; charset=UTF-8", &html),
        (Some("*/*"), "text/html; charset=UTF-8", &html),
        (Some("text/plain"), "text/plain; charset=UTF-8", &plain),
        (None, "text/plain; charset=UTF-8", &plain),
    ] {
        let mut request = w.api.request(Method::GET, "/v3/volumes").header("X-Auth-Token", &token);
        if let Some(accept) = accept {
            request = request.header("Accept", accept);
        } else {
            request = request.header("Accept", "");
        }
        let reply = Reply::to(request).await.expect(503);
        assert_eq!(reply.text, *body, "{accept:?}");
        assert_eq!(reply.header("content-type"), Some(kind));
        assert_eq!(reply.header("www-authenticate"), None);
        assert_eq!(reply.header("x-compute-request-id"), None);
        assert!(reply.header("x-openstack-request-id").is_some());
    }
}
