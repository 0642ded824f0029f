//! Changes within one organization.

use garrison_store::{Key, Revision, WriteSet};
use serde::Serialize;

use super::{ChildKind, layout};
use crate::records::{
    self, Account, Attachment, Creation, EmailOwner, Enabled, Handshake, Organization, OrganizationalUnit,
    Policy, ResourcePolicy, Standing, Transfer,
};

/// What changes within an organization. All changes of an organization follow each other: each holds only if nothing in
/// it has changed since the guard was read, so that whatever was read behind the guard still is as it was.
pub(crate) struct Change {
    org: String,
    writes: WriteSet,
}

impl Change {
    /// A change of the organization `org`, whose guard was read at `guard` before anything else.
    pub(crate) fn of(org: &str, guard: Revision) -> Self {
        let mut writes = WriteSet::new();
        writes.replace(layout::guard(org), guard, Vec::new());
        Self { org: org.to_owned(), writes }
    }

    /// The change that makes an organization.
    pub(crate) fn new(organization: &Organization) -> Self {
        let mut writes = WriteSet::new();
        writes.create(layout::guard(&organization.id), Vec::new());
        writes.create(layout::organization(&organization.id), records::write(organization));
        Self { org: organization.id.clone(), writes }
    }

    /// The change that ends an organization.
    pub(crate) fn end(org: &str, guard: Revision) -> Self {
        let mut writes = WriteSet::new();
        writes.require(layout::guard(org), guard);
        Self { org: org.to_owned(), writes }
    }

    /// The writes.
    pub(crate) fn finish(self) -> WriteSet {
        self.writes
    }

    fn put<T: Serialize>(&mut self, key: Key, record: &T) {
        self.writes.put(key, records::write(record));
    }

    fn mark(&mut self, key: Key) {
        self.writes.put(key, Vec::new());
    }

    /// Deletes a record; the guard says that it is as it was read.
    pub(crate) fn delete(&mut self, key: Key) {
        self.writes.deletes.push(key);
    }

    /// Adds the writes of somebody else.
    pub(crate) fn merge(&mut self, other: WriteSet) {
        merge(&mut self.writes, other);
    }

    pub(crate) fn organization(&mut self, organization: &Organization) {
        self.put(layout::organization(&organization.id), organization);
    }

    /// Puts an account where its record says. `from` is where it was.
    pub(crate) fn account(&mut self, account: &Account, from: Option<&str>) {
        let kind = ChildKind::Account.name();
        if let Some(from) = from {
            self.delete(layout::child(&self.org, from, kind, &account.id));
        }
        self.mark(layout::child(&self.org, &account.parent, kind, &account.id));
        self.put(layout::account(&self.org, &account.id), account);
    }

    pub(crate) fn remove_account(&mut self, account: &Account) {
        self.delete(layout::account(&self.org, &account.id));
        self.delete(layout::child(&self.org, &account.parent, ChildKind::Account.name(), &account.id));
    }

    /// Which organization an account is in; `was` is the revision that its standing was read at.
    pub(crate) fn standing(&mut self, account: &str, was: Option<Revision>, standing: &Standing) {
        let (key, value) = (layout::standing(account), records::write(standing));
        match was {
            Some(revision) => self.writes.replace(key, revision, value),
            None => self.writes.create(key, value),
        };
    }

    /// An email belongs to an account, and must not belong to any yet.
    pub(crate) fn email(&mut self, email: &str, account: &str) {
        self.writes.create(layout::email(email), records::write(&EmailOwner { account: account.to_owned() }));
    }

    pub(crate) fn unit(&mut self, unit: &OrganizationalUnit) {
        self.mark(layout::child(&self.org, &unit.parent, ChildKind::Unit.name(), &unit.id));
        self.put(layout::unit(&self.org, &unit.id), unit);
    }

    pub(crate) fn remove_unit(&mut self, unit: &OrganizationalUnit) {
        self.delete(layout::unit(&self.org, &unit.id));
        self.delete(layout::child(&self.org, &unit.parent, ChildKind::Unit.name(), &unit.id));
    }

    pub(crate) fn policy(&mut self, policy: &Policy) {
        self.put(layout::policy(&self.org, &policy.id), policy);
    }

    pub(crate) fn remove_policy(&mut self, id: &str) {
        self.delete(layout::policy(&self.org, id));
    }

