//! Services for the front door to serve: one that speaks query, one that speaks JSON and CBOR.

use std::sync::Arc;

use garrison_api_cloudtrail::operations::LookupEvents;
use garrison_api_cloudtrail::types::{Event, LookupEventsRequest, LookupEventsResponse};
use garrison_api_sts::operations::GetCallerIdentity;
use garrison_api_sts::types::{GetCallerIdentityRequest, GetCallerIdentityResponse};
use garrison_gateway::Limits;
use garrison_kernel::{
    Access, AnyOperation, Check, Context, Handler, Kernel, Reply, Resolved, Service, ServiceType, registered,
};
use garrison_schema::{ApiError, ServiceSchema};
use garrison_testkit::TestServer;
use tokio::sync::Semaphore;

/// Says who calls; no policy is asked.
pub(crate) struct Who;

impl ServiceType for Who {
    const SCHEMA: &'static ServiceSchema = &garrison_api_sts::SERVICE;
}

impl Handler<Who> for GetCallerIdentity {
    const ACCESS: Access = Access::read("sts:GetCallerIdentity");
    type Target = ();

    async fn resolve(_: &Who, _: &Context, _: &GetCallerIdentityRequest) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved { target: (), checks: Vec::new(), resources: Vec::new() })
    }

    async fn execute(
        _: &Who,
        cx: &Context,
        _: &GetCallerIdentityRequest,
        (): &(),
    ) -> Result<Reply<GetCallerIdentityResponse>, ApiError> {
        Ok(Reply::new(GetCallerIdentityResponse {
            account: Some(cx.account().to_string()),
            arn: Some(cx.caller.arn.to_string()),
            user_id: None,
        }))
    }
}

/// Says what the call looked like; waits for a permit when the caller's token is `wait`, panics when it is `panic`.
pub(crate) struct Mirror {
    pub(crate) entered: Arc<Semaphore>,
    pub(crate) gate: Arc<Semaphore>,
}

impl ServiceType for Mirror {
    const SCHEMA: &'static ServiceSchema = &garrison_api_cloudtrail::SERVICE;
}

impl Handler<Mirror> for LookupEvents {
    const ACCESS: Access = Access::read("cloudtrail:LookupEvents");
    type Target = ();

    async fn resolve(_: &Mirror, _: &Context, _: &LookupEventsRequest) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        mirror: &Mirror,
        cx: &Context,
        input: &LookupEventsRequest,
        (): &(),
    ) -> Result<Reply<LookupEventsResponse>, ApiError> {
        match input.next_token.as_deref() {
            Some("wait") => {
                mirror.entered.add_permits(1);
                mirror.gate.acquire().await.unwrap().forget();
            }
            Some("panic") => panic!("as asked"),
            _ => {}
        }
        let tls = cx.source.tls.as_ref().map(|tls| format!("{} {}", tls.version, tls.cipher_suite));
        let event = Event {
            event_name: Some(cx.caller.arn.to_string()),
            event_source: tls,
            username: Some(cx.source.user_agent.clone()),
            ..Event::default()
        };
        Ok(Reply::new(LookupEventsResponse {
            events: Some(vec![event]),
            next_token: input.next_token.clone(),
        }))
    }
}

struct One {
    schema: &'static ServiceSchema,
    operation: Box<dyn AnyOperation>,
}

impl Service for One {
    fn schema(&self) -> &'static ServiceSchema {
        self.schema
    }

    fn operation(&self, name: &str) -> Option<&dyn AnyOperation> {
        (self.operation.schema().name == name).then_some(&*self.operation)
    }
}

/// The query service alone.
pub(crate) fn who() -> Arc<dyn Service> {
    let operation = registered::<Who, GetCallerIdentity>(&Arc::new(Who));
    Arc::new(One { schema: &garrison_api_sts::SERVICE, operation })
}

/// A front door over both services.
pub(crate) struct World {
    pub(crate) server: TestServer,
    /// Gets a permit for each call that waits.
    pub(crate) entered: Arc<Semaphore>,
    /// Each permit lets one waiting call go on.
    pub(crate) gate: Arc<Semaphore>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(Limits::default(), None).await
    }

    pub(crate) async fn with(limits: Limits, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let (entered, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let mirror = Arc::new(Mirror { entered: Arc::clone(&entered), gate: Arc::clone(&gate) });
        let services = |_: &Arc<Kernel>| -> Vec<Arc<dyn Service>> {
            vec![
                who(),
                Arc::new(One {
                    schema: &garrison_api_cloudtrail::SERVICE,
                    operation: registered::<Mirror, LookupEvents>(&mirror),
                }),
            ]
        };
        Self { server: TestServer::start(services, limits, tls).await, entered, gate }
    }
}

/// The target of the operation that the JSON service has.
pub(crate) const TARGET: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
/// Its headers.
pub(crate) const JSON: [(&str, &str); 2] =
    [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", TARGET)];
/// The headers of a form.
pub(crate) const FORM: [(&str, &str); 1] =
    [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
/// The form of the operation that the query service has.
pub(crate) const IDENTITY: &[u8] = b"Action=GetCallerIdentity&Version=2011-06-15";
