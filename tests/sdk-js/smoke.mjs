// What a JavaScript program does with KMS, with the SDK as it is. The environment says where Garrison is.

import assert from "node:assert/strict";
import { createHmac, createPublicKey, randomBytes, verify } from "node:crypto";
import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import * as KMS from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const kms = new KMS.KMSClient({});
const call = (Command, input) => kms.send(new Command(input));
const text = (bytes) => Buffer.from(bytes).toString();

const identity = await new STSClient({}).send(new GetCallerIdentityCommand({}));
assert.equal(identity.Account, "123456789012");

const { KeyMetadata: key } = await call(KMS.CreateKeyCommand, { Description: "from JavaScript" });
assert.equal(key.Arn, `arn:aws:kms:eu-central-1:123456789012:key/${key.KeyId}`);
assert.ok(key.CreationDate instanceof Date);
await call(KMS.CreateAliasCommand, { AliasName: "alias/js", TargetKeyId: key.KeyId });

const EncryptionContext = { tenant: "blue" };
const sealed = await call(KMS.EncryptCommand, { KeyId: "alias/js", Plaintext: Buffer.from("secret"), EncryptionContext });
const opened = await call(KMS.DecryptCommand, { CiphertextBlob: sealed.CiphertextBlob, EncryptionContext });
assert.equal(text(opened.Plaintext), "secret");
await assert.rejects(call(KMS.DecryptCommand, { CiphertextBlob: sealed.CiphertextBlob }), KMS.InvalidCiphertextException);
await assert.rejects(call(KMS.DescribeKeyCommand, { KeyId: "alias/none" }), KMS.NotFoundException);

const dataKey = await call(KMS.GenerateDataKeyCommand, { KeyId: key.KeyId, KeySpec: "AES_256" });
const again = await call(KMS.DecryptCommand, { CiphertextBlob: dataKey.CiphertextBlob });
assert.deepEqual(again.Plaintext, dataKey.Plaintext);

const { KeyMetadata: signing } = await call(KMS.CreateKeyCommand, { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
const Message = randomBytes(100);
const { Signature } = await call(KMS.SignCommand, { KeyId: signing.KeyId, Message, SigningAlgorithm: "ECDSA_SHA_256" });
const { PublicKey } = await call(KMS.GetPublicKeyCommand, { KeyId: signing.KeyId });
const publicKey = createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
assert.ok(verify("sha256", Message, publicKey, Signature));

const { KeyMetadata: mac } = await call(KMS.CreateKeyCommand, { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
const made = await call(KMS.GenerateMacCommand, { KeyId: mac.KeyId, Message, MacAlgorithm: "HMAC_SHA_256" });
assert.equal(made.Mac.length, createHmac("sha256", "").digest().length);

const ids = [];
for await (const page of KMS.paginateListKeys({ client: kms, pageSize: 1 }, {})) ids.push(...page.Keys.map((k) => k.KeyId));
assert.deepEqual(new Set(ids), new Set([key.KeyId, signing.KeyId, mac.KeyId]));

await call(KMS.EnableKeyRotationCommand, { KeyId: key.KeyId, RotationPeriodInDays: 90 });
const rotation = await call(KMS.GetKeyRotationStatusCommand, { KeyId: key.KeyId });
assert.equal(rotation.RotationPeriodInDays, 90);
assert.ok(rotation.NextRotationDate > new Date());
const deletion = await call(KMS.ScheduleKeyDeletionCommand, { KeyId: key.KeyId, PendingWindowInDays: 7 });
assert.equal(deletion.KeyState, "PendingDeletion");

const LookupAttributes = [{ AttributeKey: "EventName", AttributeValue: "Encrypt" }];
const { Events } = await new CloudTrailClient({}).send(new LookupEventsCommand({ LookupAttributes }));
assert.equal(Events.length, 1);
assert.equal(JSON.parse(Events[0].CloudTrailEvent).requestParameters.encryptionContext.tenant, "blue");

console.log("AWS SDK for JavaScript: passed");
