//! Quotas: limits are stored, usage is counted from the rows, never kept beside them.

use super::Gib;

/// Resources that have a limit without being per volume type, in the order in which Cinder prints
/// them; the per-type ones stand before `groups`.
const BEFORE_TYPES: [&str; 6] = [
    "volumes",
    "per_volume_gigabytes",
    "snapshots",
    "gigabytes",
    "backups",
    "backup_gigabytes",
];
const AFTER_TYPES: [&str; 1] = [GROUPS];
const GROUPS: &str = "groups";
const PER_TYPE: [&str; 3] = ["volumes", "gigabytes", "snapshots"];

/// Every limit of a project or class, in Cinder's order; -1 is unlimited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits(Vec<(String, i64)>);

impl Limits {
    /// The limits that `limit_of` gives for each resource, given the names of the volume types.
    pub fn collect<'t>(types: impl IntoIterator<Item = &'t str>, limit_of: impl Fn(&str) -> Option<i64>) -> Self {
        let per_type = types
            .into_iter()
            .flat_map(|name| PER_TYPE.map(|kind| format!("{kind}_{name}")));
        let names = BEFORE_TYPES
            .map(str::to_owned)
            .into_iter()
            .chain(per_type)
            .chain(AFTER_TYPES.map(str::to_owned));
        Self(
            names
                .map(|name| {
                    let limit = limit_of(&name).unwrap_or(-1);
                    (name, limit)
                })
                .collect(),
        )
    }

    /// The limit of one resource; unlimited when there is no such resource.
    pub fn get(&self, name: &str) -> i64 {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map_or(-1, |(_, limit)| *limit)
    }

    /// Whether there is such a resource.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// All limits, in Cinder's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i64)> {
        self.0.iter().map(|(name, limit)| (name.as_str(), *limit))
    }
}

/// What one volume type uses in one project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeUsage {
    /// The type's name.
    pub type_name: String,
    /// Volumes.
    pub volumes: i64,
    /// Snapshots.
    pub snapshots: i64,
    /// GiB of both.
    pub gigabytes: i64,
}

impl TypeUsage {
    fn of(&self, kind: &str) -> i64 {
        match kind {
            "volumes" => self.volumes,
            "snapshots" => self.snapshots,
            "gigabytes" => self.gigabytes,
            _other => 0,
        }
    }
}

/// What a project uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Per volume type.
    pub types: Vec<TypeUsage>,
    /// Groups.
    pub groups: i64,
}

impl Usage {
    /// How much of a resource (`snapshots`, `snapshots_<type>`, …) is in use; 0 for those that this
    /// service does not have.
    pub fn of(&self, name: &str) -> i64 {
        if PER_TYPE.contains(&name) {
            return self.types.iter().map(|usage| usage.of(name)).sum();
        }
        if name == GROUPS {
            return self.groups;
        }
        name.split_once('_')
            .and_then(|(kind, type_name)| {
                self.types
                    .iter()
                    .find(|usage| usage.type_name == type_name)
                    .map(|usage| usage.of(kind))
            })
            .unwrap_or(0)
    }
}

/// A limit that a request would pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuotaExceeded {
    /// Too many GiB.
    #[error(
        "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed {resource} quota. \
         Requested {requested}G, quota is {limit}G and {used}G has been consumed."
    )]
    Gigabytes {
        /// `gigabytes` or `gigabytes_<type>`.
        resource: String,
        /// GiB asked for.
        requested: i64,
        /// GiB allowed.
        limit: i64,
        /// GiB in use.
        used: i64,
    },
    /// Too many snapshots.
    #[error("SnapshotLimitExceeded: Maximum number of snapshots allowed ({limit}) exceeded")]
    Snapshots {
        /// How many are allowed.
        limit: i64,
    },
    /// Too many volumes.
    #[error("VolumeLimitExceeded: Maximum number of volumes allowed ({limit}) exceeded for quota '{resource}'.")]
    Volumes {
        /// `volumes` or `volumes_<type>`.
        resource: String,
        /// How many are allowed.
        limit: i64,
    },
    /// Too many groups.
    #[error("GroupLimitExceeded: Maximum number of groups allowed ({limit}) exceeded")]
    Groups {
        /// How many are allowed.
        limit: i64,
    },
    /// One volume too large.
    #[error(
        "VolumeSizeExceedsLimit: Requested volume size {requested}G is larger than maximum allowed limit {limit}G."
    )]
    VolumeSize {
        /// GiB asked for.
        requested: i64,
        /// GiB allowed.
        limit: i64,
    },
}

/// What a request would add to a project's usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The volume type's name.
    pub type_name: String,
    /// Volumes.
    pub volumes: i64,
    /// Snapshots.
    pub snapshots: i64,
    /// GiB.
    pub gigabytes: i64,
}

impl Request {
    /// Whether anything that the request adds to is limited; if not, nobody need know what is in use.
    pub fn is_limited(&self, limits: &Limits) -> bool {
        let parts = [
            ("volumes", self.volumes),
            ("snapshots", self.snapshots),
            ("gigabytes", self.gigabytes),
        ];
        let limited = |(kind, delta): (&str, i64)| {
            delta != 0 && (limits.get(kind) >= 0 || limits.get(&format!("{kind}_{}", self.type_name)) >= 0)
        };
        parts.into_iter().any(limited)
    }

