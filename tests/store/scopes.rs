//! A project sees its own rows, an admin everybody's.

use breezeblock::{
    domain::{Direction, ListQuery, Message, MessageKey, ProjectId, Scope, Snapshot, SnapshotKey, Volume, VolumeKey},
    store::Store,
};

use crate::{
    fixture::{add_message, add_snapshot, add_volume, message, only, project, snapshot, volume},
    model::{all, list},
};

/// Whether each scope should show what belongs to project `p`.
fn expectations() -> [(Scope, bool); 4] {
    [
        (Scope::All, true),
        (only("p"), true),
        (only("q"), false),
        // Ids of projects are compared to the letter.
        (only("P"), false),
    ]
}

fn in_scope<K>(scope: &Scope, key: K) -> ListQuery<K> {
    ListQuery {
        scope: scope.clone(),
        ..all(vec![(key, Direction::Asc)])
    }
}

pub async fn a_project_sees_only_its_volumes(store: Store) {
    let mut foreign = volume();
    foreign.project_id = project("q");
    let own = volume();
    for volume in [&own, &foreign] {
        add_volume(&store, volume).await;
    }
    for (scope, visible) in expectations() {
        let shown = store.volume(&scope, own.id).await.unwrap();
        assert_eq!(shown.is_some(), visible, "{scope:?}");
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.volume_lock(&scope, own.id).await.unwrap(), shown, "{scope:?}");
        drop(tx);
        let listed = list::<Volume>(&store, &in_scope(&scope, VolumeKey::Id)).await;
        assert_eq!(listed.contains(&own), visible, "{scope:?}");
        let foreign_visible = scope.project().is_none_or(|project| project == "q");
        assert_eq!(listed.contains(&foreign), foreign_visible, "{scope:?}");
    }
}

pub async fn a_project_sees_only_its_snapshots(store: Store) {
    // The volume is another project's; only the snapshot's own project counts.
    let mut volume = volume();
    volume.project_id = project("q");
    let mut own = snapshot(&volume);
    own.project_id = project("p");
    add_volume(&store, &volume).await;
    add_snapshot(&store, &own).await;
    for (scope, visible) in expectations() {
        let shown = store.snapshot(&scope, own.id).await.unwrap();
        assert_eq!(shown.is_some(), visible, "{scope:?}");
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.snapshot_lock(&scope, own.id).await.unwrap(), shown, "{scope:?}");
        drop(tx);
        let listed = list::<Snapshot>(&store, &in_scope(&scope, SnapshotKey::Id)).await;
        assert_eq!(listed.contains(&own), visible, "{scope:?}");
    }
}

pub async fn a_project_sees_only_its_messages(store: Store) {
    let own = message();
    add_message(&store, &own).await;
    for (scope, visible) in expectations() {
        let shown = store.message(&scope, own.id).await.unwrap();
        assert_eq!(shown.is_some(), visible, "{scope:?}");
        let listed = list::<Message>(&store, &in_scope(&scope, MessageKey::Id)).await;
        assert_eq!(listed.contains(&own), visible, "{scope:?}");
    }
}

pub async fn a_marker_must_be_visible(store: Store) {
    let mut foreign = volume();
    foreign.project_id = ProjectId::new("q");
    let own = volume();
    for volume in [&own, &foreign] {
        add_volume(&store, volume).await;
    }
    let after_foreign = |marker_scope| ListQuery {
        marker: Some(foreign.id.uuid()),
        marker_scope,
        ..in_scope(&only("p"), VolumeKey::CreatedAt)
    };
    assert_eq!(store.volume_list(&after_foreign(only("p"))).await.unwrap(), None);
    // An admin's marker may be anybody's, even in a list of one project.
    let page = store.volume_list(&after_foreign(Scope::All)).await.unwrap().unwrap();
    assert_eq!(*page.items, [own]);
}
