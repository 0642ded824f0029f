//! The operations, one file each, and their registration.

mod assume_role;
mod assume_role_with_saml;
mod assume_role_with_web_identity;
mod assume_root;
mod decode_authorization_message;
mod get_access_key_info;
mod get_caller_identity;
mod get_delegated_access_token;
mod get_federation_token;
mod get_session_token;
mod get_web_identity_token;

use std::sync::Arc;

use garrison_api_sts::{Op, operations};
use garrison_kernel::{AnyOperation, registered};

use crate::service::Sts;

/// What audit records of the operations that make credentials leave out of the answer: a token can be as long as 16 KB, and
/// the access key id finds the session as well.
const NOT_AUDITED: &[&str] = &["SessionToken"];

/// An operation of STS.
///
/// The match is exhaustive: a new operation of the interface does not build until it stands here.
pub(crate) fn operation(op: Op, sts: &Arc<Sts>) -> Box<dyn AnyOperation> {
    match op {
        Op::AssumeRole => registered::<_, operations::AssumeRole>(sts),
        Op::AssumeRoleWithSAML => registered::<_, operations::AssumeRoleWithSAML>(sts),
        Op::AssumeRoleWithWebIdentity => registered::<_, operations::AssumeRoleWithWebIdentity>(sts),
        Op::AssumeRoot => registered::<_, operations::AssumeRoot>(sts),
        Op::DecodeAuthorizationMessage => registered::<_, operations::DecodeAuthorizationMessage>(sts),
        Op::GetAccessKeyInfo => registered::<_, operations::GetAccessKeyInfo>(sts),
        Op::GetCallerIdentity => registered::<_, operations::GetCallerIdentity>(sts),
        Op::GetDelegatedAccessToken => registered::<_, operations::GetDelegatedAccessToken>(sts),
        Op::GetFederationToken => registered::<_, operations::GetFederationToken>(sts),
        Op::GetSessionToken => registered::<_, operations::GetSessionToken>(sts),
        Op::GetWebIdentityToken => registered::<_, operations::GetWebIdentityToken>(sts),
    }
}
