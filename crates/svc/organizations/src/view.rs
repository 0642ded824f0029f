//! Records as the interface shows them.

use std::collections::HashMap;

use garrison_api_organizations::types;
use garrison_schema::{ApiError, SensitiveString};
use garrison_types::Timestamp;

use crate::id;
use crate::records::{
    Account, Action, Creation, FeatureSet, Handshake, HandshakeState, Joined, Organization,
    OrganizationalUnit, Participant, Party, Policy, ResourcePolicy, Transfer, TransferState,
};
use crate::repo::Repo;
use crate::tree;

/// The name of every root.
pub(crate) const ROOT_NAME: &str = "Root";

/// A time as the interface has it.
pub(crate) fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn secret(text: &str) -> SensitiveString {
    text.to_owned().into()
}

impl FeatureSet {
    pub(crate) fn shown(self) -> types::OrganizationFeatureSet {
        match self {
            Self::All => types::OrganizationFeatureSet::All,
            Self::ConsolidatedBilling => types::OrganizationFeatureSet::ConsolidatedBilling,
        }
    }
}

impl Organization {
    /// With the email of its management account.
    pub(crate) fn shown(&self, email: &str) -> types::Organization {
        let names = self.names();
        // Of the types, AWS lists service control policies here and no other; `Root` has what is enabled.
        let scp = types::PolicyTypeSummary {
            r#type: Some(types::PolicyType::ServiceControlPolicy),
            status: Some(types::PolicyTypeStatus::Enabled),
        };
        types::Organization {
            id: Some(self.id.clone()),
            arn: Some(names.organization()),
            feature_set: Some(self.features.shown()),
            master_account_arn: Some(names.account(&self.management)),
            master_account_id: Some(self.management.clone()),
            master_account_email: Some(secret(email)),
            available_policy_types: Some(if self.features == FeatureSet::All {
                vec![scp]
            } else {
                Vec::new()
            }),
        }
    }

    /// The root.
    pub(crate) fn shown_root(&self) -> types::Root {
        let enabled = |kind: &String| types::PolicyTypeSummary {
            r#type: Some(kind.as_str().into()),
            status: Some(types::PolicyTypeStatus::Enabled),
        };
        types::Root {
            id: Some(self.root.clone()),
            arn: Some(self.names().root(&self.root)),
            name: Some(ROOT_NAME.to_owned()),
            policy_types: Some(self.policy_types.iter().map(enabled).collect()),
        }
    }
}

impl Account {
    pub(crate) fn status(&self) -> types::AccountStatus {
        if self.closed.is_some() { types::AccountStatus::Suspended } else { types::AccountStatus::Active }
    }

    pub(crate) fn state(&self) -> types::AccountState {
        if self.closed.is_some() { types::AccountState::Closed } else { types::AccountState::Active }
    }

    pub(crate) fn joined_method(&self) -> types::AccountJoinedMethod {
        match self.joined {
            Joined::Created => types::AccountJoinedMethod::Created,
            Joined::Invited => types::AccountJoinedMethod::Invited,
        }
    }

    /// With the ids from the root down to its parent.
    fn shown(&self, org: &Organization, lineage: &[String]) -> types::Account {
        let path = format!("{}{}/", tree::path(&org.id, lineage), self.id);
        types::Account {
            id: Some(self.id.clone()),
            arn: Some(org.names().account(&self.id)),
            email: Some(secret(&self.email)),
            name: Some(secret(&self.name)),
            status: Some(self.status()),
            state: Some(self.state()),
            paths: Some(vec![path]),
            joined_method: Some(self.joined_method()),
            joined_timestamp: Some(time(self.joined_at)),
        }
    }

    pub(crate) fn shown_delegate(&self, org: &Organization, since: i64) -> types::DelegatedAdministrator {
        types::DelegatedAdministrator {
            id: Some(self.id.clone()),
            arn: Some(org.names().account(&self.id)),
            email: Some(secret(&self.email)),
            name: Some(secret(&self.name)),
            status: Some(self.status()),
            state: Some(self.state()),
            joined_method: Some(self.joined_method()),
            joined_timestamp: Some(time(self.joined_at)),
            delegation_enabled_date: Some(time(since)),
        }
    }
}

