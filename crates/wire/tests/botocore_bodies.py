"""Writes data/botocore.json: what botocore sends for values of the synthetic model, in each protocol, and checks
that botocore reads our answers in that file as the same values.

    python3 botocore_bodies.py        with the botocore of models/README.md installed

The tests in botocore.rs read the file. `answers` in it are ours: a test that fails because they changed prints the
new ones; this script keeps them and says whether botocore still reads them.
"""

import base64
import copy
import datetime
import json
import pathlib
import sys
import urllib.parse

from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

HERE = pathlib.Path(__file__).parent
DATA = HERE / "data" / "botocore.json"
PROTOCOLS = ["json", "query", "smithy-rpc-v2-cbor"]
UTC = datetime.timezone.utc

ITEMS = [{"Name": "a", "Value": "b&c=d"}, {"Name": ""}]
CASES = {
    "empty": {},
    "scalars": {
        "Text": "a \"b\" <c> & é 😀\t/",
        "Secret": "hidden",
        "Choice": "two-fish",
        "Flag": True,
        "Count": -7,
        "Big": 9007199254740993,
        "Small": 0.5,
        "Ratio": 1e-7,
        "Bytes": b"\x00\x01\xfe\xff",
        "SecretBytes": b"hidden",
        "When": datetime.datetime(2026, 1, 31, 12, 0, 0, 123000, UTC),
        "WhenText": datetime.datetime(2026, 1, 31, 12, 0, 0, 0, UTC),
        "Other": "renamed",
        "type": "a keyword",
    },
    "collections": {
        "Texts": ["a", "", "c d"],
        "Lists": [["a"], ["b", "c"]],
        "Items": ITEMS,
        "Flat": ["x", "y"],
        "Pairs": {"one": 1, "two": 2},
        "ItemsByName": {"k": ITEMS[0]},
        "FlatPairs": {"a": 1, "b": 2},
        "Either": {"Right": 5},
        "Nested": {"Text": "inner", "Nested": {"Flat": ["deep"], "Flag": False}},
    },
}


def service(protocol):
    model = json.loads((HERE / "synthetic" / "synthetic.json").read_text())
    model = copy.deepcopy(model)
    model["version"] = "2.0"
    model["metadata"]["protocol"] = protocol
    model["metadata"]["protocols"] = [protocol]
    return ServiceModel(model, "synthetic")


def plain(value):
    """The value as JSON, in the form that our JSON answers have."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def body(protocol, value):
    operation = service(protocol).operation_model("Check")
    sent = create_serializer(protocol).serialize_to_request(value, operation)["body"]
    if isinstance(sent, dict):
        sent = urllib.parse.urlencode(sent).encode()
    return base64.b64encode(sent).decode()


def read(protocol, answer):
    model = service(protocol)
    headers = {"smithy-protocol": "rpc-v2-cbor"} if "cbor" in protocol else {}
    response = {"status_code": 200, "headers": headers, "body": base64.b64decode(answer)}
    parsed = create_parser(protocol).parse(response, model.operation_model("Check").output_shape)
    parsed.pop("ResponseMetadata", None)
    return plain(parsed)


def main():
    old = {case["name"]: case for case in json.loads(DATA.read_text())} if DATA.exists() else {}
    cases, wrong = [], 0
    for name, value in CASES.items():
        expected = plain(value)
        answers = old.get(name, {}).get("answers", {})
        for protocol, answer in answers.items():
            parsed = read(protocol, answer)
            if parsed != expected:
                wrong += 1
                print(f"{name}, {protocol}: botocore reads\n  {parsed}\nnot\n  {expected}", file=sys.stderr)
        bodies = {protocol: body(protocol, value) for protocol in PROTOCOLS}
        cases.append({"name": name, "value": expected, "bodies": bodies, "answers": answers})
    DATA.write_text(json.dumps(cases, indent=1, ensure_ascii=True) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
