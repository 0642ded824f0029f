//! The operations, one file each, and their registration.

mod create_log_group;
mod create_log_stream;
mod delete_log_group;
mod delete_log_stream;
mod delete_query_definition;
mod delete_retention_policy;
mod describe_log_groups;
mod describe_log_streams;
mod describe_queries;
mod describe_query_definitions;
mod filter_log_events;
mod get_log_events;
mod get_query_results;
mod list_log_groups;
mod list_tags_for_resource;
mod list_tags_log_group;
mod put_log_events;
mod put_query_definition;
mod put_retention_policy;
mod start_query;
mod stop_query;
mod tag_log_group;
mod tag_resource;
mod test_metric_filter;
mod untag_log_group;
mod untag_resource;

use std::sync::Arc;

use garrison_api_logs::{Op, operations as api};
use garrison_kernel::{AnyOperation, registered};

use crate::service::Logs;

/// An operation of CloudWatch Logs.
///
/// The match is exhaustive: a new operation of the interface does not build until it stands here.
pub(crate) fn operation(op: Op, logs: &Arc<Logs>) -> Box<dyn AnyOperation> {
    match op {
        Op::CreateLogGroup => registered::<Logs, api::CreateLogGroup>(logs),
        Op::CreateLogStream => registered::<Logs, api::CreateLogStream>(logs),
        Op::DeleteLogGroup => registered::<Logs, api::DeleteLogGroup>(logs),
        Op::DeleteLogStream => registered::<Logs, api::DeleteLogStream>(logs),
        Op::DeleteQueryDefinition => registered::<Logs, api::DeleteQueryDefinition>(logs),
        Op::DeleteRetentionPolicy => registered::<Logs, api::DeleteRetentionPolicy>(logs),
        Op::DescribeLogGroups => registered::<Logs, api::DescribeLogGroups>(logs),
        Op::DescribeLogStreams => registered::<Logs, api::DescribeLogStreams>(logs),
        Op::DescribeQueries => registered::<Logs, api::DescribeQueries>(logs),
        Op::DescribeQueryDefinitions => registered::<Logs, api::DescribeQueryDefinitions>(logs),
        Op::FilterLogEvents => registered::<Logs, api::FilterLogEvents>(logs),
        Op::GetLogEvents => registered::<Logs, api::GetLogEvents>(logs),
        Op::GetQueryResults => registered::<Logs, api::GetQueryResults>(logs),
        Op::ListLogGroups => registered::<Logs, api::ListLogGroups>(logs),
        Op::ListTagsForResource => registered::<Logs, api::ListTagsForResource>(logs),
        Op::ListTagsLogGroup => registered::<Logs, api::ListTagsLogGroup>(logs),
        Op::PutLogEvents => registered::<Logs, api::PutLogEvents>(logs),
        Op::PutQueryDefinition => registered::<Logs, api::PutQueryDefinition>(logs),
        Op::PutRetentionPolicy => registered::<Logs, api::PutRetentionPolicy>(logs),
        Op::StartQuery => registered::<Logs, api::StartQuery>(logs),
        Op::StopQuery => registered::<Logs, api::StopQuery>(logs),
        Op::TagLogGroup => registered::<Logs, api::TagLogGroup>(logs),
        Op::TagResource => registered::<Logs, api::TagResource>(logs),
        Op::TestMetricFilter => registered::<Logs, api::TestMetricFilter>(logs),
        Op::UntagLogGroup => registered::<Logs, api::UntagLogGroup>(logs),
        Op::UntagResource => registered::<Logs, api::UntagResource>(logs),
    }
}
