//! Why a policy document is refused.

/// A policy document that cannot be accepted.
///
/// The text is what AWS answers with in `MalformedPolicyDocument` where its wording is known publicly, and says
/// what is wrong in the same style where it is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Larger than the limit, in bytes.
    #[error("The policy document is larger than {limit} bytes.")]
    TooLarge {
        /// The most bytes that are read.
        limit: usize,
    },
    /// Nested deeper, or with more statements or values, than the limits allow.
    #[error("The policy document has too many {what}: at most {limit} are allowed.")]
    TooMany {
        /// What there is too much of, for example `statements`.
        what: &'static str,
        /// The most that is read.
        limit: usize,
    },
    /// Not JSON, or JSON of another shape than a policy has.
    #[error("Syntax errors in policy.{detail}")]
    Syntax {
        /// Empty, or a space and where and what.
        detail: String,
    },
    /// An object names the same element twice.
    #[error("Syntax errors in policy. The element `{0}` occurs more than once.")]
    Duplicate(String),
    /// An element that the policy language does not have.
    #[error("Syntax errors in policy. Unknown element `{0}`.")]
    UnknownElement(String),
    /// `Version` is neither `2008-10-17` nor `2012-10-17`: this.
    #[error("Policy document must be version 2012-10-17 or greater.")]
    Version(String),
    /// `Effect` is neither `Allow` nor `Deny`.
    #[error("Invalid effect `{0}`: it must be Allow or Deny.")]
    Effect(String),
    /// An element that this kind of policy must have is absent.
    #[error("Missing required field {0}")]
    Missing(&'static str),
    /// An element that this kind of policy must not have is present.
    #[error("Has prohibited field {0}")]
    Prohibited(&'static str),
    /// An identity-based policy names a principal.
    #[error("Policy document should not specify a principal.")]
    NoPrincipalHere,
    /// Two elements that exclude each other, for example `Action` and `NotAction`.
    #[error("Syntax errors in policy. A statement may have {0} or {1}, not both.")]
    Both(&'static str, &'static str),
    /// There are no actions.
    #[error("Policy statement must contain actions.")]
    NoActions,
    /// There are no resources.
    #[error("Policy statement must contain resources.")]
    NoResources,
    /// An action is neither `*` nor `service:name`.
    #[error("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")]
    Vendor,
    /// An action has more than one colon.
    #[error("Actions/Condition can contain only one colon.")]
    Colons,
    /// The service of an action, this, has characters that no service's name has.
    #[error("Vendor {0} is not valid")]
    VendorName(String),
    /// The partition of a resource's ARN does not exist.
    #[error("Partition \"{partition}\" is not valid for resource \"{resource}\".")]
    Partition {
        /// The partition.
        partition: String,
        /// The resource as written.
        resource: String,
    },
    /// The service of a resource's ARN is missing or holds a wildcard.
    #[error("Resource vendor must be fully qualified and cannot contain regexes.")]
    ResourceVendor,
    /// The ARN of something of IAM names a Region.
    #[error("IAM resource {0} cannot contain region information.")]
    IamRegion(String),
    /// A trust policy is about other actions than those that assume a role.
    #[error("AssumeRole policy may only specify STS AssumeRole actions.")]
    TrustAction,
    /// An identity provider in a trust policy is neither a domain name nor a provider's ARN.
    #[error("Federated principals must be valid domain names or SAML metadata ARNs")]
    Federated,
    /// A resource is neither `*` nor an ARN.
    #[error("Resource {0} must be in ARN format or \"*\".")]
    Resource(String),
    /// A principal of a form that is not known, or of none.
    #[error("Invalid principal in policy: {0}")]
    Principal(String),
    /// Two statements have the same `Sid`.
    #[error("Statement IDs (SID) in a single policy must be unique.")]
    DuplicateSid,
    /// A `Sid` has characters that this kind of policy does not allow.
    #[error(
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
    )]
    Sid,
    /// A condition operator that does not exist.
    #[error("Invalid Condition type : {0}")]
    Operator(String),
    /// A condition value that its operator cannot read, for example a date that is none.
    #[error("The value `{value}` is not valid for the condition operator {operator}.")]
    ConditionValue {
        /// The operator as written.
        operator: String,
        /// The value as written.
        value: String,
    },
    /// A `${` that is not a variable, or more variables in one string than are read.
    #[error("Invalid policy variable in `{0}`.")]
    Variable(String),
    /// A resource control policy may only deny, for every principal, and has no `NotAction`.
    #[error("A resource control policy must have Effect Deny, Principal \"*\" and Action.")]
    ResourceControl,
}
