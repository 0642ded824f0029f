"""Aliases: their life, their lists, and whom they stand for."""

from support import alias_arn, body, is_recent, new_key, pages, refused


def test_an_alias_is_made_moved_and_deleted(kms, account):
    first, second = new_key(kms), new_key(kms)
    assert body(kms.create_alias(AliasName="alias/app", TargetKeyId=first["KeyId"])) == {}
    [entry] = kms.list_aliases(KeyId=first["KeyId"])["Aliases"]
    created, updated = entry.pop("CreationDate"), entry.pop("LastUpdatedDate")
    assert is_recent(created) and created == updated
    assert entry == {
        "AliasName": "alias/app",
        "AliasArn": alias_arn(account, "alias/app"),
        "TargetKeyId": first["KeyId"],
    }
    blob = kms.encrypt(KeyId="alias/app", Plaintext=b"old")["CiphertextBlob"]
    assert body(kms.update_alias(AliasName="alias/app", TargetKeyId=second["Arn"])) == {}
    assert kms.list_aliases(KeyId=first["KeyId"])["Aliases"] == []
    [entry] = kms.list_aliases(KeyId=second["KeyId"])["Aliases"]
    assert entry["CreationDate"] == created and entry["LastUpdatedDate"] >= updated
    # The ciphertext knows its key; the alias now names another one.
    assert kms.decrypt(CiphertextBlob=blob)["KeyId"] == first["Arn"]
    with refused("IncorrectKeyException"):
        kms.decrypt(CiphertextBlob=blob, KeyId="alias/app")
    assert body(kms.delete_alias(AliasName="alias/app")) == {}
    with refused("NotFoundException", f"Alias {alias_arn(account, 'alias/app')} is not found."):
        kms.delete_alias(AliasName="alias/app")


def test_names(kms, account):
    key_id = new_key(kms)["KeyId"]
    kms.create_alias(AliasName="alias/a/b_c-d", TargetKeyId=key_id)
    with refused("AlreadyExistsException", f"An alias with the name {alias_arn(account, 'alias/a/b_c-d')} already exists"):
        kms.create_alias(AliasName="alias/a/b_c-d", TargetKeyId=key_id)
    for name in ("key/a", "alias/a b", "alias/ä"):
        with refused("ValidationException"):
            kms.create_alias(AliasName=name, TargetKeyId=key_id)
    with refused("InvalidAliasNameException"):
        kms.create_alias(AliasName="alias/", TargetKeyId=key_id)
    with refused("NotAuthorizedException"):
        kms.create_alias(AliasName="alias/aws/mine", TargetKeyId=key_id)
    with refused("ValidationException", "Aliases must refer to keys. Not aliases"):
        kms.create_alias(AliasName="alias/alias", TargetKeyId="alias/a/b_c-d")


def test_an_alias_moves_only_to_a_key_of_the_same_kind(kms):
    symmetric = new_key(kms)["KeyId"]
    signing = new_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    agreement = new_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyId"]
    kms.create_alias(AliasName="alias/kind", TargetKeyId=signing)
    for other in (symmetric, agreement):
        with refused("ValidationException"):
            kms.update_alias(AliasName="alias/kind", TargetKeyId=other)
    assert kms.describe_key(KeyId="alias/kind")["KeyMetadata"]["KeyId"] == signing


def test_lists_in_pages(kms):
    key_id = new_key(kms)["KeyId"]
    names = [f"alias/page-{n}" for n in range(5)]
    for name in names:
        kms.create_alias(AliasName=name, TargetKeyId=key_id)
    found, sizes = pages(kms.list_aliases, "Aliases", KeyId=key_id, Limit=2)
    assert sizes == [2, 2, 1]
    assert sorted(alias["AliasName"] for alias in found) == names
    found, _ = pages(kms.list_aliases, "Aliases", Limit=2)
    assert {alias["AliasName"] for alias in found} >= set(names)
    with refused("InvalidMarkerException"):
        kms.list_aliases(Marker="not-a-marker")


def test_a_key_has_at_most_fifty(kms):
    key_id, other = new_key(kms)["KeyId"], new_key(kms)["KeyId"]
    for n in range(50):
        kms.create_alias(AliasName=f"alias/many-{n}", TargetKeyId=key_id)
    with refused("LimitExceededException"):
        kms.create_alias(AliasName="alias/one-more", TargetKeyId=key_id)
    kms.create_alias(AliasName="alias/one-more", TargetKeyId=other)
    with refused("LimitExceededException"):
        kms.update_alias(AliasName="alias/one-more", TargetKeyId=key_id)


def test_the_same_name_in_another_account_and_region_is_another_alias(server, kms, other_kms, account):
    mine, theirs = new_key(kms)["KeyId"], new_key(other_kms)["KeyId"]
    elsewhere = server.client("kms", account, "us-west-2")
    third = new_key(elsewhere)["KeyId"]
    for client, key_id in ((kms, mine), (other_kms, theirs), (elsewhere, third)):
        client.create_alias(AliasName="alias/same", TargetKeyId=key_id)
    for client, key_id in ((kms, mine), (other_kms, theirs), (elsewhere, third)):
        assert client.describe_key(KeyId="alias/same")["KeyMetadata"]["KeyId"] == key_id
