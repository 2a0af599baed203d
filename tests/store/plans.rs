//! No statement that requests wait for looks at more rows than it gives: the databases are asked how they would go about
//! each of them.

use breezeblock::{
    domain::{Direction, Filter, GroupSnapshotId, Label, ListQuery, Scope, Snapshot, SnapshotKey, Volume},
    store::Store,
};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::{
    Subject,
    explain::Explainer,
    fixture::{add_snapshot, add_volume, at, id, only, project, snapshot, volume},
    model::all,
};

/// Snapshots with enough company that no database finds it easier to look at all of them; a marker without the values
/// that may be missing, and one with all of them.
async fn filled(subject: &Subject) -> [Uuid; 2] {
    let first = Volume {
        created_at: at(-10_000),
        ..volume()
    };
    add_volume(&subject.store, &first).await;
    let bare = Snapshot {
        created_at: at(-9_999),
        ..snapshot(&first)
    };
    let full = Snapshot {
        name: Some(Label::name("n").unwrap()),
        description: Some(Label::name("d").unwrap()),
        progress: Some("50%".to_owned()),
        updated_at: Some(at(0)),
        created_at: at(-9_999) + TimeDelta::seconds(1),
        group_snapshot_id: Some(GroupSnapshotId::new(id())),
        ..snapshot(&first)
    };
    for snapshot in [&bare, &full] {
        add_snapshot(&subject.store, snapshot).await;
    }
    for project_id in ["p", "p", "q"].map(project) {
        add_volume(&subject.store, &Volume { project_id, ..volume() }).await;
    }
    // SQLite has no statistics, so its plans are the same however many rows there are.
    if let database @ Explainer::Postgres(..) = &mut Explainer::new(&subject.url).await {
        let copies = "INSERT INTO snapshots (id, project_id, user_id, volume_id, volume_type_id, volume_size, status,
                                             display_name, consumes_quota, created_at)
                      SELECT gen_random_uuid(), project_id, user_id, id, volume_type_id, 1,
                             CASE n % 8 WHEN 0 THEN 'error' ELSE 'available' END, 'name ' || n, TRUE,
                             created_at + n * interval '1 second'
                        FROM generate_series(10, 1500) n, volumes ORDER BY n";
        database.run(copies).await;
        database.run("VACUUM ANALYZE snapshots").await;
    }
    [bare.id.uuid(), full.id.uuid()]
}

/// A value for a column of this kind, as a filter spells it.
fn some_value(key: SnapshotKey) -> String {
    match key {
        SnapshotKey::Id | SnapshotKey::VolumeId | SnapshotKey::VolumeTypeId | SnapshotKey::GroupSnapshotId => {
            id().to_string()
        }
        SnapshotKey::CreatedAt | SnapshotKey::UpdatedAt => "2026-01-01T00:00:00".to_owned(),
        SnapshotKey::VolumeSize => "1".to_owned(),
        SnapshotKey::ConsumesQuota => "true".to_owned(),
        SnapshotKey::Status
        | SnapshotKey::DisplayName
        | SnapshotKey::DisplayDescription
        | SnapshotKey::ProjectId
        | SnapshotKey::UserId
        | SnapshotKey::Progress => "x".to_owned(),
    }
}

fn newest_first(scope: Scope, filtered: Option<SnapshotKey>) -> ListQuery<SnapshotKey> {
    ordered(scope, filtered, SnapshotKey::CreatedAt, Direction::Desc)
}

/// As a request gets it: the order goes on with the time and the id.
fn ordered(
    scope: Scope,
    filtered: Option<SnapshotKey>,
    key: SnapshotKey,
    direction: Direction,
) -> ListQuery<SnapshotKey> {
    let mut sort = vec![(key, direction)];
    for last in [SnapshotKey::CreatedAt, SnapshotKey::Id] {
        if key != last {
            sort.push((last, direction));
        }
    }
    ListQuery {
        scope,
        filters: filtered
            .map(|key| Filter::Equals(key, some_value(key)))
            .into_iter()
            .collect(),
        // A small part of what there is, as a page is where it matters.
        limit: 10,
        ..all(sort)
    }
}

/// Every list with at most one filter and with one key to sort by, in both directions, of one project and of all.
fn shapes() -> Vec<ListQuery<SnapshotKey>> {
    let mut shapes = Vec::new();
    let filters = SnapshotKey::ALL.iter().copied().map(Some).chain([None]);
    for filter in filters {
        for key in SnapshotKey::ALL.iter().copied() {
            for direction in [Direction::Asc, Direction::Desc] {
                shapes.extend([only("p"), Scope::All].map(|scope| ordered(scope, filter, key, direction)));
            }
        }
    }
    shapes
}

