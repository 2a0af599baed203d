//! `storage_volumes`: the volumes of the Cinder API.

use std::sync::Arc;

use std::time::Instant;

use actix_web::HttpResponse;
use maud::{Markup, html};
use serde::Serialize;
use uuid::Uuid;

use super::{
    collections::Name,
    cx::{Cx, Links},
    error::Failure,
    html as pages,
    list::{self, Source, View, latest_first},
    realms, reply,
    shared::{Reference, labels, shown_name},
    xml::Xml,
};
use crate::{
    auth::policy::{
        Everybody,
        may::{SnapshotShow, VolumeCreate, VolumeDelete, VolumeList, VolumeShow},
    },
    domain::{Gib, Label, Volume, VolumeKey, VolumeStatus},
    service::{Call, DeleteOptions, NewVolume, Service, ServiceError, Source as Bytes},
};

/// `GET /storage_volumes`; with `?id=` the one of that id, or none.
pub async fn index(cx: &Cx) -> Result<HttpResponse, Failure> {
    let call = cx.call::<(VolumeList, VolumeShow)>().await?;
    let service = cx.service.get_ref().clone();
    let only = cx.params.get("id").map(str::to_owned);
    list::reply(cx, Volumes { service, call, only }).await
}

struct Volumes {
    service: Service,
    call: Call,
    only: Option<String>,
}

impl Source for Volumes {
    type Item = Volume;

    async fn after(&self, marker: Option<Uuid>) -> Result<Vec<Volume>, ServiceError> {
        if let Some(id) = &self.only {
            return match self.service.volume_show(&self.call, id).await {
                Ok(volume) => Ok(vec![volume]),
                Err(ServiceError::VolumeNotFound(_)) => Ok(Vec::new()),
                Err(error) => Err(error),
            };
        }
        page(&self.service, &self.call, marker).await
    }

    fn marker(item: &Volume) -> Uuid {
        item.id.uuid()
    }
}

/// A page of the project's volumes, the latest first.
///
/// # Errors
/// Those of the list.
pub async fn page(service: &Service, call: &Call, marker: Option<Uuid>) -> Result<Vec<Volume>, ServiceError> {
    let query = latest_first(call, VolumeKey::CreatedAt, VolumeKey::Id, marker);
    let page = service.volume_list(call, &query).await?;
    Ok(Arc::unwrap_or_clone(page.items))
}

/// `GET /storage_volumes/{id}`.
pub async fn show(cx: &Cx, id: &str) -> Result<HttpResponse, Failure> {
    let started = Instant::now();
    let call = cx.call::<VolumeShow>().await?;
    let volume = cx.service.volume_show(&call, id).await?;
    Ok(reply::timed(cx, started, document(cx, &volume)))
}

/// `POST /storage_volumes`. What upstream does not say about a snapshot is honoured: the volume starts as that, and
/// is as large if no capacity is given.
pub async fn create(cx: &Cx) -> Result<HttpResponse, Failure> {
    let call = cx.call::<(VolumeCreate, SnapshotShow, VolumeShow)>().await?;
    let given = |name: &str| cx.params.get(name).filter(|value| !value.is_empty());
    let snapshot = given("snapshot_id").map(str::to_owned);
    let (name, description) = labels(
        &cx.params,
        || cx.service.now().format("Volume%Y-%m-%d %H:%M:%S +0000").to_string(),
        || given("name").unwrap_or_default().to_owned(),
    )?;
    let size = match given("capacity") {
        Some(text) => Some(capacity(text)?),
        None if snapshot.is_some() => None,
        None => Gib::new(1),
    };
    let new = NewVolume {
        size,
        name: Some(name),
        description: description.filter(|text| !text.as_str().is_empty()),
        availability_zone: given("realm_id")
            .filter(|realm| *realm != realms::ANY)
            .map(str::to_owned),
        source: snapshot.map_or(Bytes::Empty, Bytes::Snapshot),
        ..NewVolume::default()
    };
    let volume = cx.service.volume_create(&call, new).await?;
    let href = cx.links.item(Name::StorageVolumes, &volume.id.to_string());
    Ok(reply::created(cx, &href, document(cx, &volume)))
}

fn capacity(text: &str) -> Result<Gib, Failure> {
    let size = text.trim().parse().ok().and_then(Gib::new);
    size.filter(|size| size.get() > 0)
        .ok_or_else(|| Failure::invalid("The capacity must be a whole number of GiB, and at least 1."))
}

/// `DELETE /storage_volumes/{id}`.
pub async fn destroy(cx: &Cx, id: &str) -> Result<HttpResponse, Failure> {
    let call = cx.call::<VolumeDelete>().await?;
    cx.service.volume_delete(&call, id, DeleteOptions::default()).await?;
    Ok(reply::destroyed(cx, &cx.links.collection(Name::StorageVolumes)))
}

/// `GET /storage_volumes/new`.
pub async fn form(cx: &Cx) -> Result<HttpResponse, Failure> {
    // Nobody learns anything here, but a form that cannot be sent helps nobody.
    let _call = cx.call::<Everybody>().await?;
    let body = html! {
        form method="post" action=(cx.action(Name::StorageVolumes, None)) {
            label for="capacity" { "Capacity in GB" }
            input id="capacity" name="capacity" type="number" min="1" value="1" required;
            (pages::text_field("name", "Name"))
            (pages::text_field("description", "Description"))
            (pages::create_button())
        }
    };
    Ok(reply::document(
        cx,
        pages::only_page(cx, "New storage volume", &body).into_bytes(),
    ))
}

