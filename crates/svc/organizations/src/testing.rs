//! A world with an organization in it, for the tests of operations.

use std::sync::Arc;

use async_trait::async_trait;
use garrison_api_organizations::SERVICE;
use garrison_kernel::identity::Organizations as _;
use garrison_kernel::ports::AccountRoles;
use garrison_kernel::{Context, Service as _};
use garrison_schema::ApiError;
use garrison_store::{Key, WriteSet};
use garrison_testkit::TestKernel;
use garrison_types::{AccountId, Timestamp};
use serde_json::{Value, json};

use crate::directory::Directory;
use crate::service::{Organizations, OrganizationsService};

/// The account that makes organizations.
pub(crate) const MANAGEMENT: &str = "111122223333";
/// An account on its own.
pub(crate) const OTHER: &str = "444455556666";
const REGION: &str = "us-east-1";

/// Notes what it was asked for.
struct Roles;

#[async_trait]
impl AccountRoles for Roles {
    async fn access_role(
        &self,
        account: AccountId,
        role_name: &str,
        management_account: AccountId,
        _: Timestamp,
    ) -> Result<WriteSet, ApiError> {
        let mut writes = WriteSet::new();
        let key = Key::of(&["test-role", account.as_str(), role_name]);
        writes.create(key, management_account.to_string());
        Ok(writes)
    }

    async fn service_linked_role(
        &self,
        account: AccountId,
        service_principal: &str,
        _: Timestamp,
    ) -> Result<WriteSet, ApiError> {
        let mut writes = WriteSet::new();
        writes.put(Key::of(&["test-service-role", account.as_str(), service_principal]), Vec::new());
        Ok(writes)
    }
}

/// A kernel with Organizations on it.
pub(crate) struct World {
    pub(crate) test: TestKernel,
    pub(crate) directory: Arc<Directory>,
    front: OrganizationsService,
}

/// A refusal: the error's name, and its reason behind a colon when it has one.
pub(crate) fn refusal(error: &ApiError) -> String {
    let encoded = garrison_wire::Codec::Json11.encode_error(Some(&SERVICE), error, "id");
    let encoded: Value = serde_json::from_slice(&encoded.bytes).unwrap();
    match encoded.get("Reason").and_then(Value::as_str) {
        Some(reason) => format!("{}: {reason}", error.schema.name),
        None => error.schema.name.to_owned(),
    }
}

impl World {
    /// Nobody is in an organization.
    pub(crate) fn empty() -> Self {
        let test = TestKernel::new();
        let directory = Directory::new(test.kernel.store());
        let service = Organizations::new(Arc::clone(&test.kernel), Arc::new(Roles));
        let front = OrganizationsService::new(&service);
        Self { test, directory, front }
    }

    /// [`MANAGEMENT`] has an organization with all features.
    pub(crate) async fn new() -> Self {
        let world = Self::empty();
        world.ok("CreateOrganization", json!({})).await;
        world
    }

    /// The same, with policy types enabled.
    pub(crate) async fn with_types(types: &[&str]) -> Self {
        let world = Self::new().await;
        for kind in types {
            world.ok("EnablePolicyType", json!({"RootId": world.root().await, "PolicyType": kind})).await;
        }
        world
    }

    /// A call by an account's root user.
    pub(crate) fn context(&self, account: &str) -> Context {
        self.test.context(account, REGION)
    }

    pub(crate) async fn call(&self, account: &str, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.call_in(&self.context(account), operation, input).await
    }

    pub(crate) async fn call_in(
        &self,
        cx: &Context,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        self.test.call(&self.front, operation, cx, &input).await
    }

