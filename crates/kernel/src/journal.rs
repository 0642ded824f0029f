//! A call's audit record: built while the call goes on, closed exactly once.
//!
//! Source of the form: AWS CloudTrail User Guide, "CloudTrail record contents" (event version 1.11).

use std::borrow::Cow;

use bytes::Bytes;
use garrison_schema::audit_json::{self, ObjectWriter, Rules};
use garrison_schema::{ApiError, OperationSchema, ServiceSchema, WriteStructure};
use garrison_store::{AuditAppend, AuditRecord, AuditReservation};
use garrison_types::{AccountId, RequestId};

use crate::context::{Context, Source};
use crate::errors;
use crate::kernel::Kernel;
use crate::operation::{Access, AuditResource};
use crate::principal::{Caller, Principal};
use crate::user_identity;

/// What a record takes beside the input: identities, ids, resources, an error message, the output.
const RECORD_BASE: usize = 8 * 1024;
/// CloudTrail's bound on `requestParameters` and `responseElements`: 100 KB each.
const MAX_ELEMENT: usize = 100 * 1024;

/// What the record says was asked for.
#[derive(Clone, Copy)]
struct Asked<'a> {
    event_source: &'a str,
    event_name: &'a str,
    /// CloudTrail's `eventType`.
    event_type: &'static str,
    read_only: bool,
    data_event: bool,
}

/// The journal of one call that reached dispatch.
pub(crate) struct Journal<'a> {
    kernel: &'a Kernel,
    cx: Cow<'a, Context>,
    access: Access,
    asked: Asked<'a>,
    /// JSON of `requestParameters`.
    request: Vec<u8>,
    resolved: Vec<AuditResource>,
    executed: Vec<AuditResource>,
    additional: Option<String>,
    /// JSON of `responseElements`, when the handler gave it.
    response: Option<String>,
    reservations: Vec<Box<dyn AuditReservation>>,
}

impl<'a> Journal<'a> {
    pub(crate) fn new(
        kernel: &'a Kernel,
        cx: &'a Context,
        service: &'static ServiceSchema,
        operation: &'static OperationSchema,
        access: Access,
        input: &dyn WriteStructure,
    ) -> Self {
        let asked = Asked {
            event_source: service.event_source,
            event_name: operation.name,
            event_type: "AwsApiCall",
            read_only: access.read_only,
            data_event: access.data_event,
        };
        Self {
            kernel,
            cx: Cow::Borrowed(cx),
            access,
            asked,
            request: element(input, Rules { omit: access.omit_request, defaults: access.request_defaults }),
            resolved: Vec::new(),
            executed: Vec::new(),
            additional: None,
            response: None,
            reservations: Vec::new(),
        }
    }

    /// The resources that the call is about, known once it is resolved.
    pub(crate) fn set_resources(&mut self, resources: Vec<AuditResource>) {
        self.resolved = resources;
    }

    /// Who asks, where the request itself does not say: somebody whom an identity provider vouches for. The record is then of
    /// the account that they ask to enter.
    pub(crate) fn set_caller(&mut self, caller: &Caller) {
        if matches!(caller.principal, Principal::Federated(_)) {
            self.cx.to_mut().caller = caller.clone();
        }
    }

    /// What the handler adds.
    pub(crate) fn add(
        &mut self,
        resources: Vec<AuditResource>,
        additional: Option<String>,
        response: Option<String>,
    ) {
        self.executed = resources;
        self.additional = additional;
        self.response = response;
    }

    /// Opens the audit: from here on there is room for the record of whatever happens.
    pub(crate) fn open(&mut self) -> Result<(), ApiError> {
        let bytes = RECORD_BASE + self.request.len();
        while self.reservations.len() < self.accounts().len() {
            let room = self.kernel.audit().reserve(bytes).map_err(|error| errors::audit(&error))?;
            self.reservations.push(room);
        }
        Ok(())
    }

    /// Closes the audit of a call that changed nothing in the store. What comes back resolves once the record
    /// is durable.
    pub(crate) fn close(&mut self, output: &dyn WriteStructure) -> Result<AuditAppend, ApiError> {
        self.open()?;
        let records = self.records(Ok(output));
        self.append(records).ok_or_else(|| errors::internal("a call had no room for its audit record"))
    }

    /// Closes the audit of a refused call and gives back what the caller shall see.
    ///
    /// A denial is recorded in the caller's account only, and there without resources of other accounts: it would tell
    /// that they exist (KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail").
    pub(crate) fn close_refused(mut self, error: ApiError) -> ApiError {
        log_refusal(&self.cx, &error);
        if errors::is_access_denied(&error) {
            let own = self.cx.account();
            self.resolved.retain(|resource| resource.account == own);
        }
        if let Err(unwritable) = self.open() {
            return unwritable;
        }
        let records = self.records(Err(&error));
        // Nobody waits: a refusal changes nothing and uses nothing.
        drop(self.append(records));
        error
    }

