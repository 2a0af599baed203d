//! Snapshots of several volumes, all or none, and at one moment where that can be had.
//!
//! **One moment.** A lease on a volume is the kernel's promise that nobody writes to it. While leases on all
//! but one of the volumes hold, nothing changes but that one, and the moment at which its blocks are shared
//! is the moment of all. Where two or more are open for writing there is no such moment: a caller that asks
//! for one is refused; for another each snapshot has a moment of its own, as Cinder's generic groups have.
//!
//! **All or none.** Everything is complete and durable under temporary names before the first file gets its
//! name, and a failure takes back the names that were given. A process that dies in between leaves some of
//! them; the next attempt, which has the same locks, removes those before it begins anew. Nobody can have used
//! them: the service calls none of the snapshots available before all are.

use std::{fs::File, sync::Arc};

use super::{
    copy,
    errors::{explain, lost},
    lease::ReadLease,
    lock::Lock,
    origin,
    paths::Object,
    publish::{SNAPSHOT_MODE, Temp, make_durable, remove_left_over},
    sparse,
    stop::{DropsElsewhere, Stop, interruptible, run},
};
use crate::{
    breakpoint,
    domain::VolumeId,
    driver::{Context, DriverError, Kind},
};

/// One volume and where its snapshot goes.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) id: VolumeId,
    pub(super) volume: Object,
    pub(super) snapshot: Object,
}

/// Takes a snapshot of each member. With `one_moment` all have the bytes of one moment, or there is none.
pub(super) async fn take(cx: &Context, mut members: Vec<Member>, one_moment: bool) -> Result<(), DriverError> {
    // In one order for everybody, so that two that share volumes get on.
    members.sort_by(|one, other| one.snapshot.name().cmp(other.snapshot.name()));
    let mut locks = Vec::new();
    for member in &members {
        locks.push(Lock::to_change(cx, member.snapshot.clone()).await?);
    }
    let Some(locks) = run(move || claim(locks)).await? else {
        return Ok(());
    };
    let mut unchanged = Vec::new();
    for member in &members {
        unchanged.push(Lock::to_read(cx, member.volume.clone()).await?);
    }
    let prepare = move |stop: &Stop| {
        let mut temps = Vec::new();
        for lock in locks {
            temps.push(Temp::create(lock, SNAPSHOT_MODE)?);
        }
        fill(stop, &members, &temps, one_moment)?;
        // All bytes have been read; whoever waits for the volumes should not wait for a disk.
        drop(unchanged);
        breakpoint::hit("file.temp_filled");
        for temp in &temps {
            temp.flush()?;
        }
        stop.check()?;
        Ok(temps)
    };
    let prepared = DropsElsewhere::new(interruptible(cx, prepare).await?);
    let wanted = cx.confirm().await;
    run(move || {
        let temps = prepared.take()?;
        wanted?;
        for temp in &temps {
            if !temp.object().is_in_place()? {
                return Err(lost());
            }
        }
        publish(temps)
    })
    .await
}

/// `None` if all snapshots are there already. If some are, they are what a killed attempt left, and go.
fn claim(locks: Vec<Lock>) -> Result<Option<Vec<Lock>>, DriverError> {
    let mut present = Vec::new();
    for lock in &locks {
        remove_left_over(lock.object())?;
        if lock.object().find()?.is_some() {
            present.push(lock.object());
        }
    }
    if let Some(any) = present.first() {
        if present.len() == locks.len() {
            // The attempt that named them may have died before its last fsync.
            make_durable(any)?;
            return Ok(None);
        }
        for object in &present {
            remove(object)?;
        }
        make_durable(any)?;
    }
    Ok(Some(locks))
}

fn remove(object: &Object) -> Result<(), DriverError> {
    object
        .folder()
        .unlink(object.name())
        .map_err(|error| explain(object.cannot("take back"), error))?;
    breakpoint::hit("file.taken_back");
    Ok(())
}

