//! `storage_snapshots`: the very snapshots of the Cinder API.

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
    reply,
    shared::{Reference, labels, shown_name},
    xml::Xml,
};
use crate::{
    auth::policy::may::{SnapshotCreate, SnapshotDelete, SnapshotList, SnapshotShow, VolumeList, VolumeShow},
    domain::{Label, Snapshot, SnapshotKey, Volume},
    service::{Call, NewSnapshot, Service, ServiceError},
};

/// `GET /storage_snapshots`; with `?id=` the one of that id, or none.
pub async fn index(cx: &Cx) -> Result<HttpResponse, Failure> {
    let call = cx.call::<(SnapshotList, SnapshotShow)>().await?;
    let service = cx.service.get_ref().clone();
    let only = cx.params.get("id").map(str::to_owned);
    list::reply(cx, Snapshots { service, call, only }).await
}

struct Snapshots {
    service: Service,
    call: Call,
    only: Option<String>,
}

impl Source for Snapshots {
    type Item = Snapshot;

    async fn after(&self, marker: Option<Uuid>) -> Result<Vec<Snapshot>, ServiceError> {
        if let Some(id) = &self.only {
            return match self.service.snapshot_show(&self.call, id).await {
                Ok(snapshot) => Ok(vec![snapshot]),
                Err(ServiceError::SnapshotNotFound(_)) => Ok(Vec::new()),
                Err(error) => Err(error),
            };
        }
        let query = latest_first(&self.call, SnapshotKey::CreatedAt, SnapshotKey::Id, marker);
        let page = self.service.snapshot_list(&self.call, &query).await?;
        Ok(Arc::unwrap_or_clone(page.items))
    }

    fn marker(item: &Snapshot) -> Uuid {
        item.id.uuid()
    }
}

/// `GET /storage_snapshots/{id}`.
pub async fn show(cx: &Cx, id: &str) -> Result<HttpResponse, Failure> {
    let started = Instant::now();
    let call = cx.call::<SnapshotShow>().await?;
    let snapshot = cx.service.snapshot_show(&call, id).await?;
    Ok(reply::timed(cx, started, document(cx, &snapshot)))
}

/// `POST /storage_snapshots`. A volume that is in use is taken as well, as upstream asks Cinder for it.
pub async fn create(cx: &Cx) -> Result<HttpResponse, Failure> {
    let call = cx.call::<SnapshotCreate>().await?;
    let volume_id = cx.params.get("volume_id").unwrap_or_default().to_owned();
    let (name, description) = labels(
        &cx.params,
        || format!("snapshot_{}", cx.service.now().timestamp()),
        || format!("snapshot from volume {volume_id}"),
    )?;
    let new = NewSnapshot {
        volume_id,
        name: Some(name),
        description,
        allow_in_use: true,
        ..NewSnapshot::default()
    };
    let snapshot = cx.service.snapshot_create(&call, new).await?;
    let href = cx.links.item(Name::StorageSnapshots, &snapshot.id.to_string());
    Ok(reply::created(cx, &href, document(cx, &snapshot)))
}

/// `DELETE /storage_snapshots/{id}`.
pub async fn destroy(cx: &Cx, id: &str) -> Result<HttpResponse, Failure> {
    let call = cx.call::<(SnapshotShow, SnapshotDelete)>().await?;
    cx.service.snapshot_delete(&call, id).await?;
    Ok(reply::destroyed(cx, &cx.links.collection(Name::StorageSnapshots)))
}

/// `GET /storage_snapshots/new`: a form with the project's latest volumes to choose from, or the one of
/// `?volume_id=`.
pub async fn form(cx: &Cx) -> Result<HttpResponse, Failure> {
    let call = cx.call::<(VolumeList, VolumeShow)>().await?;
    let volumes = match cx.params.get("volume_id") {
        Some(id) => vec![cx.service.volume_show(&call, id).await?],
        None => super::volumes::page(&cx.service, &call, None).await?,
    };
    let body = html! {
        @if volumes.is_empty() {
            p { "There is no volume to take one of." }
            p { a.button href={ (cx.links.collection(Name::StorageVolumes)) "/new" } { "New storage volume" } }
        } @else {
            form method="post" action=(cx.action(Name::StorageSnapshots, None)) {
                label for="volume_id" { "Storage volume" }
                select id="volume_id" name="volume_id" required {
                    @for volume in &volumes {
                        option value=(volume.id) { (volume_title(volume)) }
                    }
                }
                (pages::text_field("name", "Name"))
                (pages::text_field("description", "Description"))
                (pages::create_button())
            }
        }
    };
    Ok(reply::document(
        cx,
        pages::only_page(cx, "New storage snapshot", &body).into_bytes(),
    ))
}

