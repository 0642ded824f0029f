//! Responses signed by another implementation (`testdata/make.py`), and everything that may be done to them.

use proptest::prelude::*;

use super::*;

const SAMPLES: [(&str, &str, &str); 4] = [
    (
        "assertion-rsa",
        include_str!("../testdata/assertion-rsa.xml"),
        include_str!("../testdata/metadata-rsa.xml"),
    ),
    (
        "response-rsa",
        include_str!("../testdata/response-rsa.xml"),
        include_str!("../testdata/metadata-rsa.xml"),
    ),
    (
        "assertion-p256",
        include_str!("../testdata/assertion-p256.xml"),
        include_str!("../testdata/metadata-p256.xml"),
    ),
    (
        "response-p384",
        include_str!("../testdata/response-p384.xml"),
        include_str!("../testdata/metadata-p384.xml"),
    ),
];

/// Verifies a response that is not encrypted.
fn verified(response: &str, metadata: &str) -> Result<Assertion, SamlError> {
    Assertion::verified(response, &provider(metadata), &Encryption::default())
}

fn provider(metadata: &str) -> Metadata {
    Metadata::parse(metadata).unwrap()
}

fn refused(response: &str, what: &str) {
    let checked = verified(response, SAMPLES[0].2);
    assert!(checked.is_err(), "{what}: {checked:?}");
}

#[test]
fn what_another_implementation_signed_verifies() {
    for (name, response, metadata) in SAMPLES {
        let assertion = verified(response, metadata).expect(name);
        assert_eq!(assertion.issuer, "https://idp.example/metadata", "{name}");
        assert_eq!(assertion.issued, Timestamp::from_millis(1_800_000_000_123));
        assert_eq!(assertion.name_id.value, "alice@example.com", "a comment does not cut a name");
        assert_eq!(assertion.name_id.name_qualifier.as_deref(), Some("q"));
        let ends = Some(Timestamp::from_seconds(1_800_000_300));
        let recipient = Some("https://signin.aws.amazon.com/saml".to_owned());
        assert_eq!(
            assertion.confirmations,
            [Confirmation { recipient, not_before: None, not_on_or_after: ends }]
        );
        assert_eq!(
            (assertion.not_before, assertion.not_on_or_after),
            (Some(Timestamp::from_seconds(1_799_999_940)), ends)
        );
        assert_eq!(assertion.audiences, [["urn:amazon:webservices"]]);
        assert_eq!(assertion.session_ends, Some(Timestamp::from_seconds(1_800_032_400)));
        let session = assertion.attribute("https://aws.amazon.com/SAML/Attributes/RoleSessionName");
        assert_eq!(session, ["alice & \"co\"é"]);
        assert_eq!(assertion.attribute("groups"), ["a", "b"]);
        assert!(assertion.attribute("none").is_empty());
    }
}

#[test]
fn another_provider_s_keys_do_not_verify() {
    for (name, response, _) in SAMPLES {
        for (_, _, metadata) in SAMPLES {
            let own = SAMPLES.iter().find(|(own, ..)| *own == name).unwrap().2 == metadata;
            let checked = verified(response, metadata);
            assert_eq!(checked.is_ok(), own, "{name}");
        }
    }
    let renamed = SAMPLES[0].2.replace("https://idp.example/metadata", "https://other.example");
    let error = verified(SAMPLES[0].1, &renamed).err();
    assert_eq!(error, Some(SamlError::Document("its issuer is not the provider")));
}

#[test]
fn no_change_to_what_was_signed_passes() {
    for (name, response, metadata) in SAMPLES {
        for (from, to) in [
            ("alice<!--", "admin<!--"),
            ("urn:amazon:webservices", "urn:else"),
            ("2027-01-15T08:05:00Z", "2028-01-15T08:05:00Z"),
            ("<Attribute Name=\"groups\">", "<Attribute Name=\"Groups\">"),
            ("<AttributeStatement>", "<AttributeStatement><Attribute Name=\"x\"/>"),
            ("</AttributeValue><AttributeValue>b", "</AttributeValue> <AttributeValue>b"),
        ] {
            let altered = response.replacen(from, to, 1);
            assert_ne!(altered, response, "{name}: {from}");
            assert_eq!(verified(&altered, metadata).err(), Some(SamlError::Signature), "{name}: {from}");
        }
        // What means the same is the same.
        let same = response.replacen("<Attribute Name=\"groups\">", "<Attribute   Name='groups' >", 1);
        assert!(verified(&same, metadata).is_ok(), "{name}");
    }
}

/// What stands before, between and behind two places.
fn cut(text: &str, start: usize, end: usize) -> (String, String, String) {
    let (head, tail) = text.split_at(end);
    let (before, between) = head.split_at(start);
    (before.to_owned(), between.to_owned(), tail.to_owned())
}

/// The assertion of the sample, and what stands before and behind it.
fn parts() -> (String, String, String) {
    let response = SAMPLES[0].1;
    let start = response.find("<Assertion ").unwrap();
    let end = response.find("</Assertion>").unwrap() + "</Assertion>".len();
    cut(response, start, end)
}