/// A volume that is open here, the promise about it or why there is none, and where its bytes go.
struct Source<'a> {
    member: &'a Member,
    file: Arc<File>,
    lease: Result<ReadLease, DriverError>,
    target: &'a File,
    shared: bool,
}

impl<'a> Source<'a> {
    fn open(member: &'a Member, target: &'a File) -> Result<Self, DriverError> {
        let file = Arc::new(member.volume.open_to_read()?);
        let lease = ReadLease::take(&file).map_err(|error| copy::no_lease(&member.volume, error));
        Ok(Self {
            member,
            file,
            lease,
            target,
            shared: false,
        })
    }

    /// Whether nobody has been able to write to it since it was opened.
    fn is_still(&self) -> bool {
        self.lease.as_ref().is_ok_and(ReadLease::held)
    }
}

/// Fills all files.
fn fill(stop: &Stop, members: &[Member], temps: &[Temp], one_moment: bool) -> Result<(), DriverError> {
    let mut sources = Vec::new();
    for (member, temp) in members.iter().zip(temps) {
        sources.push(Source::open(member, temp.file())?);
    }
    // Those that somebody may write to first, and so right after each other.
    sources.sort_by_key(|source| source.lease.is_ok());
    for source in &mut sources {
        source.shared = copy::reflink(&source.file, source.target, &source.member.volume)?;
    }
    // A copy takes time, so it needs a promise from the beginning.
    for source in sources.iter_mut().filter(|source| !source.shared) {
        if source.lease.is_err() {
            let no_promise = || Err(copy::in_use(&source.member.volume));
            return std::mem::replace(&mut source.lease, no_promise()).map(drop);
        }
    }
    exact(&sources, one_moment)?;
    let parts = sources.len() as u64;
    for (source, before) in sources.iter().zip(0..) {
        if !source.shared {
            let cannot = |error| explain(source.member.volume.cannot("copy"), error);
            let tick = |done: u64, total: u64| {
                exact(&sources, one_moment)?;
                let permille = u128::from(done) * 1000 / u128::from(total.max(1));
                let permille = u64::try_from(permille).unwrap_or(1000);
                stop.progress(before * 1000 + permille, parts * 1000)
            };
            sparse::copy(&source.file, source.target, tick, cannot)?;
        }
        origin::note(source.target, source.member.id);
        stop.check()?;
    }
    exact(&sources, one_moment)
}

/// Whether what has been copied so far is exact, each by itself and, if that is asked for, all together.
fn exact(sources: &[Source<'_>], one_moment: bool) -> Result<(), DriverError> {
    let moving: Vec<_> = sources.iter().filter(|source| !source.is_still()).collect();
    if let Some(spoilt) = moving.iter().find(|source| !source.shared) {
        return Err(copy::in_use(&spoilt.member.volume));
    }
    if one_moment && moving.len() > 1 {
        let names: Vec<_> = moving.iter().map(|source| source.member.volume.name()).collect();
        let cause = format!(
            "{} may be written to by other programs, so there is no moment at which all volumes of the group could be \
             copied; close those programs or detach the volumes, and try again, or use a group type that does not ask \
             for consistency",
            names.join(" and ")
        );
        return Err(DriverError::fatal(Kind::InUse, cause));
    }
    Ok(())
}

/// Gives all files their names, or none.
fn publish(mut temps: Vec<Temp>) -> Result<(), DriverError> {
    let mut failure = None;
    let mut named = 0;
    for temp in &mut temps {
        if let Err(error) = temp.give_name() {
            failure = Some(error);
            break;
        }
        named += 1;
    }
    let Some(any) = temps.first() else { return Ok(()) };
    let Some(error) = failure else {
        return make_durable(any.object());
    };
    let taken_back = temps.iter().take(named).try_for_each(|temp| remove(temp.object()));
    if taken_back.and_then(|()| make_durable(any.object())).is_err() {
        // The next attempt removes what is left of this one.
        let cause = format!("{}, and what had been published could not be taken back", error.cause());
        return Err(DriverError::unknown(Kind::Failed, cause));
    }
    Err(error)
}