    /// Decides whether the request fits. Of several limits that it passes, the first by name is
    /// reported, so gigabytes come before snapshots and volumes (Cinder: `volume/api.py`,
    /// `quota_utils.process_reserve_over_quota`).
    ///
    /// # Errors
    /// [`QuotaExceeded`].
    pub fn admit(&self, limits: &Limits, usage: &Usage) -> Result<(), QuotaExceeded> {
        Self::admit_all(std::slice::from_ref(self), limits, usage)
    }

    /// The same for several requests that are granted together or not at all.
    ///
    /// # Errors
    /// [`QuotaExceeded`].
    pub fn admit_all(requests: &[Self], limits: &Limits, usage: &Usage) -> Result<(), QuotaExceeded> {
        type Part = fn(&Request) -> i64;
        let parts: [(&str, Part); 3] = [
            ("gigabytes", |request| request.gigabytes),
            ("snapshots", |request| request.snapshots),
            ("volumes", |request| request.volumes),
        ];
        let mut names: Vec<_> = requests.iter().map(|request| request.type_name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        for (kind, part) in parts {
            let all = requests.iter().map(part).sum::<i64>();
            let of_type = |name: &&str| {
                let own = requests.iter().filter(|request| request.type_name == **name);
                (format!("{kind}_{name}"), own.map(part).sum())
            };
            for (resource, delta) in [(kind.to_owned(), all)].into_iter().chain(names.iter().map(of_type)) {
                let (limit, used) = (limits.get(&resource), usage.of(&resource));
                if delta == 0 || limit < 0 || used.saturating_add(delta) <= limit {
                    continue;
                }
                return Err(match kind {
                    "gigabytes" => QuotaExceeded::Gigabytes {
                        resource,
                        requested: all,
                        limit,
                        used,
                    },
                    "snapshots" => QuotaExceeded::Snapshots { limit },
                    _volumes => QuotaExceeded::Volumes { resource, limit },
                });
            }
        }
        Ok(())
    }
}

impl Limits {
    /// Decides whether one more group fits.
    ///
    /// # Errors
    /// [`QuotaExceeded::Groups`].
    pub fn admit_group(&self, usage: &Usage) -> Result<(), QuotaExceeded> {
        let limit = self.get(GROUPS);
        if limit >= 0 && usage.groups >= limit {
            return Err(QuotaExceeded::Groups { limit });
        }
        Ok(())
    }

    /// Decides whether one volume may have this size.
    ///
    /// # Errors
    /// [`QuotaExceeded::VolumeSize`].
    pub fn admit_size(&self, size: Gib) -> Result<(), QuotaExceeded> {
        let (requested, limit) = (i64::from(size.get()), self.get("per_volume_gigabytes"));
        if limit >= 0 && requested > limit {
            return Err(QuotaExceeded::VolumeSize { requested, limit });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(set: &[(&str, i64)]) -> Limits {
        Limits::collect(["gold"], |name| {
            set.iter().find(|(known, _)| *known == name).map(|(_, limit)| *limit)
        })
    }

    fn snapshot(gigabytes: i64) -> Request {
        Request {
            type_name: "gold".to_owned(),
            volumes: 0,
            snapshots: 1,
            gigabytes,
        }
    }

    #[test]
    fn names_come_in_cinders_order() {
        let names: Vec<_> = limits(&[]).iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(
            names,
            [
                "volumes",
                "per_volume_gigabytes",
                "snapshots",
                "gigabytes",
                "backups",
                "backup_gigabytes",
                "volumes_gold",
                "gigabytes_gold",
                "snapshots_gold",
                "groups"
            ]
        );
    }

    #[test]
    fn only_what_is_asked_for_can_be_limited() {
        for (set, expected) in [
            (&[][..], false),
            (&[("volumes", 1), ("groups", 1), ("volumes_gold", 1)], false),
            (&[("snapshots", 0)], true),
            (&[("gigabytes", 5)], true),
            (&[("snapshots_gold", 5)], true),
            (&[("snapshots", -1), ("gigabytes_gold", 7)], true),
        ] {
            assert_eq!(snapshot(1).is_limited(&limits(set)), expected, "{set:?}");
        }
        assert!(!snapshot(0).is_limited(&limits(&[("gigabytes", 5)])));
    }

    #[test]
    fn gigabytes_are_reported_before_snapshots() {
        let usage = Usage {
            types: vec![TypeUsage {
                type_name: "gold".to_owned(),
                volumes: 1,
                snapshots: 1,
                gigabytes: 3,
            }],
            groups: 0,
        };
        let tight = limits(&[("snapshots", 1), ("gigabytes", 3)]);
        assert_eq!(
            snapshot(1).admit(&tight, &usage).unwrap_err().to_string(),
            "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. \
             Requested 1G, quota is 3G and 3G has been consumed."
        );
        assert_eq!(
            snapshot(1).admit(&limits(&[("snapshots", 1)]), &usage),
            Err(QuotaExceeded::Snapshots { limit: 1 })
        );
        assert_eq!(
            snapshot(2)
                .admit(&limits(&[("gigabytes_gold", 4)]), &usage)
                .unwrap_err(),
            QuotaExceeded::Gigabytes {
                resource: "gigabytes_gold".to_owned(),
                requested: 2,
                limit: 4,
                used: 3
            }
        );
        assert_eq!(
            snapshot(1).admit(&limits(&[("snapshots", 2), ("gigabytes", 4)]), &usage),
            Ok(())
        );
    }
}
