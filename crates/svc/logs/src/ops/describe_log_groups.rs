//! `DescribeLogGroups`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>
//!
//! Action `logs:DescribeLogGroups` on the group without a name, as AWS's denials call every group of a Region.

use garrison_api_logs::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::paging::Paging;
use crate::records::Group;
use crate::repo::{Found, Place};
use crate::service::Logs;
use crate::{error, group};

/// How many groups a page has when the caller does not say.
const PAGE: usize = 50;

impl Handler<Logs> for operations::DescribeLogGroups {
    const ACCESS: Access = Access::read("logs:DescribeLogGroups");
    type Target = Paging;

    async fn resolve(_: &Logs, cx: &Context, input: &Self::Input) -> Result<Resolved<Paging>, ApiError> {
        if input.log_group_name_prefix.is_some() && input.log_group_name_pattern.is_some() {
            return Err(error::invalid(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
            ));
        }
        let paging = Paging::new(input.limit, input.next_token.as_deref(), PAGE)?;
        Ok(Resolved::new(paging, group::check(&Place::of(cx), "")))
    }

    async fn execute(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
        paging: &Paging,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let place = Place::of(cx);
        let named = match &input.log_group_identifiers {
            Some(named) => {
                Some(named.iter().map(|each| group::name_of(cx, each)).collect::<Result<Vec<_>, _>>()?)
            }
            None => None,
        };
        let prefix = input.log_group_name_prefix.as_deref().unwrap_or_default();
        let pattern = input.log_group_name_pattern.as_deref().unwrap_or_default();
        let class = input.log_group_class.as_ref();
        let wanted = |name: &str, group: &Group| {
            name.starts_with(prefix)
                && name.contains(pattern)
                && class.is_none_or(|class| class.as_str() == group.class)
                && named.as_ref().is_none_or(|named| named.iter().any(|each| each == name))
        };
        let found = logs.repo().groups(&place, paging.after(), paging.wanted(), wanted).await?;
        let (found, next_token) = paging.cut(found, |found| found.name.clone());
        Ok(Reply::new(types::DescribeLogGroupsResponse {
            log_groups: Some(found.iter().map(|found| view(&place, found)).collect()),
            next_token,
        }))
    }
}

fn view(place: &Place, found: &Found<Group>) -> types::LogGroup {
    let arn = group::arn(place, &found.name);
    types::LogGroup {
        log_group_name: Some(found.name.clone()),
        creation_time: Some(found.record.created),
        retention_in_days: found.record.retention,
        // Metric filters are not built, so that no group has any.
        metric_filter_count: Some(0),
        arn: Some(format!("{arn}:*")),
        log_group_class: Some(types::LogGroupClass::from(found.record.class.as_str())),
        log_group_arn: Some(arn),
        deletion_protection_enabled: Some(false),
        ..types::LogGroup::default()
    }
}