    /// One record for the caller's account, and one for each other account whose resource the call is about.
    pub(crate) fn records(&self, outcome: Result<&dyn WriteStructure, &ApiError>) -> Vec<AuditRecord> {
        let accounts = self.accounts();
        let shared = (accounts.len() > 1).then(|| self.kernel.new_id());
        accounts
            .iter()
            .enumerate()
            .map(|(index, account)| {
                let event_id = if index == 0 { self.cx.event_id } else { self.kernel.new_id() };
                self.record(*account, event_id, shared, outcome)
            })
            .collect()
    }

    fn append(&mut self, records: Vec<AuditRecord>) -> Option<AuditAppend> {
        let mut last = None;
        for (room, record) in self.reservations.drain(..).zip(records) {
            last = Some(room.append(record));
        }
        last
    }

    fn accounts(&self) -> Vec<AccountId> {
        let mut accounts = vec![self.cx.account()];
        for resource in self.resources() {
            if !accounts.contains(&resource.account) {
                accounts.push(resource.account);
            }
        }
        accounts
    }

    fn resources(&self) -> impl Iterator<Item = &AuditResource> {
        self.resolved.iter().chain(&self.executed)
    }

    fn record(
        &self,
        account: AccountId,
        event_id: RequestId,
        shared: Option<RequestId>,
        outcome: Result<&dyn WriteStructure, &ApiError>,
    ) -> AuditRecord {
        let response = match outcome {
            Ok(output) if self.access.response_elements => Some(match &self.response {
                Some(response) => response.clone().into_bytes(),
                None => element(output, Rules { omit: self.access.omit_response, ..Rules::default() }),
            }),
            _ => None,
        };
        let resources: Vec<&AuditResource> = self.resources().collect();
        Draft {
            cx: &self.cx,
            asked: self.asked,
            account,
            event_id,
            shared,
            request: Some(&self.request),
            response: response.as_deref(),
            resources: &resources,
            additional: self.additional.as_deref(),
            error: outcome.err(),
        }
        .finish()
    }
}

/// Something that Garrison did by itself, such as a rotation that fell due.
pub struct ServiceEvent<'a> {
    /// For example `kms.amazonaws.com`.
    pub event_source: &'static str,
    /// For example `RotateKey`.
    pub event_name: &'a str,
    /// What it was done to; the first one's account gets the record.
    pub resources: Vec<AuditResource>,
    /// JSON of the record's `additionalEventData` or `serviceEventDetails`.
    pub details: Option<String>,
}

impl ServiceEvent<'_> {
    /// The record, to be committed with the change that it tells of.
    pub fn record(&self, kernel: &Kernel, region: &garrison_types::Region) -> Option<AuditRecord> {
        let account = self.resources.first()?.account;
        let caller = Caller::new(Principal::Service { name: self.event_source, account }, None);
        let source = Source { user_agent: self.event_source.to_owned(), ..Source::default() };
        let cx = Context {
            request_id: kernel.new_id(),
            event_id: kernel.new_id(),
            time: kernel.clock().now(),
            region: region.clone(),
            caller,
            source,
            via: None,
        };
        let resources: Vec<&AuditResource> = self.resources.iter().collect();
        let asked = Asked {
            event_source: self.event_source,
            event_name: self.event_name,
            event_type: "AwsServiceEvent",
            read_only: false,
            data_event: false,
        };
        let draft = Draft {
            cx: &cx,
            asked,
            account,
            event_id: cx.event_id,
            shared: None,
            request: None,
            response: None,
            resources: &resources,
            additional: self.details.as_deref(),
            error: None,
        };
        Some(draft.finish())
    }
}

/// Records a call that never reached dispatch.
pub(crate) fn refuse(
    kernel: &Kernel,
    cx: &Context,
    event_source: &str,
    event_name: &str,
    input: Option<&dyn WriteStructure>,
    error: ApiError,
) -> ApiError {
    log_refusal(cx, &error);
    let request = input.map(|input| element(input, Rules::default()));
    let asked =
        Asked { event_source, event_name, event_type: "AwsApiCall", read_only: true, data_event: false };
    let draft = Draft {
        cx,
        asked,
        account: cx.account(),
        event_id: cx.event_id,
        shared: None,
        request: request.as_deref(),
        response: None,
        resources: &[],
        additional: None,
        error: Some(&error),
    };
    let record = draft.finish();
    match kernel.audit().reserve(record.json.len() + RECORD_BASE) {
        Ok(room) => {
            drop(room.append(record));
            error
        }
        Err(unwritable) => errors::audit(&unwritable),
    }
}

fn log_refusal(cx: &Context, error: &ApiError) {
    match &error.internal {
        Some(internal) if error.schema.http_status >= 500 => {
            tracing::error!(request_id = %cx.request_id, error = error.schema.name, internal, "call failed");
        }
        _ => tracing::debug!(request_id = %cx.request_id, error = error.schema.name, "call refused"),
    }
}

