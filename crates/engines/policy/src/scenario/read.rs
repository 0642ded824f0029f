//! The JSON form of requests and their policies.

use std::net::IpAddr;
use std::sync::Arc;

use garrison_types::{AccountId, Arn};

use super::{OwnedPolicies, OwnedPrincipal, OwnedValue, Scenario};
use crate::compile::CompiledPolicy;
use crate::document::{Limits, PolicyDocument, shorten};
use crate::evaluate::{PolicyLevel, ResourcePolicyKind};
use crate::json::{self, Node};
use crate::principal::PrincipalKind;

/// How much is read: a document of policies may be as large as any policy, and there may be many of them.
const LIMITS: Limits = Limits { bytes: 64 << 20, depth: 32, statements: 2_000, values: 20_000 };

/// What is wrong with the JSON of a scenario, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ScenarioError {
    /// The place, for example `requests[2].principal.kind`; for what is no JSON the line and the column.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

type Result<T> = std::result::Result<T, ScenarioError>;

/// What a file holds.
pub(super) enum Scenarios {
    /// A request.
    One(Box<Scenario>),
    /// An object with `requests`.
    Many(Vec<Scenario>),
}

pub(super) fn scenarios(bytes: &[u8]) -> Result<Scenarios> {
    let node =
        json::read(bytes, &LIMITS).map_err(|error| At("the file".to_owned()).error(error.to_string()))?;
    let mut file = Fields::new(node, At(String::new()))?;
    let Some((requests, at)) = file.take("requests") else {
        return Ok(Scenarios::One(Box::new(scenario(file, &mut Shared::default())?)));
    };
    // What stands beside the requests holds for those that do not say it themselves.
    let mut shared = Shared { policies: None, fields: file.rest };
    if let Some(place) = shared.fields.iter().position(|(name, _)| name == "policies") {
        let (_, node) = shared.fields.remove(place);
        shared.policies = Some(Arc::new(policies(node, At("policies".to_owned()))?));
    }
    let each =
        list(requests, &at)?.into_iter().map(|(node, at)| scenario(Fields::new(node, at)?, &mut shared));
    let scenarios = each.collect::<Result<Vec<_>>>()?;
    let known = ["principal", "action", "resource", "context"];
    match shared.fields.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        None => Ok(Scenarios::Many(scenarios)),
        Some((name, _)) => Err(At(String::new()).member(name).error("there is no such member")),
    }
}

#[derive(Default)]
struct Shared {
    policies: Option<Arc<OwnedPolicies>>,
    fields: Vec<(String, Node)>,
}

fn scenario(mut fields: Fields, shared: &mut Shared) -> Result<Scenario> {
    for (name, node) in &shared.fields {
        if !fields.rest.iter().any(|(own, _)| own == name) {
            fields.rest.push((name.clone(), node.clone()));
        }
    }
    let name = fields.take("name").map(|(node, at)| text(node, &at)).transpose()?;
    let (node, at) = fields.need("principal")?;
    let principal = principal(Fields::new(node, at)?)?;
    let (node, at) = fields.need("action")?;
    let action = text(node, &at)?;
    if !action.contains(':') {
        return Err(at.error("an action is `service:Name`"));
    }
    let (resource, resource_account) = match fields.take("resource") {
        None => ("*".to_owned(), None),
        Some((Node::Text(arn), _)) => (arn, None),
        Some((node, at)) => {
            let mut resource = Fields::new(node, at)?;
            let (node, at) = resource.need("arn")?;
            let arn = text(node, &at)?;
            let account = resource.take("account").map(|(node, at)| account(node, &at)).transpose()?;
            resource.finish()?;
            (arn, account)
        }
    };
    // Without an account in the ARN, as with buckets, the principal's own is meant.
    let resource_account = resource_account.or_else(|| account_of(&resource));
    let context = match fields.take("context") {
        None => Vec::new(),
        Some((node, at)) => members(node, &at)?
            .into_iter()
            .map(|(key, node, at)| Ok((key, values(node, &at)?)))
            .collect::<Result<_>>()?,
    };
    let policies = match fields.take("policies") {
        Some((node, at)) => Arc::new(policies(node, at)?),
        None => shared.policies.clone().unwrap_or_default(),
    };
    fields.finish()?;
    Ok(Scenario { name, principal, action, resource, resource_account, context, policies })
}

