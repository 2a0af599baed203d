//! What the worker must do with work that the service has accepted, on both databases alike.
//!
//! The store is real, the driver follows a script, the clock stands still until told, and a step is
//! one task from claim to outcome. After each case `invariants::check` looks at what is left.
//! Run it with `scripts/with-postgres cargo test --test worker`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on must stop"
)]

mod admin;
mod audits;
mod cascade;
mod clock;
mod creates;
#[path = "../support/database.rs"]
mod database;
mod deletes;
mod dependents;
mod extends;
#[path = "../support/gate.rs"]
mod gate;
mod group_audits;
mod group_repairs;
mod groups;
#[expect(dead_code, reason = "nothing is let go of here")]
#[path = "../support/history.rs"]
mod history;
mod invariants;
mod leases;
#[path = "../support/raw.rs"]
mod raw;
mod retries;
mod reverts;
mod running;
mod script;
mod shutdown;
mod waits;
mod world;

/// One test for each case.
macro_rules! suite {
    ($kind:expr => $($group:ident::{$($case:ident),+ $(,)?})+) => {
        $(mod $group {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let world = crate::world::World::new($kind).await;
                    crate::$group::$case(&world).await;
                    crate::invariants::check(&world).await;
                }
            )+
        })+
    };
}

macro_rules! worker_suite {
    (sqlite) => { worker_suite!(sqlite = crate::database::Kind::Sqlite); };
    (postgres) => { worker_suite!(postgres = crate::database::Kind::Postgres); };
    ($name:ident = $kind:expr) => {
        mod $name {
            suite!($kind =>
                creates::{
                    a_volume_becomes_available,
                    a_snapshot_becomes_available_with_its_progress,
                    sources_are_handed_to_the_driver,
                    progress_is_shown_on_the_way,
                    a_failure_says_why,
                }
                deletes::{
                    what_is_deleted_is_gone,
                    a_failure_says_why_to_the_owner,
                    a_busy_snapshot_returns_to_where_it_was,
                    a_busy_volume_returns_to_where_it_was,
                    a_busy_snapshot_that_was_not_finished_is_in_error,
                    a_missing_row_needs_no_driver,
                }
                dependents::{
                    a_busy_snapshot_names_what_depends_on_it,
                    a_volume_that_failed_does_not_depend,
                    a_dependent_that_is_leaving_is_waited_for,
                    a_dependent_that_cannot_leave_makes_it_busy,
                    what_the_driver_alone_knows_is_named_as_well_as_can_be,
                    a_cascade_never_loses_a_busy_snapshot,
                }
                groups::{
                    a_group_snapshot_is_taken_as_one,
                    a_failure_spoils_all_and_says_why,
                    a_busy_delete_returns_to_where_it_was,
                    a_delete_that_stops_halfway_says_so,
                    a_group_is_made_when_its_volumes_are,
                    a_group_that_cannot_go_says_which_volumes_stay,
                    an_overtaken_worker_takes_nothing_back,
                }
                retries::{
                    a_passing_failure_is_tried_again_later,
                    waits_grow,
                    giving_up_says_so,
                    an_unknown_outcome_is_never_final,
                    a_busy_lock_is_tried_again,
                }
                leases::{
                    a_stuck_worker_is_overtaken,
                    a_late_failure_is_dropped,
                    a_late_retry_is_dropped,
                    renewing_keeps_the_claim,
                    a_lost_claim_stops_the_driver,
                    a_busy_database_does_not_stall_the_worker,
                }
                admin::{
                    a_reset_drops_the_outcome_of_a_running_create,
                    a_reset_to_creating_starts_no_work,
                    a_reset_of_an_extending_volume_frees_its_quota,
                    a_force_delete_overtakes_a_running_create,
                    a_force_delete_of_a_volume_overtakes_a_running_create,
                    a_report_from_nova_ends_the_work,
                    a_reset_from_error_deleting_allows_another_delete,
                }
                audits::{
                    lost_work_is_found_and_begins_again,
                    work_that_nobody_can_begin_again_ends_with_a_reason,
                    stray_tasks_are_found_and_removed,
                    half_a_revert_is_found_and_ended,
                    an_error_without_a_reason_is_found_and_gets_one,
                    quota_for_nothing_is_found_and_given_back,
                    a_status_from_nowhere_is_found_and_left_to_people,
                    a_look_sees_one_moment,
                }
                group_audits::{
                    stray_tasks_are_found_and_removed,
                    an_error_without_a_reason_is_found_and_gets_one,
                    a_status_from_nowhere_is_found_and_left_to_people,
                    an_admin_s_word_needs_nothing_behind_it,
                }
                group_repairs::{
                    a_lost_group_snapshot_is_one_finding_and_begins_again,
                    a_lost_deletion_of_a_group_snapshot_begins_again,
                    the_snapshots_of_a_group_snapshot_never_begin_alone,
                    a_lost_group_begins_again_after_its_volumes,
                    a_group_that_was_going_away_goes,
                    what_does_not_say_what_it_was_ends_in_an_error,
                    a_snapshot_that_waits_alone_ends_in_an_error,
                    what_lost_its_group_snapshot_becomes_its_own,
                }
                clock::{
                    accepted_work_does_not_wait_for_the_clock,
                    postponed_work_does_not_wait_for_the_clock,
                    a_dead_worker_s_work_does_not_wait_for_the_clock,
                    a_worker_that_lives_is_not_robbed,
                    a_claim_is_renewed_with_the_clock_of_now,
                    snapshots_stay_in_the_order_in_which_they_were_taken,
                }
                cascade::{
                    a_volume_goes_after_its_snapshots,
                    a_snapshot_that_stays_keeps_the_volume,
                    a_busy_snapshot_keeps_the_volume,
                    a_volume_waits_for_a_retry_of_its_snapshot,
                }
                reverts::{
                    a_revert_ends_with_both_available,
                    a_failed_revert_frees_the_snapshot,
                    a_revert_that_is_tried_again_keeps_both,
                    a_reset_of_the_volume_frees_the_snapshot,
                    a_force_delete_of_the_snapshot_waits_for_the_revert,
                    a_forced_cascade_ends_a_revert,
                }
                extends::{
                    a_volume_grows_and_uses_its_quota_at_once,
                    a_failure_gives_the_quota_back,
                    a_volume_in_use_stays_in_use,
                    no_two_extensions_fit_where_one_does,
                }
                waits::{
                    a_snapshot_outlives_the_volumes_made_from_it,
                    a_volume_outlives_its_clones,
                    a_failed_clone_ends_the_wait,
                }
                running::{
                    accepted_work_is_done,
                    a_call_is_never_lost,
                    finished_work_wakes_what_waits_for_it,
                    so_many_at_a_time,
                    a_poll_finds_what_nobody_called_for,
                    old_messages_go,
                    a_recall_stops_the_driver_at_once,
                }
                shutdown::{
                    running_work_is_finished_and_no_more_claimed,
                    work_that_takes_too_long_is_given_back,
                    an_idle_worker_stops_at_once,
                }
            );
        }
    };
}

worker_suite!(sqlite);
worker_suite!(postgres);
