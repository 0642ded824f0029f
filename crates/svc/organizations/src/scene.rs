//! Who calls about what: every operation begins by finding the caller's organization, whether the operation is for the
//! caller's account, and the resources that authorization asks about.
//!
//! Source: Organizations API Reference ("You can only call this operation from …"); Service Authorization Reference,
//! "Actions, resources, and condition keys for AWS Organizations"; Organizations User Guide, "Delegated administrator for AWS
//! Organizations".

use std::sync::Arc;

use garrison_api_organizations::types::Tag;
use garrison_kernel::{Access, Check, Context, Resolved};
use garrison_policy::{CompiledPolicy, Values};
use garrison_schema::ApiError;
use garrison_store::Revision;
use garrison_types::AccountId;

use crate::error;
use crate::id::{self, Kind};
use crate::records::{Organization, Tags, TransferState};
use crate::repo::{Change, Repo};

/// Which accounts an operation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callers {
    /// Any, in an organization or not.
    Anyone,
    /// Any that is in an organization.
    Members,
    /// The management account, delegated administrators and whom the resource policy names.
    Readers,
    /// The same, and a member account about itself.
    ReadersOrSelf,
    /// The management account and whom the resource policy names.
    Delegates,
    /// The management account.
    Management,
}

/// What a call is about, from its input.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    about: [Option<&'a str>; 3],
    tags: &'a [Tag],
    creates: bool,
    tag_keys: &'a [String],
    policy_type: Option<&'a str>,
    service: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// About nothing in particular.
    pub(crate) fn nothing() -> Self {
        Self::default()
    }

    /// About what has these ids.
    pub(crate) fn about<const N: usize>(ids: [&'a str; N]) -> Self {
        let mut asked = Self::default();
        for (slot, id) in asked.about.iter_mut().zip(ids) {
            *slot = Some(id);
        }
        asked
    }

    /// With tags for something that comes to be, which is a question of its own.
    pub(crate) fn creating(self, tags: Option<&'a [Tag]>) -> Self {
        Self { tags: tags.unwrap_or_default(), creates: true, ..self }
    }

    /// With tags for something that exists.
    pub(crate) fn tagging(self, tags: &'a [Tag]) -> Self {
        Self { tags, ..self }
    }

    /// With the keys of tags that come off.
    pub(crate) fn untagging(self, tag_keys: &'a [String]) -> Self {
        Self { tag_keys, ..self }
    }

    /// `organizations:PolicyType`.
    pub(crate) fn policy_type(self, policy_type: &'a str) -> Self {
        Self { policy_type: Some(policy_type), ..self }
    }

    /// `organizations:ServicePrincipal`.
    pub(crate) fn service(self, service: Option<&'a str>) -> Self {
        Self { service, ..self }
    }
}

/// The caller's place in its organization.
#[derive(Debug)]
pub(crate) struct Seat {
    pub org: Organization,
    /// The organization's last change, read before everything else that is in it.
    pub guard: Revision,
    /// The caller's account.
    pub account: AccountId,
}

impl Seat {
    /// Whether the caller is of the management account.
    pub(crate) fn is_management(&self) -> bool {
        self.account.as_str() == self.org.management
    }

    /// A change of the organization.
    pub(crate) fn change(&self) -> Change {
        Change::of(&self.org.id, self.guard)
    }
}

/// A resource that authorization asks about.
#[derive(Debug)]
struct Subject {
    arn: String,
    tags: Tags,
    policy_type: Option<String>,
}

/// Why the operation is not for the caller's account.
#[derive(Debug, Clone, Copy)]
enum Refusal {
    NotInUse,
    NotPermitted,
}

/// What was found.
#[derive(Debug)]
pub struct Scene {
    seat: Option<Seat>,
    /// Told to the caller once IAM allowed the call.
    refusal: Option<Refusal>,
    subjects: Vec<Subject>,
    request_tags: Tags,
    tag_keys: Vec<String>,
    policy_type: Option<String>,
    service: Option<String>,
}