impl Repo {
    /// Accounts with their paths.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn show_accounts(
        &self,
        org: &Organization,
        accounts: &[Account],
    ) -> Result<Vec<types::Account>, ApiError> {
        let mut lineages: HashMap<&str, Vec<String>> = HashMap::new();
        let mut shown = Vec::with_capacity(accounts.len());
        for account in accounts {
            if !lineages.contains_key(account.parent.as_str()) {
                lineages.insert(&account.parent, self.lineage(&org.id, &account.parent).await?);
            }
            let lineage = lineages.get(account.parent.as_str()).map_or(&[][..], Vec::as_slice);
            shown.push(account.shown(org, lineage));
        }
        Ok(shown)
    }

    /// A unit with its path.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn show_unit(
        &self,
        org: &Organization,
        unit: &OrganizationalUnit,
    ) -> Result<types::OrganizationalUnit, ApiError> {
        let mut lineage = self.lineage(&org.id, &unit.parent).await?;
        lineage.push(unit.id.clone());
        Ok(types::OrganizationalUnit {
            id: Some(unit.id.clone()),
            arn: Some(org.names().unit(&unit.id)),
            name: Some(unit.name.clone()),
            path: Some(tree::path(&org.id, &lineage)),
        })
    }
}

impl Policy {
    /// Whether AWS manages it.
    pub(crate) fn is_managed(&self) -> bool {
        crate::policies::managed(&self.id).is_some()
    }

    pub(crate) fn arn(&self, org: &Organization) -> String {
        if self.is_managed() {
            id::managed_policy(&self.kind, &self.id)
        } else {
            org.names().policy(&self.kind, &self.id)
        }
    }

    pub(crate) fn summary(&self, org: &Organization) -> types::PolicySummary {
        types::PolicySummary {
            id: Some(self.id.clone()),
            arn: Some(self.arn(org)),
            name: Some(self.name.clone()),
            description: Some(self.description.clone()),
            r#type: Some(self.kind.as_str().into()),
            aws_managed: Some(self.is_managed()),
        }
    }

    pub(crate) fn shown(&self, org: &Organization) -> types::Policy {
        types::Policy { policy_summary: Some(self.summary(org)), content: Some(self.content.clone()) }
    }
}

impl ResourcePolicy {
    pub(crate) fn shown(&self, org: &Organization) -> types::ResourcePolicy {
        types::ResourcePolicy {
            resource_policy_summary: Some(types::ResourcePolicySummary {
                id: Some(self.id.clone()),
                arn: Some(org.names().resource_policy(&self.id)),
            }),
            content: Some(self.content.clone()),
        }
    }
}

impl Creation {
    pub(crate) fn state(&self) -> types::CreateAccountState {
        if self.failure.is_some() {
            types::CreateAccountState::Failed
        } else {
            types::CreateAccountState::Succeeded
        }
    }

    pub(crate) fn shown(&self) -> types::CreateAccountStatus {
        types::CreateAccountStatus {
            id: Some(self.id.clone()),
            account_name: Some(secret(&self.name)),
            state: Some(self.state()),
            requested_timestamp: Some(time(self.requested)),
            completed_timestamp: Some(time(self.completed)),
            account_id: self.account.clone(),
            gov_cloud_account_id: self.gov_cloud_account.clone(),
            failure_reason: self.failure.as_deref().map(Into::into),
        }
    }

    /// As it was while the account was being made: what the request for it answers.
    pub(crate) fn begun(&self) -> types::CreateAccountStatus {
        types::CreateAccountStatus {
            state: Some(types::CreateAccountState::InProgress),
            completed_timestamp: None,
            account_id: None,
            gov_cloud_account_id: None,
            failure_reason: None,
            ..self.shown()
        }
    }
}

impl Action {
    pub(crate) fn shown(self) -> types::ActionType {
        match self {
            Self::Invite => types::ActionType::Invite,
            Self::EnableAllFeatures => types::ActionType::EnableAllFeatures,
            Self::ApproveAllFeatures => types::ActionType::ApproveAllFeatures,
            Self::TransferResponsibility => types::ActionType::TransferResponsibility,
        }
    }
}

