//! `/os-services`: who is there, and what operators do with them.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Map, Value, json};

use super::{
    error::Fault,
    extract::{Body, Cx, May},
    microversion::Microversion,
    python,
    reply::{self, empty_json},
    schema::{Fields, invalid, wrong_type},
    views,
};
use crate::{
    auth::policy::may::{ServiceList, ServiceUpdate},
    domain::{Binary, ServiceChange},
    service::KnownService,
};

/// Most characters of a name or a reason.
const LONGEST: usize = 255;

/// `GET /os-services`. A host filter may leave the back end out (Cinder: `db.service_get_all`).
pub async fn list(cx: May<ServiceList>) -> Result<HttpResponse, Fault> {
    let mut services = cx.service.services(&cx.call).await?;
    let mut params = cx.query()?;
    let (binary, host) = (params.take("binary"), params.take("host"));
    services.retain(|KnownService { record, .. }| {
        let machine = record.host.split('@').next();
        binary.as_deref().is_none_or(|wanted| wanted == record.binary.as_str())
            && host
                .as_deref()
                .is_none_or(|wanted| wanted == record.host || Some(wanted) == machine)
    });
    let services: Vec<_> = services.iter().map(|known| show(&cx, known)).collect();
    Ok(reply::json(StatusCode::OK, &json!({"services": services})))
}

fn show(cx: &Cx, known: &KnownService) -> Value {
    let record = &known.record;
    let state = if known.is_up { "up" } else { "down" };
    let touched = record
        .modified_at
        .map_or(record.heartbeat_at, |modified| modified.max(record.heartbeat_at));
    let mut service = json!({
        "binary": record.binary.as_str(),
        "host": record.host,
        "zone": record.availability_zone,
        "status": if record.disabled { "disabled" } else { "enabled" },
        "state": state,
        "updated_at": views::time(touched),
        "disabled_reason": record.disabled_reason,
    });
    if record.binary == Binary::Volume {
        service["replication_status"] = json!("disabled");
        service["active_backend_id"] = Value::Null;
        service["frozen"] = json!(record.frozen);
        if cx.version >= Microversion::BACKEND_STATE {
            service["backend_state"] = json!(state);
        }
    }
    if cx.version >= Microversion::CLUSTER {
        service["cluster"] = Value::Null;
    }
    service
}

/// `PUT /os-services/enable`. Cinder forgets to write it down (gap G16).
pub async fn enable(cx: May<ServiceUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    let named = Named::read(body, false)?;
    named.change(&cx, ServiceChange::Enable, "enabled").await
}

/// `PUT /os-services/disable`.
pub async fn disable(cx: May<ServiceUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    let named = Named::read(body, false)?;
    named.change(&cx, ServiceChange::Disable(None), "disabled").await
}

/// `PUT /os-services/disable-log-reason`.
pub async fn disable_log_reason(cx: May<ServiceUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    let named = Named::read(body, true)?;
    let change = ServiceChange::Disable(named.reason.clone());
    named.change(&cx, change, "disabled").await
}

/// `PUT /os-services/freeze`: no snapshot is taken, nothing deleted and no new volume placed there until it thaws
/// (Cinder: `assert_not_frozen`, which extending and reverting do not ask).
pub async fn freeze(cx: May<ServiceUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    freeze_or_thaw(&cx, body, true).await
}

/// `PUT /os-services/thaw`.
pub async fn thaw(cx: May<ServiceUpdate>, body: Body) -> Result<HttpResponse, Fault> {
    freeze_or_thaw(&cx, body, false).await
}

async fn freeze_or_thaw(cx: &Cx, body: Body, frozen: bool) -> Result<HttpResponse, Fault> {
    let mut fields = Fields::bare(body.value())?;
    let clusters = cx.version >= Microversion::REPLICATION_CLUSTER;
    let cluster = fields
        .text("cluster")?
        .filter(|cluster| clusters && !cluster.is_empty());
    let host = bounded(&mut fields, "host")?;
    fields.finish()?;
    cx.service.may_change_services(&cx.call)?;
    let binary = Binary::Volume.as_str();
    match (host, cluster) {
        (Some(host), None) => {
            let change = ServiceChange::Freeze(frozen);
            cx.service.service_change(&cx.call, &host, binary, change).await?;
            Ok(empty_json(StatusCode::OK))
        }
        // There are no clusters here.
        (None, Some(cluster)) => Err(Fault::bad_request(format!(
            "Invalid input received: No service found with cluster={cluster}"
        ))),
        _both_or_none if clusters => Err(Fault::bad_request(
            "Invalid input received: One and only one of cluster and host must be set.",
        )),
        _none => Err(no_host()),
    }
}

/// Which program a request is about, as it says it.
struct Named {
    host: Option<String>,
    service: String,
    binary: String,
    with_reason: bool,
    reason: Option<String>,
}

impl Named {
    fn read(body: Body, with_reason: bool) -> Result<Self, Fault> {
        let mut fields = Fields::bare(body.value())?;
        let binary = text(&mut fields, "binary")?;
        let host = bounded(&mut fields, "host")?;
        let _no_clusters = fields.text("cluster")?;
        let service = text(&mut fields, "service")?;
        let reason = if with_reason {
            text(&mut fields, "disabled_reason")?
        } else {
            None
        };
        if binary.is_none() && service.is_none() {
            return Err(fields.refuse(&format!(
                "{} is not valid under any of the given schemas",
                python::repr(fields.whole())
            )));
        }
        fields.finish()?;
        Ok(Self {
            host,
            service: service.unwrap_or_default(),
            binary: binary.unwrap_or_default(),
            with_reason,
            reason,
        })
    }

    async fn change(self, cx: &Cx, change: ServiceChange, status: &str) -> Result<HttpResponse, Fault> {
        cx.service.may_change_services(&cx.call)?;
        let host = self.host.ok_or_else(no_host)?;
        let disabled = change != ServiceChange::Enable;
        // `service` is the older name of `binary`.
        let binary = if self.binary.is_empty() {
            &self.service
        } else {
            &self.binary
        };
        cx.service.service_change(&cx.call, &host, binary, change).await?;
        let mut shown = Map::from_iter([
            ("host".to_owned(), json!(host)),
            ("service".to_owned(), json!(self.service)),
            ("binary".to_owned(), json!(self.binary)),
            ("status".to_owned(), json!(status)),
            ("disabled".to_owned(), json!(disabled)),
        ]);
        if self.with_reason {
            shown.insert("disabled_reason".to_owned(), json!(self.reason));
        }
        Ok(reply::json(StatusCode::OK, &shown))
    }
}

fn no_host() -> Fault {
    Fault::bad_request("Invalid input received: Host field is missing.")
}

/// A text of 1 to 255 characters, if it is there.
fn text(fields: &mut Fields, key: &str) -> Result<Option<String>, Fault> {
    match fields.whole().get(key) {
        Some(Value::Null) => Err(invalid(key, &Value::Null, &wrong_type(&Value::Null, "'string'"))),
        Some(_) | None => bounded(fields, key),
    }
}

/// The same, if it is not null.
fn bounded(fields: &mut Fields, key: &str) -> Result<Option<String>, Fault> {
    let Some(text) = fields.text(key)? else { return Ok(None) };
    let value = Value::String(text);
    let length = value.as_str().map_or(0, |text| text.chars().count());
    let complaint = match length {
        0 => "should be non-empty",
        1..=LONGEST => return Ok(value.as_str().map(str::to_owned)),
        _more => "is too long",
    };
    Err(invalid(key, &value, &format!("{} {complaint}", python::repr(&value))))
}
