//! A volume on the wire.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::{Time, time};
use crate::{
    auth::policy::Action,
    cinder::{extract::Cx, microversion::Microversion},
    domain::{Attachment, GroupId, Label, Metadata, SnapshotId, Volume, VolumeId, VolumeStatus, VolumeTypeId},
};

/// What a volume's representation needs besides the volume.
#[derive(Clone, Debug)]
pub struct VolumeView<'a> {
    cx: &'a Cx,
    /// What comes before the id in its address.
    own: String,
    /// The same without the version, as in Cinder.
    bookmark: String,
    types: Vec<(VolumeTypeId, String)>,
}

#[derive(Debug, Serialize)]
struct Link<'a> {
    rel: &'static str,
    href: Href<'a>,
}

/// The address of something: what comes before its id, and the id.
#[derive(Debug)]
struct Href<'a>(&'a str, VolumeId);

impl Serialize for Href<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}{}", self.0, self.1))
    }
}

/// An item of the short list.
#[derive(Debug, Serialize)]
pub struct Summary<'a> {
    id: Uuid,
    name: Option<&'a str>,
    links: [Link<'a>; 2],
}

#[derive(Debug, Serialize)]
struct AttachmentView<'a> {
    /// The volume's id, twice, as in Cinder.
    id: Uuid,
    attachment_id: Uuid,
    volume_id: Uuid,
    server_id: Option<&'a str>,
    host_name: Option<&'a str>,
    device: &'a str,
    attached_at: Time,
}

/// All fields; outer `None` leaves one out.
#[derive(Debug, Serialize)]
pub struct Detail<'a> {
    id: Uuid,
    status: &'static str,
    size: u32,
    availability_zone: &'a str,
    created_at: Time,
    updated_at: Option<Time>,
    name: Option<&'a str>,
    description: Option<&'a str>,
    volume_type: Option<&'a str>,
    snapshot_id: Option<Uuid>,
    source_volid: Option<Uuid>,
    metadata: Cow<'a, Metadata>,
    links: [Link<'a>; 2],
    user_id: &'a str,
    /// A text, as in Cinder.
    bootable: &'static str,
    encrypted: bool,
    replication_status: (),
    consistencygroup_id: (),
    multiattach: bool,
    attachments: Vec<AttachmentView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    migration_status: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<Option<Uuid>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_id: Option<()>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_targets: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_uuid: Option<Option<Uuid>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster_name: Option<()>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_type_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumes_quota: Option<bool>,
    #[serde(rename = "os-vol-tenant-attr:tenant_id", skip_serializing_if = "Option::is_none")]
    tenant_id: Option<&'a str>,
    #[serde(rename = "os-vol-mig-status-attr:migstat", skip_serializing_if = "Option::is_none")]
    migstat: Option<Option<&'a str>>,
    #[serde(rename = "os-vol-mig-status-attr:name_id", skip_serializing_if = "Option::is_none")]
    name_id: Option<()>,
    #[serde(rename = "os-vol-host-attr:host", skip_serializing_if = "Option::is_none")]
    host: Option<Option<&'a str>>,
}

impl<'a> VolumeView<'a> {
    /// For the replies to one request.
    pub fn new(cx: &'a Cx, types: Vec<(VolumeTypeId, String)>) -> Self {
        let (base, project) = (cx.base(), cx.project_segment());
        Self {
            cx,
            own: format!("{base}/v3{project}/volumes/"),
            bookmark: format!("{base}{project}/volumes/"),
            types,
        }
    }

    /// An item of `GET /volumes`.
    pub fn summary<'v>(&'v self, volume: &'v Volume) -> Summary<'v> {
        Summary {
            id: volume.id.uuid(),
            name: volume.name.as_ref().map(Label::as_str),
            links: self.links(volume),
        }
    }

