//! One table of actions and who may do them: Cinder's default policy (`cinder/policies/*.py` with
//! oslo.policy's new defaults).

use super::{Permission, permission::Single};

/// The rules that Cinder's defaults are made of (`cinder/policies/base.py`). A policy file may change
/// them, or use them in its own rules.
pub(super) const BASE: &[(&str, &str)] = &[
    (IS_ADMIN, "role:admin"),
    ("admin_api", "is_admin:True or (role:admin and is_admin_project:True)"),
    (
        "admin_or_owner",
        "is_admin:True or (role:admin and is_admin_project:True) or project_id:%(project_id)s",
    ),
    (
        "xena_system_admin_or_project_reader",
        "(role:admin) or (role:reader and project_id:%(project_id)s)",
    ),
    (
        "xena_system_admin_or_project_member",
        "(role:admin) or (role:member and project_id:%(project_id)s)",
    ),
];

/// The rule that makes somebody an admin: one who sees every project's rows.
pub(super) const IS_ADMIN: &str = "context_is_admin";

/// Who may do something, unless a policy file says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// Role `reader` in the target's project, or an admin.
    Reader,
    /// Role `member` in the target's project, or an admin.
    Member,
    /// An admin.
    Admin,
}

impl Default {
    /// As a policy file would say it.
    pub(super) const fn rule(self) -> &'static str {
        match self {
            Self::Reader => "rule:xena_system_admin_or_project_reader",
            Self::Member => "rule:xena_system_admin_or_project_member",
            Self::Admin => "rule:admin_api",
        }
    }
}

macro_rules! actions {
    ($($variant:ident = $name:literal $rule:ident,)+) => {
        /// Something that a policy rule guards.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Cinder's name of the rule, which refusals print.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Who may do it by default.
            pub const fn default(self) -> Default {
                match self { $(Self::$variant => Default::$rule,)+ }
            }
        }

        /// Each action as a type, so that a handler's type can say which of them it performs.
        pub mod may {
            use super::{Action, Permission, Single};

            $(
                #[doc = concat!("`", $name, "`")]
                #[derive(Clone, Copy, Debug)]
                pub struct $variant;

                impl Permission for $variant {
                    const ACTIONS: &'static [Action] = &[Action::$variant];
                }

                impl Single for $variant {
                    const ACTION: Action = Action::$variant;
                }
            )+
        }
    };
}

