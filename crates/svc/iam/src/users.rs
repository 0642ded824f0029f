//! Users, as the interface writes them.

use garrison_api_iam::types;
use garrison_kernel::Context;
use garrison_types::Timestamp;

use crate::attachments;
use crate::records::{RootUser, User};

/// A user, whole.
pub(crate) fn whole(user: &User, cx: &Context) -> types::User {
    types::User {
        permissions_boundary: attachments::boundary_to_api(user.boundary.as_deref()),
        tags: user.tags.to_api_if_any(),
        ..summary(user, cx)
    }
}

/// A user as lists have it: without tags and permissions boundary.
pub(crate) fn summary(user: &User, cx: &Context) -> types::User {
    types::User {
        path: user.path.clone(),
        user_name: user.name.clone(),
        user_id: user.id.clone(),
        arn: user.arn(cx.partition(), cx.account()),
        create_date: user.created.0,
        // Nobody signs in with a password here.
        password_last_used: None,
        permissions_boundary: None,
        tags: None,
    }
}

/// The root user, where the interface has a user. When it came to be is not known here: its date is the epoch.
pub(crate) fn root(cx: &Context) -> types::User {
    let account = cx.account();
    types::User {
        path: "/".to_owned(),
        user_name: RootUser::NAME.to_owned(),
        user_id: account.to_string(),
        arn: format!("arn:{}:iam::{account}:root", cx.partition().as_str()),
        create_date: Timestamp::from_seconds(0),
        password_last_used: None,
        permissions_boundary: None,
        tags: None,
    }
}