impl Scene {
    /// Finds what an operation needs before it may begin.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn set(
        repo: &Repo,
        cx: &Context,
        access: &Access,
        callers: Callers,
        asked: Asked<'_>,
    ) -> Result<Resolved<Self>, ApiError> {
        let seat = repo.seat(cx.account()).await?;
        let mut subjects = Vec::new();
        for id in asked.about.into_iter().flatten() {
            subjects.extend(repo.subject(seat.as_ref(), cx.account(), id).await?);
        }
        let (refusal, policy) = match admission(repo, seat.as_ref(), access, callers, &asked).await? {
            Admission::Own => (None, None),
            Admission::Delegated(policy) => (None, Some(policy)),
            Admission::Refused(refusal) => (Some(refusal), None),
        };
        let owner = match (&policy, &seat) {
            (Some(_), Some(seat)) => seat.org.management.parse().unwrap_or_else(|_| cx.account()),
            _ => cx.account(),
        };
        let check = |resource: &str| {
            let check = Check::resource(resource, owner);
            match &policy {
                Some(policy) => check.policy(Arc::clone(policy)),
                None => check,
            }
        };
        let mut checks: Vec<Check> = subjects.iter().map(|subject| check(&subject.arn)).collect();
        if checks.is_empty() {
            checks.push(check("*"));
        }
        if asked.creates && !asked.tags.is_empty() {
            checks.push(check("*").action("organizations:TagResource"));
        }
        let keys = asked.tags.iter().map(|tag| &tag.key).chain(asked.tag_keys);
        let scene = Self {
            seat,
            refusal,
            subjects,
            request_tags: asked.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect(),
            tag_keys: keys.cloned().collect(),
            policy_type: asked.policy_type.map(ToOwned::to_owned),
            service: asked.service.map(ToOwned::to_owned),
        };
        Ok(Resolved { target: scene, checks, resources: Vec::new() })
    }

    /// Refuses accounts that the operation is not for.
    ///
    /// # Errors
    /// `AWSOrganizationsNotInUseException` or `AccessDeniedException`.
    pub(crate) fn admit(&self) -> Result<(), ApiError> {
        match self.refusal {
            None => Ok(()),
            Some(Refusal::NotInUse) => Err(error::not_in_use()),
            Some(Refusal::NotPermitted) => Err(error::not_permitted()),
        }
    }

    /// The caller's place.
    ///
    /// # Errors
    /// `AWSOrganizationsNotInUseException`.
    pub(crate) fn seat(&self) -> Result<&Seat, ApiError> {
        self.seat.as_ref().ok_or_else(error::not_in_use)
    }

    /// The caller's place, if it has one.
    pub(crate) fn seat_if_any(&self) -> Option<&Seat> {
        self.seat.as_ref()
    }

    /// The value of a condition key (lower case) for the question at `check`.
    pub(crate) fn condition(&self, check: usize, key: &str) -> Option<Values<'_>> {
        if let Some(tag) = key.strip_prefix("aws:requesttag/") {
            return value_of(&self.request_tags, tag);
        }
        let subject = self.subjects.get(check);
        if let Some(tag) = key.strip_prefix("aws:resourcetag/") {
            return value_of(&subject?.tags, tag);
        }
        match key {
            "aws:tagkeys" => Some(self.tag_keys.as_slice().into()),
            "organizations:policytype" => {
                let own = self.subjects.iter().find_map(|subject| subject.policy_type.as_deref());
                self.policy_type.as_deref().or(own).map(Values::from)
            }
            "organizations:serviceprincipal" => self.service.as_deref().map(Values::from),
            _ => None,
        }
    }
}

fn value_of<'a>(tags: &'a Tags, key: &str) -> Option<Values<'a>> {
    tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str().into())
}

/// Whether an operation is for the caller's account.
enum Admission {
    /// By the identity-based policies of the caller alone.
    Own,
    /// By this policy of the organization as well.
    Delegated(Arc<CompiledPolicy>),
    Refused(Refusal),
}

async fn admission(
    repo: &Repo,
    seat: Option<&Seat>,
    access: &Access,
    callers: Callers,
    asked: &Asked<'_>,
) -> Result<Admission, ApiError> {
    if callers == Callers::Anyone {
        return Ok(Admission::Own);
    }
    let Some(seat) = seat else { return Ok(Admission::Refused(Refusal::NotInUse)) };
    let about_self = asked.about.iter().flatten().all(|id| *id == seat.account.as_str());
    let own = seat.is_management()
        || callers == Callers::Members
        || (callers == Callers::ReadersOrSelf && about_self);
    if own {
        return Ok(Admission::Own);
    }
    if callers == Callers::Management {
        return Ok(Admission::Refused(Refusal::NotPermitted));
    }
    let reads = callers != Callers::Delegates;
    let administers = reads && !repo.delegations(&seat.org.id, seat.account.as_str()).await?.is_empty();
    let policy = repo.resource_policy(&seat.org.id).await?.map(|policy| policy.content);
    let named = policy.filter(|content| content.contains(seat.account.as_str()));
    if !administers && named.is_none() {
        return Ok(Admission::Refused(Refusal::NotPermitted));
    }
    let policy = delegation(named.as_deref(), administers.then_some(access.action), seat.account);
    Ok(Admission::Delegated(Arc::new(policy)))
}

