//! What the parts want to know of the settings.

use std::time::Duration;

use chrono::TimeDelta;

use crate::{
    service::{Installation, QuotaDefaults},
    settings::Settings,
    worker,
};

pub(super) fn installation(settings: &Settings) -> Installation {
    let host = if settings.storage.host.is_empty() {
        let name = rustix::system::uname();
        name.nodename().to_string_lossy().into_owned()
    } else {
        settings.storage.host.clone()
    };
    let backend = &settings.storage.backend;
    Installation {
        host: format!("{host}@{backend}#{backend}"),
        availability_zone: settings.storage.availability_zone.clone(),
        default_volume_type: settings.volume.default_type.clone(),
        quotas: QuotaDefaults::new(settings.quota.limits(), !settings.quota.no_snapshot_gb_quota),
        message_ttl: settings.message.ttl,
        vendor: env!("CARGO_PKG_NAME"),
        storage_protocol: "file",
    }
}

pub(super) fn worker(settings: &Settings) -> worker::Options {
    worker::Options {
        concurrency: settings.worker.concurrency,
        lease: Duration::from_secs(settings.worker.lease),
        poll_interval: Duration::from_secs_f64(settings.worker.poll_interval),
        max_attempts: settings.worker.max_attempts,
        message_ttl: TimeDelta::seconds(i64::from(settings.message.ttl)),
        reconcile_interval: (settings.worker.reconcile_interval > 0)
            .then(|| Duration::from_secs(settings.worker.reconcile_interval)),
    }
}
