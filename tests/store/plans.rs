//! A list that is read where requests are served finds its rows one after the other in an index, from the marker on: the
//! databases are asked how they would go about each.

use breezeblock::{
    domain::{
        Direction, Filter, GroupSnapshotId, Label, ListQuery, Message, MessageKey, Scope, Snapshot, SnapshotId,
        SnapshotKey, Volume, VolumeKey,
    },
    store::{ListSql, Store},
};
use chrono::TimeDelta;

use crate::{
    Subject,
    explain::Explainer,
    fixture::{add_message, add_snapshot, add_volume, at, id, message, only, project, snapshot, volume},
    model::{Listed, all},
};

/// A resource whose lists are looked at.
trait Planned: Listed {
    const TABLE: &'static str;
    const TIME: Self::Key;
    /// Columns of parents, whose rows are mostly one project's.
    const PARENTS: &'static [&'static str];
    /// More rows, so that PostgreSQL does not find it easier to look at all of them. SQLite has no statistics, and the
    /// same plans however many rows there are.
    const COPIES: &'static str;

    fn column(key: Self::Key) -> &'static str;
    async fn sql(store: &Store, query: &ListQuery<Self::Key>) -> Option<ListSql>;
}

impl Planned for Snapshot {
    const TABLE: &'static str = "snapshots";
    const TIME: SnapshotKey = SnapshotKey::CreatedAt;
    const PARENTS: &'static [&'static str] = &["volume_id", "group_snapshot_id"];
    const COPIES: &'static str =
        "INSERT INTO snapshots (id, project_id, user_id, volume_id, volume_type_id, volume_size,
                                                         status, display_name, consumes_quota, created_at)
        SELECT gen_random_uuid(), project_id, user_id, id, volume_type_id, 1,
               CASE n % 8 WHEN 0 THEN 'error' ELSE 'available' END, 'name ' || n, TRUE,
               created_at + n * interval '1 second'
          FROM generate_series(10, 1500) n, volumes ORDER BY n";

    fn column(key: SnapshotKey) -> &'static str {
        key.as_str()
    }

    async fn sql(store: &Store, query: &ListQuery<SnapshotKey>) -> Option<ListSql> {
        store.snapshot_list_sql(query).await.unwrap()
    }
}

impl Planned for Volume {
    const TABLE: &'static str = "volumes";
    const TIME: VolumeKey = VolumeKey::CreatedAt;
    const PARENTS: &'static [&'static str] = &["group_id", "snapshot_id"];
    const COPIES: &'static str =
        "INSERT INTO volumes (id, project_id, user_id, volume_type_id, size, status, attach_status,
                                                       display_name, availability_zone, host, bootable, consumes_quota,
                                                       created_at, snapshot_id)
        SELECT gen_random_uuid(), project_id, user_id, volume_type_id, size, status, attach_status, 'name ' || n,
               availability_zone, host, bootable, consumes_quota, created_at + n * interval '1 second',
               md5((n % 5)::text)::uuid
          FROM generate_series(10, 1500) n, volumes ORDER BY n";

    fn column(key: VolumeKey) -> &'static str {
        key.as_str()
    }

    async fn sql(store: &Store, query: &ListQuery<VolumeKey>) -> Option<ListSql> {
        store.volume_list_sql(query).await.unwrap()
    }
}

impl Planned for Message {
    const TABLE: &'static str = "messages";
    const TIME: MessageKey = MessageKey::CreatedAt;
    const PARENTS: &'static [&'static str] = &["resource_uuid"];
    const COPIES: &'static str =
        "INSERT INTO messages (id, project_id, request_id, resource_type, resource_uuid, event_id,
                                                        message_level, cause, created_at, expires_at)
        SELECT gen_random_uuid(), project_id, request_id, resource_type, md5((n % 5)::text)::uuid, event_id,
               message_level, cause, created_at + n * interval '1 second', expires_at
          FROM generate_series(10, 1500) n, messages ORDER BY n";

    fn column(key: MessageKey) -> &'static str {
        key.as_str()
    }

    async fn sql(store: &Store, query: &ListQuery<MessageKey>) -> Option<ListSql> {
        store.message_list_sql(query).await.unwrap()
    }
}

