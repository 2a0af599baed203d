//! Quota limits, and usage counted from the rows.

use std::collections::HashMap;

use super::{
    Reading, Store, StoreError, Tx,
    engine::{Open, Statement, statement},
};
use crate::domain::{ProjectId, TypeUsage, Usage};

pub(super) const STATEMENTS: &[Statement] = &[
    LIMITS,
    OF_PROJECT,
    SET_PROJECT,
    CLEAR_PROJECT,
    OF_CLASS,
    SET_CLASS,
    VOLUMES,
    SNAPSHOTS,
    GROUPS,
];

// All that decides the limits of a project, in one trip.
statement!(
    LIMITS = "SELECT 0, resource, hard_limit FROM quotas WHERE project_id = $1
              UNION ALL SELECT 1, resource, hard_limit FROM quota_classes WHERE class_name = $2
              UNION ALL SELECT 2, name, 0 FROM volume_types"
);
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
// A volume that is being extended counts with the size it is going to have. Both are counted from an index alone, which
// has to be told that it is about one value of the column; names come to what is counted.
statement!(
    VOLUMES = "SELECT t.name, used.count, used.gigabytes
                 FROM (SELECT volume_type_id, count(*) AS count,
                              CAST(sum(coalesce(target_size, size)) AS BIGINT) AS gigabytes
                         FROM volumes WHERE project_id = $1 AND consumes_quota = TRUE GROUP BY volume_type_id) used
                 JOIN volume_types t ON t.id = used.volume_type_id"
);
statement!(
    SNAPSHOTS = "SELECT t.name, used.count, used.gigabytes
                   FROM (SELECT volume_type_id, count(*) AS count, CAST(sum(volume_size) AS BIGINT) AS gigabytes
                           FROM snapshots WHERE project_id = $1 AND consumes_quota = TRUE GROUP BY volume_type_id) used
                   JOIN volume_types t ON t.id = used.volume_type_id"
);
statement!(GROUPS = "SELECT count(*) FROM volume_groups WHERE project_id = $1");
// Only PostgreSQL needs it, so it is not in the list that both databases prepare.
statement!(SERIALISE = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");

type Counted = (String, i64, i64);

/// What decides the limits of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LimitFacts {
    /// The limits it was given, by resource name.
    pub own: HashMap<String, i64>,
    /// The limits of its quota class, by resource name.
    pub class: HashMap<String, i64>,
    /// The names of all volume types, which have resources of their own, in their order.
    pub types: Vec<String>,
}

impl Store {
    /// What decides the limits of a project of that class.
    pub async fn quota_limit_facts(&self, project: &ProjectId, class: &str) -> Result<LimitFacts, StoreError> {
        let query = LIMITS.bind(project.as_str()).bind(class);
        let mut facts = LimitFacts::default();
        for (what, name, limit) in self.all::<(i32, String, i64)>(query).await? {
            match what {
                0 => drop(facts.own.insert(name, limit)),
                1 => drop(facts.class.insert(name, limit)),
                _type => facts.types.push(name),
            }
        }
        facts.types.sort_unstable();
        Ok(facts)
    }

    /// The limits a project was given, by resource name.
    pub async fn quota_of_project(&self, project: &ProjectId) -> Result<HashMap<String, i64>, StoreError> {
        let rows = self.all::<(String, i64)>(OF_PROJECT.bind(project.as_str())).await?;
        Ok(rows.into_iter().collect())
    }

    /// The limits a quota class was given, by resource name.
    pub async fn quota_of_class(&self, class: &str) -> Result<HashMap<String, i64>, StoreError> {
        let rows = self.all::<(String, i64)>(OF_CLASS.bind(class)).await?;
        Ok(rows.into_iter().collect())
    }

    /// Takes all limits of its own from a project.
    pub async fn quota_clear(&self, project: &ProjectId) -> Result<(), StoreError> {
        self.execute(CLEAR_PROJECT.bind(project.as_str())).await?;
        Ok(())
    }

    /// What a project uses now.
    pub async fn quota_usage(&self, project: &ProjectId, snapshot_gigabytes: bool) -> Result<Usage, StoreError> {
        let volumes = self.all::<Counted>(VOLUMES.bind(project.as_str()).heavy()).await?;
        let snapshots = self.all::<Counted>(SNAPSHOTS.bind(project.as_str()).heavy()).await?;
        let groups = self.one(GROUPS.bind(project.as_str())).await?;
        Ok(merge(volumes, snapshots, snapshot_gigabytes, groups))
    }
}

impl Reading {
    /// What a project uses, as [`Store::quota_usage`] counts it.
    pub async fn quota_usage(&mut self, project: &ProjectId) -> Result<Usage, StoreError> {
        let volumes = self.open.all::<Counted>(VOLUMES.bind(project.as_str())).await?;
        let snapshots = self.open.all::<Counted>(SNAPSHOTS.bind(project.as_str())).await?;
        let groups = self.open.one(GROUPS.bind(project.as_str())).await?;
        Ok(merge(volumes, snapshots, true, groups))
    }
}

impl Tx {
    /// Gives a project a limit of its own.
    pub async fn quota_set(&mut self, project: &ProjectId, resource: &str, limit: i64) -> Result<(), StoreError> {
        self.open
            .execute(SET_PROJECT.bind(project.as_str()).bind(resource).bind(limit))
            .await?;
        Ok(())
    }

    /// Gives a quota class a limit.
    pub async fn quota_class_set(&mut self, class: &str, resource: &str, limit: i64) -> Result<(), StoreError> {
        self.open
            .execute(SET_CLASS.bind(class).bind(resource).bind(limit))
            .await?;
        Ok(())
    }

    /// What a project uses, with a lock that keeps other transactions from adding to it until this one
    /// ends: two requests that each fit alone must not pass together.
    pub async fn quota_usage_lock(
        &mut self,
        project: &ProjectId,
        snapshot_gigabytes: bool,
    ) -> Result<Usage, StoreError> {
        if let Open::Postgres(_) = &self.open {
            self.open.execute(SERIALISE.bind(project.as_str())).await?;
        }
        let volumes = self.open.all::<Counted>(VOLUMES.bind(project.as_str())).await?;
        let snapshots = self.open.all::<Counted>(SNAPSHOTS.bind(project.as_str())).await?;
        let groups = self.open.one(GROUPS.bind(project.as_str())).await?;
        Ok(merge(volumes, snapshots, snapshot_gigabytes, groups))
    }
}

fn merge(volumes: Vec<Counted>, snapshots: Vec<Counted>, snapshot_gigabytes: bool, groups: i64) -> Usage {
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
    Usage { types: by_type, groups }
}
