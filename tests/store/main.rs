//! What the store must do, on both databases alike.
//!
//! A case is an `async fn(Store)`, or an `async fn(Subject)` if it needs SQL that the store itself has
//! not; every public method of `Store` and `Tx` is executed by at least one of them on each database.
//! Run it with `scripts/with-postgres cargo test --test store`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

mod backends;
mod calls;
mod changes;
mod concurrency;
mod corrupt;
#[path = "../support/database.rs"]
mod database;
mod dependents;
mod explain;
mod filters;
mod fixed_plans;
mod fixture;
mod groups;
mod identity;
mod kept_pages;
mod lists;
mod messages;
mod model;
mod paging;
mod plans;
mod quotas;
#[path = "../support/raw.rs"]
mod raw;
mod rows;
mod schema;
mod scopes;
mod services;
mod snapshot_walk;
mod stored_objects;
mod tasks;
mod times;
mod volume_walk;
mod waits;
mod walk;

use breezeblock::store::Store;

use crate::database::{Kind, TestDatabase};

/// A migrated database, and its address for [`raw::rows`].
struct Subject {
    store: Store,
    url: String,
}

impl From<Subject> for Store {
    fn from(subject: Subject) -> Self {
        subject.store
    }
}

async fn subject(database: &TestDatabase) -> Subject {
    Subject {
        store: database.store().await,
        url: database.url.clone(),
    }
}

/// One test for each case.
macro_rules! suite {
    ($kind:expr => $($group:ident::{$($case:ident),+ $(,)?})+) => {
        $(mod $group {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let database = crate::TestDatabase::new($kind).await;
                    crate::$group::$case(crate::subject(&database).await.into()).await;
                }
            )+
        })+
    };
}