/// What lets an account in: the resource policy, and, for an administrator of some service, the action that it reads with.
fn delegation(content: Option<&str>, action: Option<&str>, account: AccountId) -> CompiledPolicy {
    let stored = content.and_then(|content| serde_json::from_str(content).ok());
    let mut document: serde_json::Value =
        stored.unwrap_or_else(|| serde_json::json!({"Version": "2012-10-17", "Statement": []}));
    if let (Some(action), Some(statements)) = (action, document.get_mut("Statement")) {
        let reads = serde_json::json!({
            "Effect": "Allow", "Principal": {"AWS": account.as_str()}, "Action": action, "Resource": "*"
        });
        match statements {
            serde_json::Value::Array(statements) => statements.push(reads),
            single => *single = serde_json::json!([single.take(), reads]),
        }
    }
    CompiledPolicy::from_stored("organizations resource policy", document.to_string().as_bytes())
}

impl Repo {
    /// The place of an account in its organization.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn seat(&self, account: AccountId) -> Result<Option<Seat>, ApiError> {
        let standing = self.standing(account.as_str()).await?;
        let Some(org) = standing.and_then(|(standing, _)| standing.organization) else { return Ok(None) };
        let Some(guard) = self.guard(&org).await? else { return Ok(None) };
        let Some(org) = self.organization(&org).await? else { return Ok(None) };
        Ok(Some(Seat { org, guard, account }))
    }

    /// What has an id, as authorization sees it; none when only its record would tell and there is none.
    async fn subject(
        &self,
        seat: Option<&Seat>,
        caller: AccountId,
        id: &str,
    ) -> Result<Option<Subject>, ApiError> {
        let subject =
            |arn, tags: Option<Tags>| Subject { arn, tags: tags.unwrap_or_default(), policy_type: None };
        match id::kind(id) {
            Some(Kind::Handshake) => {
                let found = self.handshake(id).await?;
                Ok(found.map(|(handshake, _)| subject(handshake.arn(), Some(Tags::new()))))
            }
            Some(Kind::Transfer) => {
                let found = self.transfer(id).await?;
                Ok(found.map(|(transfer, _)| subject(transfer.arn(caller.as_str()), Some(transfer.tags))))
            }
            _ => match seat {
                Some(seat) => self.subject_within(&seat.org, id).await,
                None => Ok(None),
            },
        }
    }

    async fn subject_within(&self, org: &Organization, id: &str) -> Result<Option<Subject>, ApiError> {
        let names = org.names();
        let (arn, tags, policy_type) = match id::kind(id) {
            Some(Kind::Account) => {
                (names.account(id), self.account(&org.id, id).await?.map(|account| account.tags), None)
            }
            Some(Kind::Unit) => (names.unit(id), self.unit(&org.id, id).await?.map(|unit| unit.tags), None),
            Some(Kind::Root) => (names.root(id), (id == org.root).then(|| org.tags.clone()), None),
            Some(Kind::ResourcePolicy) => (
                names.resource_policy(id),
                self.resource_policy(&org.id).await?.map(|policy| policy.tags),
                None,
            ),
            Some(Kind::Policy) => match self.policy(&org.id, id).await? {
                Some(policy) => (policy.arn(org), Some(policy.tags), Some(policy.kind)),
                None => return Ok(None),
            },
            Some(Kind::Handshake | Kind::Transfer) | None => return Ok(None),
        };
        Ok(Some(Subject { arn, tags: tags.unwrap_or_default(), policy_type }))
    }
}

impl TransferState {
    /// Whether the transfer is being asked for or in force.
    pub(crate) fn is_alive(self) -> bool {
        matches!(self, Self::Requested | Self::Accepted)
    }
}
