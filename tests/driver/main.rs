//! What every storage driver must do, tried on real file systems.
//!
//! The cases under `cases/` know only the [`Driver`](breezeblock::driver::Driver) trait and the
//! paths at which volumes and snapshots can be read. A new driver gets them all with one more line
//! `driver_suite!(its_fixture)`. The cases under `file/` are about the file driver's own folder.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must stop")]

mod cases;
mod content;
mod fences;
mod file;
mod fixture;
#[path = "../support/storage.rs"]
mod storage;
mod writer;

/// One test for each case; `$fixture` names a function in [`fixture`].
macro_rules! suite {
    ($name:ident, $fixture:ident: $($group:ident::{$($case:ident),+ $(,)?})+) => {
        mod $name {
            $(mod $group {
                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $case() {
                        if let Some(fixture) = crate::fixture::$fixture().await {
                            crate::$group::$case(fixture).await;
                        }
                    }
                )+
            })+
        }
    };
}

macro_rules! driver_suite {
    ($fixture:ident) => {
        suite!($fixture, $fixture:
            volumes::{
                a_new_volume_reads_as_zeroes,
                creating_and_deleting_twice_is_fine,
                a_volume_grows_and_never_shrinks,
                growing_a_missing_volume_is_refused,
                a_volume_grows_while_it_is_open,
            }
            snapshots::{
                a_snapshot_keeps_its_bytes,
                a_snapshot_is_not_taken_twice,
                holes_stay_holes,
                a_missing_volume_is_not_found,
                a_snapshot_is_deleted_once_or_twice,
            }
            copies::{
                a_volume_from_a_snapshot_is_equal_and_independent,
                a_volume_from_a_snapshot_can_be_larger_but_not_smaller,
                a_volume_from_a_volume_is_equal_and_can_be_larger,
                a_missing_source_is_not_found,
            }
            reverts::{
                a_revert_brings_the_bytes_back,
                a_revert_of_a_grown_volume_is_refused,
                a_revert_needs_both_ends,
                a_revert_of_a_volume_in_use_is_refused,
            }
            stopping::{
                progress_rises_and_stays_below_100,
                a_cancelled_copy_leaves_nothing,
                a_cancelled_operation_does_not_start,
                a_dropped_copy_leaves_nothing,
                a_refused_fence_changes_nothing,
                a_stale_creation_cannot_follow_a_deletion,
            }
            exclusion::{
                a_second_operation_waits_or_is_told_to_come_back,
                different_targets_do_not_wait,
                a_volume_being_copied_is_not_changed,
            }
            inventory::{
                everything_complete_is_listed,
                removing_left_overs_leaves_the_rest,
            }
            point_in_time::{
                buffered_writes,
                direct_writes,
                mapped_writes,
            }
        );
    };
}

use cases::{copies, exclusion, inventory, point_in_time, reverts, snapshots, stopping, volumes};
use file::{adoption, confinement, crashes, inventory as folder, leases, left_overs, trouble};

driver_suite!(file_on_ext4);
driver_suite!(file_on_xfs);

macro_rules! file_suite {
    ($name:ident on $fixture:ident) => {
        suite!($name, $fixture:
            confinement::{
                a_link_in_place_of_a_target_is_refused,
                a_link_in_place_of_a_source_is_refused,
                a_link_in_place_of_a_temporary_file_is_removed,
                a_folder_or_a_pipe_is_refused,
                files_are_not_for_everybody,
            }
            left_overs::{
                the_next_operation_removes_a_killed_one_s_file,
                a_stale_lock_file_does_not_matter,
                another_process_is_respected,
                lock_files_go_with_their_objects,
                a_shorter_file_of_the_same_name_is_foreign,
            }
            folder::{
                only_plain_files_are_objects,
                left_overs_are_found_and_removed,
                what_somebody_works_on_is_no_left_over,
                looking_makes_nothing,
            }
            adoption::{
                a_file_becomes_a_snapshot_once_or_twice,
                a_file_that_is_being_written_is_refused,
                another_volume_s_snapshot_is_refused,
                only_a_plain_file_of_the_folder_is_taken,
                a_refused_fence_leaves_the_name,
                the_old_name_leaves_no_lock,
            }
            crashes::{
                a_killed_operation_is_all_or_nothing,
            }
        );
    };
}

file_suite!(folder_on_ext4 on file_on_ext4);
file_suite!(folder_on_xfs on file_on_xfs);
suite!(copying_under_a_lease, file_on_ext4: leases::{
    a_writer_that_comes_during_a_copy_spoils_it_and_does_not_wait,
    a_reader_does_not_matter,
    a_writer_that_comes_during_a_revert_spoils_it,
});
suite!(trouble_on_ext4, file_on_small_ext4: trouble::{
    a_full_storage_says_so_and_can_be_emptied,
    a_read_only_storage_says_so,
    a_vanished_folder_is_noticed,
});
suite!(trouble_on_xfs, file_on_small_xfs: trouble::{
    a_full_storage_says_so_and_can_be_emptied,
    a_read_only_storage_says_so,
    a_vanished_folder_is_noticed,
});