macro_rules! store_suite {
    (sqlite) => { store_suite!(sqlite = crate::Kind::Sqlite); };
    (postgres) => { store_suite!(postgres = crate::Kind::Postgres); };
    ($name:ident = $kind:expr) => {
        mod $name {
            suite!($kind =>
                rows::{
                    a_volume_comes_back_as_it_was,
                    a_snapshot_comes_back_as_it_was,
                    an_update_writes_all_that_can_change,
                    metadata_is_replaced_as_a_whole,
                    metadata_goes_with_its_owner,
                    snapshots_of_a_volume_come_oldest_first,
                    facts_about_volumes_and_types,
                    encryption_is_said_once_and_goes_with_its_type,
                    the_database_answers_until_it_is_closed,
                }
                plans::{
                    a_served_list_of_snapshots_is_in_an_index,
                    a_served_list_of_volumes_is_in_an_index,
                    a_served_list_of_messages_is_in_an_index,
                    a_lost_index_is_noticed,
                }
                fixed_plans::{
                    a_fixed_statement_finds_its_rows,
                }
                changes::{
                    a_wrong_expected_status_changes_no_volume,
                    a_wrong_expected_status_changes_no_snapshot,
                    a_missing_row_is_not_changed,
                    a_dropped_transaction_changes_nothing,
                    a_transaction_sees_what_it_wrote_and_others_do_not,
                    a_volume_with_snapshots_cannot_go,
                    what_a_row_refers_to_must_exist,
                    ids_and_times_are_unique,
                }
                scopes::{
                    a_project_sees_only_its_volumes,
                    a_project_sees_only_its_snapshots,
                    a_project_sees_only_its_messages,
                    a_marker_must_be_visible,
                }
                tasks::{
                    a_claim_tells_what_was_accepted,
                    the_earliest_task_is_claimed_first,
                    a_claim_takes_no_more_than_it_may,
                    a_task_is_claimed_when_it_is_due,
                    no_task_waits_for_a_clock_that_was_set_back,
                    a_claim_that_holds_too_long_can_be_freed,
                    a_claim_holds_until_its_lease_runs_out,
                    a_renewed_claim_holds_longer,
                    a_stale_claim_can_do_nothing,
                    a_postponed_task_comes_back_with_its_attempts,
                    a_released_task_comes_back_as_if_not_claimed,
                    a_cancelled_task_is_gone_for_its_worker,
                    a_resource_has_one_task,
                    progress_is_shown_while_the_claim_holds,
                    a_task_is_done_where_its_volume_is,
                }
                calls::{
                    whoever_listens_hears_a_call,
                }
                dependents::{ dependents_come_oldest_first_and_go_with_their_rows }
                waits::{
                    a_writer_waits_for_older_readers,
                    a_reader_waits_for_older_writers,
                    readers_do_not_wait_for_each_other,
                    nobody_waits_for_the_younger,
                    strangers_do_not_wait,
                    a_cascade_runs_in_order,
                    waiting_ends_with_a_cancellation_but_not_with_a_delay,
                }
                concurrency::{
                    claimers_share_the_tasks,
                    writers_of_one_row_never_fail,
                    writers_of_many_rows_never_fail,
                    writers_of_two_programs_never_fail,
                    usage_is_counted_under_a_lock,
                    migrations_may_run_side_by_side,
                }
                kept_pages::{
                    a_page_of_an_unchanged_database_is_read_at_most_twice,
                    a_kept_page_ends_with_a_commit_anywhere,
                }
                lists::{
                    every_key_sorts_volumes,
                    every_key_sorts_snapshots,
                    every_key_sorts_messages,
                    two_keys_in_two_directions,
                    a_list_carries_the_metadata,
                    a_list_is_never_older_than_the_last_commit,
                }
                paging::{
                    pages_over_equal_times_lose_nothing,
                    pages_stay_in_place_while_rows_come_and_go,
                    a_deleted_row_marks_its_place_until_it_is_swept,
                    a_marker_need_not_pass_the_filters,
                    an_offset_counts_from_the_marker,
                    pages_by_name_are_whole_where_an_index_serves_them,
                    pages_of_a_volume_are_whole,
                    the_count_is_of_all_pages,
                    no_rows_and_no_limit,
                }
                filters::{
                    every_key_filters_volumes,
                    every_key_filters_snapshots,
                    every_key_filters_messages,
                    spellings_of_values,
                    a_part_of_a_text_minds_case,
                    a_part_of_a_text_knows_wildcards,
                    times_are_compared,
                    all_metadata_pairs_must_match,
                    all_filters_must_match,
                }
                messages::{
                    a_message_comes_back_as_it_was,
                    a_message_is_deleted_once,
                    messages_expire,
                    the_reason_of_an_error_does_not_expire,
                }
                times::{
                    microseconds_are_kept_and_ordered,
                    a_task_is_due_to_the_microsecond,
                }
                quotas::{
                    nothing_is_used_at_first,
                    usage_is_counted_per_type_and_project,
                    an_extension_counts_at_once,
                    internal_rows_count_nothing,
                    snapshots_may_leave_gigabytes_alone,
                    limits_are_set_and_cleared,
                    classes_have_limits,
                }
                groups::{
                    a_type_reads_back,
                    a_group_reads_back,
                    a_group_with_volumes_stays,
                    a_group_snapshot_reads_back,
                    lists_are_filtered_sorted_and_paged,
                    a_group_snapshot_waits_for_writers_of_its_volumes,
                    two_groups_wait_only_where_they_meet,
                    a_group_comes_after_its_volumes,
                }
                backends::{
                    a_storage_is_remembered_for_its_host,
                    a_storage_does_not_matter_while_there_are_no_volumes,
                    a_storage_is_found_by_its_id,
                }
                services::{
                    a_heartbeat_makes_a_program_known,
                    what_an_operator_says_outlives_heartbeats,
                    a_frozen_program_freezes_its_volumes,
                }
                identity::{
                    the_first_key_stays,
                    revocations_count_until_they_are_over,
                    a_credential_comes_back_as_it_was,
                    a_name_is_its_users_once,
                    a_credential_is_deleted_with_its_tokens_or_not_at_all,
                }
                schema::{
                    the_program_fits_the_schema,
                    migrating_again_changes_nothing,
                    a_renamed_column_is_noticed,
                    a_database_from_the_future_is_refused,
                    a_changed_migration_is_refused,
                    a_look_changes_nothing,
                }
                stored_objects::{
                    only_changes_are_written,
                }
                corrupt::{
                    a_status_that_nobody_knows_cannot_be_stored,
                    a_volume_that_makes_no_sense,
                    a_snapshot_that_makes_no_sense,
                    a_task_that_makes_no_sense,
                    a_message_that_makes_no_sense,
                }
                snapshot_walk::{ model_and_store_agree }
                volume_walk::{ model_and_store_agree }
            );
        }
    };
}

store_suite!(sqlite);
store_suite!(postgres);
