//! What a list should hold, worked out in Rust.

use std::{cmp::Ordering, fmt::Debug};

use breezeblock::{
    domain::{
        Direction, Label, ListQuery, Message, MessageKey, Page, Scope, Snapshot, SnapshotId, SnapshotKey, Volume,
        VolumeId, VolumeKey,
    },
    store::Store,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A column's value. Texts are ordered by their bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Text(String),
    Uuid(Uuid),
    Int(i64),
    Bool(bool),
    Time(DateTime<Utc>),
}

impl Value {
    /// The value as a filter of a request would spell it.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Uuid(id) => id.as_hyphenated().to_string(),
            Self::Int(number) => number.to_string(),
            Self::Bool(yes) => yes.to_string(),
            Self::Time(time) => time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string(),
        }
    }
}

/// Something that the store lists.
pub trait Listed: Clone + PartialEq + Debug {
    type Key: Copy + PartialEq + Debug + 'static;
    const KEYS: &'static [Self::Key];
    const ID: Self::Key;

    fn id(&self) -> Uuid;
    /// What the column of `key` holds, `None` for NULL.
    fn value(&self, key: Self::Key) -> Option<Value>;
    async fn page(store: &Store, query: &ListQuery<Self::Key>) -> Option<Page<Self>>;
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn label(label: Option<&Label>) -> Option<Value> {
    label.map(|label| text(label.as_str()))
}

impl Listed for Volume {
    type Key = VolumeKey;
    const KEYS: &'static [VolumeKey] = VolumeKey::ALL;
    const ID: VolumeKey = VolumeKey::Id;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn value(&self, key: VolumeKey) -> Option<Value> {
        match key {
            VolumeKey::Id => Some(Value::Uuid(self.id.uuid())),
            VolumeKey::CreatedAt => Some(Value::Time(self.created_at)),
            VolumeKey::UpdatedAt => self.updated_at.map(Value::Time),
            VolumeKey::Status => Some(text(self.status.as_str())),
            VolumeKey::Size => Some(Value::Int(i64::from(self.size.get()))),
            VolumeKey::DisplayName => label(self.name.as_ref()),
            VolumeKey::DisplayDescription => label(self.description.as_ref()),
            VolumeKey::ProjectId => Some(text(self.project_id.as_str())),
            VolumeKey::UserId => Some(text(self.user_id.as_str())),
            VolumeKey::AvailabilityZone => Some(text(self.availability_zone.as_str())),
            VolumeKey::Host => Some(text(self.host.as_str())),
            VolumeKey::AttachStatus => Some(text(self.attach_status.as_str())),
            VolumeKey::MigrationStatus => self.migration_status.clone().map(Value::Text),
            VolumeKey::VolumeTypeId => Some(Value::Uuid(self.volume_type_id.uuid())),
            VolumeKey::SnapshotId => self.snapshot_id.map(SnapshotId::uuid).map(Value::Uuid),
            VolumeKey::SourceVolid => self.source_volid.map(VolumeId::uuid).map(Value::Uuid),
            VolumeKey::Bootable => Some(Value::Bool(self.bootable)),
            VolumeKey::GroupId => self.group_id.map(|id| Value::Uuid(id.uuid())),
            VolumeKey::ConsumesQuota => Some(Value::Bool(self.consumes_quota)),
        }
    }

