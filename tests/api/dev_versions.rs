//! The development identity's version documents, which need no token, and what there is not.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, Reply, keystone};

api_suite!(dev;
    both_documents_say_what_this_is,
    addresses_are_the_clients_own,
    a_public_endpoint_is_everywhere ["server.public_endpoint" = "https://cloud.example/volume"],
    what_there_is_not,
    cinder_sends_strangers_to_the_identity,
);
mod without {
    use super::the_identity_is_not_there_under_noauth;
    api_suite!(the_identity_is_not_there_under_noauth);
}

fn version(href: &str) -> Value {
    json!({
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": href}],
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
        "note": "development identity built into breezeblock; not for production",
    })
}

async fn both_documents_say_what_this_is(app: App) {
    let api = app.api.anonymous().below("/identity");
    let href = format!("{}/identity/v3/", app.api.root());
    for path in ["", "/"] {
        let reply = api.get(path).await.expect(300);
        assert_eq!(reply.json(), json!({"versions": {"values": [version(&href)]}}));
        assert_eq!(reply.header("location"), Some(href.as_str()));
    }
    for path in ["/v3", "/v3/"] {
        let reply = api.get(path).await.expect(200);
        assert_eq!(reply.json(), json!({"version": version(&href)}));
        Reply::to(api.request(Method::HEAD, path)).await.expect(200);
    }
}

async fn addresses_are_the_clients_own(app: App) {
    let request = app.api.anonymous().below("/identity").request(Method::GET, "/v3");
    let request = request
        .header("X-Forwarded-Host", "cloud.example")
        .header("X-Forwarded-Proto", "https");
    let reply = Reply::to(request).await.expect(200);
    let href = "https://cloud.example/identity/v3/";
    assert_eq!(reply.part("version")["links"][0]["href"], json!(href));
}

async fn a_public_endpoint_is_everywhere(app: App) {
    let base = "https://cloud.example/volume";
    let reply = keystone(&app.api).get("").await.expect(200);
    let href = format!("{base}/identity/v3/");
    assert_eq!(reply.part("version")["links"][0]["href"], json!(href));
    let challenge = format!("Keystone uri=\"{base}/identity/v3\"");
    let refused = [
        keystone(&app.api).get("/users").await.expect(401),
        app.api.anonymous().get("/volumes").await.expect(401),
    ];
    for reply in refused {
        assert_eq!(reply.header("www-authenticate"), Some(challenge.as_str()));
    }
    let catalog = app.keystone_as("demo").await.get("/auth/catalog").await.expect(200);
    let url = &catalog.part("catalog")[0]["endpoints"][0]["url"];
    assert_eq!(*url, json!(format!("{base}/v3/{}", crate::support::Ids::DEMO_PROJECT)));
}

async fn what_there_is_not(app: App) {
    let not_found = "The requested URL was not found on the server. If you entered the URL manually please check your \
                     spelling and try again.";
    let api = app.api.anonymous().below("/identity");
    for path in ["/v2.0", "/v3/nonsense", "/v3/OS-TRUST/trusts", "/v3/users/a/b/c/d"] {
        api.get(path).await.expect_refusal(404, not_found);
    }
    let not_allowed = "The method is not allowed for the requested URL.";
    api.post("", json!({})).await.expect_refusal(405, not_allowed);
    api.delete("/v3").await.expect_refusal(405, not_allowed);
}

async fn cinder_sends_strangers_to_the_identity(app: App) {
    let stranger = app.api.anonymous().below("");
    stranger.get("/").await.expect(300);
    let address = format!("Keystone uri=\"{}/identity/v3\"", app.api.root());
    for path in ["/v3/", "/v3/volumes", "/v3/nonsense"] {
        let reply = stranger.get(path).await.expect(401);
        assert_eq!(reply.header("www-authenticate"), Some(address.as_str()));
    }
    // What noauth believes is nothing here.
    app.api.get("/volumes").await.expect(401);
}

async fn the_identity_is_not_there_under_noauth(app: App) {
    for path in ["/identity", "/identity/v3", "/identity/v3/auth/tokens"] {
        let request = app.api.below("").request(Method::GET, path);
        let reply = request.send().await.unwrap();
        assert_eq!(reply.status(), 404, "{path}");
        assert_eq!(reply.headers().get("vary"), None, "{path}");
    }
}
