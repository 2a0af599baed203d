//! Microversions: which behaviour a request asks for with `OpenStack-API-Version`.

use std::fmt;

use actix_web::http::header::HeaderValue;

use super::error::Fault;

/// A version of the Cinder v3 API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Microversion {
    major: u32,
    minor: u32,
}

macro_rules! versions {
    ($($(#[$doc:meta])* $name:ident = $minor:literal;)+) => {
        impl Microversion {
            $($(#[$doc])* pub const $name: Self = Self { major: 3, minor: $minor };)+
        }
    };
}

versions! {
    /// The oldest, and the one of requests that name none.
    MIN = 0;
    /// `bootable` filters are strict.
    BOOTABLE_FILTER = 2;
    /// `/messages`.
    MESSAGES = 3;
    /// Messages can be paged and filtered.
    MESSAGES_PAGING = 5;
    /// `cluster` in services.
    CLUSTER = 7;
    /// `/manageable_snapshots`.
    MANAGEABLE = 8;
    /// Volume lists can be filtered by `group_id`.
    VOLUME_GROUP_FILTER = 10;
    /// `/group_types`.
    GROUP_TYPES = 11;
    /// `/volumes/summary`.
    VOLUME_SUMMARY = 12;
    /// `/groups`; volumes show `group_id`.
    GROUP_VOLUME = 13;
    /// `/group_snapshots`; snapshots show `group_snapshot_id`; groups are made from others.
    GROUP_SNAPSHOTS = 14;
    /// `ETag` and `If-Match` on volume metadata.
    ETAGS = 15;
    /// Manageable lists take `cluster`.
    MANAGEABLE_CLUSTER = 17;
    /// `reset_status` of group snapshots.
    GROUP_SNAPSHOT_RESET_STATUS = 19;
    /// `reset_status` of groups.
    GROUP_RESET_STATUS = 20;
    /// Admins see `provider_id` of volumes.
    VOLUME_PROVIDER_ID = 21;
    /// Snapshot lists can be filtered by metadata.
    SNAPSHOT_METADATA_FILTER = 22;
    /// `DELETE /volumes/{id}?force=true`.
    VOLUME_DELETE_FORCE = 23;
    /// Groups show their volumes.
    GROUP_VOLUME_LIST = 25;
    /// Services are frozen by cluster, too.
    REPLICATION_CLUSTER = 26;
    /// Pools can be filtered.
    POOL_FILTERS = 28;
    /// Group snapshots can be paged and filtered.
    GROUP_SNAPSHOT_PAGING = 29;
    /// Snapshot lists can be sorted by `name`.
    SNAPSHOT_SORT_NAME = 30;
    /// Members get 400 for filters that the operator did not allow.
    RESOURCE_FILTERS = 31;
    /// `/resource_filters`.
    RESOURCE_FILTERS_LIST = 33;
    /// The volume summary shows metadata.
    VOLUME_SUMMARY_METADATA = 36;
    /// Groups show `replication_status`.
    GROUP_REPLICATION = 38;
    /// Admins can ask for another project's limits.
    LIMITS_ADMIN = 39;
    /// Revert to snapshot.
    REVERT = 40;
    /// Snapshots show `user_id`.
    SNAPSHOT_USER_ID = 41;
    /// In-use volumes can be extended.
    EXTEND_IN_USE = 42;
    /// `with_count`.
    COUNT = 45;
    /// Volumes show `shared_targets` and `service_uuid`.
    SHARED_TARGETS = 48;
    /// Services show `backend_state`.
    BACKEND_STATE = 49;
    /// Types can be filtered by extra specs.
    TYPE_FILTERS = 52;
    /// Strict bodies for volume create and update.
    STRICT_VOLUME_BODIES = 53;
    /// Admins see `project_id` of groups and group snapshots.
    GROUP_PROJECT_ID = 58;
    /// Admins see `cluster_name` of volumes.
    VOLUME_CLUSTER_NAME = 61;
    /// Volumes show `volume_type_id`.
    VOLUME_TYPE_ID = 63;
    /// `consumes_quota`.
    CONSUMES_QUOTA = 65;
    /// Snapshots of in-use volumes need no `force`.
    SNAPSHOT_IN_USE = 66;
    /// The newest.
    MAX = 71;
}

impl fmt::Display for Microversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Microversion {
    /// Every version, the oldest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (Self::MIN.minor..=Self::MAX.minor).map(|minor| Self { major: 3, minor })
    }

    /// The version a header asks for. The first comma-separated part that contains `volume` counts, so
    /// that `compute 2.1, volume 3.5` and gophercloud's `volumev3 3.10` work.
    ///
    /// # Errors
    /// 400 when the header names no version of ours, 406 when it names one outside the range.
    pub fn negotiate(header: Option<&str>) -> Result<Self, Fault> {
        let Some(header) = header else { return Ok(Self::MIN) };
        let part = header
            .split(',')
            .find(|part| part.contains("volume"))
            .ok_or_else(Fault::malformed)?;
        let mut words = part.split_whitespace();
        let (_service, Some(version), None) = (words.next(), words.next(), words.next()) else {
            // Cinder fails with a 500 here (gap G11).
            return Err(Fault::malformed());
        };
        if version == "latest" {
            return Ok(Self::MAX);
        }
        let asked = Self::parse(version).ok_or_else(|| {
            Fault::bad_request(format!(
                "API Version String {version} is of invalid format. Must be of format MajorNum.MinorNum."
            ))
        })?;
        if (Self::MIN..=Self::MAX).contains(&asked) {
            Ok(asked)
        } else {
            let range = format!("Minimum is {} and maximum is {}.", Self::MIN, Self::MAX);
            let message = format!("Version {version} is not supported by the API. {range}");
            Err(Fault::not_acceptable(message, version))
        }
    }

    /// What `OpenStack-API-Version` says in a reply.
    pub fn header(self) -> HeaderValue {
        HeaderValue::try_from(format!("volume {self}")).unwrap_or_else(|_never| HeaderValue::from_static("volume"))
    }

    /// `[1-9][0-9]*\.(0|[1-9][0-9]*)`, of any length.
    fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let plain = digits && (text == "0" || !text.starts_with('0'));
            plain.then(|| text.parse().unwrap_or(u32::MAX))
        };
        let (major, minor) = text.split_once('.')?;
        Some(Self {
            major: number(major).filter(|major| *major > 0)?,
            minor: number(minor)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(header: &str) -> Result<String, u16> {
        Microversion::negotiate(Some(header))
            .map(|version| version.to_string())
            .map_err(|fault| fault.status().as_u16())
    }

    #[test]
    fn the_header_is_read_as_cinder_reads_it() {
        assert_eq!(Microversion::negotiate(None).unwrap(), Microversion::MIN);
        for (header, version) in [
            ("volume 3.0", "3.0"),
            ("volume 3.71", "3.71"),
            ("volume latest", "3.71"),
            ("volumev3 3.10", "3.10"),
            ("compute 2.1,volume 3.5", "3.5"),
            ("compute 2.1, volume 3.5", "3.5"),
            ("volume 3.5, volume 3.7", "3.5"),
            (" volume   3.27 ", "3.27"),
        ] {
            assert_eq!(negotiated(header).as_deref(), Ok(version), "{header:?}");
        }
        for header in [
            "compute 2.1",
            "VOLUME 3.5",
            "",
            "3.27",
            "volume",
            "volume 3.5 x",
            "volume abc",
            "volume 3",
            "volume 3.01",
            "volume 03.1",
            "volume 0.1",
            "volume Latest",
            "volume 3.27.1",
            "block-storage 3.27",
            "volume +3.5",
        ] {
            assert_eq!(negotiated(header), Err(400), "{header:?}");
        }
        for header in ["volume 3.72", "volume 3.999", "volume 2.9", "volume 4.0"] {
            assert_eq!(negotiated(header), Err(406), "{header:?}");
        }
    }
}
