//! New accounts.
//!
//! Source: Organizations API Reference, "CreateAccount", "CreateGovCloudAccount", "CreateAccountStatus".

use garrison_api_organizations::types::{CreateAccountFailureReason, CreateAccountStatus, Tag};
use garrison_kernel::{Context, Reply, errors};
use garrison_schema::ApiError;
use garrison_types::AccountId;

use crate::error::{self, Invalid};
use crate::id;
use crate::members;
use crate::records::{Account, Creation, FeatureSet, Joined, Standing};
use crate::scene::Seat;
use crate::service::Organizations;
use crate::tags;

/// The role by which the management account works in an account, when the caller names none.
const DEFAULT_ROLE: &str = "OrganizationAccountAccessRole";
/// Names of roles that begin with this are those of services.
const RESERVED: &str = "AWSServiceRoleFor";
/// Who has a service-linked role in every account of an organization with all features.
pub(crate) const PRINCIPAL: &str = "organizations.amazonaws.com";

/// An account that was asked for.
pub(crate) struct Wanted<'a> {
    pub name: &'a str,
    pub email: &'a str,
    pub role: Option<&'a str>,
    pub tags: Option<&'a [Tag]>,
    /// Whether an account in GovCloud comes with it.
    pub gov_cloud: bool,
}

impl Organizations {
    /// Makes an account: it is there with this change, though the answer says, as AWS's does, that it is under way.
    ///
    /// # Errors
    /// `InvalidInputException` or `ConstraintViolationException`; an email that is taken makes the request fail later, as on
    /// AWS.
    pub(crate) async fn create_account(
        &self,
        cx: &Context,
        seat: &Seat,
        wanted: &Wanted<'_>,
    ) -> Result<Reply<CreateAccountStatus>, ApiError> {
        let (repo, org, now) = (self.repo(), &seat.org, cx.time.as_millis());
        let role = wanted.role.unwrap_or(DEFAULT_ROLE);
        if role.starts_with(RESERVED) {
            return Err(error::invalid(
                Invalid::InvalidRoleName,
                "You provided a role name that isn't valid.",
            ));
        }
        repo.check_room(org).await?;
        let tags = tags::of(wanted.tags)?;
        let mut creation = Creation {
            id: id::new(self.kernel(), "car-", 32),
            name: wanted.name.to_owned(),
            requested: now,
            completed: now,
            account: None,
            gov_cloud_account: None,
            failure: None,
        };
        let mut change = seat.change();
        if repo.owner_of_email(wanted.email).await?.is_some() {
            creation.failure = Some(CreateAccountFailureReason::EmailAlreadyExists.as_str().to_owned());
        } else {
            let account = Account {
                id: members::new_account_id(self.kernel(), repo).await?,
                name: wanted.name.to_owned(),
                email: wanted.email.to_owned(),
                joined: Joined::Created,
                joined_at: now,
                closed: None,
                parent: org.root.clone(),
                tags,
            };
            let (member, management): (AccountId, AccountId) = (parse(&account.id)?, parse(&org.management)?);
            change.merge(self.roles().access_role(member, role, management, cx.time).await?);
            if org.features == FeatureSet::All {
                change.merge(self.roles().service_linked_role(member, PRINCIPAL, cx.time).await?);
            }
            let standing = Standing {
                organization: Some(org.id.clone()),
                name: account.name.clone(),
                email: account.email.clone(),
                closed: false,
            };
            change.account(&account, None);
            members::attach_defaults(&mut change, org, &account.id, now);
            change.standing(&account.id, None, &standing);
            change.email(&account.email, &account.id);
            if wanted.gov_cloud {
                let pair = members::new_account_id(self.kernel(), repo).await?;
                // It lies in another partition, where it is in no organization yet.
                change.standing(&pair, None, &Standing { organization: None, ..standing });
                creation.gov_cloud_account = Some(pair);
            }
            creation.account = Some(account.id);
        }
        change.creation(&creation);
        Ok(Reply::with_writes(creation.begun(), change.finish()))
    }
}

fn parse(account: &str) -> Result<AccountId, ApiError> {
    account.parse().map_err(errors::internal)
}
