//! `TestMetricFilter`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html>
//!
//! Action `logs:TestMetricFilter` on no resource.

use garrison_api_logs::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_log_query::FilterPattern;
use garrison_schema::ApiError;

use crate::error;
use crate::service::Logs;

impl Handler<Logs> for operations::TestMetricFilter {
    const ACCESS: Access = Access::read("logs:TestMetricFilter").omitting_request(&["logEventMessages"]);
    type Target = ();

    async fn resolve(_: &Logs, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        _: &Logs,
        _: &Context,
        input: &Self::Input,
        (): &(),
    ) -> Result<Reply<Self::Output>, ApiError> {
        let pattern = FilterPattern::parse(&input.filter_pattern)
            .map_err(|error| error::invalid(error.metric_filter_message()))?;
        let numbered = (1..).zip(&input.log_event_messages);
        let matches = numbered.filter_map(|(number, message)| {
            let values = pattern.extract(message)?;
            Some(types::MetricFilterMatchRecord {
                event_number: Some(number),
                event_message: Some(message.clone()),
                extracted_values: Some(values.into_iter().collect()),
            })
        });
        Ok(Reply::new(types::TestMetricFilterResponse { matches: Some(matches.collect()) }))
    }
}