    /// A call by [`MANAGEMENT`] that must do.
    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        self.ok_as(MANAGEMENT, operation, input).await
    }

    /// A call that must do.
    pub(crate) async fn ok_as(&self, account: &str, operation: &str, input: Value) -> Value {
        match self.call(account, operation, input.clone()).await {
            Ok(output) => output,
            Err(error) => panic!("{operation} {input}: {error:?}"),
        }
    }

    /// A call by [`MANAGEMENT`] that must be refused: how.
    pub(crate) async fn refused(&self, operation: &str, input: Value) -> String {
        self.refused_as(MANAGEMENT, operation, input).await
    }

    /// A call that must be refused: how.
    pub(crate) async fn refused_as(&self, account: &str, operation: &str, input: Value) -> String {
        match self.call(account, operation, input.clone()).await {
            Ok(output) => panic!("{operation} {input} answered {output}"),
            Err(error) => refusal(&error),
        }
    }

    /// The id of [`MANAGEMENT`]'s root.
    pub(crate) async fn root(&self) -> String {
        text(&self.ok("ListRoots", json!({})).await["Roots"][0]["Id"])
    }

    /// A new account, and its id.
    pub(crate) async fn account(&self, name: &str) -> String {
        let input = json!({"Email": format!("{name}@example.com"), "AccountName": name});
        let id = text(&self.ok("CreateAccount", input).await["CreateAccountStatus"]["Id"]);
        let status = self.ok("DescribeCreateAccountStatus", json!({"CreateAccountRequestId": id})).await;
        text(&status["CreateAccountStatus"]["AccountId"])
    }

    /// A new unit, and its id.
    pub(crate) async fn unit(&self, parent: &str, name: &str) -> String {
        let made = self.ok("CreateOrganizationalUnit", json!({"ParentId": parent, "Name": name})).await;
        text(&made["OrganizationalUnit"]["Id"])
    }

    /// A new policy, and its id.
    pub(crate) async fn policy(&self, kind: &str, name: &str, content: &Value) -> String {
        let input = json!({"Type": kind, "Name": name, "Description": "", "Content": content.to_string()});
        text(&self.ok("CreatePolicy", input).await["Policy"]["PolicySummary"]["Id"])
    }

    pub(crate) async fn attach(&self, policy: &str, target: &str) {
        self.ok("AttachPolicy", json!({"PolicyId": policy, "TargetId": target})).await;
    }

    pub(crate) async fn move_account(&self, account: &str, from: &str, to: &str) {
        let input = json!({"AccountId": account, "SourceParentId": from, "DestinationParentId": to});
        self.ok("MoveAccount", input).await;
    }

    /// An account that joined by invitation.
    pub(crate) async fn invite(&self, account: &str) {
        let id = self.send_invitation(account).await;
        self.ok_as(account, "AcceptHandshake", json!({"HandshakeId": id})).await;
    }

    /// An invitation's id.
    pub(crate) async fn send_invitation(&self, account: &str) -> String {
        let input = json!({"Target": {"Id": account, "Type": "ACCOUNT"}});
        text(&self.ok("InviteAccountToOrganization", input).await["Handshake"]["Id"])
    }

    /// What the organization means for an account.
    pub(crate) async fn membership(&self, account: &str) -> Arc<garrison_kernel::identity::Membership> {
        self.directory.membership(account.parse().unwrap()).await.unwrap()
    }

    /// Moves the clock and does what falls due.
    pub(crate) async fn advance(&self, days: u64) {
        use garrison_clock::Clock as _;
        let now = self.test.clock.advance(std::time::Duration::from_secs(days * 86_400));
        for worker in self.front.workers() {
            worker.run_due(now).await.unwrap();
        }
    }

    /// Whether something is in the store.
    pub(crate) async fn stored(&self, key: &[&str]) -> bool {
        self.test.kernel.store().get(&Key::of(key)).await.unwrap().is_some()
    }
}

/// The text of a JSON string.
#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The texts of one member of every element of a list, sorted.
#[track_caller]
pub(crate) fn each(list: &Value, member: &str) -> Vec<String> {
    let mut found: Vec<String> = list.as_array().unwrap().iter().map(|item| text(&item[member])).collect();
    found.sort();
    found
}

/// A policy that denies an action.
pub(crate) fn deny(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": action, "Resource": "*"}})
}
