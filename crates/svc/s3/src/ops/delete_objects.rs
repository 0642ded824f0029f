//! `DeleteObjects`. Source: Amazon S3 API Reference, "DeleteObjects".
//!
//! Action `s3:DeleteObject` on each object, `s3:DeleteObjectVersion` on each version. All of it happens in one commit.

use std::collections::BTreeMap;

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::RequestKeys;
use crate::deletion::{self, Conditions, Deletion};
use crate::resolve::{self, ObjectTarget};
use crate::service::S3;
use crate::{error, versions};

/// The most objects of a request.
const MAX_OBJECTS: usize = 1000;

impl Handler<S3> for operations::DeleteObjects {
    const ACCESS: Access = Access::write("s3:DeleteObject").omitting_request(&["Delete"]).on_data();
    type Target = Vec<ObjectTarget>;

    async fn resolve(s3: &S3, cx: &Context, input: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let bucket = s3.bucket(&input.bucket, input.expected_bucket_owner.as_deref()).await?;
        let objects = &input.delete.objects;
        if objects.is_empty() || objects.len() > MAX_OBJECTS {
            return Err(error::malformed_xml());
        }
        let resources = vec![resolve::bucket_resource(&bucket)];
        let (mut targets, mut checks) = (Vec::new(), Vec::new());
        for object in objects {
            let target = s3.object(bucket.clone(), &object.key, object.version_id.as_deref()).await?;
            let action = if target.wanted.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
            checks.push(target.check(s3, cx).await?.action(action));
            targets.push(target);
        }
        Ok(Resolved { target: targets, checks, resources })
    }

    fn condition<'a>(
        _s3: &'a S3,
        _cx: &'a Context,
        _input: &'a Self::Input,
        targets: &'a Self::Target,
        check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        targets.get(check)?.condition(&RequestKeys::default(), key)
    }

    async fn execute(
        s3: &S3,
        cx: &Context,
        input: &Self::Input,
        targets: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let mut keys: BTreeMap<&str, Vec<Item<'_>>> = BTreeMap::new();
        for (target, object) in targets.iter().zip(&input.delete.objects) {
            keys.entry(&target.key).or_default().push(Item { target, object });
        }
        let mut writes = WriteSet::new();
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for items in keys.into_values() {
            for (item, outcome) in delete_key(s3, cx, &mut writes, items).await? {
                match outcome {
                    Ok(deletion) => deleted.push(item.shown(deletion)),
                    Err(error) => errors.push(item.refused(&error)),
                }
            }
        }
        let quiet = input.delete.quiet == Some(true);
        let output = types::DeleteObjectsOutput {
            deleted: Some(deleted).filter(|deleted| !quiet && !deleted.is_empty()),
            errors: Some(errors).filter(|errors| !errors.is_empty()),
            request_charged: None,
        };
        Ok(Reply::with_writes(output, writes))
    }
}

/// One thing to delete.
#[derive(Clone, Copy)]
struct Item<'a> {
    target: &'a ObjectTarget,
    object: &'a types::ObjectIdentifier,
}

impl Item<'_> {
    fn conditions(&self) -> Conditions<'_> {
        Conditions {
            etag: self.object.e_tag.as_deref(),
            modified: self.object.last_modified_time,
            size: self.object.size,
        }
    }

    fn shown(&self, deletion: Deletion) -> types::DeletedObject {
        types::DeletedObject {
            key: Some(self.target.key.clone()),
            version_id: self.target.wanted.clone(),
            delete_marker: deletion.marker.then_some(true),
            delete_marker_version_id: deletion.version.filter(|_| deletion.marker),
        }
    }

    fn refused(&self, error: &ApiError) -> types::Error {
        types::Error {
            key: Some(self.target.key.clone()),
            version_id: self.target.wanted.clone(),
            code: Some(error.schema.name.to_owned()),
            message: Some(error.message.clone()),
        }
    }
}

/// What is to be deleted of one key: several versions leave together, since each would move the others.
async fn delete_key<'a>(
    s3: &S3,
    cx: &Context,
    writes: &mut WriteSet,
    items: Vec<Item<'a>>,
) -> Result<Vec<(Item<'a>, Result<Deletion, ApiError>)>, ApiError> {
    let mut outcomes = Vec::new();
    let of_versions = items.iter().any(|item| item.target.wanted.is_some());
    if !of_versions {
        // The same thing, perhaps asked for twice.
        let mut done: Option<(bool, Option<String>)> = None;
        for item in items {
            let outcome = match &done {
                Some((marker, version)) => Ok(Deletion { marker: *marker, version: version.clone() }),
                None => deletion::delete(s3, cx, writes, item.target, &item.conditions()).await,
            };
            if let Ok(deletion) = &outcome {
                done = Some((deletion.marker, deletion.version.clone()));
            }
            outcomes.push((item, outcome));
        }
        return Ok(outcomes);
    }
    let mut leaving: Vec<&crate::repo::Located<crate::records::Version>> = Vec::new();
    for item in items {
        let outcome = match &item.target.wanted {
            None => Err(error::operation_aborted()),
            Some(wanted) => deletion::check(item.target, &item.conditions()).map(|()| {
                let version = item.target.version();
                if let Some(version) = version
                    && !leaving.iter().any(|other| other.key == version.key)
                {
                    leaving.push(version);
                }
                let marker = version.is_some_and(|version| version.value.object.is_none());
                Deletion { marker, version: Some(wanted.clone()) }
            }),
        };
        outcomes.push((item, outcome));
    }
    if let Some((item, _)) = outcomes.first()
        && !leaving.is_empty()
    {
        versions::remove(s3, cx, writes, item.target, &leaving).await?;
    }
    Ok(outcomes)
}
