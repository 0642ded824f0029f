//! The services behind the front door, and how requests name them.

use std::collections::HashMap;
use std::sync::Arc;

use garrison_kernel::{AnyOperation, Service};
use garrison_schema::{OperationSchema, ServiceSchema};
use garrison_types::{Partition, Region};
use garrison_wire::rest::Routes;

use crate::meters::OperationMeter;

/// A service, ready to be found.
pub(crate) struct Entry {
    pub(crate) schema: &'static ServiceSchema,
    service: Arc<dyn Service>,
    operations: HashMap<&'static str, OperationEntry>,
    /// Of a service whose operations are methods and URIs.
    routes: Option<Routes>,
}

/// An operation of the model, built or not.
pub(crate) struct OperationEntry {
    pub(crate) schema: &'static OperationSchema,
    pub(crate) meter: OperationMeter,
}

impl Entry {
    fn new(service: Arc<dyn Service>) -> Self {
        let schema = service.schema();
        let entry = |schema: &&'static OperationSchema| {
            (schema.name, OperationEntry { schema, meter: OperationMeter::default() })
        };
        Self {
            schema,
            operations: schema.operations.iter().map(entry).collect(),
            routes: Routes::new(schema, |operation| service.operation(operation.name).is_some()),
            service,
        }
    }

    /// The operation of this name in the model.
    pub(crate) fn operation(&self, name: &str) -> Option<&OperationEntry> {
        self.operations.get(name)
    }

    /// The routes, of a service whose operations are methods and URIs.
    pub(crate) fn routes(&self) -> Option<&Routes> {
        self.routes.as_ref()
    }

    /// The region that a call counts for: the one it was signed for, or the home of a service that has one per partition.
    /// Clients sign for the latter with any region when they are given an endpoint.
    pub(crate) fn region(&self, signed_for: Region) -> Region {
        let home = home(self.schema.name, signed_for.partition());
        home.and_then(|home| home.parse().ok()).unwrap_or(signed_for)
    }

    /// The operation's code, when it is built.
    pub(crate) fn built(&self, operation: &OperationEntry) -> Option<&dyn AnyOperation> {
        self.service.operation(operation.schema.name)
    }
}

/// The only region of a service that has one in a partition, and none for a regional service.
///
/// Source: AWS General Reference, "AWS Identity and Access Management endpoints and quotas" and "AWS Organizations
/// endpoints and quotas".
fn home(service: &str, partition: Partition) -> Option<&'static str> {
    Some(match (service, partition) {
        ("iam" | "organizations", Partition::Aws) => "us-east-1",
        ("iam", Partition::AwsCn) => "cn-north-1",
        ("organizations", Partition::AwsCn) => "cn-northwest-1",
        ("iam" | "organizations", Partition::AwsUsGov) => "us-gov-west-1",
        _ => return None,
    })
}

/// Every service.
pub(crate) struct Directory {
    entries: Vec<Entry>,
    by_target: HashMap<&'static str, usize>,
    /// The Smithy shape's name, which the path of RPC v2 CBOR carries: the last part of the target prefix.
    by_shape: HashMap<&'static str, usize>,
    has_routes: bool,
}

impl Directory {
    pub(crate) fn new(services: Vec<Arc<dyn Service>>) -> Self {
        let entries: Vec<Entry> = services.into_iter().map(Entry::new).collect();
        let targets = || entries.iter().enumerate().filter_map(|(i, e)| Some((e.schema.target_prefix?, i)));
        Self {
            by_target: targets().collect(),
            by_shape: targets().map(|(prefix, i)| (prefix.rsplit('.').next().unwrap_or(prefix), i)).collect(),
            has_routes: entries.iter().any(|entry| entry.routes.is_some()),
            entries,
        }
    }

    /// The service of an `X-Amz-Target` prefix.
    pub(crate) fn by_target(&self, prefix: &str) -> Option<&Entry> {
        self.by_target.get(prefix).and_then(|index| self.entries.get(*index))
    }

    /// The service of a Smithy service shape.
    pub(crate) fn by_shape(&self, shape: &str) -> Option<&Entry> {
        self.by_shape.get(shape).and_then(|index| self.entries.get(*index))
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The service at this place.
    pub(crate) fn entry(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index)
    }

    /// Whether any service has routes.
    pub(crate) fn has_routes(&self) -> bool {
        self.has_routes
    }

    /// Every operation of every service with its meter.
    pub(crate) fn meters(&self) -> impl Iterator<Item = (&'static str, &'static str, &OperationMeter)> {
        self.entries.iter().flat_map(|entry| {
            let operations = entry.schema.operations.iter();
            operations.filter_map(|o| Some((entry.schema.name, o.name, &entry.operation(o.name)?.meter)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn global_services_have_a_home_in_each_partition() {
        for partition in [Partition::Aws, Partition::AwsCn, Partition::AwsUsGov] {
            for service in ["iam", "organizations"] {
                let region: Region = home(service, partition).unwrap().parse().unwrap();
                assert_eq!(region.partition(), partition);
            }
            assert_eq!(home("kms", partition), None);
            assert_eq!(home("sts", partition), None, "STS is regional: only its old endpoint is not");
        }
    }
}
