"""Load from several tenants at once, and what must hold once the server that they worked with is gone.

A tenant knows what its keys look like after every acknowledged call. The call that was under way when the server
died may have happened or not: after the restart the tenant's keys look as they did before it or as they do after
it, whole, and the audit log agrees with them.
"""

from __future__ import annotations

import base64
import copy
import http.client
import json
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from running import ACCOUNT, ROOT, Answer, Api, Garrison

TENANTS = 4
MAX_KEYS = 4
MAX_ALIASES = 5
MAX_GRANTS = 4
MAX_ROTATIONS = 25
SYMMETRIC = "SYMMETRIC_DEFAULT"
CURVE = "ECC_NIST_P256"

Effect = Callable[[dict], None]


@dataclass(frozen=True)
class Pending:
    """A call whose answer never came."""

    operation: str
    effect: Effect | None


@dataclass
class Round:
    """What happened between a start and the next crash."""

    access_key: str
    # Request ids with the operation's name.
    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


class Stopped(Exception):
    """The server gave no answer, or one that says that it cannot serve."""

    def __init__(self, answer: Answer | None):
        super().__init__(answer)
        self.answer = answer


@dataclass
class Tenant:
    """One client: what it believes, and what it does next.

    `state` has the tenant's keys by description and its aliases by name. A key is a dictionary of what is compared.
    Keys that the tenant no longer touches are in `done`, and compared at the end.
    """

    name: str
    random: random.Random
    ids: dict[str, str]
    grant_ids: dict[str, str]
    state: dict = field(default_factory=lambda: {"keys": {}, "aliases": {}})
    done: dict = field(default_factory=dict)
    pending: Pending | None = None
    number: int = 0
    # (key, ciphertext, plaintext, context) and (key, message, signature) of acknowledged calls, this round's.
    ciphertexts: list = field(default_factory=list)
    signatures: list = field(default_factory=list)

    def fresh(self, what: str) -> str:
        self.number += 1
        return f"{self.name}-{what}-{self.number}"

    def step(self, call: Callable[..., dict]) -> None:
        """Makes one call of those that make sense now."""
        keys = self.state["keys"]
        if len(keys) < 2 or self.random.random() < 0.08:
            return self.create_key(call)
        key = self.random.choice(sorted(keys))
        uses = [self.encrypt] if keys[key]["spec"] == SYMMETRIC else [self.sign]
        changes = [self.alias, self.grant, self.policy, self.tag]
        if keys[key]["spec"] == SYMMETRIC and keys[key]["rotations"] < MAX_ROTATIONS:
            changes.append(self.rotate)
        return self.random.choice(uses * 3 + changes)(call, key)

    def create_key(self, call: Callable[..., dict]) -> None:
        name, tag = self.fresh("key"), self.fresh("tag")
        spec = self.random.choice([SYMMETRIC, SYMMETRIC, CURVE])
        usage = "ENCRYPT_DECRYPT" if spec == SYMMETRIC else "SIGN_VERIFY"

        def effect(state: dict) -> None:
            state["keys"][name] = {
                "spec": spec, "sid": "created", "tags": {"made": tag}, "grants": [], "rotations": 0,
            }  # fmt: skip

        made = call(
            "CreateKey", effect, Description=name, KeySpec=spec, KeyUsage=usage,
            Policy=policy("created"), Tags=[{"TagKey": "made", "TagValue": tag}],
        )  # fmt: skip
        self.ids[name] = made["KeyMetadata"]["KeyId"]
        if len(self.state["keys"]) > MAX_KEYS:
            oldest = next(iter(self.state["keys"]))
            self.done[oldest] = self.state["keys"].pop(oldest)

    def kind(self, key: str) -> str:
        return (self.state["keys"].get(key) or self.done[key])["spec"]

    def alias(self, call: Callable[..., dict], key: str) -> None:
        aliases = self.state["aliases"]
        # An alias moves between keys of one kind only.
        kind = self.kind(key)
        others = sorted(name for name, target in aliases.items() if target != key and self.kind(target) == kind)
        if others and self.random.random() < 0.5:
            name = self.random.choice(others)

            def moved(state: dict) -> None:
                state["aliases"][name] = key

            call("UpdateAlias", moved, AliasName=name, TargetKeyId=self.ids[key])
        elif len(aliases) < MAX_ALIASES:
            name = "alias/" + self.fresh("alias")

            def created(state: dict) -> None:
                state["aliases"][name] = key

            call("CreateAlias", created, AliasName=name, TargetKeyId=self.ids[key])
        else:
            name = self.random.choice(sorted(aliases))
            call("DeleteAlias", lambda state: state["aliases"].pop(name), AliasName=name)

    def grant(self, call: Callable[..., dict], key: str) -> None:
        grants = self.state["keys"][key]["grants"]
        if len(grants) < MAX_GRANTS and self.random.random() < 0.6:
            name = self.fresh("grant")

            def created(state: dict) -> None:
                state["keys"][key]["grants"].append(name)

            made = call(
                "CreateGrant", created, KeyId=self.ids[key], GranteePrincipal=ROOT, RetiringPrincipal=ROOT,
                Operations=["DescribeKey"], Name=name,
            )  # fmt: skip
            self.grant_ids[name] = made["GrantId"]
        elif grants:
            name = self.random.choice(grants)

            def gone(state: dict) -> None:
                state["keys"][key]["grants"].remove(name)

            arn = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/{self.ids[key]}"
            call("RetireGrant", gone, KeyId=arn, GrantId=self.grant_ids[name])

    def policy(self, call: Callable[..., dict], key: str) -> None:
        sid = f"sid{self.fresh('policy').replace('-', '')}"

        def changed(state: dict) -> None:
            state["keys"][key]["sid"] = sid

        call("PutKeyPolicy", changed, KeyId=self.ids[key], Policy=policy(sid))

    def tag(self, call: Callable[..., dict], key: str) -> None:
        name, value = f"tag{self.random.randrange(4)}", self.fresh("value")

        def changed(state: dict) -> None:
            state["keys"][key]["tags"][name] = value

        call("TagResource", changed, KeyId=self.ids[key], Tags=[{"TagKey": name, "TagValue": value}])

    def rotate(self, call: Callable[..., dict], key: str) -> None:
        def rotated(state: dict) -> None:
            state["keys"][key]["rotations"] += 1

        call("RotateKeyOnDemand", rotated, KeyId=self.ids[key])

    def encrypt(self, call: Callable[..., dict], key: str) -> None:
        plaintext = encode(self.random.randbytes(self.random.randrange(1, 200)))
        context = {"tenant": self.name, "number": self.fresh("call")}
        made = call("Encrypt", None, KeyId=self.ids[key], Plaintext=plaintext, EncryptionContext=context)
        self.ciphertexts.append((self.ids[key], made["CiphertextBlob"], plaintext, context))

    def sign(self, call: Callable[..., dict], key: str) -> None:
        message = encode(self.random.randbytes(32))
        made = call("Sign", None, KeyId=self.ids[key], Message=message, SigningAlgorithm="ECDSA_SHA_256")
        self.signatures.append((self.ids[key], message, made["Signature"]))


