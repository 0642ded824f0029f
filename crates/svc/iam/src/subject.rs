//! Whose credentials a call is about: the user whom it names, or the caller, which may be the root user.

use garrison_kernel::{Check, Context, Principal, Resolved, errors};
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use garrison_types::AccountId;

use crate::condition::Keys;
use crate::entity::Named;
use crate::records::{RootUser, User};
use crate::repo::{self, Found};
use crate::service::Iam;

/// How the interface names the root user where it must have a user name.
pub(crate) const ROOT_NAME: &str = "root";

/// Whose credentials a call is about.
#[derive(Debug)]
pub(crate) enum Subject {
    /// The account's root user.
    Root {
        /// The account.
        account: AccountId,
        /// The root user's ARN.
        arn: String,
        /// What it has beside access keys; none as long as it has nothing.
        found: Option<Found<RootUser>>,
    },
    /// A user, or a name that no user has.
    User(Box<Named<User>>),
}

/// The target of an operation that is about somebody and nothing else.
#[derive(Debug)]
pub struct About(pub(crate) Subject);

impl About {
    /// As [`Subject::find`], with the question about it.
    ///
    /// # Errors
    /// As there.
    pub(crate) async fn resolve(
        iam: &Iam,
        cx: &Context,
        given: Option<&str>,
    ) -> Result<Resolved<Self>, ApiError> {
        let subject = Subject::find(iam, cx, given).await?;
        let check = subject.check();
        Ok(Resolved::new(Self(subject), check))
    }
}

impl Subject {
    /// The user of this name, or the caller when no name is given. `root` is the caller, when that is the root user and no
    /// user has the name.
    ///
    /// # Errors
    /// `ValidationError` when it names none and the caller is neither a user nor the root user; the store failed.
    pub(crate) async fn find(iam: &Iam, cx: &Context, given: Option<&str>) -> Result<Self, ApiError> {
        match (given, &cx.caller.principal) {
            (None, Principal::Root { .. }) => Self::root(iam, cx).await,
            (Some(name), Principal::Root { .. }) if name == ROOT_NAME => {
                let named = Named::<User>::find(iam, cx, name).await?;
                if named.get().is_ok() { Ok(Self::User(Box::new(named))) } else { Self::root(iam, cx).await }
            }
            (Some(name), _) => Ok(Self::User(Box::new(Named::find(iam, cx, name).await?))),
            (None, Principal::User(user)) => {
                Ok(Self::User(Box::new(Named::find(iam, cx, &user.name).await?)))
            }
            (None, _) => {
                Err(errors::validation("Must specify userName when calling with non-User credentials"))
            }
        }
    }

    async fn root(iam: &Iam, cx: &Context) -> Result<Self, ApiError> {
        let (account, partition) = (cx.account(), cx.partition());
        let found = iam.repo().get::<RootUser>(account, RootUser::NAME).await?;
        Ok(Self::Root { account, arn: format!("arn:{}:iam::{account}:root", partition.as_str()), found })
    }

    /// The question about it.
    pub(crate) fn check(&self) -> Check {
        match self {
            Self::Root { account, arn, .. } => Check::resource(arn.as_str(), *account),
            Self::User(user) => user.check(),
        }
    }

    /// The condition keys that it gives.
    pub(crate) fn keys(&self) -> Keys<'_> {
        match self {
            Self::Root { .. } => Keys::default(),
            Self::User(user) => user.keys(),
        }
    }

    /// The name, as the interface writes it.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn name(&self) -> Result<&str, ApiError> {
        match self {
            Self::Root { .. } => Ok(ROOT_NAME),
            Self::User(user) => Ok(&user.get()?.name),
        }
    }

    /// Who it is, for records to refer to: a user's unique id, or `root`.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn id(&self) -> Result<&str, ApiError> {
        match self {
            Self::Root { .. } => Ok(ROOT_NAME),
            Self::User(user) => Ok(&user.get()?.id),
        }
    }

    /// The serial numbers of its MFA devices.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn mfa_devices(&self) -> Result<&[String], ApiError> {
        match self {
            Self::Root { found, .. } => Ok(found.as_ref().map_or(&[][..], |root| &root.mfa_devices)),
            Self::User(user) => Ok(&user.get()?.mfa_devices),
        }
    }

    /// Gives it other MFA devices.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn set_mfa_devices(
        &self,
        cx: &Context,
        writes: &mut WriteSet,
        mfa_devices: Vec<String>,
    ) -> Result<(), ApiError> {
        match self {
            Self::Root { account, found: Some(old), .. } => {
                let changed = RootUser { mfa_devices, ..old.record.clone() };
                repo::replace(writes, *account, old, &changed);
            }
            Self::Root { account, found: None, .. } => {
                repo::create(writes, *account, &RootUser::new(mfa_devices));
            }
            Self::User(user) => {
                let old = user.get()?;
                repo::replace(writes, cx.account(), old, &User { mfa_devices, ..old.record.clone() });
            }
        }
        Ok(())
    }
}
