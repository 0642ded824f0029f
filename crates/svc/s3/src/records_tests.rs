//! The forms that were released stay readable: a sample of each, byte for byte.

use serde::Serialize;
use serde_json::Value;

use super::*;
use crate::checksum::Algorithm;

const BUCKET: &str = r#"{"v":"1","account":"111122223333","region":"eu-central-1","partition":"aws","created":1800000000000,"ownership":"BucketOwnerEnforced","versioning":"Suspended","lock":false,"policy":"{}","public_access":{"block_acls":true,"ignore_acls":true,"block_policy":false,"restrict_buckets":true},"encryption":{"kms":true,"key":"alias/a","bucket_key":true},"tags":{"a":"1"},"cors":[{"id":null,"headers":["*"],"methods":["GET"],"origins":["*"],"expose":[],"max_age":5}]}"#;
const OBJECT: &str = r#"{"v":"1","sequence":7,"id":"x","modified":1800000000000,"object":{"etag":"e-2","size":3,"about":{"storage_class":"STANDARD_IA","content_type":"text/plain","metadata":{"k":"v"},"tags":{"t":"1"}},"checksum":{"algorithm":"SHA256","value":"AA==-2","composite":true},"encryption":{"S3":{"sealed":"AQI="}},"parts":[{"number":1,"size":3,"checksum":{"algorithm":"SHA256","value":"AA=="},"etag":"e","modified":1800000000000,"body":{"name":"00112233445566778899aabbccddeeff","inline":"AQI="}},{"number":2,"size":0,"checksum":null,"etag":"e","modified":1800000000000,"body":{"name":"00112233445566778899aabbccddeeff"}}],"multipart":true}}"#;
const KMS: &str = r#"{"v":"1","sequence":7,"modified":1800000000000,"object":{"etag":"e","size":0,"about":{},"checksum":{"algorithm":"CRC64NVME","value":"AA=="},"encryption":{"Kms":{"key":"arn","encrypted":"AQI=","context":{"aws:s3:arn":"x"},"bucket_key":true}},"parts":[]}}"#;
const MARKER: &str = r#"{"v":"1","sequence":8,"modified":1800000000000}"#;
const UPLOAD: &str = r#"{"v":"1","initiated":1800000000000,"initiator":"arn","about":{},"encryption":{"S3":{"sealed":"AQI="}},"algorithm":"CRC32C","full_object":false,"asked":true}"#;
const PUBLIC_ACCESS: &str =
    r#"{"v":"1","block_acls":true,"ignore_acls":false,"block_policy":true,"restrict_buckets":false}"#;

#[track_caller]
fn same<T: DeserializeOwned + Serialize>(sample: &str) {
    let read: T = decode(sample.as_bytes()).unwrap();
    let written: Value = serde_json::from_slice(&encode(read)).unwrap();
    assert_eq!(written, serde_json::from_str::<Value>(sample).unwrap());
}

#[test]
fn the_first_versions() {
    same::<Bucket>(BUCKET);
    for sample in [OBJECT, KMS, MARKER] {
        same::<Version>(sample);
    }
    same::<Upload>(UPLOAD);
    same::<PublicAccess>(PUBLIC_ACCESS);
}

#[test]
fn what_is_damaged_or_newer_is_refused() {
    for damaged in [
        "",
        "{}",
        &MARKER.replace("\"1\"", "\"2\""),
        &OBJECT.replace("AQI=", "?"),
        &OBJECT.replace("eeff", "xx"),
    ] {
        assert!(decode::<Version>(damaged.as_bytes()).is_err(), "{damaged}");
    }
    assert!(decode::<Bucket>(BUCKET.replace("111122223333", "1").as_bytes()).is_err());
    assert!(Algorithm::parse("CRC32").is_ok());
}
