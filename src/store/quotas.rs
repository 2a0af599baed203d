//! Quota limits, and usage counted from the rows.

use std::collections::HashMap;

use sqlx::{query, query_as};

use super::{
    Reading, Store, StoreError, Tx,
    db::Open,
    dialect::{Statement, execute, execute_one, read, statement, within},
    session::within_session,
};
use crate::domain::{ProjectId, TypeUsage, Usage};

pub(super) const STATEMENTS: &[Statement] = &[
    OF_PROJECT,
    SET_PROJECT,
    CLEAR_PROJECT,
    OF_CLASS,
    SET_CLASS,
    VOLUMES,
    SNAPSHOTS,
];

statement!(OF_PROJECT = "SELECT resource, hard_limit FROM quotas WHERE project_id = $1");
statement!(
    SET_PROJECT = "INSERT INTO quotas (project_id, resource, hard_limit) VALUES ($1, $2, $3)
                   ON CONFLICT (project_id, resource) DO UPDATE SET hard_limit = excluded.hard_limit"
);
statement!(CLEAR_PROJECT = "DELETE FROM quotas WHERE project_id = $1");
statement!(
    SET_CLASS = "INSERT INTO quota_classes (class_name, resource, hard_limit) VALUES ($1, $2, $3)
                 ON CONFLICT (class_name, resource) DO UPDATE SET hard_limit = excluded.hard_limit"
);
statement!(OF_CLASS = "SELECT resource, hard_limit FROM quota_classes WHERE class_name = $1");
// A volume that is being extended counts with the size it is going to have.
statement!(
    VOLUMES = "SELECT t.name, count(*), CAST(sum(coalesce(v.target_size, v.size)) AS BIGINT)
                 FROM volumes v JOIN volume_types t ON t.id = v.volume_type_id
                WHERE v.project_id = $1 AND v.consumes_quota
                GROUP BY t.name"
);
statement!(
    SNAPSHOTS = "SELECT t.name, count(*), CAST(sum(s.volume_size) AS BIGINT)
                   FROM snapshots s JOIN volume_types t ON t.id = s.volume_type_id
                  WHERE s.project_id = $1 AND s.consumes_quota
                  GROUP BY t.name"
);
/// Only PostgreSQL needs it, so it is not in the list that both databases prepare.
const SERIALISE_POSTGRES: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

type Counted = (String, i64, i64);

impl Store {
    /// The limits a project was given, by resource name.
    pub async fn quota_of_project(&self, project: &ProjectId) -> Result<HashMap<String, i64>, StoreError> {
        let rows = read!(self, OF_PROJECT, |c, sql| query_as::<_, (String, i64)>(sql)
            .bind(project.as_str())
            .fetch_all(c))?;
        Ok(rows.into_iter().collect())
    }

    /// The limits a quota class was given, by resource name.
    pub async fn quota_of_class(&self, class: &str) -> Result<HashMap<String, i64>, StoreError> {
        let rows = read!(self, OF_CLASS, |c, sql| query_as::<_, (String, i64)>(sql)
            .bind(class)
            .fetch_all(c))?;
        Ok(rows.into_iter().collect())
    }

    /// Takes all limits of its own from a project.
    pub async fn quota_clear(&self, project: &ProjectId) -> Result<(), StoreError> {
        execute_one!(self, CLEAR_PROJECT, |sql| query(sql).bind(project.as_str()))?;
        Ok(())
    }

    /// What a project uses now.
    pub async fn quota_usage(&self, project: &ProjectId, snapshot_gigabytes: bool) -> Result<Usage, StoreError> {
        let volumes = read!(self, VOLUMES, |c, sql| query_as::<_, Counted>(sql)
            .bind(project.as_str())
            .fetch_all(c))?;
        let snapshots = read!(self, SNAPSHOTS, |c, sql| query_as::<_, Counted>(sql)
            .bind(project.as_str())
            .fetch_all(c))?;
        Ok(merge(volumes, snapshots, snapshot_gigabytes))
    }
}

impl Reading {
    /// What a project uses, as [`Store::quota_usage`] counts it.
    pub async fn quota_usage(&mut self, project: &ProjectId) -> Result<Usage, StoreError> {
        let volumes = within!(self, VOLUMES, |c, sql| query_as::<_, Counted>(sql)
            .bind(project.as_str())
            .fetch_all(c))?;
        let snapshots = within!(self, SNAPSHOTS, |c, sql| query_as::<_, Counted>(sql)
            .bind(project.as_str())
            .fetch_all(c))?;
        Ok(merge(volumes, snapshots, true))
    }
}

impl Tx {
    /// Gives a project a limit of its own.
    pub async fn quota_set(&mut self, project: &ProjectId, resource: &str, limit: i64) -> Result<(), StoreError> {
        execute!(self, SET_PROJECT, |sql| query(sql)
            .bind(project.as_str())
            .bind(resource)
            .bind(limit))?;
        Ok(())
    }

    /// Gives a quota class a limit.
    pub async fn quota_class_set(&mut self, class: &str, resource: &str, limit: i64) -> Result<(), StoreError> {
        execute!(self, SET_CLASS, |sql| query(sql).bind(class).bind(resource).bind(limit))?;
        Ok(())
    }

    /// What a project uses, with a lock that keeps other transactions from adding to it until this one
    /// ends: two requests that each fit alone must not pass together.
    pub async fn quota_usage_lock(
        &mut self,
        project: &ProjectId,
        snapshot_gigabytes: bool,
    ) -> Result<Usage, StoreError> {
        if let Open::Postgres(open) = &mut self.open {
            within_session!(open, |connection| query(SERIALISE_POSTGRES)
                .bind(project.as_str())
                .execute(connection))?;
        }
        let volumes = within!(self, VOLUMES, |c, sql| query_as::<_, Counted>(sql)
            .bind(project.as_str())
            .fetch_all(c))?;
        let snapshots = within!(self, SNAPSHOTS, |c, sql| query_as::<_, Counted>(sql)
            .bind(project.as_str())
            .fetch_all(c))?;
        Ok(merge(volumes, snapshots, snapshot_gigabytes))
    }
}

fn merge(volumes: Vec<Counted>, snapshots: Vec<Counted>, snapshot_gigabytes: bool) -> Usage {
    let mut by_type: Vec<TypeUsage> = volumes
        .into_iter()
        .map(|(type_name, volumes, gigabytes)| TypeUsage {
            type_name,
            volumes,
            snapshots: 0,
            gigabytes,
        })
        .collect();
    for (type_name, snapshots, gigabytes) in snapshots {
        let gigabytes = if snapshot_gigabytes { gigabytes } else { 0 };
        match by_type.iter_mut().find(|usage| usage.type_name == type_name) {
            Some(usage) => {
                usage.snapshots = snapshots;
                usage.gigabytes += gigabytes;
            }
            None => by_type.push(TypeUsage {
                type_name,
                volumes: 0,
                snapshots,
                gigabytes,
            }),
        }
    }
    Usage(by_type)
}