/// What is bad about how a list is read, if an index is said to serve it.
async fn complaints(store: &Store, database: &mut Explainer, query: &ListQuery<SnapshotKey>) -> Option<Vec<String>> {
    let sql = store.snapshot_list_sql(query).await.unwrap().unwrap();
    if !sql.served {
        return None;
    }
    let plan = database.plan(&sql.text).await;
    let filter = query.filters.first().map(|filter| match filter {
        Filter::Equals(key, _) => *key,
        other => panic!("{other:?} is in none of the shapes"),
    });
    let mut bad = database.sorts(&plan);
    // In the order of everybody's rows a page is where one begins to read.
    if filter.is_some() || query.scope != Scope::All || query.marker.is_some() {
        bad.extend(database.scans(&plan));
    }
    let of_parent = matches!(filter, Some(SnapshotKey::VolumeId | SnapshotKey::GroupSnapshotId));
    let dropped = database.filters(&plan).into_iter();
    let of_few = ["COALESCE((project_id = $", "(ROW(created_at, id)"];
    bad.extend(dropped.filter(|filter| !(of_parent && of_few.iter().any(|few| filter.contains(few)))));
    if let Explainer::Sqlite(_) = database {
        let project = matches!(&query.scope, Scope::Project(_)) && !of_parent;
        let given = filter
            .map(SnapshotKey::as_str)
            .into_iter()
            .chain(project.then_some("project_id"));
        let searches = plan.iter().filter(|line| line.starts_with("SEARCH snapshots"));
        for line in searches {
            let missing = given.clone().filter(|column| !line.contains(&format!("{column}=?")));
            bad.extend(missing.map(|column| format!("{column} is not looked for: {line}")));
        }
        let marked = ["<(?", ">(?", "created_at<?", "created_at>?"];
        if query.marker.is_some() && !plan.iter().any(|line| marked.iter().any(|range| line.contains(range))) {
            bad.push(format!("does not begin at the marker: {plan:?}"));
        }
    }
    if !bad.is_empty() {
        bad.extend(plan);
    }
    Some(bad)
}

pub async fn a_served_list_is_read_from_its_index(subject: Subject) {
    let markers = filled(&subject).await;
    let mut database = Explainer::new(&subject.url).await;
    let mut served = Vec::new();
    for query in shapes() {
        for marker in [None, Some(markers[0]), Some(markers[1])] {
            let query = ListQuery {
                marker,
                ..query.clone()
            };
            if let Some(bad) = complaints(&subject.store, &mut database, &query).await {
                assert!(bad.is_empty(), "{query:?}\n{}", bad.join("\n"));
                served.push((query.scope, query.filters.len(), query.sort[0]));
            }
        }
    }
    // By time: the project's and everybody's; by name and status: the project's.
    let unfiltered: Vec<_> = served.iter().filter(|(_, filters, _)| *filters == 0).collect();
    assert_eq!(unfiltered.len(), (2 + 1 + 1) * 2 * 3, "{unfiltered:?}");
}

pub async fn a_lost_index_is_noticed(subject: Subject) {
    filled(&subject).await;
    let mut database = Explainer::new(&subject.url).await;
    for (index, query) in [
        ("snapshots_of_project", newest_first(only("p"), None)),
        ("snapshots_by_time", newest_first(Scope::All, None)),
        (
            "snapshots_by_status",
            newest_first(only("p"), Some(SnapshotKey::Status)),
        ),
        (
            "snapshots_by_name",
            newest_first(only("p"), Some(SnapshotKey::DisplayName)),
        ),
        (
            "snapshots_of_group_snapshot",
            newest_first(Scope::All, Some(SnapshotKey::GroupSnapshotId)),
        ),
    ] {
        let before = complaints(&subject.store, &mut database, &query).await;
        assert_eq!(before, Some(Vec::new()), "with {index}");
        database.run(&format!("DROP INDEX {index}")).await;
        let after = complaints(&subject.store, &mut database, &query).await;
        assert_ne!(after, Some(Vec::new()), "without {index}");
    }
}

/// Statements that look at all rows of a table, or groups of them, and why they may.
const WHOLE: &[(&str, &str)] = &[
    ("audit::", "an audit is about all rows, and no request waits for it"),
    ("audit_groups::", "the same"),
    (
        "volumes::SUMMARY_OF_ALL",
        "the sum of everybody's volumes, for admins; heavy",
    ),
    ("volumes::SUMMARY_METADATA_OF_ALL", "the same"),
    ("tasks::CLAIMED_BEYOND", "there are as many tasks as there is work"),
    ("types::LIST", "there are few types, and all are asked for"),
    ("types::NAMES", "the same"),
    ("types::ALL_SPECS", "the same"),
    (
        "types::USERS",
        "an admin deletes a type, or encrypts it; an index would be a cost of every create",
    ),
    ("types::DELETE", "the same, for the foreign key"),
    ("types::RENAME_QUOTA", "an admin renames a type; there are few limits"),
    ("types::RENAME_CLASS_QUOTA", "the same"),
    ("group_types::LIST", "there are few types, and all are asked for"),
    ("group_types::ALL_SPECS", "the same"),
    ("group_types::USERS", "an admin deletes a type; there are few groups"),
    ("group_types::DELETE", "the same, for the foreign key"),
    ("groups::BEING_MADE_FROM", "a group is deleted; there are few groups"),
    ("backends::NAME", "there are few back ends"),
    ("backends::NAMES", "the same"),
    ("backends::FORGET", "a back end is taken out of service"),
    (
        "backends::ANY_VOLUME",
        "at start-up, and until the first volume is found",
    ),
    ("services::LIST", "there are as many services as programs"),
    ("services::IS_FROZEN", "the same"),
    ("revocations::LIST", "for the development identity"),
    ("revocations::SWEEP", "the same"),
];

