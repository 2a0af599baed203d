//! The real file driver, with faults that the test asks for and gates at which it waits.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use breezeblock::{
    domain::{Gib, LeftOver, Resource, ResourceKind, SnapshotId, Space, StoredObject, StoredSnapshot, VolumeId},
    driver::{Capability, Context, Driver, DriverError, Kind, file::FileDriver},
};

use crate::{
    action::{self, Fault},
    gate::Gate,
};

/// What the next call of the driver does beside its work.
#[derive(Clone, Debug)]
pub struct Plan {
    pub fault: Fault,
    pub gate: Option<(action::Gate, Arc<Gate>)>,
}

/// The file driver in unsafe hands.
#[derive(Debug)]
pub struct Faulty {
    inner: FileDriver,
    next: Mutex<Option<Plan>>,
}

impl Faulty {
    pub fn new(inner: FileDriver) -> Self {
        Self {
            inner,
            next: Mutex::new(None),
        }
    }

    /// Says what the next call does. One that does not come takes it along.
    pub fn plan(&self, plan: Plan) {
        *self.next.lock().unwrap() = Some(plan);
    }

    async fn play<T>(&self, work: impl Future<Output = Result<T, DriverError>> + Send) -> Result<T, DriverError> {
        let plan = self.next.lock().unwrap().take();
        let Some(Plan { fault, gate }) = plan else {
            return work.await;
        };
        let pass = async |at: action::Gate| {
            if let Some((_at, gate)) = gate.as_ref().filter(|(gate, _)| *gate == at) {
                gate.pass().await;
            }
        };
        pass(action::Gate::Before).await;
        let unknown = || DriverError::unknown(Kind::Failed, "nobody knows");
        let result = match fault {
            Fault::None => work.await,
            Fault::Final => Err(DriverError::fatal(Kind::Failed, "it cannot be done")),
            Fault::Busy => Err(DriverError::fatal(Kind::Busy, "something depends on it")),
            Fault::Later => Err(DriverError::later(Kind::Failed, "not now")),
            Fault::UnknownUndone => Err(unknown()),
            Fault::UnknownDone => work.await.and_then(|_done| Err(unknown())),
        };
        pass(action::Gate::After).await;
        result
    }
}

#[async_trait]
impl Driver for Faulty {
    fn capability(&self) -> Capability {
        self.inner.capability()
    }

    async fn identify(&self, known: Option<&str>, fresh: &str) -> Result<String, DriverError> {
        self.inner.identify(known, fresh).await
    }

    async fn check(&self) -> Result<(), DriverError> {
        self.inner.check().await
    }

    async fn create_volume(&self, cx: &Context, volume: VolumeId, size: Gib) -> Result<(), DriverError> {
        self.play(self.inner.create_volume(cx, volume, size)).await
    }

    async fn create_volume_from_snapshot(
        &self,
        cx: &Context,
        volume: VolumeId,
        size: Gib,
        snapshot: SnapshotId,
    ) -> Result<(), DriverError> {
        self.play(self.inner.create_volume_from_snapshot(cx, volume, size, snapshot))
            .await
    }

    async fn create_volume_from_volume(
        &self,
        cx: &Context,
        volume: VolumeId,
        size: Gib,
        source: VolumeId,
    ) -> Result<(), DriverError> {
        self.play(self.inner.create_volume_from_volume(cx, volume, size, source))
            .await
    }

    async fn extend_volume(&self, cx: &Context, volume: VolumeId, size: Gib) -> Result<(), DriverError> {
        self.play(self.inner.extend_volume(cx, volume, size)).await
    }

    async fn delete_volume(&self, cx: &Context, volume: VolumeId) -> Result<(), DriverError> {
        self.play(self.inner.delete_volume(cx, volume)).await
    }

    async fn create_snapshot(&self, cx: &Context, snapshot: SnapshotId, volume: VolumeId) -> Result<(), DriverError> {
        self.play(self.inner.create_snapshot(cx, snapshot, volume)).await
    }

    async fn delete_snapshot(&self, cx: &Context, snapshot: SnapshotId, volume: VolumeId) -> Result<(), DriverError> {
        self.play(self.inner.delete_snapshot(cx, snapshot, volume)).await
    }

    async fn manage_snapshot(
        &self,
        cx: &Context,
        snapshot: SnapshotId,
        volume: VolumeId,
        name: &str,
    ) -> Result<Gib, DriverError> {
        self.play(self.inner.manage_snapshot(cx, snapshot, volume, name)).await
    }

    async fn unmanage_snapshot(&self, cx: &Context, snapshot: SnapshotId) -> Result<(), DriverError> {
        self.play(self.inner.unmanage_snapshot(cx, snapshot)).await
    }

    async fn space(&self) -> Result<Option<Space>, DriverError> {
        self.inner.space().await
    }

    async fn stored_snapshots(&self) -> Result<Vec<StoredSnapshot>, DriverError> {
        self.inner.stored_snapshots().await
    }

    async fn stored_objects(&self) -> Result<Option<Vec<StoredObject>>, DriverError> {
        self.inner.stored_objects().await
    }

    async fn stored_object(&self, kind: ResourceKind, name: &str) -> Result<Option<StoredObject>, DriverError> {
        self.inner.stored_object(kind, name).await
    }

    async fn left_overs(&self) -> Result<Vec<LeftOver>, DriverError> {
        self.inner.left_overs().await
    }

    async fn remove_left_over(&self, cx: &Context, of: Resource) -> Result<(), DriverError> {
        self.inner.remove_left_over(cx, of).await
    }

    async fn revert_to_snapshot(
        &self,
        cx: &Context,
        volume: VolumeId,
        snapshot: SnapshotId,
    ) -> Result<(), DriverError> {
        self.play(self.inner.revert_to_snapshot(cx, volume, snapshot)).await
    }
}
