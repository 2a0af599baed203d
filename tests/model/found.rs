//! Cases that have failed once, as short as they shrank.

use crate::action::{Action, By, Call, Fault, Origin, Pick};

/// Each with what it was about.
pub fn cases() -> Vec<(&'static str, Vec<Action>)> {
    let done = || Action::Step(0, Fault::None, None);
    let by_admin = |call| Action::Call(By::Admin, call);
    let snapshot = || {
        let volume = Call::CreateVolume(Some(1), Origin::Nothing, None);
        let snapshot = Call::CreateSnapshot {
            of: Pick(0),
            force: None,
            name: None,
        };
        let by_owner = |call| Action::Call(By::Owner, call);
        vec![by_owner(volume), done(), by_owner(snapshot), done()]
    };
    let let_go = [by_admin(Call::Unmanage(Pick(0))), done()];
    let taken_back = [by_admin(Call::Manage(Pick(0), Pick(0))), done()];
    vec![(
        "a snapshot that was let go and taken over again left the lock file of its old name",
        [snapshot(), let_go.to_vec(), taken_back.to_vec()].concat(),
    )]
}
