//! Writes inputs that the targets begin with: `seeds DIR` makes `DIR/<target>/<n>`. Each is valid, or nearly, so that what
//! fuzzing makes of it gets behind the first check. They are made, not stored: real ciphertexts and real documents cannot be
//! reviewed as bytes.

use std::fs;
use std::path::Path;

use garrison_api_kms::operations::CreateGrant;
use garrison_crypto::LockedSecret;
use garrison_crypto::blob::SymmetricKey;
use garrison_crypto::context::canonical_context;
use garrison_crypto::material_id::MaterialId;
use garrison_crypto::testing::SeededRng;
use garrison_schema::Operation;
use garrison_wire::{Codec, decode};

#[path = "../../crates/engines/attestation/tests/it/support.rs"]
#[allow(dead_code, reason = "the tests that it is for use all of it")]
mod support;

use support::{Enclave, Pki};

fn main() {
    let folder = std::env::args().nth(1).expect("the folder to write to");
    let seeds = [
        ("attestation", attestation()),
        ("blob", blob()),
        ("cbor", cbor()),
        ("json", JSON.map(Vec::from).to_vec()),
        ("jwt", JWT.map(Vec::from).to_vec()),
        ("policy", POLICY.map(Vec::from).to_vec()),
        ("policy_compare", policy_compare()),
        ("query", QUERY.map(Vec::from).to_vec()),
        ("saml", SAML.map(Vec::from).to_vec()),
        ("session_token", SESSION_TOKEN.map(Vec::from).to_vec()),
        ("sigv4", SIGV4.map(Vec::from).to_vec()),
    ];
    for (target, inputs) in seeds {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder).expect("a folder for seeds");
        for (number, input) in inputs.iter().enumerate() {
            fs::write(folder.join(number.to_string()), input).expect("a seed is written");
        }
    }
}

/// A document under its root, one that is not signed by it, and a public key.
fn attestation() -> Vec<Vec<u8>> {
    let (pki, other, enclave) = (Pki::new(), Pki::new(), Enclave::new());
    let root = |pki: &Pki| {
        let length = u16::try_from(pki.root().len()).expect("a short certificate");
        [&length.to_be_bytes()[..], pki.root()].concat()
    };
    let document = pki.document(&enclave.spki);
    vec![
        [root(&pki), document.clone()].concat(),
        [root(&other), document].concat(),
        [vec![0, 0], enclave.spki].concat(),
    ]
}

/// What the target's key encrypts, of several lengths, under both of its contexts.
fn blob() -> Vec<Vec<u8>> {
    let rng = SeededRng::new(1);
    let material = LockedSecret::copy_of(&[7; 32]).expect("memory");
    let key = SymmetricKey::new(MaterialId::from_bytes([9; 32]), &material).expect("32 bytes");
    let contexts = [Vec::new(), canonical_context([("tenant", "blue")])];
    let lengths = [0, 1, 32, 200, 4096];
    let encrypt = |context, length| key.encrypt(&rng, &vec![b'p'; length], context).expect("it encrypts");
    contexts.iter().flat_map(|context| lengths.map(|length| encrypt(context, length))).collect()
}

/// Seeds for a request, a set of policies, and as many policies as sets have.
fn policy_compare() -> Vec<Vec<u8>> {
    // Numbers of xorshift64.
    let step = |state: &u64| {
        let mut next = state ^ (state << 13);
        next ^= next >> 7;
        Some(next ^ (next << 17))
    };
    let choices = |seed: u64| std::iter::successors(Some(seed), step).skip(1).flat_map(u64::to_le_bytes);
    (1..=16).map(|seed| choices(seed).take(256).collect()).collect()
}

/// The JSON bodies in CBOR.
fn cbor() -> Vec<Vec<u8>> {
    let encode = |body: &str| {
        let (input, _) = decode::<CreateGrant>(Codec::Json11, body.as_bytes()).expect("JSON");
        let codec = Codec::RpcV2Cbor;
        codec.encode_output(&garrison_api_kms::SERVICE, CreateGrant::SCHEMA, &input, "id").bytes
    };
    JSON.map(encode).to_vec()
}

const JSON: [&str; 3] = [
    "{}",
    r#"{"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "GranteePrincipal": "arn:aws:iam::111122223333:root",
        "Operations": ["Encrypt", "Decrypt"], "Name": "n", "DryRun": false, "GrantTokens": ["AQ", "Ag"],
        "Constraints": {"EncryptionContextSubset": {"tenant": "blue", "\u00e9\ud83d\ude00": "\n"}}}"#,
    r#"{"KeyId":null,"GranteePrincipal":"","Operations":[],"RetiringPrincipal":"x","Unknown":[{"a":[1,-2.5e3,true]}],
        "Constraints":{"EncryptionContextEquals":{}}}"#,
];

