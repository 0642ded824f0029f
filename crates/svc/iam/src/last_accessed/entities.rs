//! What a report is about, and whose calls count for it.

use garrison_kernel::{Check, Context};
use garrison_schema::ApiError;

use crate::attachments::Holder as _;
use crate::condition::Keys;
use crate::groups;
use crate::managed_policies::NamedPolicy;
use crate::principal_source::Source;
use crate::records::{Group, Record, Role, User};
use crate::repo::Found;
use crate::service::Iam;

/// A user, group, role or managed policy.
pub enum Subject {
    /// A user, group or role.
    Principal(Box<Source>),
    /// A managed policy.
    Policy(NamedPolicy),
}

/// A user or role whose calls count.
pub(crate) struct Member {
    /// `USER` or `ROLE`.
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) arn: String,
}

impl Member {
    fn user(cx: &Context, user: &User) -> Self {
        Self {
            kind: "USER",
            name: user.name.clone(),
            id: user.id.clone(),
            path: user.path.clone(),
            arn: user.arn(cx.partition(), cx.account()),
        }
    }

    fn role(cx: &Context, role: &Role) -> Self {
        Self {
            kind: "ROLE",
            name: role.name.clone(),
            id: role.id.clone(),
            path: role.path.clone(),
            arn: role.arn(cx.partition(), cx.account()),
        }
    }
}

impl Subject {
    /// Looks for it.
    ///
    /// # Errors
    /// `InvalidInput`, `NoSuchEntity`; the store failed.
    pub(crate) async fn find(iam: &Iam, cx: &Context, arn: &str) -> Result<Self, ApiError> {
        let is_policy = arn.splitn(6, ':').nth(5).is_some_and(|resource| resource.starts_with("policy/"));
        if is_policy {
            return NamedPolicy::find(iam, cx, arn).await.map(Self::Policy);
        }
        Source::find(iam, cx, arn).await.map(|source| Self::Principal(Box::new(source)))
    }

    /// The question about it.
    pub(crate) fn check(&self) -> Check {
        match self {
            Self::Principal(source) => source.check(),
            Self::Policy(policy) => policy.check(),
        }
    }

    /// The condition keys that it gives.
    pub(crate) fn keys(&self) -> Keys<'_> {
        match self {
            Self::Principal(source) => source.keys(),
            Self::Policy(policy) => policy.keys(),
        }
    }

    /// The documents that say what may be used.
    ///
    /// # Errors
    /// `NoSuchEntity`; the store failed.
    pub(super) async fn texts(&self, iam: &Iam, cx: &Context) -> Result<Vec<String>, ApiError> {
        match self {
            Self::Principal(source) => {
                Ok(source.policies(iam, cx).await?.policies.into_iter().map(|held| held.text).collect())
            }
            Self::Policy(policy) => Ok(vec![policy.get()?.text(policy.partition())]),
        }
    }

    /// Whose calls count: its own, those of a group's users, or of everybody who has the policy.
    ///
    /// # Errors
    /// `NoSuchEntity`; the store failed.
    pub(super) async fn members(&self, iam: &Iam, cx: &Context) -> Result<Vec<Member>, ApiError> {
        let mut members = Vec::new();
        match self {
            Self::Principal(source) => match &**source {
                Source::User(named) => members.push(Member::user(cx, named.get()?)),
                Source::Role(named) => members.push(Member::role(cx, named.get()?)),
                Source::Group(named) => add_users(iam, cx, &named.get()?.id, &mut members).await?,
            },
            Self::Policy(policy) => {
                let id = policy.get()?.id();
                let users = linked::<User>(iam, cx, User::ATTACHED, id).await?;
                members.extend(users.iter().map(|user| Member::user(cx, user)));
                let roles = linked::<Role>(iam, cx, Role::ATTACHED, id).await?;
                members.extend(roles.iter().map(|role| Member::role(cx, role)));
                for group in linked::<Group>(iam, cx, Group::ATTACHED, id).await? {
                    add_users(iam, cx, &group.id, &mut members).await?;
                }
            }
        }
        members.sort_by(|one, other| one.arn.cmp(&other.arn));
        members.dedup_by(|one, other| one.arn == other.arn);
        Ok(members)
    }
}

async fn add_users(
    iam: &Iam,
    cx: &Context,
    group_id: &str,
    members: &mut Vec<Member>,
) -> Result<(), ApiError> {
    let users = linked::<User>(iam, cx, groups::MEMBERS, group_id).await?;
    members.extend(users.iter().map(|user| Member::user(cx, user)));
    Ok(())
}

async fn linked<R: Record>(
    iam: &Iam,
    cx: &Context,
    relation: &str,
    from: &str,
) -> Result<Vec<Found<R>>, ApiError> {
    let mut all = Vec::new();
    for id in iam.repo().links(cx.account(), relation, from).await?.to {
        all.extend(iam.repo().by_id::<R>(cx.account(), &id).await?);
    }
    Ok(all)
}
