//! S3's errors: those of the model and the many more that S3 answers, each with its code, status and words.
//!
//! Source: Amazon S3 API Reference, "Error responses".

use garrison_blobs::BlobError;
use garrison_crypto::CryptoError;
use garrison_kernel::errors as common;
use garrison_schema::{ApiError, ErrorSchema};
use garrison_store::StoreError;

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident = $code:literal $status:literal $message:literal,)+) => {
        $(
            $(#[$doc])*
            #[doc = concat!("`", $code, "`.")]
            pub(crate) fn $name() -> ApiError {
                static SCHEMA: ErrorSchema = ErrorSchema {
                    name: $code,
                    query_code: None,
                    http_status: $status,
                    sender_fault: $status < 500,
                };
                ApiError::new(&SCHEMA, $message)
            }
        )+
    };
}

table! {
    acl_not_supported = "AccessControlListNotSupported" 400 "The bucket does not allow ACLs",
    access_denied = "AccessDenied" 403 "Access Denied",
    bad_digest = "BadDigest" 400 "The Content-MD5 you specified did not match what we received.",
    bucket_acl_with_enforced = "InvalidBucketAclWithObjectOwnership" 400
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    bucket_already_exists = "BucketAlreadyExists" 409
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
    bucket_already_owned_by_you = "BucketAlreadyOwnedByYou" 409
        "Your previous request to create the named bucket succeeded and you already own it.",
    bucket_not_empty = "BucketNotEmpty" 409 "The bucket you tried to delete is not empty",
    entity_too_large = "EntityTooLarge" 400 "Your proposed upload exceeds the maximum allowed size",
    entity_too_small = "EntityTooSmall" 400 "Your proposed upload is smaller than the minimum allowed size",
    illegal_location = "IllegalLocationConstraintException" 400
        "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.",
    incomplete_body = "IncompleteBody" 400
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    invalid_bucket_name = "InvalidBucketName" 400 "The specified bucket is not valid.",
    invalid_bucket_state = "InvalidBucketState" 409
        "The request is not valid with the current state of the bucket.",
    invalid_digest = "InvalidDigest" 400 "The Content-MD5 you specified was invalid.",
    invalid_encryption_algorithm = "InvalidEncryptionAlgorithmError" 400
        "The encryption request that you specified is not valid. The valid value is AES256.",
    invalid_location = "InvalidLocationConstraint" 400 "The specified location-constraint is not valid",
    invalid_part = "InvalidPart" 400
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    invalid_part_number = "InvalidPartNumber" 416 "The requested partnumber is not satisfiable",
    invalid_part_order = "InvalidPartOrder" 400
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
    invalid_range = "InvalidRange" 416 "The requested range is not satisfiable",
    invalid_storage_class = "InvalidStorageClass" 400 "The storage class you specified is not valid",
    key_too_long = "KeyTooLongError" 400 "Your key is too long",
    malformed_policy = "MalformedPolicy" 400 "Policies must be valid JSON and the first byte must be '{'",
    malformed_xml = "MalformedXML" 400
        "The XML you provided was not well-formed or did not validate against our published schema",
    metadata_too_large = "MetadataTooLarge" 400
        "Your metadata headers exceed the maximum allowed metadata size",
    method_not_allowed = "MethodNotAllowed" 405 "The specified method is not allowed against this resource.",
    no_such_bucket = "NoSuchBucket" 404 "The specified bucket does not exist",
    no_such_bucket_policy = "NoSuchBucketPolicy" 404 "The bucket policy does not exist",
    no_such_cors = "NoSuchCORSConfiguration" 404 "The CORS configuration does not exist",
    no_such_key = "NoSuchKey" 404 "The specified key does not exist.",
    no_such_public_access_block = "NoSuchPublicAccessBlockConfiguration" 404
        "The public access block configuration was not found",
    no_such_tag_set = "NoSuchTagSet" 404 "The TagSet does not exist",
    no_such_upload = "NoSuchUpload" 404
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    no_such_version = "NoSuchVersion" 404 "The specified version does not exist.",
    not_modified = "NotModified" 304 "Not Modified",
    operation_aborted = "OperationAborted" 409
        "A conflicting conditional operation is currently in progress against this resource. Please try again.",
    ownership_controls_not_found = "OwnershipControlsNotFoundError" 404
        "The bucket ownership controls were not found",
    precondition_failed = "PreconditionFailed" 412
        "At least one of the pre-conditions you specified did not hold",
    too_many_buckets = "TooManyBuckets" 400 "You have attempted to create more buckets than allowed",
    request_timeout = "RequestTimeout" 400
        "Your socket connection to the server was not read from or written to within the timeout period.",
}

macro_rules! worded {
    ($($name:ident = $code:literal $status:literal,)+) => {
        $(
            #[doc = concat!("`", $code, "` with the words of the case.")]
            pub(crate) fn $name(message: impl Into<String>) -> ApiError {
                static SCHEMA: ErrorSchema = ErrorSchema {
                    name: $code,
                    query_code: None,
                    http_status: $status,
                    sender_fault: $status < 500,
                };
                ApiError::new(&SCHEMA, message)
            }
        )+
    };
}

worded! {
    illegal_location_for = "IllegalLocationConstraintException" 400,
    bad_checksum = "BadDigest" 400,
    invalid_argument = "InvalidArgument" 400,
    invalid_policy = "MalformedPolicy" 400,
    invalid_request = "InvalidRequest" 400,
    invalid_tag = "InvalidTag" 400,
    kms_disabled = "KMS.DisabledException" 400,
    kms_invalid_state = "KMS.KMSInvalidStateException" 400,
    kms_not_found = "KMS.NotFoundException" 400,
    not_built = "NotImplemented" 501,
    refused = "AccessDenied" 403,
    too_many_tags = "BadRequest" 400,
}

/// What is stored cannot be read.
pub(crate) fn corrupt(what: impl std::fmt::Display) -> ApiError {
    common::store(&StoreError::Corrupt(what.to_string()))
}

/// The cryptographic library refused what it made itself.
pub(crate) fn crypto(error: CryptoError) -> ApiError {
    common::internal(error)
}

/// The blob store refused or failed.
pub(crate) fn blob(error: &BlobError) -> ApiError {
    common::store(&match error {
        BlobError::Full(why) => StoreError::Full(why.clone()),
        BlobError::Missing(_) => StoreError::Corrupt(error.to_string()),
        BlobError::Unavailable(why) => StoreError::Unavailable(why.clone()),
    })
}