fn volume_title(volume: &Volume) -> String {
    let id = volume.id.to_string();
    match volume.name.as_ref().map(Label::as_str).filter(|name| !name.is_empty()) {
        Some(name) => format!("{name} ({id})"),
        None => id,
    }
}

fn document(cx: &Cx, snapshot: &Snapshot) -> Vec<u8> {
    list::item(cx, snapshot, "storage_snapshot", || item_page(cx, snapshot))
}

fn item_page(cx: &Cx, snapshot: &Snapshot) -> String {
    let id = snapshot.id.to_string();
    let volume = snapshot.volume_id.to_string();
    let of = html! { a href=(cx.links.item(Name::StorageVolumes, &volume)) { (volume) } };
    let facts = html! {
        (pages::fact("Name", shown_name(snapshot.name.as_ref(), &snapshot.id)))
        @if let Some(description) = snapshot.description.as_ref().filter(|text| !text.as_str().is_empty()) {
            (pages::fact("Description", description.as_str()))
        }
        (pages::fact("State", pages::state(snapshot.status.as_str())))
        (pages::fact("Storage volume", of))
        (pages::fact("Size", format!("{} GB", snapshot.size.get())))
        (pages::fact("Created", cx.links.dates.text(snapshot.created_at)))
        (pages::fact("Id", &id))
    };
    pages::item(
        cx,
        "Storage snapshot",
        (Name::StorageSnapshots, &id),
        &facts,
        &pages::delete_button(cx, Name::StorageSnapshots, &id),
    )
}

#[derive(Serialize)]
struct Json {
    id: String,
    href: String,
    state: &'static str,
    storage_volume: Reference,
    created: String,
    name: Option<String>,
    description: Option<String>,
    size: u32,
}

impl View for Snapshot {
    const NAME: Name = Name::StorageSnapshots;

    /// What servers since 2010 have shown, in their order; what came later is added, since clients of each time look
    /// for what they know.
    fn xml(&self, xml: &mut Xml, links: &Links) {
        let (id, volume) = (self.id.to_string(), self.volume_id.to_string());
        let href = links.item(Name::StorageSnapshots, &id);
        xml.open("storage_snapshot", &[("href", &href), ("id", &id)]);
        xml.element("name", &[], &shown_name(self.name.as_ref(), &self.id));
        if let Some(description) = self.description.as_ref().filter(|text| !text.as_str().is_empty()) {
            xml.element("description", &[], description.as_str());
        }
        xml.element("created", &[], &links.dates.text(self.created_at));
        xml.element("state", &[], self.status.as_str());
        xml.element("size", &[("unit", "GB")], &self.size.get().to_string());
        let of = links.item(Name::StorageVolumes, &volume);
        xml.element("storage_volume", &[("href", &of), ("id", &volume)], "");
        xml.open("actions", &[]);
        xml.empty("link", &[("href", &href), ("method", "delete"), ("rel", "destroy")]);
        xml.close("actions");
        xml.close("storage_snapshot");
    }

    fn json(&self, links: &Links) -> impl Serialize {
        let (id, volume) = (self.id.to_string(), self.volume_id.to_string());
        Json {
            href: links.item(Name::StorageSnapshots, &id),
            state: self.status.as_str(),
            storage_volume: Reference {
                href: links.item(Name::StorageVolumes, &volume),
                id: volume,
                rel: "storage_volume",
            },
            created: links.dates.text(self.created_at),
            name: self.name.as_ref().map(|name| name.as_str().to_owned()),
            description: self.description.as_ref().map(|text| text.as_str().to_owned()),
            size: self.size.get(),
            id,
        }
    }

    fn li(&self, links: &Links) -> Markup {
        let href = links.item(Name::StorageSnapshots, &self.id.to_string());
        let about = [&*self.volume_id.to_string(), &links.dates.text(self.created_at)];
        pages::list_item(
            &href,
            &shown_name(self.name.as_ref(), &self.id),
            &about,
            Some(self.status.as_str()),
        )
    }
}
