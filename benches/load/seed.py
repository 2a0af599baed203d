"""The statements that fill a database, in the dialects of both. What is inserted names its columns, so that columns with
defaults can be added to the schema without a change here."""

from dataclasses import dataclass

from plan import HOST, OTHERS, PROJECT, VOLUMES, total

# 2026-01-01; rows are a second apart.
EPOCH = 1_767_225_600
OTHER = "n % 9 = 8"
# Which of the other two, 0 or 1.
WHICH = "n % 8 / 7"
METADATA = '\'{"by":"nightly","kind":"daily"}\''


@dataclass(frozen=True)
class Dialect:
    """How a database says it; `{}` is the argument."""

    new_id: str
    uuid_of: str
    time: str
    # The numbers from 1 to the argument, as a table with the column n.
    series: str
    true: str
    false: str
    json: str


SQLITE = Dialect(
    new_id="new_id()",
    uuid_of="uuid_of({})",
    # As sqlx writes it.
    time="strftime('%Y-%m-%dT%H:%M:%S', {}, 'unixepoch') || '.123457+00:00'",
    series="(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {}) SELECT n FROM s)",
    true="1",
    false="0",
    json="TEXT",
)
POSTGRES = Dialect(
    new_id="gen_random_uuid()",
    uuid_of="CAST('00000000-0000-4000-8000-' || lpad(to_hex({}), 12, '0') AS UUID)",
    time="to_timestamp({}) + interval '123457 microseconds'",
    series="(SELECT generate_series(1, {}) AS n) AS series",
    true="TRUE",
    false="FALSE",
    json="JSONB",
)


def volumes(d):
    """Ten of the big project, and one of each other."""
    other = f"n > {VOLUMES}"
    projects = " ".join(f"WHEN {VOLUMES + number} THEN '{project}'" for number, project in enumerate(OTHERS, 1))
    return f"""
        INSERT INTO volumes (id, project_id, user_id, volume_type_id, size, status, attach_status, display_name,
                             availability_zone, host, bootable, consumes_quota, created_at)
        SELECT {d.uuid_of.format("n")}, CASE n {projects} ELSE '{PROJECT}' END, 'admin',
               (SELECT id FROM volume_types WHERE name = '__DEFAULT__'), 1, 'available', 'detached',
               CASE WHEN {other} THEN 'theirs' ELSE 'volume-' || n END, 'nova', '{HOST}', {d.false}, {d.true},
               {d.time.format(f"{EPOCH} + n")}
          FROM {d.series.format(VOLUMES + len(OTHERS))}"""


def snapshots(d, rows, column):
    """An eighth failed, an eighth shares its name, a quarter has metadata, half of them were changed once.

    `column` says whether metadata is a column; else see `metadata`."""
    others = " ".join(f"WHEN {number} THEN '{project}'" for number, project in enumerate(OTHERS))
    name, value = (", metadata", f", CAST(CASE WHEN n % 4 = 1 THEN {METADATA} ELSE '{{}}' END AS {d.json})")
    return f"""
        INSERT INTO snapshots (id, project_id, user_id, volume_id, volume_type_id, volume_size, status, progress,
                               display_name, display_description, consumes_quota, created_at, updated_at{column * name})
        SELECT {d.new_id}, CASE WHEN {OTHER} THEN CASE {WHICH} {others} END ELSE '{PROJECT}' END, 'admin',
               CASE WHEN {OTHER} THEN {d.uuid_of.format(f"{VOLUMES} + 1 + {WHICH}")}
                    ELSE {d.uuid_of.format(f"1 + n % {VOLUMES}")} END,
               (SELECT id FROM volume_types WHERE name = '__DEFAULT__'), 1,
               CASE n % 8 WHEN 3 THEN 'error' ELSE 'available' END, '100%',
               CASE n % 8 WHEN 6 THEN 'nightly' ELSE 'snapshot-' || (10000000 + n) END,
               CASE n % 4 WHEN 1 THEN 'kept for a day' END, {d.true}, {d.time.format(f"{EPOCH} + n")},
               CASE n % 2 WHEN 0 THEN {d.time.format(f"{EPOCH} + n + 1")} END{column * value}
          FROM {d.series.format(total(rows))}"""


def metadata():
    """Where metadata is a table."""
    return [
        f"""INSERT INTO snapshot_metadata (snapshot_id, key, value)
            SELECT id, '{key}', '{value}' FROM snapshots WHERE display_description = 'kept for a day'"""
        for key, value in [("by", "nightly"), ("kind", "daily")]
    ]


def work(d, tasks):
    """Snapshots that are about to be taken, and the tasks that say so."""
    now = d.time.format(f"{EPOCH} - 1000000 + n")
    volume = d.uuid_of.format(f"1 + n % {VOLUMES}")
    return [
        f"""INSERT INTO snapshots (id, project_id, user_id, volume_id, volume_type_id, volume_size, status, progress,
                                   display_name, consumes_quota, created_at)
            SELECT {d.uuid_of.format("4294967296 + n")}, '{PROJECT}', 'admin', {volume},
                   (SELECT id FROM volume_types WHERE name = '__DEFAULT__'), 1, 'creating', '0%', 'work', {d.true}, {now}
              FROM {d.series.format(tasks)}""",
        f"""INSERT INTO tasks (resource_id, source_id, operation, attempts, run_at, request_id, created_at, host)
            SELECT {d.uuid_of.format("4294967296 + n")}, {volume}, 'create_snapshot', 0, {now}, 'req-bench', {now},
                   '{HOST}'
              FROM {d.series.format(tasks)}""",
    ]
