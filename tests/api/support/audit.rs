//! What must hold after every case: the program's own audit of database and storage, and the history of statuses.

use std::{
    collections::HashSet,
    path::Path,
    sync::{Arc, Mutex},
};

use breezeblock::{
    audit::{self, Backend, Finding},
    domain::BackendHost,
    driver::{Driver, file::FileDriver},
    store::Store,
};

use crate::history;

/// The names of files that a case had in its hands: what becomes of those is its own business.
pub type Touched = Arc<Mutex<HashSet<String>>>;

/// Checks everything.
pub async fn check(store: &Store, url: &str, storage: &Path, touched: &Touched) {
    let driver = FileDriver::inspect(storage).await.unwrap();
    let host = host(store, &driver).await;
    let backend = Backend {
        driver: &driver,
        host: &host,
    };
    let findings = audit::examine(store, Some(backend)).await.unwrap().findings;
    let mut touched = touched.lock().unwrap().clone();
    touched.extend(
        history::let_go(url)
            .await
            .into_iter()
            .map(|id| format!("snapshot-{id}")),
    );
    let told: Vec<_> = findings
        .iter()
        .filter(|finding| !is_touched(finding, &touched))
        .map(|finding| format!("{}: {finding}", finding.invariant()))
        .collect();
    assert!(told.is_empty(), "\n{}", told.join("\n"));
    history::check(url).await;
}

/// The name under which the database knows this storage.
async fn host(store: &Store, driver: &FileDriver) -> BackendHost {
    for name in store.storage_names().await.unwrap() {
        if let Some(id) = store.storage_of(&name).await.unwrap()
            && driver.identify(Some(&id), &id).await.is_ok()
        {
            return name;
        }
    }
    BackendHost::new("brick", "file")
}

fn is_touched(finding: &Finding, touched: &HashSet<String>) -> bool {
    match finding {
        Finding::ObjectMissing(resource) | Finding::ObjectTooSmall { resource, .. } => {
            touched.contains(&resource.object_name())
        }
        // With this name in its hands, a case puts files of other names beside it.
        Finding::ObjectUnknown(object) => touched.contains(&object.name) || touched.contains("snapshot-x"),
        Finding::Remains(left_over) => touched.contains(&left_over.of.object_name()),
        Finding::Damage(_)
        | Finding::WorkMissing { .. }
        | Finding::WorkWithoutRow { .. }
        | Finding::WorkDoesNotFit { .. }
        | Finding::RevertDoesNotFit { .. }
        | Finding::RestoringAlone(_)
        | Finding::LeftBehind { .. }
        | Finding::ReasonMissing { .. }
        | Finding::UsageDiffers { .. }
        | Finding::GrowthRemains(_)
        | Finding::StatusUnreachable { .. }
        | Finding::SameMoment(_) => false,
    }
}
