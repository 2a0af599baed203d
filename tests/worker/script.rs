//! A driver that does what the test says.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use breezeblock::{
    domain::{Gib, Operation, ResourceId, SnapshotId, VolumeId},
    driver::{Capability, Context, Driver, DriverError, Kind},
};

pub use crate::gate::Gate;

/// One call of the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    pub operation: Operation,
    pub target: ResourceId,
    pub source: Option<ResourceId>,
    pub size: Option<Gib>,
}

/// A part of what a call does. After the last one it asks whether its change is still wanted, makes
/// it, and succeeds.
#[derive(Clone, Debug)]
pub enum Act {
    /// Reports that so much is done.
    Progress(u8),
    /// Waits for the test.
    Pause(Arc<Gate>),
    /// Works until it is told to stop.
    UntilCancelled,
    /// Fails for good.
    Fatal(Kind, &'static str),
    /// Fails in a way that may pass.
    Later(Kind, &'static str),
    /// Ends without anybody knowing how.
    Unknown(&'static str),
}

/// The driver. A call for which the test has said nothing succeeds at once.
#[derive(Debug, Default)]
pub struct Script(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    plans: VecDeque<Vec<Act>>,
    calls: Vec<Call>,
    changes: Vec<Call>,
    refused: Vec<Call>,
}

impl Script {
    /// Says what the next call does that nothing was said about.
    pub fn next(&self, acts: impl Into<Vec<Act>>) {
        self.0.lock().unwrap().plans.push_back(acts.into());
    }

    /// The next call waits until the gate is opened.
    pub fn pause_next(&self) -> Arc<Gate> {
        let gate = Arc::new(Gate::default());
        self.next([Act::Pause(Arc::clone(&gate))]);
        gate
    }

    /// All calls so far.
    pub fn calls(&self) -> Vec<Call> {
        self.0.lock().unwrap().calls.clone()
    }

    /// The operations of all calls so far.
    pub fn operations(&self) -> Vec<Operation> {
        self.calls().into_iter().map(|call| call.operation).collect()
    }

    /// The changes that were made.
    pub fn changes(&self) -> Vec<Call> {
        self.0.lock().unwrap().changes.clone()
    }

    /// The changes that were not wanted any more.
    pub fn refused(&self) -> Vec<Call> {
        self.0.lock().unwrap().refused.clone()
    }

    async fn play(&self, cx: &Context, call: Call) -> Result<(), DriverError> {
        let acts = {
            let mut state = self.0.lock().unwrap();
            state.calls.push(call);
            state.plans.pop_front().unwrap_or_default()
        };
        cx.cancelled()?;
        for act in acts {
            match act {
                Act::Progress(percent) => cx.progress.report(percent.into(), 100),
                Act::Pause(gate) => gate.pass().await,
                Act::UntilCancelled => loop {
                    cx.cancelled()?;
                    // As a copy looks up between two chunks.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                },
                Act::Fatal(kind, cause) => return Err(DriverError::fatal(kind, cause)),
                Act::Later(kind, cause) => return Err(DriverError::later(kind, cause)),
                Act::Unknown(cause) => return Err(DriverError::unknown(Kind::Failed, cause)),
            }
        }
        let wanted = cx.confirm().await;
        let mut state = self.0.lock().unwrap();
        if wanted.is_ok() {
            state.changes.push(call);
        } else {
            state.refused.push(call);
        }
        wanted
    }
}

#[async_trait]
impl Driver for Script {
    fn capability(&self) -> Capability {
        Capability {
            reflink: true,
            clone_dependents: true,
            extend_in_use: true,
        }
    }

    async fn check(&self) -> Result<(), DriverError> {
        Ok(())
    }

    async fn create_volume(&self, cx: &Context, volume: VolumeId, size: Gib) -> Result<(), DriverError> {
        let call = call(Operation::CreateVolume, volume);
        self.play(cx, call.of(size)).await
    }

    async fn create_volume_from_snapshot(
        &self,
        cx: &Context,
        volume: VolumeId,
        size: Gib,
        snapshot: SnapshotId,
    ) -> Result<(), DriverError> {
        let call = call(Operation::CreateVolumeFromSnapshot, volume);
        self.play(cx, call.from(snapshot).of(size)).await
    }

    async fn create_volume_from_volume(
        &self,
        cx: &Context,
        volume: VolumeId,
        size: Gib,
        source: VolumeId,
    ) -> Result<(), DriverError> {
        let call = call(Operation::CreateVolumeFromVolume, volume);
        self.play(cx, call.from(source).of(size)).await
    }

    async fn extend_volume(&self, cx: &Context, volume: VolumeId, size: Gib) -> Result<(), DriverError> {
        self.play(cx, call(Operation::ExtendVolume, volume).of(size)).await
    }

    async fn delete_volume(&self, cx: &Context, volume: VolumeId) -> Result<(), DriverError> {
        self.play(cx, call(Operation::DeleteVolume, volume)).await
    }

    async fn create_snapshot(&self, cx: &Context, snapshot: SnapshotId, volume: VolumeId) -> Result<(), DriverError> {
        self.play(cx, call(Operation::CreateSnapshot, snapshot).from(volume))
            .await
    }

    async fn delete_snapshot(&self, cx: &Context, snapshot: SnapshotId, volume: VolumeId) -> Result<(), DriverError> {
        self.play(cx, call(Operation::DeleteSnapshot, snapshot).from(volume))
            .await
    }

    async fn revert_to_snapshot(
        &self,
        cx: &Context,
        volume: VolumeId,
        snapshot: SnapshotId,
    ) -> Result<(), DriverError> {
        self.play(cx, call(Operation::RevertVolume, volume).from(snapshot))
            .await
    }
}

/// A call of an operation on something.
pub fn call(operation: Operation, target: impl Into<ResourceId>) -> Call {
    Call {
        operation,
        target: target.into(),
        source: None,
        size: None,
    }
}

impl Call {
    /// The same, reading something.
    pub fn from(self, source: impl Into<ResourceId>) -> Self {
        Self {
            source: Some(source.into()),
            ..self
        }
    }

    /// The same, with a size.
    pub fn of(self, size: Gib) -> Self {
        Self {
            size: Some(size),
            ..self
        }
    }
}
