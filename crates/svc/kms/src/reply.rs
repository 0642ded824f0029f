//! Answers of operations that change a key and give nothing back.

use garrison_kernel::Reply;
use garrison_schema::Unit;
use garrison_store::WriteSet;

use crate::model::KeySnapshot;

/// An empty answer. The audit record names the key all the same: since December 2022 `responseElements.keyId` is the key's
/// ARN (KMS Developer Guide, "Examples of AWS KMS log entries").
pub(crate) fn changed(key: &KeySnapshot, writes: WriteSet) -> Reply<Unit> {
    let elements = serde_json::json!({ "keyId": &*key.arn });
    Reply { response_elements: Some(elements.to_string()), ..Reply::with_writes(Unit, writes) }
}
