//! Cases at random: what happens how often.

use proptest::{
    collection::vec,
    option,
    prelude::{Just, Strategy, any},
    prop_oneof,
    sample::select,
};

use crate::action::{Action, By, Call, Fault, Filter, Gate, Listing, Meta, Origin, Pick, Verb, Who};

/// A whole case. It begins with something to work on, or nearly all calls would be about nothing.
pub fn case() -> impl Strategy<Value = Vec<Action>> {
    let volume = (maker(), new_volume()).prop_map(made);
    let snapshot = (pick(), option::of(name())).prop_map(|(of, name)| Call::CreateSnapshot { of, force: None, name });
    let first = prop_oneof![
        2 => (maker(), new_volume()).prop_map(made),
        4 => (maker(), snapshot).prop_map(made),
        1 => (pick(), 0..3_usize).prop_map(|(of, place)| vec![Action::Write(of, place)]),
    ];
    let then = prop_oneof![
        48 => action().prop_map(|action| vec![action]),
        2 => overtaken(),
        1 => taken_back(),
        1 => stubborn(),
        1 => grown_in_use(),
    ];
    (volume, vec(first, 0..6), vec(then, 6..45))
        .prop_map(|(volume, first, then)| [volume, first.concat(), then.concat()].concat())
}

fn new_volume() -> impl Strategy<Value = Call> {
    let size_and_name = (1..3_u8, option::of(name()));
    size_and_name.prop_map(|(size, name)| Call::CreateVolume(Some(size), Origin::Nothing, name))
}

/// Something is made, without trouble.
fn made((by, call): (By, Call)) -> Vec<Action> {
    vec![Action::Call(by, call), Action::Step(0, Fault::None, None)]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        8 => (maker(), making()).prop_map(|(by, call)| Action::Call(by, call)),
        20 => (asker(), volume_call()).prop_map(|(by, call)| Action::Call(by, call)),
        18 => (asker(), snapshot_call()).prop_map(|(by, call)| Action::Call(by, call)),
        24 => step(),
        5 => (pick(), 0..3_usize).prop_map(|(of, place)| Action::Write(of, place)),
        6 => select(&[1, 2, 5, 31, 31, 31, 31, 400, -1, -40, -700][..]).prop_map(Action::Clock),
        3 => (who(), listing()).prop_map(|(who, listing)| Action::List(who, listing)),
        2 => (0..2_usize).prop_map(Action::Crash),
        1 => Just(Action::Put),
        1 => Just(Action::Restart),
    ]
}

/// A worker waits in the middle of a task, loses it, and goes on.
fn overtaken() -> impl Strategy<Value = Vec<Action>> {
    let by_admin = |call| vec![Action::Call(By::Admin, call)];
    let loss = prop_oneof![
        3 => Just(vec![Action::Clock(31), Action::Step(1, Fault::None, None)]),
        1 => pick().prop_map(move |of| by_admin(Call::ForceDeleteVolume(of))),
        1 => pick().prop_map(move |of| by_admin(Call::ForceDeleteSnapshot(of))),
        1 => pick().prop_map(move |of| by_admin(Call::ResetVolume(of, "available"))),
        1 => pick().prop_map(move |of| by_admin(Call::ResetSnapshot(of, "available"))),
    ];
    let gate = select(&[Gate::Before, Gate::After][..]);
    let more = option::of(Just(Action::Step(1, Fault::None, None)));
    (fault(), gate, loss, more).prop_map(|(fault, gate, loss, more)| {
        let waits = Action::Step(0, fault, Some(gate));
        let goes_on = Action::Step(0, Fault::None, None);
        [vec![waits], loss, Vec::from_iter(more), vec![goes_on]].concat()
    })
}

