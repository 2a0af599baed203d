//! The programs of the installation and their heartbeats.

use chrono::{DateTime, Utc};

use super::{
    Store, StoreError, Tx,
    engine::{Statement, row, statement},
};
use crate::domain::{BackendHost, Binary, ServiceChange, ServiceRecord, Space, VolumeId};

row! {
    #[derive(Debug)]
    struct ServiceRow, service_columns {
        host: String,
        binary_name: String,
        availability_zone: String,
        disabled: bool,
        disabled_reason: Option<String>,
        frozen: bool,
        total_bytes: Option<i64>,
        free_bytes: Option<i64>,
        created_at: DateTime<Utc>,
        heartbeat_at: DateTime<Utc>,
        modified_at: Option<DateTime<Utc>>,
    }
}

pub(super) const STATEMENTS: &[Statement] = &[LIST, BEAT, ENABLE, DISABLE, FREEZE, FORGET, IS_FROZEN];

statement!(
    LIST = "SELECT ",
    service_columns!(),
    " FROM services ORDER BY binary_name, host"
);
statement!(
    BEAT = "INSERT INTO services (host, binary_name, availability_zone, disabled, frozen, total_bytes, free_bytes,
                                  created_at, heartbeat_at, pool)
            VALUES ($1, $2, $3, FALSE, FALSE, $4, $5, $6, $6, $7)
            ON CONFLICT (host, binary_name) DO UPDATE
               SET availability_zone = excluded.availability_zone, total_bytes = excluded.total_bytes,
                   free_bytes = excluded.free_bytes, heartbeat_at = excluded.heartbeat_at"
);
statement!(
    ENABLE = "UPDATE services SET disabled = FALSE, disabled_reason = NULL, modified_at = $3
               WHERE host = $1 AND binary_name = $2"
);
statement!(
    DISABLE = "UPDATE services SET disabled = TRUE, disabled_reason = coalesce($4, disabled_reason), modified_at = $3
                WHERE host = $1 AND binary_name = $2"
);
statement!(
    FREEZE = "UPDATE services SET frozen = $4, modified_at = $3 WHERE host = $1 AND binary_name = $2 AND frozen <> $4"
);
statement!(
    IS_FROZEN = "SELECT count(*) FROM services s JOIN volumes v ON v.host = s.pool WHERE v.id = $1 AND s.frozen"
);
statement!(FORGET = "DELETE FROM services WHERE host = $1 AND binary_name = $2");

impl ServiceRow {
    fn into_record(self) -> Result<ServiceRecord, StoreError> {
        let binary = self
            .binary_name
            .parse::<Binary>()
            .map_err(|_unknown| StoreError::corrupt("services", "binary_name", &self.host))?;
        let bytes = |amount: i64| u64::try_from(amount).unwrap_or(0);
        let space = self.total_bytes.zip(self.free_bytes).map(|(total, free)| Space {
            total: bytes(total),
            free: bytes(free),
        });
        Ok(ServiceRecord {
            host: self.host,
            binary,
            availability_zone: self.availability_zone,
            disabled: self.disabled,
            disabled_reason: self.disabled_reason,
            frozen: self.frozen,
            space,
            created_at: self.created_at,
            heartbeat_at: self.heartbeat_at,
            modified_at: self.modified_at,
        })
    }
}

/// A sign of life.
#[derive(Clone, Debug)]
pub struct Heartbeat<'a> {
    /// See [`ServiceRecord::host`].
    pub host: &'a str,
    /// Which program.
    pub binary: Binary,
    /// The availability zone of what it keeps.
    pub availability_zone: &'a str,
    /// The pool that it keeps.
    pub pool: Option<&'a BackendHost>,
    /// How full its back end is, if that has a meaning.
    pub space: Option<Space>,
    /// Now.
    pub now: DateTime<Utc>,
}

impl Store {
    /// All programs, by name and host.
    pub async fn services(&self) -> Result<Vec<ServiceRecord>, StoreError> {
        let rows: Vec<ServiceRow> = self.all(LIST.query()).await?;
        rows.into_iter().map(ServiceRow::into_record).collect()
    }

    /// Notes a sign of life; the first one makes the program known.
    pub async fn service_beat(&self, beat: Heartbeat<'_>) -> Result<(), StoreError> {
        let bytes = |amount: u64| i64::try_from(amount).unwrap_or(i64::MAX);
        self.execute(
            BEAT.bind(beat.host)
                .bind(beat.binary.as_str())
                .bind(beat.availability_zone)
                .bind(beat.space.map(|space| bytes(space.total)))
                .bind(beat.space.map(|space| bytes(space.free)))
                .bind(beat.now)
                .bind(beat.pool.map(BackendHost::as_str)),
        )
        .await?;
        Ok(())
    }

    /// Does what an operator wants. False when there is no such program, or it is frozen or not as it should
    /// become already.
    pub async fn service_change(
        &self,
        host: &str,
        binary: Binary,
        change: &ServiceChange,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let rows = match change {
            ServiceChange::Enable => self.execute(ENABLE.bind(host).bind(binary.as_str()).bind(now)).await,
            ServiceChange::Disable(reason) => {
                self.execute(
                    DISABLE
                        .bind(host)
                        .bind(binary.as_str())
                        .bind(now)
                        .bind(reason.as_deref()),
                )
                .await
            }
            ServiceChange::Freeze(frozen) => {
                self.execute(FREEZE.bind(host).bind(binary.as_str()).bind(now).bind(*frozen))
                    .await
            }
        }?;
        Ok(rows == 1)
    }

    /// Forgets a program that is known under another name now.
    pub async fn service_forget(&self, host: &str, binary: Binary) -> Result<(), StoreError> {
        self.execute(FORGET.bind(host).bind(binary.as_str())).await?;
        Ok(())
    }
}

impl Tx {
    /// Whether an operator wants nothing changed where the volume is.
    pub async fn is_frozen(&mut self, volume: VolumeId) -> Result<bool, StoreError> {
        let found: i64 = self.open.one(IS_FROZEN.bind(volume.uuid())).await?;
        Ok(found > 0)
    }
}
