//! A user, group or role that a call names by its ARN, with all its policies.

use garrison_api_iam::errors as api;
use garrison_kernel::{Check, Context};
use garrison_schema::ApiError;
use garrison_types::Arn;

use crate::condition::Keys;
use crate::entity::{Entity, Named};
use crate::managed_policies;
use crate::records::{Group, Policies, Record as _, Role, User};
use crate::service::Iam;

/// A user, group or role. Whether it exists is told after authorization.
pub enum Source {
    /// A user.
    User(Named<User>),
    /// A group.
    Group(Named<Group>),
    /// A role.
    Role(Named<Role>),
}

/// A policy that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// Who has it: `user`, `group` or `role`, and the name.
    pub(crate) holder: (&'static str, String),
    /// Its name.
    pub(crate) name: String,
    /// The ARN of a managed policy.
    pub(crate) arn: Option<String>,
    /// The document.
    pub(crate) text: String,
}

/// All the policies of somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AllHeld {
    /// Its own ones and those of a user's groups.
    pub(crate) policies: Vec<Held>,
    /// The permissions boundary.
    pub(crate) boundary: Option<Held>,
}

impl Source {
    /// Looks for it in the caller's account.
    ///
    /// # Errors
    /// `InvalidInput` when the ARN is none of a user, group or role, `NoSuchEntity` when it is of another account; the store
    /// failed.
    pub(crate) async fn find(iam: &Iam, cx: &Context, arn: &str) -> Result<Self, ApiError> {
        let invalid = || api::invalid_input_exception(format!("Invalid Entity Arn: {arn}"));
        let parsed: Arn = arn.parse().map_err(|_| invalid())?;
        let (kind, rest) = parsed.resource().split_once('/').ok_or_else(invalid)?;
        let name = rest.rsplit('/').next().filter(|name| !name.is_empty()).ok_or_else(invalid)?;
        if parsed.service() != "iam" || !parsed.region().is_empty() {
            return Err(invalid());
        }
        if parsed.account() != cx.account().as_str() {
            return Err(not_found(arn));
        }
        let source = match kind {
            User::KIND => Self::User(Named::find(iam, cx, name).await?),
            Group::KIND => Self::Group(Named::find(iam, cx, name).await?),
            Role::KIND => Self::Role(Named::find(iam, cx, name).await?),
            _ => return Err(invalid()),
        };
        // Another path is another ARN.
        if source.exists() && source.arn() != arn { Err(not_found(arn)) } else { Ok(source) }
    }

    /// The question about it.
    pub(crate) fn check(&self) -> Check {
        match self {
            Self::User(named) => named.check(),
            Self::Group(named) => named.check(),
            Self::Role(named) => named.check(),
        }
    }

    /// Its ARN.
    pub(crate) fn arn(&self) -> &str {
        match self {
            Self::User(named) => named.arn(),
            Self::Group(named) => named.arn(),
            Self::Role(named) => named.arn(),
        }
    }

    /// The condition keys that it gives.
    pub(crate) fn keys(&self) -> Keys<'_> {
        match self {
            Self::User(named) => named.keys(),
            Self::Group(named) => named.keys(),
            Self::Role(named) => named.keys(),
        }
    }

    fn exists(&self) -> bool {
        match self {
            Self::User(named) => named.get().is_ok(),
            Self::Group(named) => named.get().is_ok(),
            Self::Role(named) => named.get().is_ok(),
        }
    }

    /// Its policies.
    ///
    /// # Errors
    /// `NoSuchEntity`; the store failed.
    pub(crate) async fn policies(&self, iam: &Iam, cx: &Context) -> Result<AllHeld, ApiError> {
        let mut all = AllHeld::default();
        match self {
            Self::User(named) => {
                let user = named.get()?;
                add(iam, cx, User::KIND, &user.name, &user.policies, &mut all.policies).await?;
                for id in &user.groups {
                    if let Some(group) = iam.repo().by_id::<Group>(cx.account(), id).await? {
                        add(iam, cx, Group::KIND, &group.name, &group.policies, &mut all.policies).await?;
                    }
                }
                all.boundary = boundary(iam, cx, &user.record).await?;
            }
            Self::Group(named) => {
                let group = named.get()?;
                add(iam, cx, Group::KIND, &group.name, &group.policies, &mut all.policies).await?;
            }
            Self::Role(named) => {
                let role = named.get()?;
                add(iam, cx, Role::KIND, &role.name, &role.policies, &mut all.policies).await?;
                all.boundary = boundary(iam, cx, &role.record).await?;
            }
        }
        Ok(all)
    }
}

fn not_found(arn: &str) -> ApiError {
    api::no_such_entity_exception(format!("ARN {arn} cannot be found."))
}

async fn add(
    iam: &Iam,
    cx: &Context,
    kind: &'static str,
    holder: &str,
    policies: &Policies,
    all: &mut Vec<Held>,
) -> Result<(), ApiError> {
    for (name, text) in &policies.inline {
        let holder = (kind, holder.to_owned());
        all.push(Held { holder, name: name.clone(), arn: None, text: text.clone() });
    }
    for arn in &policies.attached {
        all.extend(managed(iam, cx, (kind, holder), arn).await?);
    }
    Ok(())
}

async fn boundary<E: Entity>(iam: &Iam, cx: &Context, entity: &E) -> Result<Option<Held>, ApiError> {
    match entity.boundary() {
        Some(arn) => managed(iam, cx, (E::KIND, entity.name()), arn).await,
        None => Ok(None),
    }
}

async fn managed(
    iam: &Iam,
    cx: &Context,
    (kind, holder): (&'static str, &str),
    arn: &str,
) -> Result<Option<Held>, ApiError> {
    let Some(policy) = managed_policies::find(iam.repo(), cx.account(), arn).await? else { return Ok(None) };
    let name = managed_policies::path_and_name(arn).map_or(arn, |(_, name)| name);
    Ok(Some(Held {
        holder: (kind, holder.to_owned()),
        name: name.to_owned(),
        arn: Some(arn.to_owned()),
        text: policy.text(managed_policies::partition_of(arn)),
    }))
}