impl HandshakeState {
    fn shown(self) -> types::HandshakeState {
        match self {
            Self::Requested => types::HandshakeState::Requested,
            Self::Open => types::HandshakeState::Open,
            Self::Canceled => types::HandshakeState::Canceled,
            Self::Accepted => types::HandshakeState::Accepted,
            Self::Declined => types::HandshakeState::Declined,
            Self::Expired => types::HandshakeState::Expired,
        }
    }
}

impl Handshake {
    pub(crate) fn arn(&self) -> String {
        let names = id::Namespace { management: &self.management, organization: &self.organization };
        names.handshake(self.action.shown().as_str(), &self.id)
    }

    pub(crate) fn shown(&self) -> types::Handshake {
        use types::{HandshakePartyType as PartyType, HandshakeResourceType as Type};
        let resource = |kind, value: &str| types::HandshakeResource {
            value: Some(secret(value)),
            r#type: Some(kind),
            resources: None,
        };
        let party = |kind, id: &str| types::HandshakeParty { id: secret(id), r#type: kind };
        let mut parties = vec![party(PartyType::Organization, &self.organization)];
        let mut organization = resource(Type::Organization, &self.organization);
        if self.party != Party::Organization {
            organization.resources = Some(vec![
                resource(Type::MasterEmail, &self.management_email),
                resource(Type::MasterName, &self.management_name),
                resource(Type::OrganizationFeatureSet, self.features.shown().as_str()),
            ]);
        }
        let mut resources = vec![organization];
        match &self.party {
            Party::Account(id) => {
                parties.push(party(PartyType::Account, id));
                resources.push(resource(Type::Account, id));
            }
            Party::Email(email) => {
                parties.push(party(PartyType::Email, email));
                resources.push(resource(Type::Email, email));
            }
            Party::Organization => {}
        }
        resources.extend(self.notes.as_deref().map(|notes| resource(Type::Notes, notes)));
        resources.extend(self.parent.as_deref().map(|parent| resource(Type::ParentHandshake, parent)));
        resources.extend(self.transfer.as_deref().map(|id| resource(Type::ResponsibilityTransfer, id)));
        types::Handshake {
            id: Some(self.id.clone()),
            arn: Some(self.arn()),
            parties: Some(parties),
            state: Some(self.state.shown()),
            requested_timestamp: Some(time(self.requested)),
            expiration_timestamp: Some(time(self.expires)),
            action: Some(self.action.shown()),
            resources: Some(resources),
        }
    }
}

impl TransferState {
    fn shown(self) -> types::ResponsibilityTransferStatus {
        match self {
            Self::Requested => types::ResponsibilityTransferStatus::Requested,
            Self::Declined => types::ResponsibilityTransferStatus::Declined,
            Self::Canceled => types::ResponsibilityTransferStatus::Canceled,
            Self::Expired => types::ResponsibilityTransferStatus::Expired,
            Self::Accepted => types::ResponsibilityTransferStatus::Accepted,
            Self::Withdrawn => types::ResponsibilityTransferStatus::Withdrawn,
        }
    }
}

impl Participant {
    fn shown(&self) -> types::TransferParticipant {
        types::TransferParticipant {
            management_account_id: Some(self.account.clone()),
            management_account_email: Some(secret(&self.email)),
        }
    }
}

impl Transfer {
    /// The ARN as the account `of`, one of the sides, sees it.
    pub(crate) fn arn(&self, of: &str) -> String {
        let (side, direction) =
            if self.target.account == of { (&self.target, "inbound") } else { (&self.source, "outbound") };
        let names = id::Namespace { management: &side.account, organization: &side.organization };
        names.transfer(direction, &self.id)
    }

    /// As the account `of`, one of the sides, sees it.
    pub(crate) fn shown(&self, of: &str) -> types::ResponsibilityTransfer {
        types::ResponsibilityTransfer {
            arn: Some(self.arn(of)),
            name: Some(secret(&self.name)),
            id: Some(self.id.clone()),
            r#type: Some(types::ResponsibilityTransferType::Billing),
            status: Some(self.state.shown()),
            source: Some(self.source.shown()),
            target: Some(self.target.shown()),
            start_timestamp: Some(time(self.starts)),
            end_timestamp: self.ends.map(time),
            active_handshake_id: self.handshake.clone(),
        }
    }
}