/// An admin says a status while a revert is asked for or half done.
fn taken_back() -> impl Strategy<Value = Vec<Action>> {
    let half_done = option::of(select(&[Gate::Before, Gate::After][..]));
    (pick(), select(VOLUME_RESETS), half_done).prop_map(|(of, status, gate)| {
        let snapshot = made((
            By::Owner,
            Call::CreateSnapshot {
                of,
                force: None,
                name: None,
            },
        ));
        let revert = Action::Call(By::Owner, Call::Revert { of, to: None });
        let half_done = gate.map(|gate| Action::Step(0, Fault::None, Some(gate)));
        let reset = Action::Call(By::Admin, Call::ResetVolume(of, status));
        [snapshot, vec![revert], Vec::from_iter(half_done), vec![reset]].concat()
    })
}

/// Work that fails again and again, until nobody tries it any more.
fn stubborn() -> impl Strategy<Value = Vec<Action>> {
    let ask = prop_oneof![
        (asker(), volume_call()).prop_map(|(by, call)| Action::Call(by, call)),
        (asker(), snapshot_call()).prop_map(|(by, call)| Action::Call(by, call)),
        (maker(), making()).prop_map(|(by, call)| Action::Call(by, call)),
    ];
    let fails = select(
        &[
            Fault::Later,
            Fault::Later,
            Fault::Busy,
            Fault::UnknownUndone,
            Fault::UnknownDone,
        ][..],
    );
    (ask, vec(fails, 2..6)).prop_map(|(ask, faults)| {
        let again = |fault| [Action::Step(0, fault, None), Action::Clock(400)];
        [vec![ask], faults.into_iter().flat_map(again).collect()].concat()
    })
}

/// A volume grows while somebody uses it.
fn grown_in_use() -> impl Strategy<Value = Vec<Action>> {
    (pick(), fault(), any::<bool>()).prop_map(|(of, fault, detached)| {
        let attach = Action::Call(By::Owner, Call::Attachment(of, Verb::Attach));
        let extend = Action::Call(
            By::Owner,
            Call::Extend {
                of,
                to: 4,
                in_use: true,
            },
        );
        let detach = Action::Call(By::Owner, Call::Attachment(of, Verb::Detach));
        let meanwhile = Vec::from_iter(detached.then_some(detach));
        [vec![attach, extend], meanwhile, vec![Action::Step(0, fault, None)]].concat()
    })
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        10 => Just(Fault::None),
        1 => Just(Fault::Final),
        1 => Just(Fault::Busy),
        1 => Just(Fault::Later),
        1 => Just(Fault::UnknownUndone),
        1 => Just(Fault::UnknownDone),
    ]
}

fn step() -> impl Strategy<Value = Action> {
    let gate = prop_oneof![
        4 => Just(None),
        1 => Just(Some(Gate::Before)),
        1 => Just(Some(Gate::After)),
    ];
    (0..2_usize, fault(), gate).prop_map(|(worker, fault, gate)| Action::Step(worker, fault, gate))
}

fn who() -> impl Strategy<Value = Who> {
    select(&Who::ALL[..])
}

fn pick() -> impl Strategy<Value = Pick> {
    any::<u8>().prop_map(Pick)
}

fn name() -> impl Strategy<Value = u8> {
    0..3_u8
}

fn meta() -> impl Strategy<Value = Meta> {
    prop_oneof![
        name().prop_map(Meta::Merge),
        name().prop_map(Meta::Replace),
        name().prop_map(Meta::Remove),
    ]
}

/// Who makes things: mostly one of them, so that they meet.
fn maker() -> impl Strategy<Value = By> {
    prop_oneof![8 => Just(By::Owner), 1 => Just(By::Admin), 2 => Just(By::Stranger)]
}

fn asker() -> impl Strategy<Value = By> {
    prop_oneof![6 => Just(By::Owner), 4 => Just(By::Admin), 1 => Just(By::Stranger)]
}

fn making() -> impl Strategy<Value = Call> {
    let origin = prop_oneof![
        4 => Just(Origin::Nothing),
        4 => pick().prop_map(Origin::Snapshot),
        1 => pick().prop_map(Origin::Volume),
    ];
    prop_oneof![
        (option::weighted(0.7, 1..4_u8), origin, option::of(name()))
            .prop_map(|(size, from, name)| Call::CreateVolume(size, from, name)),
        (pick(), option::of(any::<bool>()), option::of(name())).prop_map(|(of, force, name)| Call::CreateSnapshot {
            of,
            force,
            name
        }),
    ]
}

