//! Negotiation with `OpenStack-API-Version`.

use reqwest::{Method, header::ACCEPT};

use crate::support::{App, MALFORMED, NOWHERE, Reply};

api_suite!(
    a_version_in_range_is_granted_and_echoed,
    without_a_header_the_oldest_counts,
    a_version_out_of_range_is_refused_and_echoed,
    what_is_no_version_is_refused_without_echo,
    faults_carry_the_version_too,
    the_version_comes_after_routing_and_before_everything_else,
);

async fn ask(app: &App, header: &str) -> Reply {
    let request = app
        .api
        .request(Method::GET, "/snapshots")
        .header("OpenStack-API-Version", header);
    Reply::to(request).await
}

async fn a_version_in_range_is_granted_and_echoed(app: App) {
    for (header, version) in [
        ("volume 3.0", "3.0"),
        ("volume 3.27", "3.27"),
        ("volume 3.71", "3.71"),
        ("volume latest", "3.71"),
        ("volumev3 3.10", "3.10"),
        ("compute 2.1,volume 3.5", "3.5"),
        ("compute 2.1, volume 3.5", "3.5"),
        ("volume 3.27, compute 2.1", "3.27"),
        ("volume 3.27, volume 3.41", "3.27"),
        ("volume  3.27", "3.27"),
        ("volume\t3.27", "3.27"),
        (" volume 3.27 ", "3.27"),
    ] {
        let reply = ask(&app, header).await.expect(200);
        assert_eq!(
            reply.header("openstack-api-version"),
            Some(format!("volume {version}").as_str()),
            "{header:?}"
        );
    }
    // The header that gophercloud sends beside it counts for nothing.
    let request = app
        .api
        .request(Method::GET, "/snapshots")
        .header("X-OpenStack-Volume-API-Version", "3.27");
    let reply = Reply::to(request).await.expect(200);
    assert_eq!(reply.header("openstack-api-version"), Some("volume 3.0"));
}

async fn without_a_header_the_oldest_counts(app: App) {
    let reply = app.api.get("/snapshots").await.expect(200);
    assert_eq!(reply.header("openstack-api-version"), Some("volume 3.0"));
    assert_eq!(reply.header("vary"), Some("OpenStack-API-Version"));
}

async fn a_version_out_of_range_is_refused_and_echoed(app: App) {
    for (version, echoed) in [
        ("3.72", true),
        ("3.999", true),
        ("4.0", true),
        ("2.9", true),
        ("99999999999.1", true),
        // These came before microversions.
        ("2.0", false),
        ("1.0", false),
    ] {
        let text = format!("Version {version} is not supported by the API. Minimum is 3.0 and maximum is 3.71.");
        let reply = ask(&app, &format!("volume {version}")).await.expect_fault(406, &text);
        let header = format!("volume {version}");
        assert_eq!(reply.header("openstack-api-version"), echoed.then_some(header.as_str()));
    }
}

async fn what_is_no_version_is_refused_without_echo(app: App) {
    for version in [
        "abc", "3", "3.", ".1", "3.01", "3.00", "03.1", "0.1", "Latest", "LATEST", "3.27.1", "3.-1", "+3.1",
    ] {
        let text = format!("API Version String {version} is of invalid format. Must be of format MajorNum.MinorNum.");
        let reply = ask(&app, &format!("volume {version}")).await.expect_fault(400, &text);
        assert_eq!(reply.header("openstack-api-version"), None, "{version}");
    }
    for header in [
        "compute 2.1",
        "VOLUME 3.5",
        "Volume 3.5",
        "3.27",
        "",
        "block-storage 3.27",
    ] {
        let reply = ask(&app, header).await.expect_fault(400, MALFORMED);
        assert_eq!(reply.header("openstack-api-version"), None, "{header:?}");
    }
    // Cinder fails with 500 here.
    for header in ["volume", "volume ", "volume 3.5 x"] {
        ask(&app, header).await.expect_fault(400, MALFORMED);
    }
}

async fn faults_carry_the_version_too(app: App) {
    let client = app.at("3.27");
    let path = format!("/snapshots/{NOWHERE}");
    let text = format!("Snapshot {NOWHERE} could not be found.");
    let missing = client.get(&path).await.expect_fault(404, &text);
    let broken = client
        .send(Method::POST, "/snapshots", "{")
        .await
        .expect_fault(400, "Malformed request body");
    let foreign = client
        .below("/v3/abc")
        .get("/snapshots")
        .await
        .expect_fault(400, "Malformed request url");
    let request = client
        .request(Method::POST, "/snapshots")
        .header("Content-Type", "text/plain");
    let unreadable = Reply::to(request.body("x"))
        .await
        .expect_fault(415, "Unsupported Content-Type");
    for reply in [missing, broken, foreign, unreadable] {
        assert_eq!(reply.header("openstack-api-version"), Some("volume 3.27"), "{reply:?}");
    }
}

async fn the_version_comes_after_routing_and_before_everything_else(app: App) {
    for version in ["3.72", "abc"] {
        let request = app
            .at(version)
            .request(Method::GET, "/nosuchthing")
            .header(ACCEPT, "application/json");
        Reply::to(request).await.expect_no_route();
    }
    let text = "Version 3.72 is not supported by the API. Minimum is 3.0 and maximum is 3.71.";
    let client = app.at("3.72");
    client
        .send(Method::POST, "/snapshots", "{")
        .await
        .expect_fault(406, text);
    client
        .get(&format!("/snapshots/{NOWHERE}"))
        .await
        .expect_fault(406, text);
    client.below("/v3/abc").get("/snapshots").await.expect_fault(406, text);
    client.get("/snapshots?limit=x").await.expect_fault(406, text);
}