fn principal(mut fields: Fields) -> Result<OwnedPrincipal> {
    let (node, at) = fields.need("kind")?;
    let kind = match text(node, &at)?.as_str() {
        "Root" => PrincipalKind::Root,
        "User" => PrincipalKind::User,
        "Role" => PrincipalKind::Role,
        "AssumedRole" => PrincipalKind::AssumedRole,
        "FederatedUser" => PrincipalKind::FederatedUser,
        "Service" => PrincipalKind::Service,
        "WebIdentity" => PrincipalKind::WebIdentity,
        "Anonymous" => PrincipalKind::Anonymous,
        other => {
            return Err(at.error(format!(
                "`{}` is none of Root, User, Role, AssumedRole, FederatedUser, Service, WebIdentity and Anonymous",
                shorten(other)
            )));
        }
    };
    let alone =
        matches!(kind, PrincipalKind::Service | PrincipalKind::WebIdentity | PrincipalKind::Anonymous);
    let arn = match fields.take("arn") {
        Some((node, at)) => text(node, &at)?,
        None if kind == PrincipalKind::Anonymous => String::new(),
        None => return Err(fields.at.member("arn").error("it is missing")),
    };
    let account = match fields.take("account") {
        Some((_, at)) if alone => return Err(at.error("such a principal has no account")),
        Some((node, at)) => Some(account(node, &at)?),
        None if alone => None,
        None => Some(account_of(&arn).ok_or_else(|| fields.at.member("account").error("it is missing"))?),
    };
    let mut take_text = |name| fields.take(name).map(|(node, at)| text(node, &at)).transpose();
    let user_id = match (take_text("userId")?, kind) {
        (Some(id), _) => id,
        (None, PrincipalKind::Root) => account.map(|account| account.to_string()).unwrap_or_default(),
        (None, PrincipalKind::Anonymous) => "anonymous".to_owned(),
        (None, _) => String::new(),
    };
    let issuer_arn = match take_text("issuerArn")? {
        None if kind == PrincipalKind::AssumedRole => role_of(&arn),
        given => given,
    };
    let canonical_user = take_text("canonicalUser")?;
    if kind == PrincipalKind::AssumedRole && issuer_arn.is_none() {
        return Err(fields
            .at
            .member("issuerArn")
            .error("it is missing, and the role does not follow from the ARN"));
    }
    let mut take_tags = |name| match fields.take(name) {
        None => Ok(Vec::new()),
        Some((node, at)) => {
            members(node, &at)?.into_iter().map(|(key, node, at)| Ok((key, text(node, &at)?))).collect()
        }
    };
    let (session_tags, tags) = (take_tags("sessionTags")?, take_tags("tags")?);
    let organization = match fields.take("organization") {
        None => None,
        Some((node, at)) => Some(pair(Fields::new(node, at)?, "id", "path")?),
    };
    let service_names = match fields.take("serviceNames") {
        None => Vec::new(),
        Some((node, at)) => {
            list(node, &at)?.into_iter().map(|(node, at)| text(node, &at)).collect::<Result<_>>()?
        }
    };
    fields.finish()?;
    Ok(OwnedPrincipal {
        kind,
        arn,
        account,
        user_id,
        issuer_arn,
        canonical_user,
        session_tags,
        tags,
        organization,
        service_names,
    })
}

/// An object of two texts.
fn pair(mut fields: Fields, first: &str, second: &str) -> Result<(String, String)> {
    let mut member = |name| fields.need(name).and_then(|(node, at)| text(node, &at));
    let pair = (member(first)?, member(second)?);
    fields.finish()?;
    Ok(pair)
}

