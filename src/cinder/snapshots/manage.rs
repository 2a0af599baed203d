//! `/os-snapshot-manage`, and from 3.8 on the same as `/manageable_snapshots`: what the back end has and
//! the service does not (Cinder: `contrib/resource_common_manage.py`).

use std::cmp::Ordering;

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use crate::{
    auth::policy::{
        Action,
        may::{SnapshotListManageable, SnapshotManage},
    },
    cinder::{
        error::Fault,
        extract::{Body, Cx, May},
        microversion::Microversion,
        paging::{self, Slice},
        reply, schema,
        views::{manageable as view, snapshot},
    },
    domain::{Direction, MetadataRule},
    http::query::Params,
    service::{ManageableSnapshot, NewSnapshot, ServiceError},
};

/// `GET /os-snapshot-manage`.
pub async fn index(cx: May<SnapshotListManageable>) -> Result<HttpResponse, Fault> {
    list(&cx, false).await
}

/// `GET /os-snapshot-manage/detail`.
pub async fn detail(cx: May<SnapshotListManageable>) -> Result<HttpResponse, Fault> {
    list(&cx, true).await
}

/// `GET /manageable_snapshots`.
pub async fn new_index(cx: May<SnapshotListManageable>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::MANAGEABLE)?;
    list(&cx, false).await
}

/// `GET /manageable_snapshots/detail`.
pub async fn new_detail(cx: May<SnapshotListManageable>) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::MANAGEABLE)?;
    list(&cx, true).await
}

/// `POST /os-snapshot-manage`.
pub async fn create(cx: May<SnapshotManage>, body: Body) -> Result<HttpResponse, Fault> {
    let (new, reference) = parse(body.value())?;
    let made = cx.service.snapshot_manage(&cx.call, new, reference).await?;
    // The fields of the oldest version, at every version.
    let view = snapshot::detail(Microversion::MIN, &made, false);
    Ok(reply::named(StatusCode::ACCEPTED, "snapshot", &view))
}

/// `POST /manageable_snapshots`.
pub async fn new_create(cx: May<SnapshotManage>, body: Body) -> Result<HttpResponse, Fault> {
    cx.since(Microversion::MANAGEABLE)?;
    create(cx, body).await
}

fn parse(body: Value) -> Result<(NewSnapshot, String), Fault> {
    let mut fields = schema::root(body, "snapshot", true)?;
    fields.must_have("ref")?;
    fields.must_have("volume_id")?;
    let reference = fields.reference("ref")?;
    let volume_id = fields.strict_uuid("volume_id")?;
    // Unlike everywhere else, names are kept as they are, blanks and all.
    let name = fields.untrimmed_name("name")?;
    let description = fields.untrimmed_description("description")?;
    let metadata = fields.metadata("metadata", MetadataRule::WithSlash)?;
    fields.finish()?;
    let new = NewSnapshot {
        volume_id,
        name: name.flatten(),
        description: description.flatten(),
        metadata: metadata.unwrap_or_default(),
        allow_in_use: true,
    };
    Ok((new, reference.to_string()))
}

async fn list(cx: &Cx, detailed: bool) -> Result<HttpResponse, Fault> {
    cx.call.authorize_own(Action::SnapshotListManageable)?;
    let mut params = cx.query()?;
    let host = host(cx, &mut params)?;
    let slice = Slice::take(&mut params, cx.options.max_limit)?;
    let order = Order::take(&mut params)?;
    let mut all = cx.service.snapshot_manageable(&cx.call, &host).await?;
    all.sort_by(|one, other| order.compare(one, other));
    let items: Vec<_> = part(&all, &slice)?.iter().map(|it| view::item(it, detailed)).collect();
    Ok(reply::json(StatusCode::OK, &json!({"manageable-snapshots": items})))
}

/// Whose back end: there are no clusters here, so a cluster is one that does not exist.
fn host(cx: &Cx, params: &mut Params) -> Result<String, Fault> {
    let host = params.take("host").filter(|host| !host.is_empty());
    let with_cluster = cx.version >= Microversion::MANAGEABLE_CLUSTER;
    let cluster = params
        .take("cluster")
        .filter(|cluster| with_cluster && !cluster.is_empty());
    match (host, cluster) {
        (Some(host), None) => Ok(host),
        (None, Some(cluster)) => Err(ServiceError::ServiceNotFound {
            binary: "cinder-volume".to_owned(),
            host: cluster,
        }
        .into()),
        _none_or_both if with_cluster => Err(Fault::bad_request(
            "Invalid input received: One and only one of cluster and host must be set.",
        )),
        _none => Err(Fault::bad_request("Invalid input received: Host field is missing.")),
    }
}

/// By reference or size, each up or down.
struct Order(Vec<(Key, Direction)>);

enum Key {
    Reference,
    Size,
}

impl Order {
    fn take(params: &mut Params) -> Result<Self, Fault> {
        let (mut keys, mut unknown_keys, mut unknown_dirs) = (Vec::new(), Vec::new(), Vec::new());
        for (key, dir) in paging::take_sort(params, "reference")? {
            let direction = match dir.as_str() {
                "asc" => Some(Direction::Asc),
                "desc" => Some(Direction::Desc),
                _unknown => None,
            };
            let known = match key.as_str() {
                "reference" => Some(Key::Reference),
                "size" => Some(Key::Size),
                _unknown => None,
            };
            match (known, direction) {
                (Some(key), Some(direction)) => keys.push((key, direction)),
                (None, _) => unknown_keys.push(key),
                (Some(_), None) => unknown_dirs.push(dir),
            }
        }
        for (what, unknown) in [("keys", unknown_keys), ("dirs", unknown_dirs)] {
            if !unknown.is_empty() {
                let text = format!("Invalid sort {what} passed: {}", unknown.join(", "));
                return Err(Fault::bad_request(text));
            }
        }
        Ok(Self(keys))
    }

    fn compare(&self, one: &ManageableSnapshot, other: &ManageableSnapshot) -> Ordering {
        let decided = self.0.iter().map(|(key, direction)| {
            let up = match key {
                Key::Reference => one.stored.name.cmp(&other.stored.name),
                Key::Size => one.stored.size.cmp(&other.stored.size),
            };
            match direction {
                Direction::Asc => up,
                Direction::Desc => up.reverse(),
            }
        });
        decided.fold(Ordering::Equal, Ordering::then)
    }
}

/// The page; its marker is the reference of the last item before it, as JSON.
fn part<'a>(all: &'a [ManageableSnapshot], slice: &Slice) -> Result<&'a [ManageableSnapshot], Fault> {
    let refuse = |text: String| Fault::bad_request(format!("Invalid input received: {text}"));
    let start = match &slice.marker {
        None => 0,
        Some(marker) => {
            let wanted: Value = serde_json::from_str(marker).map_err(|_not_json| {
                refuse(format!(
                    "marker {marker} can not be analysed, please use json like format"
                ))
            })?;
            let found = all.iter().position(|it| view::reference(it) == wanted);
            found.ok_or_else(|| refuse(format!("marker not found: {marker}")))? + 1
        }
    };
    let number = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let start = start.saturating_add(number(slice.offset)).min(all.len());
    let end = start.saturating_add(number(slice.limit)).min(all.len());
    Ok(all.get(start..end).unwrap_or_default())
}