const QUERY: [&str; 4] = [
    "Action=CreateGrant&Version=2014-11-01",
    "Action=CreateGrant&KeyId=1234abcd-12ab-34cd-56ef-1234567890ab&GranteePrincipal=arn%3Aaws%3Aiam%3A%3A111122223333%3Aroot\
     &Operations.member.1=Encrypt&Operations.member.2=Decrypt&Constraints.EncryptionContextSubset.entry.1.key=tenant\
     &Constraints.EncryptionContextSubset.entry.1.value=blue+%F0%9F%98%80&DryRun=false&GrantTokens.member.1=AQ",
    "Action=SimulateCustomPolicy&PolicyInputList.member.1=%7B%7D&ActionNames.member.1=kms%3ADecrypt&ResourceArns.member.1=*\
     &ContextEntries.member.1.ContextKeyName=a%3Ak&ContextEntries.member.1.ContextKeyValues.member.1=1\
     &ContextEntries.member.1.ContextKeyValues.member.2=2&ContextEntries.member.1.ContextKeyType=numericList&MaxItems=10",
    "Operations.member.2=b&Operations.member.1=a&Operations.member.10=c&DryRun=maybe&Name=%zz&KeyId",
];

const POLICY: [&str; 4] = [
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"One\",\"Effect\":\"Allow\",\"Action\":[\"kms:Dec*\",\"kms:?ncrypt\"],\
     \"Resource\":\"arn:aws:kms:*:${aws:PrincipalAccount}:key/*\",\"Condition\":{\"StringLike\":{\"a:k\":[\"x*\",\"${aws:username}\"]},\
     \"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"},\"Bool\":{\"aws:MultiFactorAuthPresent\":\"true\"}}},\
     {\"Effect\":\"Deny\",\"NotAction\":\"kms:*\",\"NotResource\":\"*\"}]}\0kms:Decrypt\0arn:aws:kms:eu-west-1:111122223333:key/1\0x",
    "{\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"ForAllValues:StringEquals\":\
     {\"a:k\":[\"a\",\"b\"]},\"NumericLessThanIfExists\":{\"a:k\":5},\"Null\":{\"a:k\":true}}}}\0a:b\0*\07",
    "{\"Version\":\"2012-10-17\",\"Id\":\"id\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",\"Resource\":\
     [\"arn:aws:s3:::b/*\",\"arn:aws:s3:::c\"],\"Condition\":{\"DateGreaterThan\":{\"a:k\":\"2026-01-01T00:00:00Z\"},\
     \"ArnLike\":{\"a:k\":\"arn:*:s3:::*\"},\"BinaryEquals\":{\"a:k\":\"QUI=\"}}}]}\0s3:GetObject\0arn:aws:s3:::b/o\02026-02-01",
    "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
];

/// Requests as the target reads them. Their signatures are made up: a real one would be one that was guessed.
const SIGV4: [&str; 4] = [
    "POST /\nx-amz-date: 20260131T120000Z\nx-amz-target: TrentService.ListKeys\nAuthorization: AWS4-HMAC-SHA256 \
     Credential=AKIA/20260131/eu-central-1/kms/aws4_request, SignedHeaders=host;x-amz-date, \
     Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n\n{}",
    "GET /a/../b%20c?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20260131%2Feu-central-1%2Fs3%2Faws4_request\
     &X-Amz-Date=20260131T120000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host\
     &X-Amz-Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n\n",
    "PUT /key?uploads&partNumber=1\ncontent-type:  a   b \nX-Two: 1\nx-two: 2\n\n5;chunk-signature=\
     0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\nhello\r\n0;chunk-signature=\
     0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n\r\n",
    "PUT /k\n\n5\r\nhello\r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
];

/// RFC 7515, appendix A.3, with its key, and a header that no key is for.
const JWT: [&str; 2] = [
    concat!(
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q\n",
        r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#,
        r#""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#
    ),
    "eyJhbGciOiJub25lIn0.e30.\n{\"keys\":[]}",
];

/// What providers sign, and their metadata.
const SAML: [&str; 4] = [
    include_str!("../../crates/engines/saml/testdata/assertion-rsa.xml"),
    include_str!("../../crates/engines/saml/testdata/response-p384.xml"),
    include_str!("../../crates/engines/saml/testdata/encrypted-aes256-cbc.xml"),
    include_str!("../../crates/engines/saml/testdata/metadata-rsa.xml"),
];

/// Contents of tokens.
const SESSION_TOKEN: [&str; 2] = [
    r#"{"v":"1","who":{"role":{"arn":"arn:aws:iam::111122223333:role/a/B","id":"AROA","session":"s"}},"issued":1,"expires":1800003600000,
        "tags":[["a","b"]],"transitive":["a"],"policies":["{}"],"context":[["saml:aud",["x"]]]}"#,
    r#"{"v":"1","seconds":900,"session":{"v":"1","who":{"federated":{"name":"b","issuer":{"root":{"arn":
        "arn:aws:iam::111122223333:root"}}}},"issued":1,"expires":1800003600000}}"#,
];
