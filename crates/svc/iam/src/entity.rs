//! What a call names: an entity, or a name that nothing has.

use garrison_api_iam::errors as api;
use garrison_kernel::{Check, Context, Resolved};
use garrison_schema::ApiError;
use garrison_types::{AccountId, Partition};

use crate::condition::Keys;
use crate::error;
use crate::names;
use crate::records::{Group, InstanceProfile, Record, Role, Tags, User};
use crate::repo::Found;
use crate::service::Iam;

/// A kind of entity that calls name by its name.
pub trait Entity: Record {
    /// What a denial calls it, before its name; by its ARN otherwise.
    const NOUN: Option<&'static str> = None;

    /// The ARN.
    fn arn(&self, partition: Partition, account: AccountId) -> String;

    /// The path.
    fn path(&self) -> &str;

    /// The tags, where the kind has some.
    fn tags(&self) -> Option<&Tags>;

    /// The ARN of the permissions boundary.
    fn boundary(&self) -> Option<&str> {
        None
    }

    /// `NoSuchEntity`.
    fn not_found(name: &str) -> ApiError {
        error::not_found(Self::KIND, name)
    }

    /// Whether callers may change it.
    ///
    /// # Errors
    /// `UnmodifiableEntity` for what belongs to a service.
    fn ensure_modifiable(&self) -> Result<(), ApiError> {
        Ok(())
    }
}

macro_rules! entity {
    ($type:ident { $($item:item)* }) => {
        impl Entity for $type {
            fn arn(&self, partition: Partition, account: AccountId) -> String {
                $type::arn(self, partition, account)
            }

            fn path(&self) -> &str {
                &self.path
            }

            $($item)*
        }
    };
}

entity!(Group {
    const NOUN: Option<&'static str> = Some("group");

    fn tags(&self) -> Option<&Tags> {
        None
    }
});

entity!(User {
    const NOUN: Option<&'static str> = Some("user");

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }
});

entity!(Role {
    const NOUN: Option<&'static str> = Some("role");

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }

    fn ensure_modifiable(&self) -> Result<(), ApiError> {
        if self.is_service_linked() {
            return Err(api::unmodifiable_entity_exception(format!(
                "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
                self.name
            )));
        }
        Ok(())
    }
});

entity!(InstanceProfile {
    const NOUN: Option<&'static str> = Some("instance profile");

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn not_found(name: &str) -> ApiError {
        api::no_such_entity_exception(format!("Instance Profile {name} cannot be found."))
    }
});

/// An entity by the name that a call gave. Whether it exists is told after authorization: until then a name without an
/// entity is one at the path `/`.
#[derive(Debug)]
pub struct Named<R> {
    name: String,
    arn: String,
    account: AccountId,
    found: Option<Found<R>>,
}

impl<R: Entity> Named<R> {
    /// Looks for it in the caller's account.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn find(iam: &Iam, cx: &Context, name: &str) -> Result<Self, ApiError> {
        let account = cx.account();
        let found = iam.repo().get::<R>(account, name).await?;
        let arn = match &found {
            Some(found) => found.arn(cx.partition(), account),
            None => names::arn(cx.partition(), account, R::KIND, "/", name),
        };
        Ok(Self { name: name.to_owned(), arn, account, found })
    }

    /// The same, with the question about it.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn resolve(iam: &Iam, cx: &Context, name: &str) -> Result<Resolved<Self>, ApiError> {
        let named = Self::find(iam, cx, name).await?;
        let check = named.check();
        Ok(Resolved::new(named, check))
    }

    /// The question about it.
    pub(crate) fn check(&self) -> Check {
        let check = Check::resource(self.arn.as_str(), self.account);
        match R::NOUN {
            Some(noun) => check.shown_as(format!("{noun} {}", self.name)),
            None => check,
        }
    }

    /// The question whether the caller may hand it, a role, to a service.
    pub(crate) fn pass_check(&self) -> Check {
        Check::resource(self.arn.as_str(), self.account).action("iam:PassRole")
    }

    /// Its ARN.
    pub(crate) fn arn(&self) -> &str {
        &self.arn
    }

    /// The entity.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn get(&self) -> Result<&Found<R>, ApiError> {
        self.found.as_ref().ok_or_else(|| R::not_found(&self.name))
    }

    /// The entity, to be changed.
    ///
    /// # Errors
    /// `NoSuchEntity`; `UnmodifiableEntity` for what belongs to a service.
    pub(crate) fn modifiable(&self) -> Result<&Found<R>, ApiError> {
        let found = self.get()?;
        found.ensure_modifiable()?;
        Ok(found)
    }

    /// The condition keys that the entity gives: tags and permissions boundary.
    pub(crate) fn keys(&self) -> Keys<'_> {
        let found = self.found.as_ref().map(|found| &found.record);
        Keys {
            resource_tags: found.and_then(R::tags),
            permissions_boundary: found.and_then(R::boundary),
            ..Keys::default()
        }
    }
}
