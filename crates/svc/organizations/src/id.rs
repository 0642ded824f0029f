//! Ids and ARNs, in the patterns of the interface.
//!
//! Source: Organizations API Reference, the patterns of the data types; Service Authorization Reference, "Resource types
//! defined by AWS Organizations".

use garrison_kernel::Kernel;
use garrison_types::AccountId;

const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// Random characters of an id: lower-case letters and digits.
fn random(kernel: &Kernel, length: usize) -> String {
    let mut bytes = vec![0_u8; length];
    kernel.rng().fill(&mut bytes);
    // 36 does not divide 256; a little bias does no harm, since ids are no secrets and a taken one is tried anew.
    let letters = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()));
    letters.map(|letter| char::from(*letter)).collect()
}

/// A new id: `prefix` and `length` random characters.
pub(crate) fn new(kernel: &Kernel, prefix: &str, length: usize) -> String {
    format!("{prefix}{}", random(kernel, length))
}

/// A new unit below `root`: `ou-` with what follows `r-`, and eight characters.
pub(crate) fn new_unit(kernel: &Kernel, root: &str) -> String {
    let tree = root.strip_prefix("r-").unwrap_or(root);
    format!("ou-{tree}-{}", random(kernel, 8))
}

/// Twelve random digits, the first not 0.
pub(crate) fn new_account(kernel: &Kernel) -> AccountId {
    let mut bytes = [0; 8];
    kernel.rng().fill(&mut bytes);
    let number = 100_000_000_000 + u64::from_be_bytes(bytes) % 900_000_000_000;
    AccountId::from_u64(number).unwrap_or(AccountId::ZERO)
}

/// What an id is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Account,
    Handshake,
    Policy,
    ResourcePolicy,
    Root,
    Transfer,
    Unit,
}

/// What an id is of, by its form; none when it has none of the forms.
pub(crate) fn kind(id: &str) -> Option<Kind> {
    let prefixes = [
        ("ou-", Kind::Unit),
        ("r-", Kind::Root),
        ("p-", Kind::Policy),
        ("h-", Kind::Handshake),
        ("rp-", Kind::ResourcePolicy),
        ("rt-", Kind::Transfer),
    ];
    match prefixes.iter().find(|(prefix, _)| id.starts_with(prefix)) {
        Some((_, kind)) => Some(*kind),
        None => id.parse::<AccountId>().is_ok().then_some(Kind::Account),
    }
}

/// An organization's place in ARNs: its management account and id, `111122223333` and `o-a1b2c3d4e5`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Namespace<'a> {
    pub management: &'a str,
    pub organization: &'a str,
}

impl Namespace<'_> {
    fn arn(&self, kind: &str, rest: &str) -> String {
        format!("arn:aws:organizations::{}:{kind}/{}{rest}", self.management, self.organization)
    }

    pub(crate) fn organization(&self) -> String {
        self.arn("organization", "")
    }

    pub(crate) fn account(&self, id: &str) -> String {
        self.arn("account", &format!("/{id}"))
    }

    pub(crate) fn root(&self, id: &str) -> String {
        self.arn("root", &format!("/{id}"))
    }

    pub(crate) fn unit(&self, id: &str) -> String {
        self.arn("ou", &format!("/{id}"))
    }

    /// `policy_type` as the interface writes it, for example `TAG_POLICY`.
    pub(crate) fn policy(&self, policy_type: &str, id: &str) -> String {
        self.arn("policy", &format!("/{}/{id}", policy_type.to_ascii_lowercase()))
    }

    pub(crate) fn resource_policy(&self, id: &str) -> String {
        self.arn("resourcepolicy", &format!("/{id}"))
    }

    /// `action` as the interface writes it, for example `ENABLE_ALL_FEATURES`.
    pub(crate) fn handshake(&self, action: &str, id: &str) -> String {
        self.arn("handshake", &format!("/{}/{id}", action.to_ascii_lowercase()))
    }

    /// `direction` is `inbound` or `outbound`.
    pub(crate) fn transfer(&self, direction: &str, id: &str) -> String {
        self.arn("transfer", &format!("/billing/{direction}/{id}"))
    }
}

/// The ARN of a policy that AWS manages.
pub(crate) fn managed_policy(policy_type: &str, id: &str) -> String {
    format!("arn:aws:organizations::aws:policy/{}/{id}", policy_type.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_tell_what_they_are_of() {
        for (id, expected) in [
            ("111122223333", Some(Kind::Account)),
            ("r-ab12", Some(Kind::Root)),
            ("ou-ab12-abcdefgh", Some(Kind::Unit)),
            ("p-FullAWSAccess", Some(Kind::Policy)),
            ("rp-abcdefgh", Some(Kind::ResourcePolicy)),
            ("rt-abcdefgh", Some(Kind::Transfer)),
            ("h-abcdefgh", Some(Kind::Handshake)),
            ("11112222333", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(kind(id), expected, "{id}");
        }
    }

    #[test]
    fn arns_name_the_management_account() {
        let names = Namespace { management: "111122223333", organization: "o-exampleorg" };
        assert_eq!(
            names.account("444455556666"),
            "arn:aws:organizations::111122223333:account/o-exampleorg/444455556666"
        );
        assert_eq!(
            names.policy("TAG_POLICY", "p-abc"),
            "arn:aws:organizations::111122223333:policy/o-exampleorg/tag_policy/p-abc"
        );
        assert_eq!(
            names.handshake("ENABLE_ALL_FEATURES", "h-1"),
            "arn:aws:organizations::111122223333:handshake/o-exampleorg/enable_all_features/h-1"
        );
        assert_eq!(
            managed_policy("SERVICE_CONTROL_POLICY", "p-FullAWSAccess"),
            "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
        );
    }
}