def encode(content: bytes) -> str:
    return base64.b64encode(content).decode()


def policy(sid: str) -> str:
    statement = {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Load:
    """The tenants, over the whole life of a data folder."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        # Ids of keys and grants by the names that the tenants gave them.
        self.ids: dict[str, str] = {}
        self.grant_ids: dict[str, str] = {}
        self.tenants = [
            Tenant(f"t{number}", random.Random(seed * 100 + number), self.ids, self.grant_ids)
            for number in range(TENANTS)
        ]
        self.rounds: list[Round] = []
        # Ciphertexts that are tried again at the very end.
        self.kept: list = []
        # Answers that said that the server cannot serve.
        self.unserved: list[Answer] = []

    def run(self, server: Garrison, calls: int, crash: Callable[[], None] | None = None) -> Round:
        """Works until so many calls have been acknowledged, then crashes the server from within the load.

        Without a `crash` the load just ends."""
        # An access key of its own for each round: one lookup finds the round's records.
        current = Round(f"load{len(self.rounds)}")
        self.rounds.append(current)
        lock, ended, failures = threading.Lock(), threading.Event(), []

        def acknowledged(answer) -> None:
            with lock:
                if answer.status != 200:
                    current.refused.add(answer.request_id)
                    return
                current.acknowledged[answer.request_id] = answer.operation
                if len(current.acknowledged) == calls:
                    if crash:
                        crash()
                    ended.set()

        def work(tenant: Tenant) -> None:
            api = server.api(current.access_key, tenant.name)
            try:
                while not ended.is_set():
                    with suppress(Skipped):
                        tenant.step(lambda *a, **k: call(api, tenant, acknowledged, *a, **k))
            except Stopped as stopped:
                if stopped.answer:
                    self.unserved.append(stopped.answer)
                ended.set()
            except Exception as error:  # noqa: BLE001: it fails the test, in the thread that runs it
                failures.append(error)
                ended.set()

        threads = [threading.Thread(target=work, args=(tenant,)) for tenant in self.tenants]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return current

    def copy(self) -> Load:
        """The same tenants with the same memories, for a copy of the server's data."""
        return copy.deepcopy(self)

    def settle(self, server: Garrison) -> None:
        """Checks the server against what was acknowledged in the last round, and takes it as it is from now on."""
        api, current = server.api(), self.rounds[-1]
        keys = api.pages("ListKeys", "Keys", Limit=1000)
        self.learn(api, {key["KeyId"] for key in keys})
        await_rotations(server, api, [self.ids[k] for tenant in self.tenants for k in tenant.state["keys"]])
        aliases = self.aliases(api)
        retirable = {grant["GrantId"] for grant in api.pages("ListRetirableGrants", "Grants", RetiringPrincipal=ROOT)}
        records = self.records(api, current)
        for tenant in self.tenants:
            unheard = [record for record in records if record["requestID"] not in current.acknowledged]
            extras = [r for r in unheard if r["userAgent"] == tenant.name and "errorCode" not in r]
            self.settle_tenant(api, tenant, aliases, retirable, extras)
            for key, blob, plaintext, context in tenant.ciphertexts:
                opened = api("Decrypt", CiphertextBlob=blob, EncryptionContext=context)
                assert (opened["Plaintext"], opened["KeyId"].rsplit("/", 1)[1]) == (plaintext, key)
            for key, message, signature in tenant.signatures:
                arguments = {"KeyId": key, "Message": message, "Signature": signature}
                assert api("Verify", SigningAlgorithm="ECDSA_SHA_256", **arguments)["SignatureValid"]
            self.kept += self.random.sample(tenant.ciphertexts, min(2, len(tenant.ciphertexts)))
            tenant.ciphertexts.clear()
            tenant.signatures.clear()

    def settle_tenant(self, api: Api, tenant: Tenant, aliases: dict, retirable: set, extras: list[dict]) -> None:
        pending, tenant.pending = tenant.pending, None
        before = tenant.state
        names = [name for name in before["keys"]]
        names += [name for name in self.ids if name.startswith(f"{tenant.name}-") and name not in before["keys"]
                  and name not in tenant.done]  # fmt: skip
        own = {name: target for name, target in aliases.items() if name.startswith(f"alias/{tenant.name}-")}
        actual = {"keys": {name: self.look(api, name, aliases, retirable) for name in names}, "aliases": own}
        happened = pending is not None and len(extras) == 1
        assert len(extras) <= (1 if pending else 0), f"{tenant.name}: records of calls that nobody made: {extras}"
        if happened:
            assert extras[0]["eventName"] == pending.operation
        expected = copy.deepcopy(before)
        if happened and pending.effect:
            pending.effect(expected)
        assert actual == expected, f"{tenant.name} after {pending and pending.operation}, its record there: {happened}"
        tenant.state = actual

    def finish(self, server: Garrison) -> None:
        """Checks everything that was ever acknowledged."""
        api = server.api()
        retirable = {grant["GrantId"] for grant in api.pages("ListRetirableGrants", "Grants", RetiringPrincipal=ROOT)}
        aliases, rotations, grants = self.aliases(api), 0, set()
        for tenant in self.tenants:
            for name, expected in {**tenant.done, **tenant.state["keys"]}.items():
                assert self.look(api, name, aliases, retirable) == expected, name
                rotations += expected["rotations"]
                grants.update(self.grant_ids[grant] for grant in expected["grants"])
        assert grants == retirable, "the index of retirable grants and the grants disagree"
        for key, blob, plaintext, context in self.kept:
            opened = api("Decrypt", CiphertextBlob=blob, EncryptionContext=context)
            assert (opened["Plaintext"], opened["KeyId"].rsplit("/", 1)[1]) == (plaintext, key)
        assert len(api.events("EventName", "RotateKey")) == rotations, "each rotation has one record of its completion"
        for past in self.rounds:
            self.records(api, past)

    def learn(self, api: Api, listed: set[str]) -> None:
        """Finds the names of keys whose ids nobody was told, and of their grants."""
        known = set(self.ids.values())
        assert known <= listed, f"{len(known - listed)} acknowledged keys are gone"
        for key in listed - known:
            name = api("DescribeKey", KeyId=key)["KeyMetadata"]["Description"]
            assert name not in self.ids, f"{name} was made twice"
            self.ids[name] = key

    def aliases(self, api: Api) -> dict[str, str]:
        """Every alias and the name of its key: an alias that points nowhere is an error."""
        names = {key: name for name, key in self.ids.items()}
        listed = api.pages("ListAliases", "Aliases", Limit=100)
        return {alias["AliasName"]: names[alias["TargetKeyId"]] for alias in listed}

    def look(self, api: Api, name: str, aliases: dict[str, str], retirable: set[str]) -> dict:
        """A key as it is."""
        key = self.ids[name]
        metadata = api("DescribeKey", KeyId=key)["KeyMetadata"]
        assert (metadata["KeyState"], metadata["Description"]) == ("Enabled", name)
        grants = api.pages("ListGrants", "Grants", KeyId=key)
        self.grant_ids.update({grant["Name"]: grant["GrantId"] for grant in grants})
        assert {grant["GrantId"] for grant in grants} <= retirable, f"a grant of {name} is in no index"
        own = {alias["AliasName"] for alias in api.pages("ListAliases", "Aliases", KeyId=key)}
        everywhere = {alias for alias, target in aliases.items() if target == name}
        assert own == everywhere, f"the aliases of {name} and the list of all aliases disagree"
        document = json.loads(api("GetKeyPolicy", KeyId=key, PolicyName="default")["Policy"])
        rotations = 0
        if metadata["KeySpec"] == SYMMETRIC:
            rotations = len(api.pages("ListKeyRotations", "Rotations", KeyId=key))
        tags = api.pages("ListResourceTags", "Tags", KeyId=key)
        return {
            "spec": metadata["KeySpec"],
            "sid": document["Statement"][0]["Sid"],
            "tags": {tag["TagKey"]: tag["TagValue"] for tag in tags},
            "grants": sorted((grant["Name"] for grant in grants), key=lambda n: int(n.rsplit("-", 1)[1])),
            "rotations": rotations,
        }

    def records(self, api: Api, past: Round) -> list[dict]:
        """A round's audit records: one, and no more, of every acknowledged call."""
        events = api.events("AccessKeyId", past.access_key)
        records = [event["Record"] for event in events]
        times = Counter(record["eventID"] for record in records)
        assert all(count == 1 for count in times.values()), "one event stands in the log more than once"
        by_request = Counter(record["requestID"] for record in records)
        lost = [f"{request} {past.acknowledged[request]}" for request in past.acknowledged if request not in by_request]
        assert not lost, f"{len(lost)} acknowledged calls have no audit record: {lost[:5]}"
        assert all(count == 1 for count in by_request.values()), "one call has more than one record"
        for record in records:
            if name := past.acknowledged.get(record["requestID"]):
                assert record["eventName"] == name and "errorCode" not in record, record
        for event in events[:3] + events[-3:]:
            found = api.events("EventId", event["EventId"])
            assert [e["CloudTrailEvent"] for e in found] == [event["CloudTrailEvent"]]
        return [record for record in records if record["requestID"] not in past.refused]


def call(api: Api, tenant: Tenant, acknowledged: Callable, operation: str, effect: Effect | None, **arguments) -> dict:
    """Makes a tenant's call, and tells what came of it."""
    tenant.pending = Pending(operation, effect)
    try:
        answer = api.send(operation, **arguments)
    except (OSError, http.client.HTTPException) as gone:
        raise Stopped(None) from gone
    if answer.status >= 500:
        raise Stopped(answer)
    if answer.status == 200 and effect:
        effect(tenant.state)
    tenant.pending = None
    acknowledged(Heard(answer.status, answer.request_id, operation))
    if answer.status != 200:
        # A rotation that is still under way is the one refusal that the load may meet.
        assert answer.code == "ConflictException", answer
        raise Skipped
    return answer.body


@dataclass(frozen=True)
class Heard:
    """An answer that came."""

    status: int
    request_id: str
    operation: str


class Skipped(Exception):
    """The call was refused as it may be; the tenant goes on."""


def await_rotations(server: Garrison, api: Api, keys: list[str]) -> None:
    """Lets the worker complete the rotations that were under way: a move of the clock returns when it has."""
    server.advance("1s")
    for key in keys:
        answer = api.send("GetKeyRotationStatus", KeyId=key)
        assert "OnDemandRotationStartDate" not in answer.body, f"the rotation of {key} is not completed"


def kill(server: Garrison) -> None:
    os.kill(server.process.pid, signal.SIGKILL)