/// The role of a session, when it has no path.
fn role_of(session: &str) -> Option<String> {
    let arn = session.parse::<Arn>().ok()?;
    let (role, _) = arn.resource().strip_prefix("assumed-role/")?.split_once('/')?;
    Some(format!("arn:{}:iam::{}:role/{role}", arn.partition(), arn.account()))
}

fn account_of(arn: &str) -> Option<AccountId> {
    arn.parse::<Arn>().ok()?.account().parse().ok()
}

fn policies(node: Node, at: At) -> Result<OwnedPolicies> {
    let mut fields = Fields::new(node, at)?;
    let mut one = |name: &str| fields.take(name).map(|(node, at)| policy(node, &at)).transpose();
    let (boundary, endpoint) = (one("boundary")?, one("endpoint")?);
    let mut all = |name: &str| fields.take(name).map_or(Ok(Vec::new()), |(node, at)| each_policy(node, &at));
    let (identity, session) = (all("identity")?, all("session")?);
    let mut levels = |name: &str| match fields.take(name) {
        None => Ok(Vec::new()),
        Some((node, at)) => list(node, &at)?
            .into_iter()
            .map(|(node, at)| Ok(PolicyLevel::from(each_policy(node, &at)?)))
            .collect::<Result<Vec<_>>>(),
    };
    let (service_control, resource_control) = (levels("serviceControl")?, levels("resourceControl")?);
    let resource = match fields.take("resource") {
        None => None,
        Some((node, at)) => Some(resource_policy(Fields::new(node, at)?)?),
    };
    let grant = match fields.take("grant") {
        None => None,
        Some((node, at)) => Some(pair(Fields::new(node, at)?, "id", "grantee")?),
    };
    fields.finish()?;
    Ok(OwnedPolicies {
        identity,
        boundary,
        session,
        resource,
        service_control,
        resource_control,
        endpoint,
        grant,
    })
}

fn resource_policy(mut fields: Fields) -> Result<(ResourcePolicyKind, Arc<CompiledPolicy>)> {
    let (node, at) = fields.need("kind")?;
    let kind = match text(node, &at)?.as_str() {
        "Standard" => ResourcePolicyKind::Standard,
        "Key" => ResourcePolicyKind::Key,
        "RoleTrust" => ResourcePolicyKind::RoleTrust,
        other => {
            return Err(at.error(format!("`{}` is none of Standard, Key and RoleTrust", shorten(other))));
        }
    };
    let (node, at) = fields.need("policy")?;
    let policy = policy(node, &at)?;
    fields.finish()?;
    Ok((kind, policy))
}

fn each_policy(node: Node, at: &At) -> Result<Vec<Arc<CompiledPolicy>>> {
    list(node, at)?.into_iter().map(|(node, at)| policy(node, &at)).collect()
}

/// A policy document as an object or as text, or `{"name": …, "document": …}`.
fn policy(node: Node, at: &At) -> Result<Arc<CompiledPolicy>> {
    let is_named =
        matches!(&node, Node::Object(members) if members.iter().any(|(name, _)| name == "document"));
    let (name, document) = if is_named {
        let mut fields = Fields::new(node, at.clone())?;
        let name = fields.take("name").map(|(node, at)| text(node, &at)).transpose()?;
        let (document, _) = fields.need("document")?;
        fields.finish()?;
        (name, document)
    } else {
        (None, node)
    };
    let document = match document {
        Node::Text(text) => PolicyDocument::parse(text.as_bytes(), &Limits::default()),
        Node::Object(_) => PolicyDocument::from_node(document, &Limits::default()),
        _ => return Err(at.error("a policy is a JSON object, or its text")),
    };
    // Without a name it goes by its place.
    Ok(Arc::new(CompiledPolicy::from_result(name.unwrap_or_else(|| at.0.clone()), document)))
}

