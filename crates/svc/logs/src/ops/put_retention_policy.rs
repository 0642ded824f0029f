//! `PutRetentionPolicy`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
//!
//! Action `logs:PutRetentionPolicy` on the group.

use garrison_api_logs::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::group::GroupTarget;
use crate::records::Group;
use crate::service::Logs;
use crate::{error, repo};

/// The numbers of days that there are.
const DAYS: [i32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

impl Handler<Logs> for operations::PutRetentionPolicy {
    const ACCESS: Access = Access::write("logs:PutRetentionPolicy");
    type Target = GroupTarget;

    async fn resolve(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<GroupTarget>, ApiError> {
        Ok(GroupTarget::find(logs, cx, &input.log_group_name).await?.resolved())
    }

    fn condition<'a>(
        _: &'a Logs,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a GroupTarget,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.condition(None, key)
    }

    async fn execute(
        _: &Logs,
        _: &Context,
        input: &Self::Input,
        target: &GroupTarget,
    ) -> Result<Reply<Unit>, ApiError> {
        let days = input.retention_in_days;
        if !DAYS.contains(&days) {
            let known: Vec<String> = DAYS.iter().map(ToString::to_string).collect();
            return Err(error::invalid(format!(
                "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: \
                 Member must satisfy enum value set: [{}]",
                known.join(", ")
            )));
        }
        let changed = Group { retention: Some(days), ..target.group.record.clone() };
        let mut writes = WriteSet::new();
        repo::replace_group(&mut writes, &target.place, &target.group, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}
