//! `breezeblock doctor`: whether what must always hold does, on a live system, and what to do if not.
//!
//! It opens the database and the storage as they are. Without `repair` it writes nothing: no migration, no folder,
//! no probe of the file system.

use std::{io::Write, time::Duration};

use chrono::TimeDelta;
use secrecy::ExposeSecret;

use super::{AppError, Sources, backend};
use crate::{
    audit::{self, Backend, Finding, Mended, Note, Repair, Report},
    domain::BackendHost,
    driver::{Driver, file::FileDriver},
    settings::{DriverName, Settings},
    store::{Database, Store},
};

/// A repair can bring to light what was behind it: a task that does not fit hides one that is missing.
const ROUNDS: usize = 3;

/// What the doctor says in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// Everything holds.
    Healthy,
    /// Something does not; it was told.
    Unhealthy,
}

/// Examines the installation of these settings, and repairs it if told to. What it finds and does goes to `out`,
/// one line each.
///
/// # Errors
/// [`AppError`] when the database or the storage cannot be looked at, or are of another program or installation.
pub async fn doctor(
    settings: &Settings,
    sources: &Sources,
    repair: bool,
    out: &mut (dyn Write + Send),
) -> Result<Diagnosis, AppError> {
    let database = Database {
        url: settings.database.url.expose_secret().to_owned(),
        max_connections: settings.database.max_connections,
    };
    let store = if repair {
        Store::open_existing(&database).await?
    } else {
        Store::inspect(&database).await?
    };
    let store = store.with_timeout(Duration::from_secs(settings.database.timeout));
    let diagnosis = examine(&store, settings, sources, repair, out).await;
    store.close().await;
    diagnosis
}

async fn examine(
    store: &Store,
    settings: &Settings,
    sources: &Sources,
    repair: bool,
    out: &mut (dyn Write + Send),
) -> Result<Diagnosis, AppError> {
    store.is_current().await?;
    let driver = match settings.storage.driver {
        DriverName::File => FileDriver::inspect(&settings.storage.path).await?,
    };
    let host = backend::known_as(settings, store, &driver).await?;
    let backend = Backend {
        driver: &driver as &dyn Driver,
        host: &host,
    };
    let mut report = audit::examine(store, Some(backend)).await?;
    if repair {
        let request_id = format!("req-{}", sources.ids.next().as_hyphenated());
        let note = Note {
            clock: &*sources.clock,
            ids: &*sources.ids,
            message_ttl: TimeDelta::seconds(i64::from(settings.message.ttl)),
            request_id: &request_id,
        };
        let repair = Repair { store, backend, note };
        for _round in 0..ROUNDS {
            // Nothing that a damaged database says is a reason to change something.
            if report.findings.is_empty() || report.findings.iter().any(is_damage) {
                break;
            }
            let Mended { done, failed } = repair.mend(&report.findings).await;
            for repaired in &done {
                tell(out, &format!("repaired: {repaired}"))?;
            }
            for failure in &failed {
                tell(out, &format!("not repaired: {failure}"))?;
            }
            report = audit::examine(store, Some(backend)).await?;
            if done.is_empty() {
                break;
            }
        }
    }
    for finding in &report.findings {
        let line = format!("{}: {finding}; {}", finding.invariant(), finding.advice());
        tell(out, &line)?;
    }
    if !report.findings.is_empty() {
        return Ok(Diagnosis::Unhealthy);
    }
    tell(out, &healthy(&report, &host))?;
    Ok(Diagnosis::Healthy)
}

fn is_damage(finding: &Finding) -> bool {
    matches!(finding, Finding::Damage(_))
}

fn healthy(report: &Report, host: &BackendHost) -> String {
    let count = |number: i64, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let rows = report.rows;
    let objects = match report.objects {
        Some(objects) => format!(
            "the storage of {host} holds {}",
            count(i64::try_from(objects).unwrap_or(i64::MAX), "object")
        ),
        None => format!("the storage of {host} cannot list what it holds"),
    };
    format!(
        "healthy: {}, {}, {}, {}; {objects}",
        count(rows.volumes, "volume"),
        count(rows.snapshots, "snapshot"),
        count(rows.tasks, "task"),
        count(rows.messages, "message"),
    )
}

fn tell(out: &mut (dyn Write + Send), line: &str) -> Result<(), AppError> {
    writeln!(out, "{line}").map_err(AppError::Write)
}