fn values(node: Node, at: &At) -> Result<Vec<OwnedValue>> {
    let nodes = match node {
        Node::List(_) => list(node, at)?,
        single => vec![(single, at.clone())],
    };
    nodes.into_iter().map(|(node, at)| value(node, at)).collect()
}

/// Text, a boolean, a number, `{"ip": …}` or `{"base64": …}`.
fn value(node: Node, at: At) -> Result<OwnedValue> {
    match node {
        Node::Text(text) => return Ok(OwnedValue::Text(text)),
        Node::Bool(value) => return Ok(OwnedValue::Bool(value)),
        Node::Number(number) => {
            return Ok(number.parse().map(OwnedValue::Integer).unwrap_or(OwnedValue::Text(number)));
        }
        Node::Null | Node::List(_) | Node::Object(_) => {}
    }
    let mut fields = Fields::new(node, at)?;
    let value = if let Some((node, at)) = fields.take("ip") {
        let address = text(node, &at)?.parse::<IpAddr>();
        OwnedValue::Ip(address.map_err(|_| at.error("it is no address"))?)
    } else {
        let (node, at) = fields.need("base64")?;
        let bytes = base64_simd::STANDARD.decode_to_vec(text(node, &at)?);
        OwnedValue::Bytes(bytes.map_err(|_| at.error("it is no Base64"))?)
    };
    fields.finish()?;
    Ok(value)
}

/// A place in the file.
#[derive(Debug, Clone)]
struct At(String);

impl At {
    fn member(&self, name: &str) -> Self {
        let dot = if self.0.is_empty() { "" } else { "." };
        Self(format!("{}{dot}{}", self.0, shorten(name)))
    }

    fn error(&self, problem: impl Into<String>) -> ScenarioError {
        let place = if self.0.is_empty() { "the file".to_owned() } else { self.0.clone() };
        ScenarioError { place, problem: problem.into() }
    }
}

/// The members of an object that have not been read yet.
struct Fields {
    rest: Vec<(String, Node)>,
    at: At,
}

impl Fields {
    fn new(node: Node, at: At) -> Result<Self> {
        match node {
            Node::Object(rest) => Ok(Self { rest, at }),
            _ => Err(at.error("it is not a JSON object")),
        }
    }

    fn take(&mut self, name: &str) -> Option<(Node, At)> {
        let place = self.rest.iter().position(|(known, _)| known == name)?;
        let (name, node) = self.rest.swap_remove(place);
        Some((node, self.at.member(&name)))
    }

    fn need(&mut self, name: &str) -> Result<(Node, At)> {
        self.take(name).ok_or_else(|| self.at.member(name).error("it is missing"))
    }

    /// Refuses members that nobody has read.
    fn finish(self) -> Result<()> {
        match self.rest.first() {
            None => Ok(()),
            Some((name, _)) => Err(self.at.member(name).error("there is no such member")),
        }
    }
}

fn text(node: Node, at: &At) -> Result<String> {
    match node {
        Node::Text(text) => Ok(text),
        _ => Err(at.error("it is not text")),
    }
}

fn account(node: Node, at: &At) -> Result<AccountId> {
    text(node, at)?.parse().map_err(|_| at.error("an account is twelve digits"))
}

fn list(node: Node, at: &At) -> Result<Vec<(Node, At)>> {
    let Node::List(nodes) = node else { return Err(at.error("it is not a list")) };
    Ok(nodes.into_iter().enumerate().map(|(index, node)| (node, At(format!("{}[{index}]", at.0)))).collect())
}

fn members(node: Node, at: &At) -> Result<Vec<(String, Node, At)>> {
    let Node::Object(members) = node else { return Err(at.error("it is not a JSON object")) };
    Ok(members
        .into_iter()
        .map(|(name, node)| {
            let at = at.member(&name);
            (name, node, at)
        })
        .collect())
}