/// Rows for PostgreSQL: where there are none, it is as good to read an index as a whole as to look into it.
const CROWD: &[&str] = &[
    "INSERT INTO volume_types (id, name, is_public) SELECT gen_random_uuid(), 'type ' || n, TRUE
       FROM generate_series(1, 500) n",
    "INSERT INTO volume_groups (id, project_id, user_id, group_type_id, status, availability_zone, host, created_at)
     SELECT gen_random_uuid(), 'p' || n, 'u', (SELECT id FROM group_types), 'available', 'nova', 'h', now()
       FROM generate_series(1, 500) n",
    "INSERT INTO group_snapshots (id, project_id, user_id, group_id, group_type_id, status, created_at)
     SELECT gen_random_uuid(), project_id, 'u', id, group_type_id, 'available', created_at FROM volume_groups",
    "INSERT INTO volumes (id, project_id, user_id, volume_type_id, size, status, attach_status, availability_zone, host,
                          bootable, consumes_quota, created_at, group_id, snapshot_id)
     SELECT gen_random_uuid(), project_id, 'u', (SELECT id FROM volume_types WHERE name = 'type ' || substr(project_id, 2)), 1, 'available', 'detached', 'nova', 'h',
            FALSE, TRUE, created_at, id, gen_random_uuid()
       FROM volume_groups",
    "INSERT INTO snapshots (id, project_id, user_id, volume_id, volume_type_id, volume_size, status, consumes_quota,
                            created_at, group_snapshot_id)
     SELECT gen_random_uuid(), v.project_id, 'u', v.id, v.volume_type_id, 1, 'available', TRUE,
            v.created_at + n * interval '1 second', w.id
       FROM volumes v JOIN group_snapshots w ON w.group_id = v.group_id, generate_series(1, 5) n",
    "INSERT INTO messages (id, project_id, request_id, resource_type, resource_uuid, event_id, message_level, cause,
                           created_at, expires_at)
     SELECT gen_random_uuid(), project_id, 'r', 'SNAPSHOT', id, 'e', 'ERROR', 'c', created_at,
            created_at + interval '1 day'
       FROM snapshots",
    "INSERT INTO tasks (resource_id, source_id, operation, attempts, run_at, request_id, created_at, host)
     SELECT id, volume_id, 'create_snapshot', 0, created_at, 'r', created_at, project_id FROM snapshots",
    "INSERT INTO task_uses (task_id, resource_id, writes) SELECT resource_id, source_id, FALSE FROM tasks",
    "INSERT INTO volume_type_projects (volume_type_id, project_id)
     SELECT volume_type_id, project_id FROM volumes",
    "INSERT INTO group_volume_types (group_id, volume_type_id) SELECT group_id, volume_type_id FROM volumes",
];

/// What PostgreSQL reads as a whole while much of it is wanted, because it has other ways to join.
const JOINED: &[(&str, &str)] = &[(
    "messages::EXPIRE",
    "no request waits for it, and few messages go at a time",
)];

pub async fn a_fixed_statement_finds_its_rows(subject: Subject) {
    let mut database = Explainer::new(&subject.url).await;
    if let Explainer::Postgres(..) = database {
        for rows in CROWD {
            database.run(rows).await;
        }
        database.run("VACUUM ANALYZE").await;
        // Tables that are small here are not small everywhere.
        database.run("SET enable_seqscan = off").await;
    }
    let mut whole = Vec::new();
    for (name, sql) in subject.store.statements() {
        let plan = database.plan(sql).await;
        let scans = database.scans(&plan);
        if !scans.is_empty() {
            whole.push((name.trim_start_matches("breezeblock::store::"), scans));
        }
    }
    let mut allowed = WHOLE.to_vec();
    if let Explainer::Postgres(..) = database {
        allowed.extend(JOINED);
    }
    let unexpected = whole
        .iter()
        .filter(|(name, _)| !allowed.iter().any(|(known, _)| name.starts_with(known)));
    let unexpected: Vec<_> = unexpected.collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    if let Explainer::Sqlite(_) = database {
        let spare = WHOLE
            .iter()
            .filter(|(known, _)| !whole.iter().any(|(name, _)| name.starts_with(known)));
        let spare: Vec<_> = spare.collect();
        assert!(spare.is_empty(), "{spare:#?}");
    }
}
