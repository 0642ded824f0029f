//! How S3 names accounts: by canonical user ids.
//!
//! Source: AWS Account Management Reference Guide, "Find the canonical user ID for your account".

use aws_lc_rs::digest;
use garrison_api_s3::types::{Grant, Grantee, Owner, Permission, Type};
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

/// The list of a bucket or object that nobody was granted anything to: everything to its owner.
pub(crate) fn private(account: AccountId) -> Vec<Grant> {
    let grantee =
        Grantee { id: Some(canonical_id(account)), r#type: Type::CanonicalUser, ..Grantee::default() };
    vec![Grant { grantee: Some(grantee), permission: Some(Permission::FullControl) }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_have_ids_of_their_own() {
        let [a, b] = ["111122223333", "444455556666"].map(|account| canonical_id(account.parse().unwrap()));
        assert_eq!(a.len(), 64);
        assert_ne!(a, b);
    }
}
