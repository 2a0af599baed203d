//! What must hold after every scenario, whatever it was about.

use breezeblock::audit;

use crate::{history, world::World};

/// Asks the program's own audit, and looks at every step on the way. The scripted driver holds no objects, so
/// nothing is said about them here.
pub async fn check(world: &World) {
    let report = audit::examine(&world.store, None).await.unwrap();
    let told: Vec<_> = report
        .findings
        .iter()
        .map(|finding| format!("{}: {finding}", finding.invariant()))
        .collect();
    assert!(told.is_empty(), "\n{}", told.join("\n"));
    history::check(&world.database.url).await;
}
