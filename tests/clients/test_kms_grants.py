"""Grants between two accounts: what they allow, their constraints, tokens, retiring, revoking, lists."""

import pytest

from support import body, is_recent, new_key, pages, refused, root

ALL_USES = ["Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey"]


@pytest.fixture
def key(kms):
    return new_key(kms)


def test_a_grant_lets_another_account_in_and_nothing_more(kms, other_kms, key, other_account, account):
    arn = key["Arn"]
    with refused("AccessDeniedException"):
        other_kms.encrypt(KeyId=arn, Plaintext=b"x")
    answer = body(kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=root(other_account), Operations=["Encrypt", "Decrypt"]))
    assert sorted(answer) == ["GrantId", "GrantToken"]
    assert len(answer["GrantId"]) == 64
    blob = other_kms.encrypt(KeyId=arn, Plaintext=b"granted")["CiphertextBlob"]
    assert other_kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"granted"
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"granted"
    for operation, arguments in (
        (other_kms.describe_key, {}),
        (other_kms.generate_data_key, {"KeySpec": "AES_256"}),
        (other_kms.create_grant, {"GranteePrincipal": root(other_account), "Operations": ["Encrypt"]}),
    ):
        with refused("AccessDeniedException"):
            operation(KeyId=arn, **arguments)

    [entry] = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    assert is_recent(entry.pop("CreationDate"))
    assert sorted(entry.pop("Operations")) == ["Decrypt", "Encrypt"]
    assert entry.pop("Name", "") == ""
    assert entry == {
        "KeyId": arn,
        "GrantId": answer["GrantId"],
        "GranteePrincipal": root(other_account),
        "IssuingAccount": root(account),
    }
    assert body(kms.revoke_grant(KeyId=key["KeyId"], GrantId=answer["GrantId"])) == {}
    with refused("AccessDeniedException"):
        other_kms.encrypt(KeyId=arn, Plaintext=b"x")


def test_constraints(kms, other_kms, key, other_account):
    context = {"tenant": "blue", "stage": "test"}
    for constraints, allowed, denied in (
        ({"EncryptionContextEquals": context}, context, {**context, "more": "yes"}),
        ({"EncryptionContextSubset": {"tenant": "blue"}}, {**context, "more": "yes"}, {"tenant": "red"}),
    ):
        grant = kms.create_grant(
            KeyId=key["KeyId"], GranteePrincipal=root(other_account), Operations=["Encrypt"], Constraints=constraints
        )["GrantId"]
        other_kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext=allowed)
        with refused("AccessDeniedException"):
            other_kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext=denied)
        with refused("AccessDeniedException"):
            other_kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
        [entry] = kms.list_grants(KeyId=key["KeyId"])["Grants"]
        assert entry["Constraints"] == constraints
        kms.revoke_grant(KeyId=key["KeyId"], GrantId=grant)


def test_the_name_makes_creation_idempotent(kms, key, other_account):
    arguments = {
        "KeyId": key["KeyId"],
        "GranteePrincipal": root(other_account),
        "Operations": ["Decrypt"],
        "Name": "once",
    }
    first, second = kms.create_grant(**arguments), kms.create_grant(**arguments)
    assert first["GrantId"] == second["GrantId"]
    assert first["GrantToken"] != second["GrantToken"]
    assert len(kms.list_grants(KeyId=key["KeyId"])["Grants"]) == 1
    other = kms.create_grant(**{**arguments, "Operations": ["Encrypt"]})
    assert other["GrantId"] != first["GrantId"]


def test_grant_tokens(kms, other_kms, key, other_account):
    grant = kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=root(other_account), Operations=["Encrypt"])
    other_kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", GrantTokens=[grant["GrantToken"]])
    for wrong in ("not-a-token", grant["GrantToken"][:-4] + "AAAA"):
        with refused("InvalidGrantTokenException"):
            other_kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", GrantTokens=[wrong])


def test_retiring(server, kms, other_kms, key, account, other_account):
    def grant(**arguments):
        return kms.create_grant(
            KeyId=key["KeyId"], GranteePrincipal=root(other_account), Operations=["Encrypt", "RetireGrant"], **arguments
        )

    by_token, by_id = grant(), grant(RetiringPrincipal=root(other_account))
    assert body(other_kms.retire_grant(GrantToken=by_token["GrantToken"])) == {}
    listed = other_kms.list_retirable_grants(RetiringPrincipal=root(other_account))["Grants"]
    assert [entry["GrantId"] for entry in listed] == [by_id["GrantId"]]
    assert listed[0]["RetiringPrincipal"] == root(other_account)
    assert body(other_kms.retire_grant(KeyId=key["Arn"], GrantId=by_id["GrantId"])) == {}
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []
    assert other_kms.list_retirable_grants(RetiringPrincipal=root(other_account))["Grants"] == []
    stranger = server.client("kms", "999999999999")
    third = grant()
    with refused("AccessDeniedException"):
        stranger.retire_grant(KeyId=key["Arn"], GrantId=third["GrantId"])
    # The account in which the grant was made may retire it.
    kms.retire_grant(KeyId=key["Arn"], GrantId=third["GrantId"])


