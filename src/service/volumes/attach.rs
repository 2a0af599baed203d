//! Attaching without a compute service: `os-reserve`, `os-attach` and their opposites, and the flags that
//! matter to those who attach (Cinder: `contrib/volume_actions.py`, `volume/api.py`).

use crate::{
    auth::policy::Action,
    domain::{AttachMode, AttachStatus, Attachment, Volume, VolumeEvent, VolumeStatus},
    service::{Call, Service, ServiceError, unless_lost},
};

/// Who attaches, and how.
#[derive(Clone, Debug)]
pub struct NewAttachment {
    /// The server, if it is one.
    pub instance_uuid: Option<String>,
    /// The host, if it is one.
    pub host_name: Option<String>,
    /// Under which name the volume is there.
    pub mountpoint: String,
    /// Reading and writing, or reading only.
    pub mode: AttachMode,
}

impl Service {
    /// Keeps others from attaching an `available` volume.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::Forbidden`], [`ServiceError::InvalidVolume`].
    pub async fn volume_reserve(&self, call: &Call, id: &str) -> Result<(), ServiceError> {
        self.volume_step(call, id, Action::VolumeReserve, |volume| {
            let current = volume.status;
            let text = format!("Volume status must be available to reserve, but the status is {current}.");
            Ok((VolumeEvent::Reserve, Some(text)))
        })
        .await
    }

    /// Takes [`Service::volume_reserve`] back; nothing happens to a volume that is not reserved.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::Forbidden`].
    pub async fn volume_unreserve(&self, call: &Call, id: &str) -> Result<(), ServiceError> {
        self.volume_step(call, id, Action::VolumeUnreserve, |_volume| {
            Ok((VolumeEvent::Unreserve, None))
        })
        .await
    }

    /// Says that an attached volume is about to be detached.
    ///
    /// # Errors
    /// As [`Service::volume_reserve`].
    pub async fn volume_begin_detaching(&self, call: &Call, id: &str) -> Result<(), ServiceError> {
        self.volume_step(call, id, Action::VolumeBeginDetaching, |volume| {
            let text = "Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to \
                        detach.";
            if volume.attach_status != AttachStatus::Attached {
                return Err(ServiceError::InvalidVolume(text.to_owned()));
            }
            Ok((VolumeEvent::BeginDetaching, Some(text.to_owned())))
        })
        .await
    }

    /// Takes [`Service::volume_begin_detaching`] back.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::Forbidden`].
    pub async fn volume_roll_detaching(&self, call: &Call, id: &str) -> Result<(), ServiceError> {
        self.volume_step(call, id, Action::VolumeRollDetaching, |_volume| {
            Ok((VolumeEvent::RollDetaching, None))
        })
        .await
    }

    /// Attaches an `available` or reserved volume: it is `in-use` from now on.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::Forbidden`], [`ServiceError::InvalidVolume`],
    /// [`ServiceError::Invalid`] when a read-only volume is to be written.
    pub async fn volume_attach(&self, call: &Call, id: &str, new: NewAttachment) -> Result<(), ServiceError> {
        let attachment = Attachment {
            id: self.ids.next(),
            instance_uuid: new.instance_uuid,
            host_name: new.host_name,
            mountpoint: new.mountpoint,
            mode: new.mode,
            attached_at: self.clock.now(),
        };
        self.volume_step(call, id, Action::VolumeAttach, |volume| {
            if volume.readonly == Some(true) && attachment.mode == AttachMode::ReadWrite {
                return Err(ServiceError::Invalid(format!(
                    "Invalid attaching mode 'rw' for volume {}.",
                    volume.id
                )));
            }
            let text = format!(
                "Volume {} status must be available or attaching to attach, but the status is {}.",
                volume.id, volume.status
            );
            volume.attach_status = AttachStatus::Attached;
            volume.attachment = Some(attachment);
            Ok((VolumeEvent::Attach, Some(text)))
        })
        .await
    }

    /// Detaches: the volume is `available` again. With `attachment` only if that is the attachment.
    ///
    /// # Errors
    /// As [`Service::volume_attach`], and [`ServiceError::NotFound`] for another attachment.
    pub async fn volume_detach(&self, call: &Call, id: &str, attachment: Option<&str>) -> Result<(), ServiceError> {
        self.volume_step(call, id, Action::VolumeDetach, |volume| {
            let own = volume.attachment.take().map(|own| own.id.as_hyphenated().to_string());
            if let Some(wanted) = attachment
                && own.as_deref() != Some(wanted)
            {
                return Err(ServiceError::NotFound(format!(
                    "Volume attachment could not be found with filter: attachment_id = {wanted}."
                )));
            }
            let text = format!(
                "Volume {} status must be in-use or detaching to detach, but the status is {}.",
                volume.id, volume.status
            );
            volume.attach_status = AttachStatus::Detached;
            Ok((VolumeEvent::Detach, Some(text)))
        })
        .await
    }

    /// Says whether one can boot from the volume.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::Forbidden`].
    pub async fn volume_set_bootable(&self, call: &Call, id: &str, bootable: bool) -> Result<(), ServiceError> {
        self.volume_flag(call, id, Action::VolumeUpdate, |volume| {
            volume.bootable = bootable;
            Ok(())
        })
        .await
    }

    /// Says whether an `available` volume may be attached for reading only.
    ///
    /// # Errors
    /// [`ServiceError::VolumeNotFound`], [`ServiceError::Forbidden`], [`ServiceError::InvalidVolume`].
    pub async fn volume_set_readonly(&self, call: &Call, id: &str, readonly: bool) -> Result<(), ServiceError> {
        self.volume_flag(call, id, Action::VolumeReadonly, |volume| {
            if volume.status != VolumeStatus::Available {
                return Err(ServiceError::InvalidVolume(format!(
                    "Volume {} status must be available to update readonly flag, but current status is: {}.",
                    volume.id, volume.status
                )));
            }
            volume.readonly = Some(readonly);
            Ok(())
        })
        .await
    }

    async fn volume_flag(
        &self,
        call: &Call,
        id: &str,
        action: Action,
        change: impl FnOnce(&mut Volume) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let mut volume = self.volume_lock(&mut tx, call, id, &[action]).await?;
        change(&mut volume)?;
        volume.updated_at = Some(self.clock.now());
        unless_lost(tx.volume_update(&volume, volume.status).await?)?;
        Ok(tx.commit().await?)
    }

    /// One change of status that needs no work. `change` prepares the volume and says which event happens,
    /// and what to answer when the status does not allow it: `None` to do nothing at all then.
    async fn volume_step(
        &self,
        call: &Call,
        id: &str,
        action: Action,
        change: impl FnOnce(&mut Volume) -> Result<(VolumeEvent, Option<String>), ServiceError>,
    ) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let mut volume = self.volume_lock(&mut tx, call, id, &[action]).await?;
        let (event, refusal) = change(&mut volume)?;
        let before = match (volume.apply(event, self.clock.now()), refusal) {
            (Ok(before), _) => before,
            (Err(_illegal), Some(text)) => return Err(ServiceError::InvalidVolume(text)),
            (Err(_illegal), None) => return Ok(()),
        };
        unless_lost(tx.volume_update(&volume, before).await?)?;
        tx.attachment_replace(volume.id, volume.attachment.as_ref()).await?;
        Ok(tx.commit().await?)
    }
}