#[test]
fn a_signature_cannot_be_wrapped_around_something_else() {
    let (before, assertion, after) = parts();
    let start = assertion.find("<ds:Signature").unwrap();
    let end = assertion.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    let (head, signature, tail) = cut(&assertion, start, end);
    let unsigned = format!("{head}{tail}");
    let evil = unsigned.replace("alice<!--", "admin<!--");
    let renamed = evil.replace("\"_a1\"", "\"_a2\"");
    refused(&format!("{before}{evil}{after}"), "no signature");
    refused(&format!("{before}{evil}{assertion}{after}"), "two assertions, the good one last");
    refused(&format!("{before}{assertion}{renamed}{after}"), "two assertions, the good one first");
    refused(
        &format!("{before}{}{after}", renamed.replace("<Subject>", &format!("{signature}<Subject>"))),
        "another id",
    );
    // The good one hidden in the evil one, with its signature moved to where it is looked for.
    let hidden = unsigned.replace("<Subject>", &format!("{signature}<Subject>"));
    for id in ["_a1", "_a2"] {
        let outer = evil.replace("\"_a1\"", &format!("\"{id}\""));
        let inside =
            outer.replace("<Subject>", &format!("{signature}<Extensions>{unsigned}</Extensions><Subject>"));
        refused(&format!("{before}{inside}{after}"), "wrapped in the evil one");
        let whole = outer.replace("<Subject>", &format!("<Extensions>{hidden}</Extensions><Subject>"));
        refused(&format!("{before}{whole}{after}"), "wrapped whole");
        let object = signature
            .replace("</ds:Signature>", &format!("<ds:Object>{unsigned}</ds:Object></ds:Signature>"));
        let object = outer.replace("<Subject>", &format!("{object}<Subject>"));
        refused(&format!("{before}{object}{after}"), "wrapped in the signature");
    }
    let extended = before.replace(
        "<samlp:Status>",
        &format!("<samlp:Extensions>{assertion}</samlp:Extensions><samlp:Status>"),
    );
    refused(&format!("{extended}{evil}{after}"), "wrapped in the response");
    // A reference to nothing is one to the whole document in XML signatures, and none here.
    refused(&SAMPLES[0].1.replace("URI=\"#_a1\"", "URI=\"\""), "an empty reference");
}

#[test]
fn what_is_not_taken_is_refused() {
    let (_, response, _) = SAMPLES[0];
    for (from, to, expected) in [
        ("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha224", "its algorithm"),
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            "its algorithm",
        ),
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            "its algorithm",
        ),
        (
            "Method Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#",
            "Method Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
            "its canonicalization is not exclusive",
        ),
    ] {
        let altered = response.replacen(from, to, 1);
        assert_ne!(altered, response, "{from}");
        let error = verified(&altered, SAMPLES[0].2).err();
        assert_eq!(error, Some(SamlError::Unsupported(expected)));
    }
    for (what, text) in [
        ("a document type", format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{response}")),
        ("a processing instruction", format!("<?evil?>{response}")),
        ("an entity", response.replace("urn:amazon", "&evil;urn:amazon")),
        ("another root", response.replace("samlp:Response", "samlp:Request")),
        ("a failed status", response.replace("status:Success", "status:Requester")),
        ("two roots", format!("{response}{response}")),
        ("nothing", String::new()),
        ("half of it", cut(response, 0, response.len() / 2).1),
        ("depth", "<a>".repeat(100_000)),
        ("a number of namespaces", {
            let declared: String = (0..60).map(|i| format!(" xmlns:n{i}=\"urn:{i}\"")).collect();
            response.replacen("<samlp:Response ", &format!("<samlp:Response{declared} "), 1)
        }),
        ("a number of elements", format!("<a>{}</a>", "<b/>".repeat(60_000))),
    ] {
        refused(&text, what);
    }
    let listed = |number: usize| {
        let method = "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"";
        let (before, after) = response.split_once(&format!("{method}/>")).unwrap();
        let list = vec!["x"; number].join(" ");
        let list = format!(
            "<e:InclusiveNamespaces xmlns:e=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{list}\"/>"
        );
        verified(&format!("{before}{method}>{list}</ds:CanonicalizationMethod>{after}"), SAMPLES[0].2)
    };
    assert_eq!(listed(16).err(), Some(SamlError::Signature));
    assert_eq!(listed(17).err(), Some(SamlError::Unsupported("so many inclusive namespaces")));
    let encrypted = response.replace(
        "<samlp:Status>",
        "<EncryptedAssertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"/><samlp:Status>",
    );
    let error = verified(&encrypted, SAMPLES[0].2).err();
    assert_eq!(error, Some(SamlError::Document("it has not exactly one assertion")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Any one character changed: what still verifies says the same.
    #[test]
    fn one_changed_character_changes_nothing_that_is_believed(
        at in any::<prop::sample::Index>(),
        to in "[ -~]",
        sample in 0_usize..4,
    ) {
        let (_, response, metadata) = SAMPLES[sample];
        let at = at.index(response.len());
        prop_assume!(response.is_char_boundary(at) && response.is_char_boundary(at + 1));
        let (before, _, after) = cut(response, at, at + 1);
        let altered = format!("{before}{to}{after}");
        let expected = verified(response, metadata).unwrap();
        if let Ok(assertion) = verified(&altered, metadata) {
            prop_assert_eq!(assertion, expected);
        }
    }

    /// Any one character of the metadata changed: nothing panics, and another document is not taken for this one's.
    #[test]
    fn damaged_metadata_does_no_harm(at in any::<prop::sample::Index>(), to in "[ -~]") {
        let metadata = SAMPLES[0].2;
        let at = at.index(metadata.len());
        let (before, _, after) = cut(metadata, at, at + 1);
        if let Ok(changed) = Metadata::parse(&format!("{before}{to}{after}")) {
            let own = changed.entity_id == provider(metadata).entity_id && changed.keys == provider(metadata).keys;
            prop_assert_eq!(Assertion::verified(SAMPLES[0].1, &changed, &Encryption::default()).is_ok(), own);
        }
    }

    #[test]
    fn nothing_panics(text in "[<>/a-z:=\"'& \\n!\\[\\]-]{0,120}") {
        let _ = Document::parse(&text);
    }
}
