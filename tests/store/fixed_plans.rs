//! No fixed statement looks at a whole table, but for those that are to.

use crate::{Subject, explain::Explainer};

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
    ("quotas::LIMITS", "the same"),
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