/// As a request gets it: the order goes on with the time and the id.
fn ordered<T: Planned>(scope: Scope, filter: Option<T::Key>, key: T::Key, direction: Direction) -> ListQuery<T::Key> {
    let mut sort = vec![(key, direction)];
    for last in [T::TIME, T::ID] {
        if key != last {
            sort.push((last, direction));
        }
    }
    ListQuery {
        scope,
        // The text of an id is a text, too; for the other kinds the row that has all of them has a value.
        filters: filter
            .map(|key| Filter::Equals(key, id().to_string()))
            .into_iter()
            .collect(),
        // A small part of what there is, as a page is where it matters.
        limit: 10,
        ..all(sort)
    }
}

fn newest_first<T: Planned>(scope: Scope, filter: Option<T::Key>) -> ListQuery<T::Key> {
    ordered::<T>(scope, filter, T::TIME, Direction::Desc)
}

/// Every list with at most one filter and with one key to sort by, in both directions, of one project and of all.
fn shapes<T: Planned>(full: &T) -> Vec<ListQuery<T::Key>> {
    let mut shapes = Vec::new();
    for filter in T::KEYS.iter().copied().map(Some).chain([None]) {
        for key in T::KEYS.iter().copied() {
            for direction in [Direction::Asc, Direction::Desc] {
                for scope in [only("p"), Scope::All] {
                    let mut shape = ordered::<T>(scope, filter, key, direction);
                    if let Some((key, value)) = filter.and_then(|key| Some((key, full.value(key)?))) {
                        shape.filters = vec![Filter::Equals(key, value.text())];
                    }
                    shapes.push(shape);
                }
            }
        }
    }
    shapes
}

/// What is bad about how a list is read, if an index is said to serve it.
async fn complaints<T: Planned>(
    store: &Store,
    database: &mut Explainer,
    query: &ListQuery<T::Key>,
) -> Option<Vec<String>> {
    let sql = T::sql(store, query).await.unwrap();
    if !sql.served {
        return None;
    }
    let plan = database.plan(&sql.text).await;
    let filter = query.filters.first().map(|filter| {
        let Filter::Equals(key, _) = filter else {
            panic!("{filter:?} is in none of the shapes");
        };
        T::column(*key)
    });
    let of_parent = filter.is_some_and(|column| T::PARENTS.contains(&column));
    let mut bad = database.sorts(&plan);
    // In the order of everybody's rows a page is where one begins to read.
    if filter.is_some() || query.scope != Scope::All || query.marker.is_some() {
        bad.extend(database.scans(&plan));
    }
    // Of what has a parent little is dropped.
    let little = [
        "COALESCE((project_id = $",
        "(ROW(created_at, id)",
        "(dismissed_at IS NULL)",
    ];
    let dropped = database.filters(&plan).into_iter();
    bad.extend(dropped.filter(|filter| !(of_parent && little.iter().any(|some| filter.contains(some)))));
    if let Explainer::Sqlite(_) = database {
        let project = (query.scope != Scope::All && !of_parent).then_some("project_id");
        let given: Vec<_> = filter.into_iter().chain(project).collect();
        for line in plan
            .iter()
            .filter(|line| line.starts_with(&format!("SEARCH {}", T::TABLE)))
        {
            let missing = given.iter().filter(|column| !line.contains(&format!("{column}=?")));
            bad.extend(missing.map(|column| format!("{column} is not looked for: {line}")));
        }
        let marked = ["<(?", ">(?", "created_at<?", "created_at>?"];
        if query.marker.is_some() && !plan.iter().any(|line| marked.iter().any(|range| line.contains(range))) {
            bad.push("does not begin at the marker".to_owned());
        }
    }
    if !bad.is_empty() {
        bad.extend(plan);
    }
    Some(bad)
}

/// Looks at all lists of a resource, from each marker; how many are served.
async fn check<T: Planned>(subject: &Subject, bare: &T, full: &T) -> usize {
    let mut database = Explainer::new(&subject.url).await;
    copy::<T>(&mut database).await;
    let mut served = 0;
    for query in shapes(full) {
        for marker in [None, Some(bare.id()), Some(full.id())] {
            let query = ListQuery {
                marker,
                ..query.clone()
            };
            if let Some(bad) = complaints::<T>(&subject.store, &mut database, &query).await {
                assert!(bad.is_empty(), "{query:?}\n{}", bad.join("\n"));
                served += 1;
            }
        }
    }
    served
}

