//! `/extensions`: what this service has of Cinder's. The entries are Cinder's own.

use crate::auth::policy::Everybody;
use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use super::{error::Fault, extract::May, reply};

/// What this service has of Cinder's extensions: name, alias, description, date.
const EXTENSIONS: [(&str, &str, &str, &str); 21] = [
    (
        "UsedLimits",
        "os-used-limits",
        "Provide data on limited resources that are being used.",
        "2013-10-03T00:00:00+00:00",
    ),
    (
        "AdminActions",
        "os-admin-actions",
        "Enable admin actions.",
        "2012-08-25T00:00:00+00:00",
    ),
    (
        "TypesExtraSpecs",
        "os-types-extra-specs",
        "Type extra specs support.",
        "2011-08-24T00:00:00+00:00",
    ),
    (
        "SnapshotUnmanage",
        "os-snapshot-unmanage",
        "Enable volume unmanage operation.",
        "2014-12-31T00:00:00+00:00",
    ),
    (
        "SnapshotActions",
        "os-snapshot-actions",
        "Enable snapshot manager actions.",
        "2013-07-16T00:00:00+00:00",
    ),
    (
        "Quotas",
        "os-quota-sets",
        "Quota management support.",
        "2011-08-08T00:00:00+00:00",
    ),
    (
        "VolumeActions",
        "os-volume-actions",
        "Enable volume actions.",
        "2012-05-31T00:00:00+00:00",
    ),
    (
        "QuotaClasses",
        "os-quota-class-sets",
        "Quota classes management support.",
        "2012-03-12T00:00:00+00:00",
    ),
    (
        "AvailabilityZones",
        "os-availability-zone",
        "Describe Availability Zones.",
        "2013-06-27T00:00:00+00:00",
    ),
    (
        "VolumeTypeAccess",
        "os-volume-type-access",
        "Volume type access support.",
        "2014-06-26T00:00:00Z",
    ),
    (
        "VolumeTypeEncryption",
        "encryption",
        "Encryption support for volume types.",
        "2013-07-01T00:00:00+00:00",
    ),
    (
        "Services",
        "os-services",
        "Services support.",
        "2012-10-28T00:00:00-00:00",
    ),
    (
        "TypesManage",
        "os-types-manage",
        "Types manage support.",
        "2011-08-24T00:00:00+00:00",
    ),
    (
        "ExtendedSnapshotAttributes",
        "os-extended-snapshot-attributes",
        "Extended SnapshotAttributes support.",
        "2012-06-19T00:00:00+00:00",
    ),
    (
        "SnapshotManage",
        "os-snapshot-manage",
        "Allows existing backend storage to be 'managed' by Cinder.",
        "2014-12-31T00:00:00+00:00",
    ),
    (
        "VolumeHostAttribute",
        "os-vol-host-attr",
        "Expose host as an attribute of a volume.",
        "2011-11-03T00:00:00+00:00",
    ),
    (
        "Scheduler_stats",
        "scheduler-stats",
        "Scheduler stats support.",
        "2014-09-07T00:00:00+00:00",
    ),
    (
        "VolumeMigStatusAttribute",
        "os-vol-mig-status-attr",
        "Expose migration_status as an attribute of a volume.",
        "2013-08-08T00:00:00+00:00",
    ),
    (
        "VolumeTenantAttribute",
        "os-vol-tenant-attr",
        "Expose the internal project_id as an attribute of a volume.",
        "2011-11-03T00:00:00+00:00",
    ),
    (
        "ExtendedServices",
        "os-extended-services",
        "Extended services support.",
        "2014-01-10T00:00:00-00:00",
    ),
    (
        "Capabilities",
        "capabilities",
        "Capabilities support.",
        "2015-08-31T00:00:00+00:00",
    ),
];

fn extension((name, alias, description, updated): &(&str, &str, &str, &str)) -> Value {
    json!({"name": name, "alias": alias, "description": description, "updated": updated, "links": []})
}

/// `GET /extensions`.
pub async fn index(_cx: May<Everybody>) -> Result<HttpResponse, Fault> {
    let all: Vec<Value> = EXTENSIONS.iter().map(extension).collect();
    Ok(reply::json(StatusCode::OK, &json!({"extensions": all})))
}

/// `GET /extensions/{alias}`.
pub async fn show(cx: May<Everybody>) -> Result<HttpResponse, Fault> {
    let wanted = cx.path("alias");
    let found = EXTENSIONS
        .iter()
        .find(|(_, alias, ..)| *alias == wanted)
        .ok_or_else(Fault::not_found)?;
    Ok(reply::json(StatusCode::OK, &json!({"extension": extension(found)})))
}
