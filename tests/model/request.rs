//! Calls as HTTP requests.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    action::{Call, Meta, Origin, Verb, Who},
    model::{Model, items, named},
};

/// The newest version whose snapshots of volumes in use need no `force`.
const NEWEST: &str = "volume latest";
/// One where they do, and where volumes in use cannot grow.
const OLD: &str = "volume 3.40";

/// A request, all but who sends it.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub path: String,
    pub version: &'static str,
    pub body: Option<Value>,
}

impl Request {
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            version: NEWEST,
            body: None,
        }
    }

    fn delete(path: impl Into<String>) -> Self {
        Self {
            method: Method::DELETE,
            ..Self::get(path)
        }
    }

    fn post(path: impl Into<String>, body: Value) -> Self {
        Self {
            method: Method::POST,
            body: Some(body),
            ..Self::get(path)
        }
    }

    fn put(path: impl Into<String>, body: Value) -> Self {
        Self {
            method: Method::PUT,
            ..Self::post(path, body)
        }
    }

    fn old(self, old: bool) -> Self {
        Self {
            version: if old { OLD } else { self.version },
            ..self
        }
    }

    /// The request of a call, as things are.
    pub fn of(model: &Model, call: &Call) -> Self {
        let volume = |pick| format!("/volumes/{}", model.pick_volume(pick));
        let snapshot = |pick| format!("/snapshots/{}", model.pick_snapshot(pick));
        let act =
            |path: String, name: &str, argument: Value| Self::post(format!("{path}/action"), json!({(name): argument}));
        let quota = |of: Who| format!("/os-quota-sets/{}", of.project());
        match call {
            Call::CreateVolume(size, from, name) => Self::post("/volumes", new_volume(model, *size, *from, *name)),
            Call::DeleteVolume { of, cascade, force } => {
                Self::delete(format!("{}?cascade={cascade}&force={force}", volume(*of)))
            }
            Call::ForceDeleteVolume(of) => act(volume(*of), "os-force_delete", json!({})),
            Call::Extend { of, to, in_use } => act(volume(*of), "os-extend", json!({"new_size": to})).old(!in_use),
            Call::Revert { of, to } => {
                let id = model.pick_volume(*of);
                let latest = model.latest(id).map(|latest| latest.id);
                let to = to.map_or_else(|| latest.unwrap_or_default(), |pick| model.pick_snapshot(pick));
                act(volume(*of), "revert", json!({"snapshot_id": to.to_string()}))
            }
            Call::ResetVolume(of, status) => act(volume(*of), "os-reset_status", json!({"status": status})),
            Call::Attachment(of, verb) => {
                let (name, argument) = attachment(*verb);
                act(volume(*of), name, argument)
            }
            Call::NameVolume(of, name) => Self::put(volume(*of), json!({"volume": {"name": named(*name)}})),
            Call::VolumeMetadata(of, meta) => metadata(&volume(*of), *meta),
            Call::CreateSnapshot { of, force, name } => {
                let mut fields = json!({"volume_id": model.pick_volume(*of).to_string()});
                if let Some(name) = name {
                    fields["name"] = json!(named(*name));
                    fields["metadata"] = json!(items(*name));
                }
                if let Some(force) = force {
                    fields["force"] = json!(force);
                }
                Self::post("/snapshots", json!({"snapshot": fields})).old(force.is_some())
            }
            Call::DeleteSnapshot(of) => Self::delete(snapshot(*of)),
            Call::ForceDeleteSnapshot(of) => act(snapshot(*of), "os-force_delete", json!({})),
            Call::NameSnapshot(of, name) => Self::put(snapshot(*of), json!({"snapshot": {"name": named(*name)}})),
            Call::SnapshotMetadata(of, meta) => metadata(&snapshot(*of), *meta),
            Call::ResetSnapshot(of, status) => act(snapshot(*of), "os-reset_status", json!({"status": status})),
            Call::Report(of, status) => act(snapshot(*of), "os-update_snapshot_status", json!({"status": status})),
            Call::Manage(of, file) => {
                let reference = json!({"source-name": model.pick_file(*file)});
                let fields = json!({"volume_id": model.pick_volume(*of).to_string(), "ref": reference});
                Self::post("/manageable_snapshots", json!({"snapshot": fields}))
            }
            Call::Unmanage(of) => act(snapshot(*of), "os-unmanage", json!({})),
            Call::SetQuota(of, resource, limit) => {
                Self::put(quota(*of), json!({"quota_set": json!({(*resource): limit})}))
            }
            Call::ClearQuota(of) => Self::delete(quota(*of)),
        }
    }
}

fn new_volume(model: &Model, size: Option<u8>, from: Origin, name: Option<u8>) -> Value {
    let mut fields = json!({});
    if let Some(size) = size {
        fields["size"] = json!(size);
    }
    match from {
        Origin::Nothing => {}
        Origin::Snapshot(pick) => fields["snapshot_id"] = json!(model.pick_snapshot(pick).to_string()),
        Origin::Volume(pick) => fields["source_volid"] = json!(model.pick_volume(pick).to_string()),
    }
    if let Some(name) = name {
        fields["name"] = json!(named(name));
        fields["metadata"] = json!(items(name));
    }
    json!({"volume": fields})
}

fn attachment(verb: Verb) -> (&'static str, Value) {
    match verb {
        Verb::Attach => {
            let server = "11111111-1111-4111-8111-111111111111";
            let argument = json!({"instance_uuid": server, "mountpoint": "/dev/vdb", "mode": "rw"});
            ("os-attach", argument)
        }
        Verb::Detach => ("os-detach", json!({})),
        Verb::Reserve => ("os-reserve", json!({})),
        Verb::Unreserve => ("os-unreserve", json!({})),
        Verb::BeginDetaching => ("os-begin_detaching", json!({})),
        Verb::RollDetaching => ("os-roll_detaching", json!({})),
    }
}

fn metadata(path: &str, meta: Meta) -> Request {
    let path = format!("{path}/metadata");
    match meta {
        Meta::Merge(number) => Request::post(path, json!({"metadata": items(number)})),
        Meta::Replace(number) => Request::put(path, json!({"metadata": items(number)})),
        Meta::Remove(number) => Request::delete(format!("{path}/k{number}")),
    }
}
