//! Tasks: work as rows.
//!
//! A task is added in the transaction that gives its resource a transitional status and removed in the
//! one that writes the outcome, so neither exists without the other. The unique resource id means at
//! most one live task per resource.
//!
//! **Who waits for whom.** A task *writes* its resource and *reads* its source (a snapshot being taken
//! reads its volume; a volume made from a snapshot reads the snapshot). A task waits for every older
//! one that reads what it writes, or writes what it reads. So a snapshot is not deleted under a volume
//! that is being made from it, and a cascading volume delete runs after the deletes of its snapshots,
//! which name the volume as their source. Age is the order of acceptance, so nobody waits in a circle.
//!
//! A task about a group reads or writes more than that: `task_uses` has what, and the rule is the same for
//! it. A group snapshot being taken reads all volumes of the group and writes all its snapshots, so none of
//! them is extended, reverted or read halfway; a group's own task reads its volumes, and so comes after the
//! tasks that make or delete them.
//!
//! **Whose work it is.** A task belongs to the back end that keeps the volume, and only that back end's
//! workers claim it: two machines with disks of their own can share one database. What has no place (a volume for
//! which no back end was found) has no bytes, so anybody may do what is left to do.
//!
//! **Whose clock.** Times in these rows are compared with clocks that may have been set back since. A task that was
//! never tried is due at any time; one that was put off farther than anything is ever put off is due as well. A claim
//! that seems to hold for ever is another matter, because its holder may live: see `worker/stranded.rs`.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    Store, StoreError, Tx,
    engine::{Statement, statement},
    rows::{TaskRow, task_columns},
};
use crate::domain::{BackendHost, LeaseToken, Operation, ResourceId, Subject, Task};

pub(super) const STATEMENTS: &[Statement] = &[
    ENQUEUE,
    USE,
    CANCEL,
    CLAIM,
    RENEW,
    OWNED,
    HOLD,
    FINISH,
    POSTPONE,
    RELEASE,
    PROGRESS,
    LIVE,
    CLAIMED_BEYOND,
    FREE,
];

/// No task is ever put off for so long: one that seems to be was put off before the clock was set back.
const FARTHEST: TimeDelta = TimeDelta::minutes(10);

statement!(
    ENQUEUE =
        "INSERT INTO tasks (resource_id, source_id, operation, attempts, run_at, request_id, created_at, argument,
                                   host)
               VALUES ($1, $2, $3, 0, $4, $5, $4, $6, coalesce((SELECT host FROM volumes WHERE id = $7), ''))"
);
statement!(USE = "INSERT INTO task_uses (task_id, resource_id, writes) VALUES ($1, $2, $3)");
// What it uses goes with it.
statement!(CANCEL = "DELETE FROM tasks WHERE resource_id = $1");
// Picked first and once: a plan may run a subquery again and again, and each time it locks others.
statement!(
    CLAIM = "WITH picked AS MATERIALIZED (
                 SELECT due.seq FROM tasks due
                  WHERE due.host = $5 AND (due.run_at <= $3 OR due.run_at > $4 OR due.attempts = 0)
                    AND (due.lease_until IS NULL OR due.lease_until <= $3)
                    AND NOT EXISTS (SELECT 1 FROM tasks older
                                     WHERE older.seq < due.seq AND (older.source_id = due.resource_id
                                                                    OR older.resource_id = due.source_id))
                    AND NOT EXISTS (SELECT 1 FROM task_uses used
                                      JOIN tasks older ON older.resource_id = used.task_id
                                     WHERE older.seq < due.seq
                                       AND (used.resource_id = due.resource_id
                                            OR (used.writes AND used.resource_id = due.source_id)))
                    AND NOT EXISTS (SELECT 1 FROM task_uses own
                                      JOIN tasks older ON older.resource_id = own.resource_id
                                                       OR (own.writes AND older.source_id = own.resource_id)
                                     WHERE own.task_id = due.resource_id AND older.seq < due.seq)
                    AND NOT EXISTS (SELECT 1 FROM task_uses own
                                      JOIN task_uses used ON used.resource_id = own.resource_id
                                                         AND (used.writes OR own.writes)
                                      JOIN tasks older ON older.resource_id = used.task_id
                                     WHERE own.task_id = due.resource_id AND older.seq < due.seq)
                  ORDER BY due.run_at, due.seq LIMIT $6";
    postgres " FOR UPDATE OF due SKIP LOCKED",
    ")
             UPDATE tasks SET lease_token = $1, lease_until = $2, attempts = attempts + 1
              WHERE seq IN (SELECT seq FROM picked) AND (lease_until IS NULL OR lease_until <= $3)
             RETURNING ", task_columns!()
);
statement!(RENEW = "UPDATE tasks SET lease_until = $3 WHERE resource_id = $1 AND lease_token = $2");
statement!(OWNED = "SELECT count(*) FROM tasks WHERE resource_id = $1 AND lease_token = $2");
statement!(
    HOLD = "SELECT resource_id FROM tasks WHERE resource_id = $1 AND lease_token = $2"; postgres " FOR UPDATE"
);
statement!(FINISH = "DELETE FROM tasks WHERE resource_id = $1 AND lease_token = $2");
statement!(
    POSTPONE = "UPDATE tasks SET run_at = $3, last_error = $4, lease_token = NULL, lease_until = NULL
                 WHERE resource_id = $1 AND lease_token = $2"
);
statement!(
    RELEASE = "UPDATE tasks SET attempts = attempts - 1, lease_token = NULL, lease_until = NULL
                WHERE resource_id = $1 AND lease_token = $2"
);
statement!(
    PROGRESS = "UPDATE snapshots SET progress = $3
                 WHERE (id = $1 OR group_snapshot_id = $1) AND status = 'creating'
                   AND EXISTS (SELECT 1 FROM tasks WHERE resource_id = $1 AND lease_token = $2)"
);
statement!(
    CLAIMED_BEYOND = "SELECT resource_id, lease_token, lease_until FROM tasks
                       WHERE lease_until > $1 AND lease_token IS NOT NULL"
);
statement!(
    FREE = "UPDATE tasks SET lease_token = NULL, lease_until = NULL
             WHERE resource_id = $1 AND lease_token = $2 AND lease_until = $3"
);
statement!(LIVE = "SELECT operation FROM tasks WHERE resource_id = $1");

