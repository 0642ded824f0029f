//! `ScheduleKeyDeletion`. Source: KMS API Reference, "ScheduleKeyDeletion".
//!
//! Action `kms:ScheduleKeyDeletion` on the key, in the caller's own account. Condition key
//! `kms:ScheduleKeyDeletionPendingWindowInDays`. Any key state but the deletion ones.

use std::time::Duration;

use garrison_api_kms::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::model::{KeyState, MultiRegionRole, StateRule};
use crate::repo::{self, Due, DueKind};
use crate::resolve::{KeyTarget, ensure_state};
use crate::service::Kms;

const DAY: Duration = Duration::from_secs(86_400);
const DEFAULT_WINDOW: u8 = 30;

impl Handler<Kms> for operations::ScheduleKeyDeletion {
    const ACCESS: Access = Access::write("kms:ScheduleKeyDeletion");
    type Target = KeyTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<KeyTarget>, ApiError> {
        Ok(kms.resolve_own_key(cx, &input.key_id, Self::ACCESS.action).await?.resolved())
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        target: &'a KeyTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let days = input.pending_window_in_days.map_or(i64::from(DEFAULT_WINDOW), i64::from);
        let request = RequestKeys { pending_window_in_days: Some(days), ..RequestKeys::default() };
        condition::about_key(cx, target, &request, key)
    }

    async fn execute(
        _kms: &Kms,
        cx: &Context,
        input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let window_days = window(input.pending_window_in_days)?;
        ensure_state(&target.key, StateRule::NotPendingDeletion)?;
        let mut key = target.key.key.clone();
        let mut writes = WriteSet::new();
        let has_replicas = key.multi_region.as_ref().is_some_and(|related| {
            related.role(&key.address.region) == MultiRegionRole::Primary && !related.replicas.is_empty()
        });
        let deletion_date = if has_replicas {
            key.state = KeyState::PendingReplicaDeletion { window_days };
            None
        } else {
            let at = cx.time + DAY * u32::from(window_days);
            key.state = KeyState::PendingDeletion { at, window_days };
            let due = Due { at, address: key.address.clone(), extra: String::new() };
            repo::schedule(&mut writes, DueKind::Deletion, &due);
            Some(at)
        };
        repo::replace_key(&mut writes, &target.key, &key);
        let output = types::ScheduleKeyDeletionResponse {
            key_id: Some(target.key.arn.to_string()),
            deletion_date,
            key_state: Some(key.state.name().into()),
            pending_window_in_days: Some(i32::from(window_days)),
        };
        Ok(Reply::with_writes(output, writes))
    }
}

fn window(days: Option<i32>) -> Result<u8, ApiError> {
    let Some(days) = days else { return Ok(DEFAULT_WINDOW) };
    u8::try_from(days).ok().filter(|days| (7..=30).contains(days)).ok_or_else(|| {
        errors::validation(format!("PendingWindowInDays should be between 7 and 30, but it is {days}"))
    })
}
