//! Identity providers, OpenID Connect's and SAML's: found by their ARNs, and what STS asks of them.

use std::sync::Arc;

use garrison_api_iam::errors as api;
use garrison_kernel::{Context, errors, ports};
use garrison_schema::ApiError;
use garrison_types::{AccountId, Arn, Partition};

use crate::entity::{Entity, Named};
use crate::records::{OpenIdProvider, OutboundFederation, RootFeatures, SamlKey, SamlProvider, Tags};
use crate::repo::Found;
use crate::sealing;
use crate::service::Iam;

/// A provider, which calls name by its ARN.
pub(crate) trait Provider: Entity {
    /// `NoSuchEntity`.
    fn arn_not_found(arn: &str) -> ApiError;
}

macro_rules! provider {
    ($type:ident, $not_found:literal) => {
        impl Entity for $type {
            fn arn(&self, partition: Partition, account: AccountId) -> String {
                $type::arn(self, partition, account)
            }

            fn path(&self) -> &str {
                "/"
            }

            fn tags(&self) -> Option<&Tags> {
                Some(&self.tags)
            }
        }

        impl Provider for $type {
            fn arn_not_found(arn: &str) -> ApiError {
                api::no_such_entity_exception(format!($not_found, arn = arn))
            }
        }
    };
}

provider!(OpenIdProvider, "OpenIDConnect Provider not found for arn {arn}");
provider!(SamlProvider, "Manifest not found for arn {arn}");

/// Looks for the provider of an ARN that a call gave. Whether it exists is told after authorization.
///
/// # Errors
/// `InvalidInput` when it is no ARN of a provider of this kind, `NoSuchEntity` when it is one of another account; the store
/// failed.
pub(crate) async fn named<P: Provider>(iam: &Iam, cx: &Context, arn: &str) -> Result<Named<P>, ApiError> {
    let invalid = || api::invalid_input_exception(format!("Invalid ARN: {arn}"));
    let parsed: Arn = arn.parse().map_err(|_| invalid())?;
    let name = parsed.resource_id(P::KIND).filter(|name| !name.is_empty()).ok_or_else(invalid)?;
    if parsed.service() != "iam" || !parsed.region().is_empty() || parsed.account().len() != 12 {
        return Err(invalid());
    }
    if parsed.account() != cx.account().as_str() || parsed.partition() != cx.partition().as_str() {
        return Err(P::arn_not_found(arn));
    }
    Named::find(iam, cx, name).await
}

/// The provider itself.
///
/// # Errors
/// `NoSuchEntity`.
pub(crate) fn existing<P: Provider>(named: &Named<P>) -> Result<&Found<P>, ApiError> {
    named.get().map_err(|_| P::arn_not_found(named.arn()))
}

/// Which secret a SAML provider's key is sealed as.
pub(crate) fn key_place(account: AccountId, provider: &SamlProvider, key_id: &str) -> String {
    format!("iam/{account}/saml-provider/{}/{key_id}", provider.uuid)
}

/// An account's OpenID Connect provider by its issuer, without `https://`.
///
/// # Errors
/// The store failed.
pub(crate) async fn open_id_provider(
    iam: &Iam,
    partition: Partition,
    account: AccountId,
    url: &str,
) -> Result<Option<Arc<ports::OpenIdProvider>>, ApiError> {
    let found = iam.repo().get::<OpenIdProvider>(account, url).await?.filter(|found| found.url == url);
    Ok(found.map(|Found { record, .. }| {
        Arc::new(ports::OpenIdProvider {
            arn: record.arn(partition, account).into(),
            url: record.url.into(),
            client_ids: record.client_ids,
            thumbprints: record.thumbprints,
        })
    }))
}

/// An account's SAML provider by its name, with its private keys unsealed.
///
/// # Errors
/// The store failed; a key cannot be unsealed.
pub(crate) async fn saml_provider(
    iam: &Iam,
    partition: Partition,
    account: AccountId,
    name: &str,
) -> Result<Option<Arc<ports::SamlProvider>>, ApiError> {
    let Some(found) = iam.repo().get::<SamlProvider>(account, name).await? else { return Ok(None) };
    if found.name != name {
        return Ok(None);
    }
    let unseal = |key: &SamlKey| {
        sealing::open(iam.kernel(), &key_place(account, &found, &key.id), &key.sealed).map(Arc::new)
    };
    Ok(Some(Arc::new(ports::SamlProvider {
        arn: found.arn(partition, account).into(),
        metadata: found.metadata.as_str().into(),
        encryption_required: found.encryption_required(),
        private_keys: found.keys.iter().map(unseal).collect::<Result<_, _>>().map_err(errors::internal)?,
    })))
}

/// The issuer of an account's outbound web identities, when they are switched on.
///
/// # Errors
/// The store failed.
pub(crate) async fn outbound_issuer(iam: &Iam, account: AccountId) -> Result<Option<Arc<str>>, ApiError> {
    let found = iam.repo().get::<OutboundFederation>(account, OutboundFederation::NAME).await?;
    Ok(found.filter(|found| found.enabled).map(|found| found.issuer.as_str().into()))
}

/// Whether the organization of an account lets its management account use `AssumeRoot` on members. What another
/// organization, which the account managed before, allowed does not count.
///
/// # Errors
/// The store failed.
pub(crate) async fn root_sessions_enabled(iam: &Iam, management: AccountId) -> Result<bool, ApiError> {
    let membership = iam.kernel().organizations().membership(management).await?;
    let Some(organization) = &membership.organization else { return Ok(false) };
    let found = iam.repo().get::<RootFeatures>(management, RootFeatures::NAME).await?;
    Ok(found.is_some_and(|found| found.sessions && *found.organization == *organization.id))
}