/// A claim, as the database has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What is claimed.
    pub resource: ResourceId,
    /// By whom.
    pub lease: LeaseToken,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// A task to add.
#[derive(Clone, Debug)]
pub struct NewTask<'a> {
    /// What it changes.
    pub resource: ResourceId,
    /// What it reads meanwhile; for work on a snapshot always its volume, on a group snapshot one of them.
    pub source: Option<ResourceId>,
    /// What to do.
    pub operation: Operation,
    /// See [`Task::argument`].
    pub argument: Option<&'a str>,
    /// Now.
    pub now: DateTime<Utc>,
    /// The request that asks for it.
    pub request_id: &'a str,
}

impl NewTask<'_> {
    /// The volume that the work is on: the one that is changed, or the one whose snapshot is. A group's own
    /// task works on nothing that is anywhere.
    fn volume(&self) -> Option<Uuid> {
        match self.operation.subject() {
            Subject::Snapshot | Subject::GroupSnapshot => self.source.map(ResourceId::uuid),
            Subject::Volume => Some(self.resource.uuid()),
            Subject::Group => None,
        }
    }
}

impl Tx {
    /// Adds a task that may run at once.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the resource already has a live task: a bug in the caller, which
    /// must cancel it first.
    pub async fn task_enqueue(&mut self, task: NewTask<'_>) -> Result<(), StoreError> {
        self.open
            .execute_later(
                ENQUEUE
                    .bind(task.resource.uuid())
                    .bind(task.source.map(ResourceId::uuid))
                    .bind(task.operation.as_str())
                    .bind(task.now)
                    .bind(task.request_id)
                    .bind(task.argument)
                    .bind(task.volume()),
            )
            .await?;
        Ok(())
    }

    /// Says what else a task uses. A task that writes something waits for every older one that reads or writes
    /// it; one that reads it waits for older writers only.
    pub async fn task_uses(&mut self, task: ResourceId, used: ResourceId, writes: bool) -> Result<(), StoreError> {
        self.open
            .execute(USE.bind(task.uuid()).bind(used.uuid()).bind(writes))
            .await?;
        Ok(())
    }

    /// Removes the live task of a resource, if there is one, and so fences off the worker that has it.
    pub async fn task_cancel(&mut self, resource: ResourceId) -> Result<(), StoreError> {
        self.open.execute(CANCEL.bind(resource.uuid())).await?;
        Ok(())
    }

    /// Whether something is being done with a resource.
    pub async fn task_is_live(&mut self, resource: ResourceId) -> Result<bool, StoreError> {
        Ok(self.task_of(resource).await?.is_some())
    }

    /// Whether the claim still holds, and it holds until the end of the transaction: nobody else can take the
    /// task or cancel it before.
    pub async fn task_hold(&mut self, task: &Task) -> Result<bool, StoreError> {
        let held: Option<Uuid> = self
            .open
            .optional(HOLD.bind(task.resource.uuid()).bind(task.lease.uuid()))
            .await?;
        Ok(held.is_some())
    }

    /// What is being done with a resource. Whoever holds its row knows that this stays so.
    pub async fn task_of(&mut self, resource: ResourceId) -> Result<Option<Operation>, StoreError> {
        let text: Option<String> = self.open.optional(LIVE.bind(resource.uuid())).await?;
        operation(resource, text)
    }