    async fn page(store: &Store, query: &ListQuery<VolumeKey>) -> Option<Page<Self>> {
        store.volume_list(query).await.unwrap()
    }
}

impl Listed for Snapshot {
    type Key = SnapshotKey;
    const KEYS: &'static [SnapshotKey] = SnapshotKey::ALL;
    const ID: SnapshotKey = SnapshotKey::Id;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn value(&self, key: SnapshotKey) -> Option<Value> {
        match key {
            SnapshotKey::Id => Some(Value::Uuid(self.id.uuid())),
            SnapshotKey::CreatedAt => Some(Value::Time(self.created_at)),
            SnapshotKey::UpdatedAt => self.updated_at.map(Value::Time),
            SnapshotKey::Status => Some(text(self.status.as_str())),
            SnapshotKey::VolumeId => Some(Value::Uuid(self.volume_id.uuid())),
            SnapshotKey::VolumeSize => Some(Value::Int(i64::from(self.size.get()))),
            SnapshotKey::DisplayName => label(self.name.as_ref()),
            SnapshotKey::DisplayDescription => label(self.description.as_ref()),
            SnapshotKey::ProjectId => Some(text(self.project_id.as_str())),
            SnapshotKey::UserId => Some(text(self.user_id.as_str())),
            SnapshotKey::Progress => self.progress.clone().map(Value::Text),
            SnapshotKey::VolumeTypeId => Some(Value::Uuid(self.volume_type_id.uuid())),
            SnapshotKey::GroupSnapshotId => self.group_snapshot_id.map(|id| Value::Uuid(id.uuid())),
            SnapshotKey::ConsumesQuota => Some(Value::Bool(self.consumes_quota)),
        }
    }

    async fn page(store: &Store, query: &ListQuery<SnapshotKey>) -> Option<Page<Self>> {
        store.snapshot_list(query).await.unwrap()
    }
}

impl Listed for Message {
    type Key = MessageKey;
    const KEYS: &'static [MessageKey] = MessageKey::ALL;
    const ID: MessageKey = MessageKey::Id;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn value(&self, key: MessageKey) -> Option<Value> {
        match key {
            MessageKey::Id => Some(Value::Uuid(self.id.uuid())),
            MessageKey::CreatedAt => Some(Value::Time(self.created_at)),
            MessageKey::RequestId => Some(text(self.request_id.as_str())),
            MessageKey::ResourceType => Some(text(self.resource.code())),
            MessageKey::ResourceUuid => Some(Value::Uuid(self.resource_uuid)),
            MessageKey::EventId => Some(text(self.event_id())),
            MessageKey::MessageLevel => Some(text("ERROR")),
        }
    }

    async fn page(store: &Store, query: &ListQuery<MessageKey>) -> Option<Page<Self>> {
        store.message_list(query).await.unwrap()
    }
}

/// Everybody's rows on one page.
pub fn all<K>(sort: Vec<(K, Direction)>) -> ListQuery<K> {
    ListQuery {
        scope: Scope::All,
        filters: Vec::new(),
        sort,
        marker: None,
        marker_scope: Scope::All,
        limit: 1000,
        offset: 0,
        with_count: false,
    }
}

/// The rows of one page; the marker, if there is one, must be known.
pub async fn list<T: Listed>(store: &Store, query: &ListQuery<T::Key>) -> Vec<T> {
    T::page(store, query).await.unwrap().items.to_vec()
}

/// The rows of all pages of `limit` rows, each after the last row of the one before.
pub async fn pages<T: Listed>(store: &Store, query: &ListQuery<T::Key>, limit: u32) -> Vec<T> {
    let mut query = ListQuery { limit, ..query.clone() };
    let mut rows: Vec<T> = Vec::new();
    loop {
        let page = list::<T>(store, &query).await;
        assert!(page.len() <= usize::try_from(limit).unwrap());
        let Some(last) = page.last() else { return rows };
        query.marker = Some(last.id());
        rows.extend(page);
    }
}

/// The rows in the order of `sort`. NULL is larger than everything.
pub fn sorted<T: Listed>(rows: &[T], sort: &[(T::Key, Direction)]) -> Vec<T> {
    let mut rows = rows.to_vec();
    rows.sort_by(|one, other| {
        sort.iter()
            .map(|(key, direction)| {
                let ascending = match (one.value(*key), other.value(*key)) {
                    (Some(one), Some(other)) => one.cmp(&other),
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (None, None) => Ordering::Equal,
                };
                match direction {
                    Direction::Asc => ascending,
                    Direction::Desc => ascending.reverse(),
                }
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    rows
}
