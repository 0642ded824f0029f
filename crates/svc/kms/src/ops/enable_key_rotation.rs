//! `EnableKeyRotation`. Source: KMS API Reference, "EnableKeyRotation".
//!
//! Action `kms:EnableKeyRotation` on the key, in the caller's own account. Condition key `kms:RotationPeriodInDays`.
//! Key state `Enabled`. Unlike AWS it takes an alias too.

use garrison_api_kms::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::model::{Rotation, StateRule};
use crate::reply::changed;
use crate::resolve::{KeyTarget, ensure_state};
use crate::rotation::{self, DEFAULT_PERIOD};
use crate::service::Kms;

impl Handler<Kms> for operations::EnableKeyRotation {
    const ACCESS: Access = Access::write("kms:EnableKeyRotation");
    type Target = KeyTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<KeyTarget>, ApiError> {
        Ok(kms.resolve_rotated_key(cx, &input.key_id, Self::ACCESS.action).await?.resolved())
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        target: &'a KeyTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let days = input.rotation_period_in_days.map(i64::from);
        let request = RequestKeys { rotation_period_in_days: days, ..RequestKeys::default() };
        condition::about_key(cx, target, &request, key)
    }

    async fn execute(
        kms: &Kms,
        cx: &Context,
        input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Unit>, ApiError> {
        let key = &target.key;
        let period = period(input.rotation_period_in_days)?;
        rotation::ensure_automatic(key)?;
        rotation::ensure_not_replica(key)?;
        ensure_state(key, StateRule::Enabled)?;
        let old = &key.key.rotation;
        // Asking again for what is already so does not put the next rotation off.
        let same = old.enabled && old.period_days == Some(period);
        let next = old.next.filter(|_| same).unwrap_or_else(|| rotation::after(cx.time, period));
        let new = Rotation { enabled: true, period_days: Some(period), next: Some(next), ..old.clone() };
        let mut writes = WriteSet::new();
        rotation::set(&mut writes, &kms.family(key).await?, &new);
        Ok(changed(key, writes))
    }
}

fn period(days: Option<i32>) -> Result<u16, ApiError> {
    let Some(days) = days else { return Ok(DEFAULT_PERIOD) };
    u16::try_from(days).ok().filter(|days| (90..=2560).contains(days)).ok_or_else(|| {
        errors::validation(format!("RotationPeriodInDays should be between 90 and 2560, but it is {days}"))
    })
}
