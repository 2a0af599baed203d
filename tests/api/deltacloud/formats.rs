//! In which format answers and errors come, and that nothing gets out of its place in any of them.

use serde_json::{Value, json};

use super::{Answer, client};
use crate::support::App;

api_suite!(
    formats_as_asked,
    errors_in_each_format,
    names_stay_text,
    pages_are_for_people
);

async fn formats_as_asked(app: App) {
    let dc = client(&app);
    for (accept, query, expected) in [
        ("", "", Some("application/xml")),
        ("*/*", "", Some("text/html")),
        ("*/*", "?format=xml", Some("application/xml")),
        ("application/json", "", Some("application/json")),
        ("application/xml, application/json", "", Some("application/json")),
        ("image/gif", "", None),
        ("application/xml", "?format=png", None),
        ("application/xml", "?format=", None),
    ] {
        let request = dc.accepting(accept, &format!("/api/storage_snapshots{query}"));
        let answer = Answer::to(request).await;
        let case = format!("{accept:?} {query}: {answer:?}");
        if expected.is_some() {
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (200, expected),
                "{case}"
            );
        } else {
            assert_eq!((answer.status, &*answer.text), (406, ""), "{case}");
            assert_eq!(answer.header("x-deltacloud-driver"), None, "{case}");
        }
    }
    // A refused format changes nothing, unlike upstream.
    let volume = app.volume(1).await;
    for path in ["/api/storage_snapshots?format=png", "/api/storage_volumes?format=png"] {
        dc.post(path, &[("volume_id", &volume)]).await.expect(406);
    }
    dc.delete(&format!("/api/storage_volumes/{volume}?format=png"))
        .await
        .expect(406);
    assert_eq!(app.volume_status(&volume).await, "available");
    assert_eq!(dc.ids("storage_snapshots").await, Vec::<String>::new());
    for path in [
        "/api/storage_snapshots/new?format=xml",
        "/api/storage_volumes/new?format=json",
    ] {
        dc.get(path).await.expect(406);
    }
}

async fn errors_in_each_format(app: App) {
    let dc = client(&app);
    let message = "Snapshot a\"b could not be found.";
    let xml = dc
        .get("/api/storage_snapshots/a%22b?format=xml")
        .await
        .expect_error(404, message);
    assert!(
        xml.text
            .contains("<backend driver='openstack' provider='default'></backend>"),
        "{xml:?}"
    );
    assert_eq!(xml.xml("param"), ["\"xml\"", "\"a\\\"b\""]);
    let json = dc.get("/api/storage_snapshots/a%22b?format=json").await.expect(404);
    assert_eq!(
        json.text,
        r#"{"code":404,"message":"Snapshot a\"b could not be found.","error":"Deltacloud::Exceptions::ObjectNotFound"}"#
    );
    let html = dc.get("/api/storage_snapshots/a%22b?format=html").await.expect(404);
    assert_eq!(html.header("content-type"), Some("text/html"));
    assert!(
        html.text.contains("<h1>404 - Not Found</h1>") && html.text.contains("a&quot;b"),
        "{html:?}"
    );
}

async fn names_stay_text(app: App) {
    let volume = app.volume(1).await;
    let evil = "</name><x y='1'>&amp; \"]]> <script>alert(1)</script>";
    let dc = client(&app);
    let form = [("volume_id", &*volume), ("name", evil), ("description", evil)];
    let made = dc
        .post("/api/storage_snapshots?format=json", &form)
        .await
        .expect(201)
        .json();
    let id = made["storage_snapshot"]["id"].as_str().unwrap();
    for path in [
        "/api/storage_snapshots".to_owned(),
        format!("/api/storage_snapshots/{id}"),
    ] {
        let xml = dc.get(&format!("{path}?format=xml")).await.expect(200);
        assert_eq!(
            (xml.xml("name"), xml.xml("description")),
            (vec![evil.to_owned()], vec![evil.to_owned()])
        );
        let html = dc.get(&format!("{path}?format=html")).await.expect(200);
        assert!(
            !html.text.contains("<script") && html.text.contains("&lt;script&gt;"),
            "{html:?}"
        );
    }
    // What another front lets in and XML cannot say is shown as a stand-in.
    let body = json!({"snapshot": {"name": "bell\u{7}\u{ffff}"}});
    app.api.put(&format!("/snapshots/{id}"), body).await.expect(200);
    let path = format!("/api/storage_snapshots/{id}");
    assert_eq!(dc.get(&path).await.xml("name"), ["bell\u{fffd}\u{fffd}"]);
    let json: Value = dc.get(&format!("{path}?format=json")).await.json();
    assert_eq!(json["storage_snapshot"]["name"], json!("bell\u{7}\u{ffff}"));
    app.drain().await;
}

async fn pages_are_for_people(app: App) {
    let volume = app.volume_with(json!({"size": 1, "name": "data"})).await;
    let snapshot = app.snapshot(&volume).await;
    let dc = client(&app);
    for (path, texts) in [
        ("/api".to_owned(), vec!["Storage snapshots", "/api/docs"]),
        (
            "/api/storage_snapshots".to_owned(),
            vec![&*snapshot, "available", "/api/storage_snapshots/new"],
        ),
        (
            format!("/api/storage_snapshots/{snapshot}"),
            vec![&*volume, "name=\"_method\"", "Delete"],
        ),
        (
            "/api/storage_snapshots/new".to_owned(),
            vec!["data (", "<label for=\"volume_id\">"],
        ),
        (format!("/api/storage_snapshots/new?volume_id={volume}"), vec![&*volume]),
        ("/api/storage_volumes".to_owned(), vec!["data", "AVAILABLE"]),
        (format!("/api/storage_volumes/{volume}"), vec!["Take a snapshot"]),
        ("/api/storage_volumes/new".to_owned(), vec!["<label for=\"capacity\">"]),
        ("/api/realms/nova".to_owned(), vec!["Max. Snapshots"]),
        ("/api/docs/storage_snapshots/create".to_owned(), vec!["volume_id"]),
    ] {
        let page = Answer::to(dc.accepting("text/html", &path)).await.expect(200);
        assert!(
            page.text.starts_with("<!DOCTYPE html>") && page.text.ends_with("</html>\n"),
            "{page:?}"
        );
        assert!(
            page.text.contains("<title>Deltacloud API 1.1.3</title>") && !page.text.contains("<script"),
            "{page:?}"
        );
        assert!(page.header("content-security-policy").is_some(), "{page:?}");
        for text in texts {
            assert!(page.text.contains(text), "{text} in {page:?}");
        }
    }
}
