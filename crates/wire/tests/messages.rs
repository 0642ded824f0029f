//! From a body to the message of a refused request.

use garrison_schema::validate::{length_violation_message, validate};
use garrison_wire::Codec;

use crate::decode;

#[test]
fn missing_members_are_named_by_their_place() {
    let expected = "2 validation errors detected: Value null at 'items.2.member.name' failed to satisfy constraint: \
                    Member must not be null; Value null at 'itemsByName.k.member.name' failed to satisfy \
                    constraint: Member must not be null";
    for (codec, body) in [
        (Codec::Json11, &br#"{"Items":[{"Name":"a"},null,{}],"ItemsByName":{"k":{"Value":"v"}}}"#[..]),
        (
            Codec::Query,
            b"Items.member.1.Name=a&Items.member.5.Value=&ItemsByName.entry.1.key=k&ItemsByName.entry.1.value.Value=v",
        ),
        (
            Codec::RpcV2Cbor,
            b"\xa2\x65Items\x83\xa1\x64Name\x61a\xf6\xa0\x6bItemsByName\xa1\x61k\xa1\x65Value\x61v",
        ),
    ] {
        let (input, issues) = decode(codec, body).unwrap();
        assert_eq!(validate(&input, &issues).unwrap_err(), expected, "{codec:?}");
    }
}

#[test]
fn enums_outside_the_model_are_named() {
    let (input, issues) = decode(Codec::Json11, br#"{"Choice":"x"}"#).unwrap();
    assert_eq!(
        validate(&input, &issues).unwrap_err(),
        "1 validation error detected: Value 'x' at 'choice' failed to satisfy constraint: Member must satisfy enum \
         value set: [ONE_FISH, two-fish, 3]"
    );
}

#[test]
fn kms_answers_as_aws_does() {
    use garrison_api_kms::operations::{CreateGrant, Encrypt, ScheduleKeyDeletion, TagResource};
    use garrison_schema::Operation;

    fn message<O: Operation>(body: &str) -> String {
        let (input, issues) = garrison_wire::decode::<O>(Codec::Json11, body.as_bytes()).unwrap();
        validate(&input, &issues).err().unwrap_or_default()
    }

    assert_eq!(message::<Encrypt>(r#"{"KeyId":"alias/a","Plaintext":"aGk="}"#), "");
    assert_eq!(
        message::<Encrypt>(r#"{"Plaintext":""}"#),
        "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; \
         Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1"
    );
    assert_eq!(
        length_violation_message("plaintext", 4096),
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length \
         less than or equal to 4096"
    );
    assert_eq!(
        message::<ScheduleKeyDeletion>(r#"{"KeyId":"k","PendingWindowInDays":366}"#),
        "1 validation error detected: Value '366' at 'pendingWindowInDays' failed to satisfy constraint: Member must \
         have value less than or equal to 365"
    );
    assert_eq!(
        message::<TagResource>(r#"{"KeyId":"k","Tags":[{"TagKey":"","TagValue":"v"}]}"#),
        "1 validation error detected: Value '' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must \
         have length greater than or equal to 1"
    );
    let grant =
        message::<CreateGrant>(r#"{"KeyId":"k","GranteePrincipal":"p","Operations":["Encrypt","Fly"]}"#);
    assert!(
        grant.starts_with(
            "1 validation error detected: Value '[Encrypt, Fly]' at 'operations' failed to satisfy constraint: Member \
             must satisfy constraint: [Member must satisfy enum value set: [Decrypt, "
        ),
        "{grant}"
    );
}

#[test]
fn a_hundred_thousand_mistakes_cost_no_more_than_fifty() {
    let body = format!(r#"{{"Items":[{}{{}}]}}"#, "{},".repeat(100_000));
    let (input, issues) = decode(Codec::Json11, body.as_bytes()).unwrap();
    assert_eq!(issues.missing().len(), 50);
    let message = validate(&input, &issues).unwrap_err();
    assert!(message.starts_with("50 validation errors detected: ") && message.len() < 10_000);
}