fn volume_call() -> impl Strategy<Value = Call> {
    let verb = select(
        &[
            Verb::Attach,
            Verb::Attach,
            Verb::Detach,
            Verb::Detach,
            Verb::Reserve,
            Verb::Unreserve,
            Verb::BeginDetaching,
            Verb::RollDetaching,
        ][..],
    );
    prop_oneof![
        4 => (pick(), any::<bool>(), any::<bool>())
            .prop_map(|(of, cascade, force)| Call::DeleteVolume { of, cascade, force }),
        1 => pick().prop_map(Call::ForceDeleteVolume),
        4 => (pick(), 1..5_u8, any::<bool>()).prop_map(|(of, to, in_use)| Call::Extend { of, to, in_use }),
        3 => (pick(), option::weighted(0.3, pick())).prop_map(|(of, to)| Call::Revert { of, to }),
        2 => (pick(), select(VOLUME_RESETS)).prop_map(|(of, status)| Call::ResetVolume(of, status)),
        4 => (pick(), verb).prop_map(|(of, verb)| Call::Attachment(of, verb)),
        1 => (pick(), name()).prop_map(|(of, name)| Call::NameVolume(of, name)),
        1 => (pick(), meta()).prop_map(|(of, meta)| Call::VolumeMetadata(of, meta)),
        1 => (who(), select(QUOTAS), -1..9_i64).prop_map(|(of, name, limit)| Call::SetQuota(of, name, limit)),
        1 => who().prop_map(Call::ClearQuota),
    ]
}

fn snapshot_call() -> impl Strategy<Value = Call> {
    prop_oneof![
        4 => pick().prop_map(Call::DeleteSnapshot),
        2 => pick().prop_map(Call::ForceDeleteSnapshot),
        1 => (pick(), name()).prop_map(|(of, name)| Call::NameSnapshot(of, name)),
        1 => (pick(), meta()).prop_map(|(of, meta)| Call::SnapshotMetadata(of, meta)),
        2 => (pick(), select(SNAPSHOT_RESETS)).prop_map(|(of, status)| Call::ResetSnapshot(of, status)),
        1 => (pick(), select(REPORTS)).prop_map(|(of, status)| Call::Report(of, status)),
        2 => (pick(), pick()).prop_map(|(of, file)| Call::Manage(of, file)),
        2 => pick().prop_map(Call::Unmanage),
    ]
}

fn listing() -> impl Strategy<Value = Listing> {
    let filter = prop_oneof![
        Just(Filter::All),
        select(&["available", "error", "creating", "deleting"][..]).prop_map(Filter::Status),
        name().prop_map(Filter::Name),
        pick().prop_map(Filter::Of),
    ];
    let sort = select(&["created_at", "id", "name", "status", "size"][..]);
    (any::<bool>(), any::<bool>(), sort, any::<bool>(), filter, 1..4_u8).prop_map(
        |(snapshots, detail, sort, ascending, filter, limit)| Listing {
            snapshots,
            detail,
            sort,
            ascending,
            filter,
            limit,
        },
    )
}

/// `deleting` and `reverting` are refused, and `managing` is shown under another name.
const VOLUME_RESETS: &[&str] = &[
    "available",
    "available",
    "error",
    "in-use",
    "creating",
    "extending",
    "maintenance",
    "error_deleting",
    "error_extending",
    "deleting",
    "reverting",
    "nonsense",
];
const SNAPSHOT_RESETS: &[&str] = &[
    "available",
    "available",
    "error",
    "creating",
    "deleting",
    "error_deleting",
    "restoring",
    "unmanaging",
    "backing-up",
    "nonsense",
];
const REPORTS: &[&str] = &[
    "creating",
    "available",
    "error",
    "deleting",
    "error_deleting",
    "nonsense",
];
const QUOTAS: &[&str] = &["volumes", "snapshots", "gigabytes"];
