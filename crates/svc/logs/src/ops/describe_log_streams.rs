//! `DescribeLogStreams`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>
//!
//! Action `logs:DescribeLogStreams` on the group.

use garrison_api_logs::operations;
use garrison_api_logs::types::{self, OrderBy};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::error;
use crate::group::{self, GroupTarget};
use crate::paging::Paging;
use crate::records::{Activity, Stream};
use crate::repo::Found;
use crate::service::Logs;

/// How many streams a page has when the caller does not say.
const PAGE: usize = 50;

impl Handler<Logs> for operations::DescribeLogStreams {
    const ACCESS: Access = Access::read("logs:DescribeLogStreams");
    type Target = GroupTarget;

    async fn resolve(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<GroupTarget>, ApiError> {
        let (name, identifier) = (input.log_group_name.as_deref(), input.log_group_identifier.as_deref());
        Ok(GroupTarget::either(logs, cx, name, identifier).await?.resolved())
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
        logs: &Logs,
        _: &Context,
        input: &Self::Input,
        target: &GroupTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let by_time = input.order_by == Some(OrderBy::LastEventTime);
        if by_time && input.log_stream_name_prefix.is_some() {
            return Err(error::invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
        }
        let paging = Paging::new(input.limit, input.next_token.as_deref(), PAGE)?;
        let descending = input.descending == Some(true);
        let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
        // In the order of their names the store has them; for any other order all are looked at.
        let in_order = !by_time && !descending;
        let (after, limit) = if in_order { (paging.after(), paging.wanted()) } else { (None, usize::MAX) };
        let group = &target.group.record;
        let mut found = Vec::new();
        for stream in logs.repo().streams(&target.place, group, after, limit, prefix).await? {
            let activity = logs.repo().activity(&target.place, group, &stream.record).await?;
            found.push((stream, activity));
        }
        let (found, next_token) = if in_order {
            paging.cut(found, |(stream, _)| stream.name.clone())
        } else {
            paging.select(found, descending, |(stream, activity)| {
                let last = activity.filter(|_| by_time).map_or(0, |activity| activity.last);
                format!("{last:019}/{}", stream.name)
            })
        };
        Ok(Reply::new(types::DescribeLogStreamsResponse {
            log_streams: Some(
                found.iter().map(|(stream, activity)| view(target, stream, *activity)).collect(),
            ),
            next_token,
        }))
    }
}

fn view(target: &GroupTarget, stream: &Found<Stream>, activity: Option<Activity>) -> types::LogStream {
    types::LogStream {
        log_stream_name: Some(stream.name.clone()),
        creation_time: Some(stream.record.created),
        first_event_timestamp: activity.map(|activity| activity.first),
        last_event_timestamp: activity.map(|activity| activity.last),
        last_ingestion_time: activity.map(|activity| activity.ingested),
        upload_sequence_token: None,
        arn: Some(group::stream_arn(&target.place, &target.group.name, &stream.name)),
        // AWS counts no bytes of streams any more.
        stored_bytes: Some(0),
    }
}
