//! `userIdentity` of an audit record, and the user name that `LookupEvents` finds it by.
//!
//! Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element".

use garrison_schema::audit_json::ObjectWriter;

use crate::context::Context;
use crate::principal::{FederationKind, Principal, Session};

/// Writes the element and closes it.
pub(crate) fn write(mut identity: ObjectWriter<'_>, cx: &Context) {
    let caller = &cx.caller;
    let account = caller.principal.account();
    let mut known = |kind: &str, id: &str| {
        identity.string("type", kind);
        identity.string("principalId", id);
        identity.string("arn", &caller.arn);
        identity.string("accountId", account.as_str());
        if let Some(key) = &caller.access_key_id {
            identity.string("accessKeyId", key);
        }
    };
    match &caller.principal {
        Principal::Root { .. } => known("Root", account.as_str()),
        Principal::User(user) => {
            known("IAMUser", &user.id);
            identity.string("userName", &user.name);
        }
        Principal::AssumedRole(session) => known("AssumedRole", &session.user_id),
        Principal::FederatedUser(session) => known("FederatedUser", &session.user_id),
        Principal::Federated(federated) => {
            identity.string(
                "type",
                match federated.kind {
                    FederationKind::WebIdentity => "WebIdentityUser",
                    FederationKind::Saml => "SAMLUser",
                },
            );
            identity.string("principalId", &format!("{}:{}", federated.provider, federated.subject));
            identity.string("userName", &federated.subject);
            identity.string("identityProvider", &federated.provider);
        }
        Principal::Service { name, .. } => {
            identity.string("type", "AWSService");
            identity.string("invokedBy", name);
        }
        Principal::Anonymous => {
            identity.string("type", "AWSAccount");
            identity.string("principalId", "");
            identity.string("accountId", "anonymous");
            if let Some(key) = &caller.access_key_id {
                identity.string("accessKeyId", key);
            }
        }
    }
    if let Some(session) = &caller.session {
        write_session(identity.object("sessionContext"), &caller.principal, session);
    }
    if let Some(via) = &cx.via {
        identity.string("invokedBy", via.principal);
    }
    identity.close();
}

fn write_session(mut context: ObjectWriter<'_>, principal: &Principal, session: &Session) {
    let mut issuer = |kind: &str, id: &str, arn: &str, account: &str, name: Option<&str>| {
        let mut issuer = context.object("sessionIssuer");
        issuer.string("type", kind);
        issuer.string("principalId", id);
        issuer.string("arn", arn);
        issuer.string("accountId", account);
        if let Some(name) = name {
            issuer.string("userName", name);
        }
        issuer.close();
    };
    match principal {
        Principal::AssumedRole(role) => {
            let account = role.account.as_str();
            issuer("Role", &role.role_id, &role.role_arn, account, Some(&*role.role_name));
        }
        Principal::FederatedUser(federated) => {
            let account = federated.account.as_str();
            match &federated.issuer {
                Principal::User(user) => issuer("IAMUser", &user.id, &user.arn, account, Some(&*user.name)),
                other => issuer("Root", &other.user_id(), &federated.issuer_arn, account, None),
            }
        }
        _ => {}
    }
    if let Some(provider) = &session.provider {
        let mut federation = context.object("webIdFederationData");
        federation.string("federatedProvider", provider);
        federation.close();
    }
    if let Some(source) = &session.source_identity {
        context.string("sourceIdentity", source);
    }
    let mut attributes = context.object("attributes");
    attributes.string("creationDate", &session.issued.to_iso8601_seconds());
    attributes.string("mfaAuthenticated", if session.mfa.is_some() { "true" } else { "false" });
    attributes.close();
    context.close();
}

/// The attribute `Username` of `LookupEvents`.
pub(crate) fn username(principal: &Principal) -> Option<String> {
    match principal {
        Principal::Root { .. } => Some("root".to_owned()),
        Principal::User(user) => Some(user.name.to_string()),
        Principal::AssumedRole(session) => Some(session.session_name.to_string()),
        Principal::FederatedUser(session) => Some(session.name.to_string()),
        Principal::Federated(federated) => Some(federated.subject.to_string()),
        Principal::Service { .. } | Principal::Anonymous => None,
    }
}
