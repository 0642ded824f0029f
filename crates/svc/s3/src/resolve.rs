//! Finds buckets and objects, and says what authorization is asked about them.

use std::sync::Arc;

use garrison_kernel::{AuditResource, Check, Context, Principal, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::records::{Object, Version};
use crate::repo::{BucketEntry, Located};
use crate::service::S3;
use crate::{error, names};

/// An object, whether it is there or not.
#[derive(Debug)]
pub struct ObjectTarget {
    pub(crate) bucket: Arc<BucketEntry>,
    pub(crate) key: String,
    /// The version that the caller asks for.
    pub(crate) wanted: Option<String>,
    /// The newest version.
    pub(crate) current: Option<Located<Version>>,
    /// The wanted version, when it is not the newest.
    older: Option<Located<Version>>,
}

/// The actions that an operation asks for: about an object, and about one of its versions.
pub(crate) type Actions = (&'static str, &'static str);

impl ObjectTarget {
    /// The version that the call is about.
    pub(crate) fn version(&self) -> Option<&Located<Version>> {
        match (&self.wanted, &self.current) {
            (Some(wanted), Some(current)) if current.value.shown_id() != wanted => self.older.as_ref(),
            (_, current) => current.as_ref(),
        }
    }

    /// Its id for an answer: only buckets that keep versions show it.
    pub(crate) fn shown_version(&self, version: &Version) -> Option<String> {
        let shows = self.bucket.record.versioning != crate::records::Versioning::Never;
        shows.then(|| version.shown_id().to_owned())
    }

    /// The object that the call is about.
    ///
    /// # Errors
    /// `NoSuchKey`, `NoSuchVersion`; `MethodNotAllowed` for a delete marker that is asked for by its id.
    pub(crate) fn object(&self) -> Result<(&Version, &Object), ApiError> {
        let missing = || if self.wanted.is_some() { error::no_such_version() } else { error::no_such_key() };
        let version = &self.version().ok_or_else(missing)?.value;
        match &version.object {
            Some(object) => Ok((version, object)),
            None => {
                let told = garrison_api_s3::types::DeleteObjectOutput {
                    delete_marker: Some(true),
                    version_id: Some(version.shown_id().to_owned()),
                    ..Default::default()
                };
                let error =
                    if self.wanted.is_some() { error::method_not_allowed() } else { error::no_such_key() };
                Err(error.with_members(told))
            }
        }
    }

    /// The condition keys of a call about the object.
    pub(crate) fn condition<'a>(&'a self, request: &RequestKeys<'a>, key: &str) -> Option<Values<'a>> {
        let object = self.version().and_then(|version| version.value.object.as_ref());
        let request = RequestKeys {
            existing_tags: request.existing_tags.or(object.map(|object| &object.about.tags)),
            version_id: self.wanted.as_deref(),
            ..*request
        };
        condition::value(Some(&self.bucket), &request, key)
    }

    /// A question about the object.
    pub(crate) async fn check(&self, s3: &S3, cx: &Context) -> Result<Check, ApiError> {
        s3.question(cx, &self.bucket, self.bucket.object_arn(&self.key)).await
    }

    /// What the audit record names.
    pub(crate) fn audited(self, check: Check) -> Resolved<Self> {
        let account = self.bucket.account();
        let object =
            AuditResource { kind: "AWS::S3::Object", arn: self.bucket.object_arn(&self.key).into(), account };
        let bucket = bucket_resource(&self.bucket);
        Resolved::new(self, check).with_resource(object).with_resource(bucket)
    }
}

/// A bucket as audit records name it.
pub(crate) fn bucket_resource(bucket: &BucketEntry) -> AuditResource {
    AuditResource { kind: "AWS::S3::Bucket", arn: Arc::clone(&bucket.arn), account: bucket.account() }
}

impl S3 {
    /// A bucket by its name.
    ///
    /// # Errors
    /// `NoSuchBucket`; `AccessDenied` when it is not the expected owner's.
    pub(crate) async fn bucket(
        &self,
        name: &str,
        expected_owner: Option<&str>,
    ) -> Result<Arc<BucketEntry>, ApiError> {
        let Some(bucket) = self.repo().bucket(name).await? else {
            return Err(error::no_such_bucket());
        };
        if expected_owner.is_some_and(|owner| owner != bucket.account().as_str()) {
            return Err(error::access_denied());
        }
        Ok(bucket)
    }

    /// A question about a bucket, or an object in it.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn question(
        &self,
        cx: &Context,
        bucket: &BucketEntry,
        arn: impl Into<Arc<str>>,
    ) -> Result<Check, ApiError> {
        let arn = arn.into();
        let shown = format!("\"{arn}\"");
        let check = Check::resource(arn, bucket.account()).shown_as(shown);
        Ok(match &bucket.policy {
            Some(policy) if !self.is_restricted(cx, bucket).await? => check.policy(Arc::clone(policy)),
            _ => check,
        })
    }

    /// Whether Block Public Access takes the bucket's policy, which is public, away from the caller: only the owner and
    /// services are left.
    async fn is_restricted(&self, cx: &Context, bucket: &BucketEntry) -> Result<bool, ApiError> {
        let own = cx.account() == bucket.account() && cx.caller.principal != Principal::Anonymous;
        if own || !bucket.public || matches!(cx.caller.principal, Principal::Service { .. }) {
            return Ok(false);
        }
        let account = self.repo().account_public_access(bucket.account()).await?;
        Ok(bucket.record.public_access.unwrap_or_default().union(account).restrict_buckets)
    }

    /// A bucket with the one question about it.
    ///
    /// # Errors
    /// As [`Self::bucket`].
    pub(crate) async fn resolve_bucket(
        &self,
        cx: &Context,
        name: &str,
        expected_owner: Option<&str>,
    ) -> Result<Resolved<Arc<BucketEntry>>, ApiError> {
        let bucket = self.bucket(name, expected_owner).await?;
        let check = self.question(cx, &bucket, Arc::clone(&bucket.arn)).await?;
        let resource = bucket_resource(&bucket);
        Ok(Resolved::new(bucket, check).with_resource(resource))
    }

    /// An object, as it is now.
    ///
    /// # Errors
    /// As [`Self::bucket`]; the key or the version's id cannot be one.
    pub(crate) async fn object(
        &self,
        bucket: Arc<BucketEntry>,
        key: &str,
        wanted: Option<&str>,
    ) -> Result<ObjectTarget, ApiError> {
        names::check_key(key)?;
        let wanted = wanted.filter(|wanted| !wanted.is_empty());
        let current = self.repo().current(&bucket.name, key).await?;
        let is_current = |wanted: &str| current.as_ref().is_some_and(|own| own.value.shown_id() == wanted);
        let older = match wanted {
            Some(wanted) if !is_current(wanted) => self.repo().older(&bucket.name, key, wanted).await?,
            _ => None,
        };
        Ok(ObjectTarget { bucket, key: key.to_owned(), wanted: wanted.map(str::to_owned), current, older })
    }

    /// An object that is to be looked at, with the question about it. Only who may list the bucket learns that it is not
    /// there.
    ///
    /// # Errors
    /// As [`Self::object`].
    pub(crate) async fn resolve_object(
        &self,
        cx: &Context,
        name: (&str, Option<&str>),
        key: &str,
        wanted: Option<&str>,
        actions: Actions,
    ) -> Result<Resolved<ObjectTarget>, ApiError> {
        let bucket = self.bucket(name.0, name.1).await?;
        let target = self.object(bucket, key, wanted).await?;
        let action = if target.wanted.is_some() { actions.1 } else { actions.0 };
        let check = target.check(self, cx).await?.action(action);
        let list = match target.version().and_then(|version| version.value.object.as_ref()) {
            Some(_) => None,
            None => {
                let arn = Arc::clone(&target.bucket.arn);
                let action = if target.wanted.is_some() { "s3:ListBucketVersions" } else { "s3:ListBucket" };
                Some(self.question(cx, &target.bucket, arn).await?.action(action))
            }
        };
        let resolved = target.audited(check);
        Ok(match list {
            Some(list) => resolved.and(list),
            None => resolved,
        })
    }
}