    /// The reply to create and update, and with `extended` an item of show and detail.
    pub fn detail<'v>(&'v self, volume: &'v Volume, extended: bool) -> Detail<'v> {
        let since = |version: Microversion| self.cx.version >= version;
        let admin = self.cx.is_admin();
        let may = |action| extended && self.cx.call.may(action, &volume.project_id);
        let id = volume.volume_type_id;
        Detail {
            id: volume.id.uuid(),
            status: volume.status.public(),
            size: volume.size.get(),
            availability_zone: &volume.availability_zone,
            created_at: time(volume.created_at),
            updated_at: volume.updated_at.map(time),
            name: volume.name.as_ref().map(Label::as_str),
            description: volume.description.as_ref().map(Label::as_str),
            volume_type: self
                .types
                .iter()
                .find(|(known, _)| *known == id)
                .map(|(_, name)| name.as_str()),
            snapshot_id: volume.snapshot_id.map(SnapshotId::uuid),
            source_volid: volume.source_volid.map(VolumeId::uuid),
            metadata: metadata(volume),
            links: self.links(volume),
            user_id: volume.user_id.as_str(),
            bootable: if volume.bootable { "true" } else { "false" },
            encrypted: false,
            replication_status: (),
            consistencygroup_id: (),
            multiattach: false,
            attachments: self.attachments(volume),
            migration_status: admin.then_some(volume.migration_status.as_deref()),
            group_id: since(Microversion::GROUP_VOLUME).then(|| volume.group_id.map(GroupId::uuid)),
            provider_id: (admin && since(Microversion::VOLUME_PROVIDER_ID)).then_some(()),
            shared_targets: since(Microversion::SHARED_TARGETS).then_some(true),
            // Nobody is in charge of a volume that is not made yet.
            service_uuid: since(Microversion::SHARED_TARGETS).then(|| {
                let made = volume.status != VolumeStatus::Creating && volume.is_placed();
                made.then(|| self.cx.options.service_uuid(&volume.host))
            }),
            cluster_name: (admin && since(Microversion::VOLUME_CLUSTER_NAME)).then_some(()),
            volume_type_id: since(Microversion::VOLUME_TYPE_ID).then(|| id.uuid()),
            consumes_quota: since(Microversion::CONSUMES_QUOTA).then_some(volume.consumes_quota),
            tenant_id: may(Action::VolumeTenant).then(|| volume.project_id.as_str()),
            migstat: may(Action::VolumeMigrationStatus).then_some(volume.migration_status.as_deref()),
            name_id: may(Action::VolumeMigrationStatus).then_some(()),
            host: may(Action::VolumeHost).then(|| volume.is_placed().then_some(volume.host.as_str())),
        }
    }

    /// Who has it attached; on which host is for admins only.
    fn attachments<'v>(&self, volume: &'v Volume) -> Vec<AttachmentView<'v>> {
        let view = |attachment: &'v Attachment| AttachmentView {
            id: volume.id.uuid(),
            attachment_id: attachment.id,
            volume_id: volume.id.uuid(),
            server_id: attachment.instance_uuid.as_deref(),
            host_name: attachment.host_name.as_deref().filter(|_host| self.cx.is_admin()),
            device: &attachment.mountpoint,
            attached_at: time(attachment.attached_at),
        };
        volume.attachment.iter().map(view).collect()
    }

    fn links(&self, volume: &Volume) -> [Link<'_>; 2] {
        let link = |rel, before| Link {
            rel,
            href: Href(before, volume.id),
        };
        [link("self", &self.own), link("bookmark", &self.bookmark)]
    }
}

/// The user's metadata, and the two items that Cinder keeps for itself and shows there
/// (`api/api_utils.py::add_visible_admin_metadata`).
fn metadata(volume: &Volume) -> Cow<'_, Metadata> {
    let mode = volume.attachment.as_ref().map(|attachment| attachment.mode);
    if volume.readonly.is_none() && mode.is_none() {
        return Cow::Borrowed(&volume.metadata);
    }
    let mut all = volume.metadata.clone();
    if let Some(mode) = mode {
        all.insert("attached_mode".to_owned(), mode.as_str().to_owned());
    }
    if let Some(readonly) = volume.readonly {
        all.insert(
            "readonly".to_owned(),
            if readonly { "True" } else { "False" }.to_owned(),
        );
    }
    Cow::Owned(all)
}
