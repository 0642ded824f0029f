//! How S3 names accounts: by canonical user ids.
//!
//! Source: AWS Account Management Reference Guide, "Find the canonical user ID for your account".

use aws_lc_rs::digest;
use garrison_api_s3::types::Owner;
use garrison_types::AccountId;

use crate::etag;

/// An account's canonical user id: 64 hexadecimal digits that follow from its number.
pub(crate) fn canonical_id(account: AccountId) -> String {
    let text = format!("canonical user id of {account}");
    etag::hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// An account as an owner.
pub(crate) fn owner(account: AccountId) -> Owner {
    Owner { id: Some(canonical_id(account)), display_name: None }
}
