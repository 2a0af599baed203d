//! A policy file over Cinder's defaults, and callers whose token is for no project.

use serde_json::json;

use crate::support::{App, OTHER, PROJECT, Reply, column, text};

api_suite!(
    identity crate::support::Cast;
    a_policy_file_replaces_rules ["policy.file" = "tests/api/policy.yaml"],
    calls_ask_the_rules_that_cinder_asks ["policy.file" = "tests/api/policy.yaml"],
    a_policy_file_says_who_is_an_admin ["policy.file" = "tests/api/policy.yaml"],
    the_system_has_no_project,
    nobody_acts_without_a_project,
);

async fn a_policy_file_replaces_rules(app: App) {
    let of = |roles: &str| app.api.of(&format!("{roles}/ann"), PROJECT);
    let (member, backup, root) = (of("reader+member"), of("backup"), of("cloud_admin+reader"));
    let volume = member
        .post("/volumes", json!({"volume": {"size": 1}}))
        .await
        .expect(202);
    let volume = text(&volume.part("volume"), "id").to_owned();
    app.drain().await;

    let new = json!({"snapshot": {"volume_id": volume}});
    let refusal = "Policy doesn't allow volume:create_snapshot to be performed.";
    member.post("/snapshots", new.clone()).await.expect_fault(403, refusal);
    root.post("/snapshots", new.clone()).await.expect_fault(403, refusal);
    let snapshot = backup.post("/snapshots", new).await.expect(202);
    let snapshot = format!("/snapshots/{}", text(&snapshot.part("snapshot"), "id"));
    app.drain().await;

    member.get("/scheduler-stats/get_pools").await.expect(200);
    root.delete(&snapshot)
        .await
        .expect_fault(403, "Policy doesn't allow volume:delete_snapshot to be performed.");
    let extended = "os-extended-snapshot-attributes:progress";
    let shown = member.get(&snapshot).await.expect(200).part("snapshot");
    assert!(shown.get(extended).is_none(), "{shown}");
    let shown = root.get(&snapshot).await.expect(200).part("snapshot");
    assert!(shown.get(extended).is_some(), "{shown}");
}

async fn calls_ask_the_rules_that_cinder_asks(app: App) {
    let member = app.api.of("reader+member/ann", PROJECT);
    let reply = member
        .post("/volumes", json!({"volume": {"size": 1}}))
        .await
        .expect(202);
    let path = format!("/volumes/{}", text(&reply.part("volume"), "id"));
    app.drain().await;
    let refused = |reply: Reply, rule: &str| {
        reply.expect_fault(403, &format!("Policy doesn't allow {rule} to be performed."));
    };
    let bootable = json!({"bootable": true});
    refused(member.act(&path, "os-set_bootable", bootable).await, "volume:update");
    let many = json!({"metadata": {"k": "v"}});
    member.post(&format!("{path}/metadata"), many).await.expect(200);
    let one = json!({"meta": {"k": "w"}});
    let reply = member.put(&format!("{path}/metadata/k"), one).await;
    refused(reply, "volume:update_volume_metadata");
    refused(member.get("/types/default").await, "volume_extension:type_get");
}

async fn a_policy_file_says_who_is_an_admin(app: App) {
    let own = app.api.of("reader+member/ann", PROJECT);
    own.post("/volumes", json!({"volume": {"size": 1}})).await.expect(202);
    let everything = "/volumes?all_tenants=1";
    // The defaults' `role:admin` still passes rules that name it, and sees its own project only.
    let old = app.api.of("admin+member+reader/bob", OTHER);
    assert!(column(&old.get(everything).await.expect(200).part("volumes"), "id").is_empty());
    let new = app.api.of("cloud_admin+reader/root", OTHER);
    assert_eq!(
        column(&new.get(everything).await.expect(200).part("volumes"), "id").len(),
        1
    );
}

async fn the_system_has_no_project(app: App) {
    let volume = app.volume(1).await;
    let system = app.api.token("admin+member+reader/root:").below("/v3");
    assert!(column(&system.get("/volumes").await.expect(200).part("volumes"), "id").is_empty());
    assert_eq!(
        column(
            &system.get("/volumes?all_tenants=1").await.expect(200).part("volumes"),
            "id"
        ),
        [volume.as_str()]
    );
    system.get(&format!("/volumes/{volume}")).await.expect(200);
    system.get("/limits").await.expect(200);
    let refusal = |reply: Reply| reply.expect_fault(403, "Not authorized.");
    refusal(system.post("/volumes", json!({"volume": {"size": 1}})).await);
    refusal(
        system
            .post("/snapshots", json!({"snapshot": {"volume_id": volume}}))
            .await,
    );
    let below = system.below(&format!("/v3/{PROJECT}"));
    below.get("/volumes").await.expect_fault(400, "Malformed request url");
}

async fn nobody_acts_without_a_project(app: App) {
    let volume = app.volume(1).await;
    let nobody = app.api.token("member+reader/ann:").below("/v3");
    for path in ["/volumes", "/snapshots/detail", "/types", &format!("/volumes/{volume}")] {
        nobody.get(path).await.expect_fault(403, "Not authorized.");
    }
    for path in ["/extensions", "/os-availability-zone", "/limits"] {
        nobody.get(path).await.expect(200);
    }
}
