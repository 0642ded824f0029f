//! One suite for every backend: what [`garrison_store::Store`] and [`garrison_store::AuditLog`] promise, as tests.
//!
//! A backend's test binary implements [`Fixture`] and says `garrison_store_suite::store_suite!(a_fresh_fixture());`,
//! or, when a fresh place is dear, runs [`run_store_suite!`] inside a test of its own.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this crate is tests: a failed expectation must panic"
)]

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use garrison_store::{AuditLog, Store};

pub mod audit;
pub mod backup;
pub mod fixture;
pub mod model;
pub mod postgres;
pub mod records;
pub mod samples;

/// A place for one test's data.
pub trait Fixture: Send + Sync {
    /// The backend.
    type Backend: Store + AuditLog;

    /// Opens the place. The one opened before is dropped by then.
    fn open(&self) -> impl Future<Output = Arc<Self::Backend>> + Send;

    /// Opens a backup, in another place.
    fn restore(&self, backup: &Path) -> impl Future<Output = Arc<Self::Backend>> + Send;
}

/// One test for each promise of the traits, each in the fresh place that the expression makes.
#[macro_export]
macro_rules! store_suite {
    ($fresh:expr) => {
        $crate::store_cases!(store_tests, $fresh);
    };
}

/// Runs every promise of the traits one after the other, each in the fresh place that the expression makes.
#[macro_export]
macro_rules! run_store_suite {
    ($fresh:expr) => {
        $crate::store_cases!(run_store_cases, $fresh)
    };
}

/// The list of promises, handed to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! store_cases {
    ($then:ident, $fresh:expr) => {
        $crate::$then! {
            $fresh,
            records: [
                a_record_is_read_as_it_was_written,
                a_scan_is_ordered_and_pages_do_not_overlap,
                keys_and_values_of_any_bytes_survive,
                preconditions_hold_or_conflict,
                a_conflict_changes_nothing,
                only_one_of_two_creators_wins,
                concurrent_increments_are_all_counted,
                a_counted_range_admits_no_phantom,
                observers_hear_every_commit_in_order_before_its_answer,
                the_outbox_keeps_order_until_it_is_trimmed,
                commits_survive_a_reopen,
                an_erasing_commit_replaces_and_deletes,
                reset_leaves_nothing,
            ],
            audit: [
                records_are_found_by_each_attribute,
                pages_are_newest_first_and_stable_while_records_arrive,
                accounts_and_regions_are_apart,
                a_time_range_bounds_what_is_found,
                a_change_brings_its_records_exactly_once,
                a_refused_change_leaves_no_record,
                appended_records_survive_a_reopen,
                many_appends_at_once_are_all_found,
                a_dropped_reservation_leaves_nothing,
                a_cursor_of_another_kind_is_refused,
            ],
            backup: [
                a_backup_under_load_restores_to_one_point,
                a_backup_goes_to_an_empty_folder_only,
            ],
            model: [behaves_like_a_map],
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! store_tests {
    ($fresh:expr, $($module:ident: [$($name:ident),* $(,)?]),* $(,)?) => {
        $(
            mod $module {
                #[allow(unused_imports, reason = "the expression may name what is above")]
                use super::*;

                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $name() {
                        $crate::$module::$name(&$fresh).await;
                    }
                )*
            }
        )*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! run_store_cases {
    ($fresh:expr, $($module:ident: [$($name:ident),* $(,)?]),* $(,)?) => {
        $($(
            println!("{}::{}", stringify!($module), stringify!($name));
            $crate::$module::$name(&$fresh).await;
        )*)*
    };
}
