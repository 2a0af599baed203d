//! What the parts want to know of the settings.

use std::time::Duration;

use chrono::TimeDelta;

use crate::{
    deltacloud::{self, DeltacloudOptions},
    domain::BackendHost,
    service::{Installation, QuotaDefaults},
    settings::{self, Settings},
    standing::Standing,
    worker,
};

pub(super) fn installation(settings: &Settings, backend: Option<BackendHost>, standing: Standing) -> Installation {
    Installation {
        machine: machine(settings),
        backend,
        standing,
        down_time: down_time(settings),
        default_volume_type: settings.volume.default_type.clone(),
        quotas: QuotaDefaults::new(settings.quota.limits(), !settings.quota.no_snapshot_gb_quota),
        message_ttl: settings.message.ttl,
        vendor: env!("CARGO_PKG_NAME"),
        storage_protocol: "file",
    }
}

/// The Deltacloud front, if it is served.
pub(super) fn deltacloud(settings: &Settings) -> Option<DeltacloudOptions> {
    let options = &settings.deltacloud;
    options.enabled.then(|| DeltacloudOptions {
        base_path: options.base_path.clone(),
        public_endpoint: public_endpoint(settings),
        provider: options.provider.clone(),
        dates: match options.dates {
            settings::DateForm::Classic => deltacloud::DateForm::Classic,
            settings::DateForm::Iso8601 => deltacloud::DateForm::Iso8601,
        },
    })
}

/// Scheme, host and prefix for links, if requests do not tell.
pub(super) fn public_endpoint(settings: &Settings) -> Option<String> {
    Some(settings.server.public_endpoint.clone()).filter(|endpoint| !endpoint.is_empty())
}

/// How long after its last sign of life a program counts as up.
pub(super) fn down_time(settings: &Settings) -> TimeDelta {
    TimeDelta::seconds(i64::from(settings.service.down_time))
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

/// This machine's name: that of the settings, else its own.
pub(super) fn machine(settings: &Settings) -> String {
    if settings.storage.host.is_empty() {
        let name = rustix::system::uname();
        name.nodename().to_string_lossy().into_owned()
    } else {
        settings.storage.host.clone()
    }
}