fn document(cx: &Cx, volume: &Volume) -> Vec<u8> {
    list::item(cx, volume, "storage_volume", || item_page(cx, volume))
}

fn item_page(cx: &Cx, volume: &Volume) -> String {
    let id = volume.id.to_string();
    let snapshot = format!("{}/new?volume_id={id}", cx.links.collection(Name::StorageSnapshots));
    let can_be_used = matches!(volume.status, VolumeStatus::Available | VolumeStatus::InUse);
    let facts = html! {
        (pages::fact("Name", shown_name(volume.name.as_ref(), &volume.id)))
        @if let Some(description) = volume.description.as_ref().filter(|text| !text.as_str().is_empty()) {
            (pages::fact("Description", description.as_str()))
        }
        (pages::fact("State", pages::state(&state(volume))))
        (pages::fact("Capacity", format!("{} GB", volume.size.get())))
        (pages::fact("Realm", &volume.availability_zone))
        (pages::fact("Attached to", instance(volume).unwrap_or("nothing")))
        @if let Some(device) = device(volume) {
            (pages::fact("Device", device))
        }
        (pages::fact("Created", cx.links.dates.text(volume.created_at)))
        (pages::fact("Id", &id))
    };
    let can_do = html! {
        @if can_be_used {
            a.button.main href=(snapshot) { "Take a snapshot" }
        }
        // What is at work, or in use, cannot be deleted.
        @if volume.attachment.is_none() && !volume.status.is_transitional() {
            (pages::delete_button(cx, Name::StorageVolumes, &id))
        }
    };
    pages::item(cx, "Storage volume", (Name::StorageVolumes, &id), &facts, &can_do)
}

/// Cinder's status in capitals: upstream's `AVAILABLE` and `IN-USE`, and the truth where upstream calls a volume
/// available that is being made or has failed.
fn state(volume: &Volume) -> String {
    if volume.attachment.is_some() {
        return "IN-USE".to_owned();
    }
    volume.status.as_str().to_uppercase()
}

fn instance(volume: &Volume) -> Option<&str> {
    volume.attachment.as_ref()?.instance_uuid.as_deref()
}

fn device(volume: &Volume) -> Option<&str> {
    let device = volume.attachment.as_ref()?.mountpoint.as_str();
    Some(device).filter(|device| !device.is_empty())
}

#[derive(Serialize)]
struct Json<'a> {
    id: String,
    href: String,
    name: Option<&'a str>,
    description: Option<&'a str>,
    state: String,
    created: String,
    realm: Reference,
    device: Option<&'a str>,
    kind: Option<&'a str>,
    capacity: u32,
    actions: [(); 0],
    instance: Instance,
}

/// Nothing is written as `{}`.
#[derive(Serialize)]
#[serde(untagged)]
enum Instance {
    Some(Reference),
    None {},
}

impl View for Volume {
    const NAME: Name = Name::StorageVolumes;

    fn xml(&self, xml: &mut Xml, links: &Links) {
        let id = self.id.to_string();
        let href = links.item(Name::StorageVolumes, &id);
        xml.open("storage_volume", &[("href", &href), ("id", &id)]);
        xml.element("created", &[], &links.dates.text(self.created_at));
        xml.element("capacity", &[("unit", "GB")], &self.size.get().to_string());
        xml.element("name", &[], &shown_name(self.name.as_ref(), &self.id));
        if let Some(device) = device(self) {
            xml.element("device", &[], device);
        }
        let realm = links.item(Name::Realms, &self.availability_zone);
        xml.element("realm", &[("href", &realm), ("id", &self.availability_zone)], "");
        xml.element("realm_id", &[], &self.availability_zone);
        xml.element("state", &[], &state(self));
        if let Some(instance) = instance(self) {
            xml.open("mount", &[]);
            let href = links.instance(instance);
            xml.element("instance", &[("href", &href), ("id", instance)], "");
            if let Some(device) = device(self) {
                xml.element("device", &[("name", device)], "");
            }
            xml.close("mount");
        }
        xml.close("storage_volume");
    }

    fn json(&self, links: &Links) -> impl Serialize {
        let id = self.id.to_string();
        Json {
            href: links.item(Name::StorageVolumes, &id),
            name: self.name.as_ref().map(Label::as_str),
            description: self.description.as_ref().map(Label::as_str),
            state: state(self),
            created: links.dates.text(self.created_at),
            realm: Reference {
                id: self.availability_zone.clone(),
                href: links.item(Name::Realms, &self.availability_zone),
                rel: "realm",
            },
            device: device(self),
            kind: None,
            capacity: self.size.get(),
            actions: [],
            instance: instance(self).map_or(Instance::None {}, |instance| {
                Instance::Some(Reference {
                    id: instance.to_owned(),
                    href: links.instance(instance),
                    rel: "instance",
                })
            }),
            id,
        }
    }

    fn li(&self, links: &Links) -> Markup {
        let href = links.item(Name::StorageVolumes, &self.id.to_string());
        let size = format!("{} GB", self.size.get());
        let about = [&*self.availability_zone, &*size, &links.dates.text(self.created_at)];
        pages::list_item(
            &href,
            &shown_name(self.name.as_ref(), &self.id),
            &about,
            Some(&state(self)),
        )
    }
}