    pub(crate) fn attach(&mut self, kind: &str, policy: &str, target: &str, now: i64) {
        self.put(layout::attached(&self.org, target, kind, policy), &Attachment { at: now });
        self.mark(layout::target(&self.org, policy, target));
    }

    pub(crate) fn detach(&mut self, kind: &str, policy: &str, target: &str) {
        self.delete(layout::attached(&self.org, target, kind, policy));
        self.delete(layout::target(&self.org, policy, target));
    }

    pub(crate) fn creation(&mut self, creation: &Creation) {
        self.put(layout::creation(&self.org, &creation.id), creation);
    }

    pub(crate) fn service(&mut self, principal: &str, enabled: Enabled) {
        self.put(layout::service(&self.org, principal), &enabled);
    }

    pub(crate) fn remove_service(&mut self, principal: &str) {
        self.delete(layout::service(&self.org, principal));
    }

    pub(crate) fn delegate(&mut self, account: &str, principal: &str, enabled: Enabled) {
        self.put(layout::delegate(&self.org, account, principal), &enabled);
    }

    pub(crate) fn remove_delegate(&mut self, account: &str, principal: &str) {
        self.delete(layout::delegate(&self.org, account, principal));
    }

    pub(crate) fn resource_policy(&mut self, policy: &ResourcePolicy) {
        self.put(layout::resource_policy(&self.org), policy);
    }

    /// A handshake that this organization sends.
    pub(crate) fn send(&mut self, handshake: &Handshake) {
        self.mark(layout::sent(&self.org, &handshake.id));
        if let Some(party) = handshake.party.name() {
            self.mark(layout::received(party, &handshake.id));
        }
        self.mark(layout::handshake_due(handshake.due, &handshake.id));
        self.put(layout::handshake(&handshake.id), handshake);
    }

    /// Writes the next state of a handshake that was due at `due` and read at `was`.
    pub(crate) fn handshake(&mut self, handshake: &Handshake, due: i64, was: Revision) {
        next_handshake(&mut self.writes, handshake, due, was);
    }

    /// A closed account is gone at `time`.
    pub(crate) fn closure(&mut self, account: &str, time: i64) {
        self.mark(layout::closure_due(time, &self.org, account));
    }

    /// A transfer, with the places where both sides find it.
    pub(crate) fn transfer(&mut self, transfer: &Transfer, was: Option<Revision>) {
        put_transfer(&mut self.writes, transfer, was);
    }
}

/// Writes the next state of a handshake that was due at `due` and read at `was`.
pub(crate) fn next_handshake(writes: &mut WriteSet, handshake: &Handshake, due: i64, was: Revision) {
    if due != handshake.due {
        writes.deletes.push(layout::handshake_due(due, &handshake.id));
        writes.put(layout::handshake_due(handshake.due, &handshake.id), Vec::new());
    }
    writes.replace(layout::handshake(&handshake.id), was, records::write(handshake));
}

/// Forgets a handshake.
pub(crate) fn forget_handshake(writes: &mut WriteSet, handshake: &Handshake) {
    writes.deletes.push(layout::handshake(&handshake.id));
    writes.deletes.push(layout::handshake_due(handshake.due, &handshake.id));
    writes.deletes.push(layout::sent(&handshake.organization, &handshake.id));
    writes.deletes.extend(handshake.party.name().map(|party| layout::received(party, &handshake.id)));
}

/// Writes a transfer, with the places where both sides find it.
pub(crate) fn put_transfer(writes: &mut WriteSet, transfer: &Transfer, was: Option<Revision>) {
    let (key, value) = (layout::transfer(&transfer.id), records::write(transfer));
    match was {
        Some(revision) => writes.replace(key, revision, value),
        None => writes.create(key, value),
    };
    writes.put(layout::transfer_of(&transfer.target.organization, "inbound", &transfer.id), Vec::new());
    writes.put(layout::transfer_of(&transfer.source.organization, "outbound", &transfer.id), Vec::new());
}

/// Puts one set of writes behind another.
fn merge(writes: &mut WriteSet, other: WriteSet) {
    let WriteSet { preconditions, puts, deletes, erase, outbox, audit } = other;
    writes.preconditions.extend(preconditions);
    writes.puts.extend(puts);
    writes.deletes.extend(deletes);
    writes.erase |= erase;
    writes.outbox.extend(outbox);
    writes.audit.extend(audit);
}