/// JSON of an input or output, without what is secret; cut short as CloudTrail does when it is too large.
fn element(value: &dyn WriteStructure, rules: Rules<'_>) -> Vec<u8> {
    let mut json = Vec::with_capacity(256);
    audit_json::write_structure(&mut json, value, rules);
    if json.len() > MAX_ELEMENT {
        let size = json.len();
        json = format!(r#"{{"Omitted":true,"originalSize":{size},"reason":"requestParameters too large"}}"#)
            .into();
    }
    json
}

/// Everything that a record says.
struct Draft<'a> {
    cx: &'a Context,
    asked: Asked<'a>,
    account: AccountId,
    event_id: RequestId,
    shared: Option<RequestId>,
    request: Option<&'a [u8]>,
    response: Option<&'a [u8]>,
    resources: &'a [&'a AuditResource],
    additional: Option<&'a str>,
    error: Option<&'a ApiError>,
}

impl Draft<'_> {
    fn finish(self) -> AuditRecord {
        let mut json = Vec::with_capacity(1536 + self.request.map_or(0, <[u8]>::len));
        self.write(&mut json);
        let Self { cx, asked, .. } = self;
        AuditRecord {
            event_id: *self.event_id.as_bytes(),
            time: cx.time,
            account: self.account,
            region: cx.region.clone(),
            event_name: asked.event_name.to_owned(),
            event_source: asked.event_source.to_owned(),
            username: user_identity::username(&cx.caller.principal),
            access_key_id: cx.caller.access_key_id.as_deref().map(str::to_owned),
            read_only: asked.read_only,
            resources: self.resources.iter().map(|r| (r.kind.to_owned(), r.arn.to_string())).collect(),
            json: Bytes::from(json),
        }
    }

    fn write(&self, json: &mut Vec<u8>) {
        let cx = self.cx;
        let mut record = ObjectWriter::open(json);
        record.string("eventVersion", "1.11");
        user_identity::write(record.object("userIdentity"), cx);
        record.string("eventTime", &cx.time.to_iso8601_seconds());
        record.string("eventSource", self.asked.event_source);
        record.string("eventName", self.asked.event_name);
        record.string("awsRegion", cx.region.as_str());
        self.write_source(&mut record);
        if let Some(error) = self.error {
            record.string("errorCode", error_code(error));
            record.string("errorMessage", &error.message);
        }
        record.raw("requestParameters", self.request.unwrap_or(b"null"));
        record.raw("responseElements", self.response.unwrap_or(b"null"));
        if let Some(additional) = self.additional {
            let service_event = self.asked.event_type == "AwsServiceEvent";
            let name = if service_event { "serviceEventDetails" } else { "additionalEventData" };
            record.raw(name, additional.as_bytes());
        }
        record.string("requestID", &cx.request_id.to_string());
        record.string("eventID", &self.event_id.to_string());
        record.boolean("readOnly", self.asked.read_only);
        self.write_resources(&mut record);
        record.string("eventType", self.asked.event_type);
        record.boolean("managementEvent", !self.asked.data_event);
        record.string("recipientAccountId", self.account.as_str());
        if let Some(shared) = self.shared {
            record.string("sharedEventID", &shared.to_string());
        }
        record.string("eventCategory", if self.asked.data_event { "Data" } else { "Management" });
        if let Some(tls) = &cx.source.tls {
            let mut details = record.object("tlsDetails");
            details.string("tlsVersion", tls.version);
            details.string("cipherSuite", tls.cipher_suite);
            details.string("clientProvidedHostHeader", &cx.source.host);
            details.close();
        }
        record.close();
    }

    fn write_source(&self, record: &mut ObjectWriter<'_>) {
        let source = &self.cx.source;
        match (&self.cx.via, &self.cx.caller.principal, source.ip) {
            (Some(via), _, _) => {
                record.string("sourceIPAddress", via.principal);
                record.string("userAgent", via.principal);
            }
            (None, Principal::Service { name, .. }, _) => {
                record.string("sourceIPAddress", name);
                record.string("userAgent", name);
            }
            (None, _, ip) => {
                record.string(
                    "sourceIPAddress",
                    &ip.map(|ip| ip.to_canonical().to_string()).unwrap_or_default(),
                );
                record.string("userAgent", &source.user_agent);
            }
        }
    }

    fn write_resources(&self, record: &mut ObjectWriter<'_>) {
        if self.resources.is_empty() {
            return;
        }
        let mut list = record.list("resources");
        for resource in self.resources {
            let mut item = list.object();
            item.string("accountId", resource.account.as_str());
            item.string("type", resource.kind);
            item.string("ARN", &resource.arn);
            item.close();
        }
        list.close();
    }
}

/// CloudTrail's `errorCode`: the exception's name, except for the one that it writes its own way.
fn error_code(error: &ApiError) -> &'static str {
    match error.schema.name {
        "AccessDeniedException" => "AccessDenied",
        name => name,
    }
}
