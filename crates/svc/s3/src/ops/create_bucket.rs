//! `CreateBucket`. Source: Amazon S3 API Reference, "CreateBucket".
//!
//! Action `s3:CreateBucket` on the new bucket. Condition keys `s3:LocationConstraint`, `s3:x-amz-acl`,
//! `s3:x-amz-object-ownership`.

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, AuditResource, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use garrison_types::Region;

use crate::condition::{self, RequestKeys};
use crate::records::{Account, Bucket, DefaultEncryption, Ownership, PublicAccess, Time, Versioning, encode};
use crate::repo::layout;
use crate::service::S3;
use crate::{error, names, tagging};

/// The region whose buckets have no location constraint.
const FIRST_REGION: &str = "us-east-1";
/// The most buckets of an account.
const MAX_BUCKETS: usize = 10_000;

/// The bucket that is to be.
pub struct Wanted {
    arn: String,
    region: Region,
}

fn location(input: &types::CreateBucketRequest) -> Option<&str> {
    let configuration = input.create_bucket_configuration.as_ref()?;
    configuration.location_constraint.as_ref().map(types::BucketLocationConstraint::as_str)
}

impl Handler<S3> for operations::CreateBucket {
    const ACCESS: Access = Access::write("s3:CreateBucket");
    type Target = Wanted;

    async fn resolve(_s3: &S3, cx: &Context, input: &Self::Input) -> Result<Resolved<Wanted>, ApiError> {
        names::check_bucket(&input.bucket)?;
        let region = region(cx, location(input))?;
        let arn = format!("arn:{}:s3:::{}", region.partition(), input.bucket);
        let check = Check::resource(arn.as_str(), cx.account()).shown_as(format!("\"{arn}\""));
        let kind = "AWS::S3::Bucket";
        let resource = AuditResource { kind, arn: arn.as_str().into(), account: cx.account() };
        Ok(Resolved::new(Wanted { arn, region }, check).with_resource(resource))
    }

    fn condition<'a>(
        _s3: &'a S3,
        _cx: &'a Context,
        input: &'a Self::Input,
        _wanted: &'a Wanted,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request = RequestKeys {
            location: location(input),
            acl: input.acl.as_ref().map(types::BucketCannedACL::as_str),
            ownership: input.object_ownership.as_ref().map(types::ObjectOwnership::as_str),
            ..RequestKeys::default()
        };
        condition::value(None, &request, key)
    }

    async fn execute(
        s3: &S3,
        cx: &Context,
        input: &Self::Input,
        wanted: &Wanted,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let output = || types::CreateBucketOutput {
            location: Some(format!("/{}", input.bucket)),
            bucket_arn: Some(wanted.arn.clone()),
        };
        if let Some(there) = s3.repo().bucket(&input.bucket).await? {
            let own = there.account() == cx.account();
            return match there.record.region.as_str() {
                // As it always was in the first region.
                FIRST_REGION if own && cx.region.as_str() == FIRST_REGION => Ok(Reply::new(output())),
                _ if own => Err(error::bucket_already_owned_by_you()),
                _ => Err(error::bucket_already_exists()),
            };
        }
        let ownership = match &input.object_ownership {
            Some(ownership) => Ownership::parse(ownership)?,
            None => Ownership::BucketOwnerEnforced,
        };
        refuse_acls(input, ownership)?;
        let configuration = input.create_bucket_configuration.as_ref();
        let tags = configuration.and_then(|configuration| configuration.tags.as_deref());
        let (owned, revision) = s3.repo().owned(cx.account()).await?;
        if owned.len() >= MAX_BUCKETS {
            return Err(error::too_many_buckets());
        }
        let lock = input.object_lock_enabled_for_bucket == Some(true);
        crate::about::check_lock(lock)?;
        let record = Bucket {
            account: Account(cx.account()),
            region: wanted.region.to_string(),
            partition: wanted.region.partition().to_string(),
            created: Time(cx.time.truncated_to_seconds()),
            ownership: Some(ownership),
            versioning: Versioning::Never,
            lock,
            policy: None,
            public_access: Some(PublicAccess::ALL),
            encryption: DefaultEncryption::default(),
            tags: tagging::accept(tags.unwrap_or_default(), tagging::BUCKET)?,
            cors: Vec::new(),
        };
        let mut writes = WriteSet::new();
        writes
            .create(layout::bucket(&input.bucket), encode(&record))
            .create(layout::owned(cx.account(), &input.bucket), Vec::new())
            .require_range(layout::all_owned(cx.account()), revision);
        Ok(Reply::with_writes(output(), writes))
    }
}

/// Where the bucket is to be: in the region that is called, which its location constraint names too, except for the
/// first one.
fn region(cx: &Context, location: Option<&str>) -> Result<Region, ApiError> {
    let called = cx.region.as_str();
    match location {
        None | Some("") if called == FIRST_REGION => Ok(cx.region.clone()),
        None | Some("") => Err(error::illegal_location()),
        Some(FIRST_REGION) => Err(error::invalid_location()),
        Some("EU") => region(cx, Some("eu-west-1")),
        Some(wanted) if called == FIRST_REGION || called == wanted => {
            wanted.parse().map_err(|_| error::invalid_location())
        }
        Some(wanted) => Err(error::illegal_location_for(format!(
            "The {wanted} location constraint is incompatible for the region specific endpoint this request was sent to."
        ))),
    }
}

fn refuse_acls(input: &types::CreateBucketRequest, ownership: Ownership) -> Result<(), ApiError> {
    let grants = [
        &input.grant_full_control,
        &input.grant_read,
        &input.grant_read_acp,
        &input.grant_write,
        &input.grant_write_acp,
    ];
    let has_grants = grants.iter().any(|grant| grant.is_some());
    let private = matches!(input.acl, None | Some(types::BucketCannedACL::Private));
    match (has_grants || !private, ownership) {
        (false, _) => Ok(()),
        (true, Ownership::BucketOwnerEnforced) => Err(error::bucket_acl_with_enforced()),
        (true, _) => Err(error::not_built("Access control lists other than private are not built.")),
    }
}