async fn copy<T: Planned>(database: &mut Explainer) {
    if let Explainer::Postgres(..) = database {
        database.run(T::COPIES).await;
        database.run(&format!("VACUUM ANALYZE {}", T::TABLE)).await;
    }
}

/// Volumes of two projects, the first of them without the values that may be missing, and one with all of them.
async fn some_volumes(store: &Store) -> [Volume; 2] {
    let bare = Volume {
        created_at: at(-10_000),
        ..volume()
    };
    let full = Volume {
        name: Some(Label::name("n").unwrap()),
        description: Some(Label::name("d").unwrap()),
        updated_at: Some(at(0)),
        created_at: at(-9_000),
        snapshot_id: Some(SnapshotId::new(id())),
        ..volume()
    };
    for volume in [&bare, &full] {
        add_volume(store, volume).await;
    }
    for project_id in ["p", "q"].map(project) {
        add_volume(store, &Volume { project_id, ..volume() }).await;
    }
    [bare, full]
}

async fn some_snapshots(store: &Store) -> [Snapshot; 2] {
    let [volume, _] = some_volumes(store).await;
    let bare = Snapshot {
        created_at: at(-9_999),
        ..snapshot(&volume)
    };
    let full = Snapshot {
        name: Some(Label::name("n").unwrap()),
        description: Some(Label::name("d").unwrap()),
        progress: Some("50%".to_owned()),
        updated_at: Some(at(0)),
        created_at: bare.created_at + TimeDelta::seconds(1),
        group_snapshot_id: Some(GroupSnapshotId::new(id())),
        ..snapshot(&volume)
    };
    for snapshot in [&bare, &full] {
        add_snapshot(store, snapshot).await;
    }
    [bare, full]
}

/// From each of three places (the first row, two markers) and in both directions.
const WAYS: usize = 3 * 2;

pub async fn a_served_list_of_snapshots_is_in_an_index(subject: Subject) {
    let [bare, full] = some_snapshots(&subject.store).await;
    // By time: the project's and everybody's; by name and by status: the project's. Filtered and by time: the project's
    // by status and name, and both by volume and group snapshot.
    assert_eq!(check(&subject, &bare, &full).await, (2 + 1 + 1 + 2 + 2 * 2) * WAYS);
}

pub async fn a_served_list_of_volumes_is_in_an_index(subject: Subject) {
    let [bare, full] = some_volumes(&subject.store).await;
    // By time: the project's and everybody's; by name: the project's. Filtered and by time: the project's by name, and
    // both by group and snapshot.
    assert_eq!(check(&subject, &bare, &full).await, (2 + 1 + 1 + 2 * 2) * WAYS);
}

pub async fn a_served_list_of_messages_is_in_an_index(subject: Subject) {
    let messages = [message(), message(), message()];
    for message in &messages {
        add_message(&subject.store, message).await;
    }
    // By time: the project's, and what is about one resource.
    assert_eq!(check(&subject, &messages[0], &messages[1]).await, (1 + 2) * WAYS);
}

pub async fn a_lost_index_is_noticed(subject: Subject) {
    some_snapshots(&subject.store).await;
    let mut database = Explainer::new(&subject.url).await;
    copy::<Snapshot>(&mut database).await;
    for (index, scope, filter) in [
        ("snapshots_of_project", only("p"), None),
        ("snapshots_by_time", Scope::All, None),
        ("snapshots_by_status", only("p"), Some(SnapshotKey::Status)),
        ("snapshots_by_name", only("p"), Some(SnapshotKey::DisplayName)),
        (
            "snapshots_of_group_snapshot",
            Scope::All,
            Some(SnapshotKey::GroupSnapshotId),
        ),
    ] {
        let query = newest_first::<Snapshot>(scope, filter);
        let before = complaints::<Snapshot>(&subject.store, &mut database, &query).await;
        assert_eq!(before, Some(Vec::new()), "with {index}");
        database.run(&format!("DROP INDEX {index}")).await;
        let after = complaints::<Snapshot>(&subject.store, &mut database, &query).await;
        assert_ne!(after, Some(Vec::new()), "without {index}");
    }
}
