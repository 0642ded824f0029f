//! Credentials of a user beside passwords, access keys and MFA devices: SSH keys, signing certificates, credentials for one
//! service. The user's record lists their ids, so that a user who has some is not deleted.

use garrison_api_iam::errors as api;
use garrison_api_iam::types::StatusType;
use garrison_kernel::{Context, Principal, errors};
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::quota::Quota;
use crate::records::{User, UserCredential};
use crate::repo::{self, Found};
use crate::service::Iam;

/// The user whom a call is about: the one that it names, or the caller.
///
/// # Errors
/// `ValidationError` when it names none and the caller is no user; the store failed.
pub(crate) async fn user(iam: &Iam, cx: &Context, given: Option<&str>) -> Result<Named<User>, ApiError> {
    match (given, &cx.caller.principal) {
        (Some(name), _) => Named::find(iam, cx, name).await,
        (None, Principal::User(user)) => Named::find(iam, cx, &user.name).await,
        (None, _) => Err(errors::validation("Must specify userName when calling with non-User credentials")),
    }
}

/// The ids of a user's credentials of one kind, in the order in which they came.
pub(crate) fn ids<C: UserCredential>(user: &User) -> impl Iterator<Item = &str> {
    user.other_credentials.iter().filter(|(kind, _)| kind == C::KIND).map(|(_, id)| id.as_str())
}

/// A user's credentials of one kind.
///
/// # Errors
/// The store failed.
pub(crate) async fn all<C: UserCredential>(
    iam: &Iam,
    cx: &Context,
    user: &User,
) -> Result<Vec<Found<C>>, ApiError> {
    let mut found = Vec::new();
    for id in ids::<C>(user) {
        found.extend(iam.repo().get::<C>(cx.account(), id).await?);
    }
    Ok(found)
}

/// A user's credential by its id; none when it is another's.
///
/// # Errors
/// The store failed.
pub(crate) async fn get<C: UserCredential>(
    iam: &Iam,
    cx: &Context,
    user: &User,
    id: &str,
) -> Result<Option<Found<C>>, ApiError> {
    let found = iam.repo().get::<C>(cx.account(), id).await?;
    Ok(found.filter(|found| found.user_id() == user.id))
}

/// Adds a credential to a user, when there is room for it among the `count` that count against `quota`.
///
/// # Errors
/// `LimitExceeded`.
pub(crate) fn add<C: UserCredential>(
    cx: &Context,
    user: &Found<User>,
    credential: &C,
    quota: Quota,
    count: usize,
) -> Result<WriteSet, ApiError> {
    quota.ensure_room(count)?;
    let mut changed = user.record.clone();
    changed.other_credentials.push((C::KIND.to_owned(), credential.name().to_owned()));
    let mut writes = WriteSet::new();
    repo::create(&mut writes, cx.account(), credential);
    repo::replace(&mut writes, cx.account(), user, &changed);
    Ok(writes)
}

/// Takes a credential from a user and deletes it.
pub(crate) fn remove<C: UserCredential>(cx: &Context, user: &Found<User>, credential: &Found<C>) -> WriteSet {
    let mut changed = user.record.clone();
    changed.other_credentials.retain(|(kind, id)| kind != C::KIND || id != credential.name());
    let mut writes = WriteSet::new();
    repo::delete(&mut writes, cx.account(), credential);
    repo::replace(&mut writes, cx.account(), user, &changed);
    writes
}

/// Replaces a credential.
pub(crate) fn replace<C: UserCredential>(cx: &Context, old: &Found<C>, new: &C) -> WriteSet {
    let mut writes = WriteSet::new();
    repo::replace(&mut writes, cx.account(), old, new);
    writes
}

/// The status that a caller asks for.
///
/// # Errors
/// `InvalidInput` when it is neither `Active` nor `Inactive`.
pub(crate) fn is_active(status: &StatusType) -> Result<bool, ApiError> {
    match status {
        StatusType::Active => Ok(true),
        StatusType::Inactive => Ok(false),
        other => Err(api::invalid_input_exception(format!("Invalid status: {}", other.as_str()))),
    }
}

/// The status as the interface writes it.
pub(crate) fn status(active: bool) -> StatusType {
    if active { StatusType::Active } else { StatusType::Inactive }
}

#[cfg(test)]
pub(crate) mod tests {
    use garrison_testkit::ACCOUNT;
    use garrison_types::AccountId;

    use super::*;
    use crate::records::{Policies, Tags, Time};
    use crate::testing::World;

    /// A world with these users.
    pub(crate) async fn world(users: &[&str]) -> World {
        let world = World::new();
        for name in users {
            world.put_user(&user_record(name)).await;
        }
        world
    }

    impl World {
        /// Puts a user there.
        pub(crate) async fn put_user(&self, user: &User) {
            let account: AccountId = ACCOUNT.parse().unwrap();
            let mut writes = WriteSet::new();
            repo::create(&mut writes, account, user);
            self.test.kernel.store().commit(writes).await.unwrap();
        }
    }

    /// A user without anything.
    pub(crate) fn user_record(name: &str) -> User {
        User {
            name: (*name).to_owned(),
            path: "/team/".to_owned(),
            id: format!("AIDA{}", name.to_uppercase()),
            created: Time::from(0),
            tags: Tags::default(),
            boundary: None,
            policies: Policies::default(),
            groups: Vec::new(),
            access_keys: Vec::new(),
            mfa_devices: Vec::new(),
            password: None,
            other_credentials: Vec::new(),
        }
    }
}