actions! {
    SnapshotList = "volume:get_all_snapshots" Reader,
    SnapshotShow = "volume:get_snapshot" Reader,
    SnapshotExtended = "volume_extension:extended_snapshot_attributes" Reader,
    SnapshotCreate = "volume:create_snapshot" Member,
    SnapshotUpdate = "volume:update_snapshot" Member,
    SnapshotDelete = "volume:delete_snapshot" Member,
    SnapshotMetadataShow = "volume:get_snapshot_metadata" Reader,
    SnapshotMetadataUpdate = "volume:update_snapshot_metadata" Member,
    SnapshotMetadataDelete = "volume:delete_snapshot_metadata" Member,
    SnapshotResetStatus = "volume_extension:snapshot_admin_actions:reset_status" Admin,
    SnapshotForceDelete = "volume_extension:snapshot_admin_actions:force_delete" Admin,
    SnapshotListManageable = "snapshot_extension:list_manageable" Admin,
    SnapshotManage = "snapshot_extension:snapshot_manage" Admin,
    SnapshotUnmanage = "snapshot_extension:snapshot_unmanage" Admin,
    SnapshotUpdateStatus = "snapshot_extension:snapshot_actions:update_snapshot_status" Member,
    VolumeList = "volume:get_all" Reader,
    VolumeShow = "volume:get" Reader,
    VolumeCreate = "volume:create" Member,
    VolumeUpdate = "volume:update" Member,
    VolumeDelete = "volume:delete" Member,
    VolumeForceDelete = "volume:force_delete" Admin,
    VolumeExtend = "volume:extend" Member,
    VolumeExtendAttached = "volume:extend_attached_volume" Member,
    VolumeRevert = "volume:revert_to_snapshot" Member,
    VolumeMetadataShow = "volume:get_volume_metadata" Reader,
    VolumeMetadataCreate = "volume:create_volume_metadata" Member,
    VolumeMetadataUpdate = "volume:update_volume_metadata" Member,
    VolumeMetadataDelete = "volume:delete_volume_metadata" Member,
    VolumeResetStatus = "volume_extension:volume_admin_actions:reset_status" Admin,
    VolumeAdminForceDelete = "volume_extension:volume_admin_actions:force_delete" Admin,
    VolumeReserve = "volume_extension:volume_actions:reserve" Member,
    VolumeUnreserve = "volume_extension:volume_actions:unreserve" Member,
    VolumeAttach = "volume_extension:volume_actions:attach" Member,
    VolumeDetach = "volume_extension:volume_actions:detach" Member,
    VolumeBeginDetaching = "volume_extension:volume_actions:begin_detaching" Member,
    VolumeRollDetaching = "volume_extension:volume_actions:roll_detaching" Member,
    VolumeReadonly = "volume:update_readonly_flag" Member,
    VolumeHost = "volume_extension:volume_host_attribute" Admin,
    VolumeMigrationStatus = "volume_extension:volume_mig_status_attribute" Admin,
    VolumeTenant = "volume_extension:volume_tenant_attribute" Reader,
    TypeShow = "volume_extension:type_get" Reader,
    TypeList = "volume_extension:type_get_all" Reader,
    TypeExtraSpecs = "volume_extension:access_types_extra_specs" Reader,
    TypeQosSpecs = "volume_extension:access_types_qos_specs_id" Admin,
    TypeAccess = "volume_extension:volume_type_access" Member,
    TypeCreate = "volume_extension:type_create" Admin,
    TypeUpdate = "volume_extension:type_update" Admin,
    TypeDelete = "volume_extension:type_delete" Admin,
    TypeSpecsList = "volume_extension:types_extra_specs:index" Reader,
    TypeSpecsShow = "volume_extension:types_extra_specs:show" Reader,
    TypeSpecsCreate = "volume_extension:types_extra_specs:create" Admin,
    TypeSpecsUpdate = "volume_extension:types_extra_specs:update" Admin,
    TypeSpecsDelete = "volume_extension:types_extra_specs:delete" Admin,
    TypeSpecsSensitive = "volume_extension:types_extra_specs:read_sensitive" Admin,
    TypeAccessList = "volume_extension:volume_type_access:get_all_for_type" Admin,
    TypeAccessAdd = "volume_extension:volume_type_access:addProjectAccess" Admin,
    TypeAccessRemove = "volume_extension:volume_type_access:removeProjectAccess" Admin,
    TypeEncryptionCreate = "volume_extension:volume_type_encryption:create" Admin,
    TypeEncryptionShow = "volume_extension:volume_type_encryption:get" Admin,
    TypeEncryptionUpdate = "volume_extension:volume_type_encryption:update" Admin,
    TypeEncryptionDelete = "volume_extension:volume_type_encryption:delete" Admin,
    UsedLimits = "limits_extension:used_limits" Reader,
    QuotaShow = "volume_extension:quotas:show" Reader,
    QuotaUpdate = "volume_extension:quotas:update" Admin,
    QuotaDelete = "volume_extension:quotas:delete" Admin,
    QuotaClassShow = "volume_extension:quota_classes:get" Admin,
    QuotaClassUpdate = "volume_extension:quota_classes:update" Admin,
    PoolList = "scheduler_extension:scheduler_stats:get_pools" Admin,
    GroupTypeCreate = "group:group_types:create" Admin,
    GroupTypeUpdate = "group:group_types:update" Admin,
    GroupTypeDelete = "group:group_types:delete" Admin,
    GroupTypeSpecs = "group:access_group_types_specs" Admin,
    GroupSpecsShow = "group:group_types_specs:get" Admin,
    GroupSpecsList = "group:group_types_specs:get_all" Admin,
    GroupSpecsCreate = "group:group_types_specs:create" Admin,
    GroupSpecsUpdate = "group:group_types_specs:update" Admin,
    GroupSpecsDelete = "group:group_types_specs:delete" Admin,
    GroupList = "group:get_all" Reader,
    GroupShow = "group:get" Reader,
    GroupProject = "group:group_project_attribute" Admin,
    GroupCreate = "group:create" Member,
    GroupUpdate = "group:update" Member,
    GroupDelete = "group:delete" Member,
    GroupResetStatus = "group:reset_status" Admin,
    GroupSnapshotList = "group:get_all_group_snapshots" Reader,
    GroupSnapshotShow = "group:get_group_snapshot" Reader,
    GroupSnapshotProject = "group:group_snapshot_project_attribute" Admin,
    GroupSnapshotCreate = "group:create_group_snapshot" Member,
    GroupSnapshotDelete = "group:delete_group_snapshot" Member,
    GroupSnapshotResetStatus = "group:reset_group_snapshot_status" Admin,
    MessageShow = "message:get" Reader,
    MessageList = "message:get_all" Reader,
    MessageDelete = "message:delete" Member,
    CapabilitiesShow = "volume_extension:capabilities" Admin,
    ServiceList = "volume_extension:services:index" Admin,
    ServiceUpdate = "volume_extension:services:update" Admin,
}
