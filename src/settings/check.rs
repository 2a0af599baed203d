//! What types cannot say about settings.

use std::net::IpAddr;

use secrecy::ExposeSecret;

use super::{Server, Settings, SettingsError, Strategy};

impl Settings {
    /// What types cannot say.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let refuse = |key: &str, reason: &str| {
            Err(SettingsError::Key {
                key: key.to_owned(),
                reason: reason.to_owned(),
            })
        };
        let url = self.database.url.expose_secret();
        if !["sqlite:", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            return refuse("database.url", "expected sqlite://… or postgres://…");
        }
        if !(1..=3600).contains(&self.database.timeout) {
            return refuse("database.timeout", "expected 1 to 3600 seconds");
        }
        if self.auth.strategy == Strategy::NoAuth && !self.auth.noauth_allow_remote && !is_local(self.server.bind.ip())
        {
            return refuse(
                "server.bind",
                "auth.strategy=noauth makes everybody an admin, so it listens on loopback addresses only; bind to \
                 127.0.0.1, or set auth.noauth_allow_remote=true if the network is trusted",
            );
        }
        if self.auth.strategy == Strategy::Keystone
            && let Some((key, reason)) = self.keystone.mistake()
        {
            return refuse(&format!("keystone.{key}"), reason);
        }
        if self.auth.strategy == Strategy::Dev && !self.dev.allow_remote && !is_local(self.server.bind.ip()) {
            return refuse(
                "server.bind",
                "auth.strategy=dev has passwords that everybody can read, so it listens on loopback addresses only; \
                 bind to 127.0.0.1, or set dev.allow_remote=true if the network is trusted",
            );
        }
        self.dev.check()?;
        if let Some((key, reason)) = self.deltacloud.mistake() {
            return refuse(&format!("deltacloud.{key}"), reason);
        }
        if let Some((key, reason)) = self.server.mistake() {
            return refuse(&format!("server.{key}"), reason);
        }
        if !self.server.enabled && !self.worker.enabled {
            return refuse(
                "server.enabled",
                "a process that neither takes requests nor works on tasks does nothing",
            );
        }
        if !(1..=3600).contains(&self.service.report_interval) {
            return refuse("service.report_interval", "expected 1 to 3600 seconds");
        }
        if self.service.down_time <= self.service.report_interval {
            return refuse(
                "service.down_time",
                "expected more seconds than service.report_interval",
            );
        }
        if self.worker.concurrency == 0 {
            return refuse("worker.concurrency", "expected at least 1");
        }
        if self.worker.lease < 3 {
            return refuse(
                "worker.lease",
                "expected at least 3 seconds, or claims run out between renewals",
            );
        }
        if self.worker.lease > 86_400 {
            return refuse("worker.lease", "expected at most 86400 seconds, a day");
        }
        if !(0.01..=3600.0).contains(&self.worker.poll_interval) {
            return refuse("worker.poll_interval", "expected 0.01 to 3600 seconds");
        }
        if self.worker.max_attempts < 1 {
            return refuse("worker.max_attempts", "expected at least 1");
        }
        if self.worker.reconcile_interval > 604_800 {
            return refuse(
                "worker.reconcile_interval",
                "expected 0 (never) or at most 604800 seconds, a week",
            );
        }
        if !self.server.public_endpoint.is_empty() && !self.server.public_endpoint.starts_with("http") {
            return refuse("server.public_endpoint", "expected http://… or https://…");
        }
        for (key, limit) in self.quota.limits() {
            if limit < -1 {
                return refuse(&format!("quota.{key}"), "expected -1 (unlimited) or a number from 0 on");
            }
        }
        Ok(())
    }
}

impl Server {
    /// A limit that limits too much, and why.
    fn mistake(&self) -> Option<(&'static str, &'static str)> {
        let mistakes = [
            (self.max_limit == 0, "max_limit", "expected at least 1"),
            (self.max_requests == 0, "max_requests", "expected at least 1"),
            (
                self.max_unsent < 1 << 20,
                "max_unsent",
                "expected at least 1048576 bytes, or hardly any list fits",
            ),
            (self.max_connections < 4, "max_connections", "expected at least 4"),
            (
                !(1..=3600).contains(&self.keep_alive),
                "keep_alive",
                "expected 1 to 3600 seconds",
            ),
            (
                !(1..=3600).contains(&self.client_timeout),
                "client_timeout",
                "expected 1 to 3600 seconds",
            ),
        ];
        let found = mistakes.into_iter().find(|(wrong, ..)| *wrong);
        found.map(|(_wrong, key, reason)| (key, reason))
    }
}

fn is_local(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