    /// Ends a task. False when the claim no longer holds: the outcome must be dropped.
    pub async fn task_finish(&mut self, task: &Task) -> Result<bool, StoreError> {
        let rows = self
            .open
            .execute(FINISH.bind(task.resource.uuid()).bind(task.lease.uuid()))
            .await?;
        Ok(rows == 1)
    }
}

impl Store {
    /// Claims the oldest task of a back end that is due, held by nobody and not waiting for another, until `until`.
    pub async fn task_claim(
        &self,
        host: &BackendHost,
        lease: LeaseToken,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<Task>, StoreError> {
        Ok(self.tasks_claim(host, lease, now, until, 1).await?.pop())
    }

    /// Claims at most so many of them under one lease.
    pub async fn tasks_claim(
        &self,
        host: &BackendHost,
        lease: LeaseToken,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        most: i64,
    ) -> Result<Vec<Task>, StoreError> {
        // What has no place comes last, and on its own: one host at a time is one range of the index, in order.
        for host in [host.as_str(), ""] {
            let claim = CLAIM
                .bind(lease.uuid())
                .bind(until)
                .bind(now)
                .bind(now + FARTHEST)
                .bind(host)
                .bind(most);
            let rows = self.returning::<TaskRow>(claim).await?;
            if !rows.is_empty() {
                return rows.into_iter().map(|row| row.into_task(lease)).collect();
            }
        }
        Ok(Vec::new())
    }

    /// Holds the claim until `until`. False when it is lost.
    pub async fn task_renew(&self, task: &Task, until: DateTime<Utc>) -> Result<bool, StoreError> {
        let rows = self
            .execute(RENEW.bind(task.resource.uuid()).bind(task.lease.uuid()).bind(until))
            .await?;
        Ok(rows == 1)
    }

    /// The claims that hold beyond `limit`.
    pub async fn task_claims_beyond(&self, limit: DateTime<Utc>) -> Result<Vec<Claim>, StoreError> {
        let rows = self
            .all::<(Uuid, Uuid, DateTime<Utc>)>(CLAIMED_BEYOND.bind(limit))
            .await?;
        let claim = |(resource, lease, until)| Claim {
            resource: ResourceId::new(resource),
            lease: LeaseToken::new(lease),
            until,
        };
        Ok(rows.into_iter().map(claim).collect())
    }

    /// Ends a claim as if it had run out, unless it was renewed or given up meanwhile.
    pub async fn task_free(&self, claim: &Claim) -> Result<bool, StoreError> {
        let rows = self
            .execute(
                FREE.bind(claim.resource.uuid())
                    .bind(claim.lease.uuid())
                    .bind(claim.until),
            )
            .await?;
        Ok(rows == 1)
    }

    /// Whether the claim still holds.
    pub async fn task_owned(&self, task: &Task) -> Result<bool, StoreError> {
        let rows: i64 = self
            .one(OWNED.bind(task.resource.uuid()).bind(task.lease.uuid()))
            .await?;
        Ok(rows == 1)
    }

    /// Gives the task up until `run_at`. False when the claim is lost.
    pub async fn task_postpone(&self, task: &Task, run_at: DateTime<Utc>, reason: &str) -> Result<bool, StoreError> {
        let rows = self
            .execute(
                POSTPONE
                    .bind(task.resource.uuid())
                    .bind(task.lease.uuid())
                    .bind(run_at)
                    .bind(reason),
            )
            .await?;
        Ok(rows == 1)
    }

    /// Gives the task back at once, as if it had not been claimed (shutdown).
    pub async fn task_release(&self, task: &Task) -> Result<(), StoreError> {
        self.execute(RELEASE.bind(task.resource.uuid()).bind(task.lease.uuid()))
            .await?;
        Ok(())
    }

    /// Shows how far the copy of a snapshot, or of all snapshots of a group snapshot, is, as long as the claim holds and nobody changed the status.
    pub async fn task_progress(&self, task: &Task, percent: u8) -> Result<(), StoreError> {
        self.execute(
            PROGRESS
                .bind(task.resource.uuid())
                .bind(task.lease.uuid())
                .bind(format!("{percent}%")),
        )
        .await?;
        Ok(())
    }

    /// What is being done with a resource.
    pub async fn task_of(&self, resource: ResourceId) -> Result<Option<Operation>, StoreError> {
        let text: Option<String> = self.optional(LIVE.bind(resource.uuid())).await?;
        operation(resource, text)
    }
}

fn operation(resource: ResourceId, text: Option<String>) -> Result<Option<Operation>, StoreError> {
    let read = text.map(|text| text.parse());
    read.transpose()
        .map_err(|_unknown| StoreError::corrupt("tasks", "operation", resource))
}