def test_a_grantee_hands_on_no_more_than_it_has(server, kms, other_kms, key, other_account):
    third = "888888888888"
    kms.create_grant(
        KeyId=key["KeyId"],
        GranteePrincipal=root(other_account),
        Operations=["Encrypt", "CreateGrant"],
        Constraints={"EncryptionContextSubset": {"tenant": "blue"}},
    )
    narrower = {"EncryptionContextEquals": {"tenant": "blue"}}
    other_kms.create_grant(KeyId=key["Arn"], GranteePrincipal=root(third), Operations=["Encrypt"], Constraints=narrower)
    server.client("kms", third).encrypt(KeyId=key["Arn"], Plaintext=b"x", EncryptionContext={"tenant": "blue"})
    for wider in (
        {"Operations": ["Decrypt"], "Constraints": narrower},
        {"Operations": ["Encrypt"]},
        {"Operations": ["Encrypt"], "Constraints": {"EncryptionContextSubset": {"tenant": "red"}}},
    ):
        with refused("AccessDeniedException"):
            other_kms.create_grant(KeyId=key["Arn"], GranteePrincipal=root(third), **wider)


def test_lists(kms, key, account, other_account):
    ids = set()
    for n in range(5):
        ids.add(
            kms.create_grant(
                KeyId=key["KeyId"],
                GranteePrincipal=root(other_account if n else account),
                RetiringPrincipal=root(account),
                Operations=["Decrypt"],
                Name=f"grant-{n}",
            )["GrantId"]
        )
    found, sizes = pages(kms.list_grants, "Grants", KeyId=key["KeyId"], Limit=2)
    assert sizes == [2, 2, 1]
    assert {entry["GrantId"] for entry in found} == ids
    assert len(kms.list_grants(KeyId=key["KeyId"], GranteePrincipal=root(other_account))["Grants"]) == 4
    one = next(iter(ids))
    assert [entry["GrantId"] for entry in kms.list_grants(KeyId=key["KeyId"], GrantId=one)["Grants"]] == [one]
    found, sizes = pages(kms.list_retirable_grants, "Grants", RetiringPrincipal=root(account), Limit=3)
    assert sizes == [3, 2]
    assert {entry["GrantId"] for entry in found} == ids
    for operation in (
        lambda: kms.list_grants(KeyId=key["KeyId"], Marker="not-a-marker"),
        lambda: kms.list_retirable_grants(RetiringPrincipal=root(account), Marker="not-a-marker"),
    ):
        with refused("InvalidMarkerException"):
            operation()


def test_wrong_grants(kms, key, other_account):
    arguments = {"KeyId": key["KeyId"], "GranteePrincipal": root(other_account)}
    with refused("ValidationException", "Grants must not contain only the CreateGrant operation."):
        kms.create_grant(**arguments, Operations=["CreateGrant"])
    with refused("ValidationException"):
        kms.create_grant(**arguments, Operations=["Sign"])
    with refused("InvalidArnException"):
        kms.create_grant(KeyId=key["KeyId"], GranteePrincipal="arn:aws:s3:::bucket", Operations=["Encrypt"])
    with refused("InvalidArnException"):
        kms.create_grant(**arguments, RetiringPrincipal="somebody", Operations=["Encrypt"])
    with refused("InvalidArnException"):
        kms.list_retirable_grants(RetiringPrincipal="arn:aws:s3:::bucket")
    with refused("InvalidArnException", "Key Aliases are not supported for this operation."):
        kms.create_alias(AliasName="alias/granted", TargetKeyId=key["KeyId"])
        kms.create_grant(KeyId="alias/granted", GranteePrincipal=root(other_account), Operations=["Encrypt"])
    for operation in (kms.revoke_grant, kms.retire_grant):
        with refused("InvalidGrantIdException"):
            operation(KeyId=key["Arn"], GrantId="not-a-grant")
        with refused("NotFoundException"):
            operation(KeyId=key["Arn"], GrantId="0" * 64)
    with refused("InvalidGrantIdException"):
        kms.list_grants(KeyId=key["KeyId"], GrantId="not-a-grant")


def test_grants_die_with_their_key(own_server, account, other_account):
    kms = own_server.client("kms", account)
    key = new_key(kms)
    kms.create_grant(
        KeyId=key["KeyId"],
        GranteePrincipal=root(other_account),
        RetiringPrincipal=root(account),
        Operations=["Encrypt"],
    )
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    own_server.advance("8d")
    assert kms.list_retirable_grants(RetiringPrincipal=root(account))["Grants"] == []
