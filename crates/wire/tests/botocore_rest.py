"""Writes data/rest_requests.json: what botocore sends for values of every operation of S3, S3 Control and the
synthetic REST model; and checks that botocore reads our answers as the same values.

    python3 botocore_rest.py [ANSWERS]        with the botocore of models/README.md installed

The tests in botocore_rest.rs read data/rest_requests.json and data/rest_answers.json. A test that fails because the
answers changed says where it has put the new ones: give that file to this script, which keeps it when botocore reads
it, and otherwise says what it reads.
"""

import base64
import datetime
import io
import json
import pathlib
import sys
import tomllib
from email.utils import format_datetime

from botocore.compat import HTTPHeaders
from botocore.eventstream import EventStream
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.utils import percent_encode_sequence

HERE = pathlib.Path(__file__).parent
REQUESTS = HERE / "data" / "rest_requests.json"
ANSWERS = HERE / "data" / "rest_answers.json"
UTC = datetime.timezone.utc
WHEN = datetime.datetime(2026, 1, 31, 12, 0, 0, 0, UTC)

# Members whose form botocore's handlers decide, not its serializers and parsers.
# Members that stand in host names.
NAMED = {"AccountId": "account", "Bucket": "bucket"}
LEFT_OUT = {"GetObjectOutput": ["Expires"], "HeadObjectOutput": ["Expires"]}


def models():
    loader = Loader()
    rest = json.loads((HERE / "synthetic_rest" / "rest.json").read_text()) | {"version": "2.0"}
    yield "rest-json", rest_as(rest, "rest-json"), sorted(rest["operations"])
    yield "rest-xml", rest_as(rest, "rest-xml"), sorted(rest["operations"])
    for name in ["s3", "s3control"]:
        manifest = tomllib.loads((HERE / "../../../models" / f"{name}.toml").read_text())
        yield name, ServiceModel(loader.load_service_model(name, "service-2"), name), manifest["operations"]


def rest_as(model, protocol):
    model = json.loads(json.dumps(model))
    model["metadata"]["protocol"] = protocol
    model["metadata"]["protocols"] = [protocol]
    return ServiceModel(model, "rest")


def protocol_of(name):
    return name if name.startswith("rest-") else "rest-xml"


def value_of(shape, place, depth=0, header="header"):
    """A value of the shape: every member set, every collection with two items."""
    kind = shape.type_name
    if kind == "structure":
        members = {}
        for name, member in shape.members.items():
            if depth > 9 or name in LEFT_OUT.get(shape.name, []) or member.serialization.get("eventstream"):
                continue
            where = member.serialization.get("location", "body") if depth == 0 else "body"
            if where == "body" and depth == 0 and shape.serialization.get("payload") not in (None, name):
                where = "header"
            where = header if where == "header" else where
            members[name] = value_of(member, NAMED.get(name, where), depth + 1)
            if getattr(shape, "is_tagged_union", False):
                break
        return members
    if kind == "list":
        return [value_of(shape.member, place, depth + 1) for _ in range(2)]
    if kind == "map":
        return {key: value_of(shape.value, place, depth + 1) for key in ["one", "two"]}
    if kind in ("string", "character"):
        if getattr(shape, "enum", None):
            return shape.enum[-1]
        texts = {
            "account": "123456789012",
            "bucket": "a-bucket",
            "uri": "a//b c/\u00e9+&?=%2F.txt/",
            "querystring": "a b+c&d=\u00e9/",
            "header": "plain, \"text\"" if shape.name == "String" else "plain text",
            "headers": "plain text",
        }
        return '{"a":1}' if shape.serialization.get("jsonvalue") else texts.get(place, " \"<a> & 'b'\u00e9\n\U0001f600 ")
    return {
        "boolean": True,
        "integer": 7,
        "long": 1 << 40,
        "float": 0.5,
        "double": 0.5,
        "timestamp": WHEN,
        "blob": b"\x00\x01\xfe\xff",
    }[kind]


def plain(shape, value):
    """The value as our JSON has it: under the names of the wire."""
    kind = shape.type_name
    if kind == "structure":
        return {
            shape.members[name].serialization.get("name", name): plain(shape.members[name], item)
            for name, item in value.items()
            if not shape.members[name].serialization.get("streaming") and not is_streaming(shape, name)
        }
    if kind == "list":
        return [plain(shape.member, item) for item in value]
    if kind == "map":
        return {key: plain(shape.value, item) for key, item in value.items()}
    if kind == "blob":
        return base64.b64encode(value).decode()
    if kind == "timestamp":
        if shape.name == "Expires":
            # Text in the model; botocore makes a timestamp of it when it loads the model.
            return format_datetime(value, usegmt=True)
        form = shape.serialization.get("timestampFormat", "unixTimestamp")
        return {
            "unixTimestamp": lambda: value.timestamp(),
            "iso8601": lambda: value.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "rfc822": lambda: format_datetime(value, usegmt=True),
        }[form]()
    return value


def is_streaming(shape, name):
    member = shape.members[name]
    return member.type_name == "blob" and getattr(member, "metadata", {}).get("streaming", False) or (
        member.serialization.get("streaming", False)
    )


def request(protocol, operation, value):
    for name, member in (operation.input_shape.members if operation.input_shape else {}).items():
        # The serializer makes JSON of it.
        if member.serialization.get("jsonvalue") and name in value:
            value = value | {name: json.loads(value[name])}
    sent = create_serializer(protocol, include_validation=False).serialize_to_request(value, operation)
    body = sent["body"]
    body = body.encode() if isinstance(body, str) else body
    path, _, query = sent["url_path"].partition("?")
    more = percent_encode_sequence(sent["query_string"]) if sent["query_string"] else ""
    return {
        "method": sent["method"],
        "path": path,
        "query": "&".join(part for part in [query, more] if part),
        "headers": [[name.lower(), str(text)] for name, text in sent["headers"].items()],
        "body": base64.b64encode(body or b"").decode(),
    }


def events(protocol, shape, body, initial=False):
    """What botocore's parser of event streams reads."""

    class Raw(io.BytesIO):
        def stream(self):
            yield self.getvalue()

        def close(self):
            pass

    found = []
    stream = EventStream(Raw(body), shape, create_parser(protocol)._event_stream_parser, "Listen")
    try:
        if initial:
            assert stream.get_initial_response().payload == b"{}"
        found.extend(stream)
    except Exception as error:  # botocore raises the stream's errors.
        found.append(str(error))
    return found


EVENTS = [
    {"Piece": {"Number": 7, "Data": b"\x00\x01"}},
    {"Told": {"Details": {"Text": "a<b", "Flag": True}}},
    {"Plain": {"Text": "t", "Count": 3}},
    {"End": {}},
    "An error occurred (Gone) when calling the Listen operation: it is gone",
]


def read(name, operation, answer):
    protocol = protocol_of(name)
    body = base64.b64decode(answer["body"])
    headers = HTTPHeaders.from_dict({header: text for header, text in answer["headers"]})
    shape = operation.output_shape
    if shape is not None and shape.type_name == "structure" and operation.get_event_stream_output():
        member = operation.get_event_stream_output()
        return {"Topic": headers["x-topic"], "Events": events(protocol, member, body)}
    if operation.get_streaming_output():
        body = io.BytesIO(body)
    response = {"status_code": answer["status"], "headers": headers, "body": body}
    parsed = create_parser(protocol).parse(response, shape)
    parsed.pop("ResponseMetadata", None)
    for key, item in parsed.items():
        if hasattr(item, "read"):
            parsed[key] = item.read()
    return parsed


def expected(operation, value):
    shape = operation.output_shape
    if shape is not None and operation.get_event_stream_output():
        return {"Topic": value["Topic"], "Events": EVENTS}
    value = dict(value)
    for name, member in (shape.members if shape else {}).items():
        if member.serialization.get("jsonvalue"):
            value[name] = json.loads(value[name])
        if member.serialization.get("location") == "statusCode":
            value[name] = 299
    return value


def main():
    answers = json.loads(pathlib.Path(sys.argv[1]).read_text()) if len(sys.argv) > 1 else {}
    cases, wrong = [], 0
    for name, model, names in models():
        for operation in (model.operation_model(each) for each in names):
            case = {"service": name, "operation": operation.name}
            given = value_of(operation.input_shape, "body") if operation.input_shape else {}
            case["request"] = request(protocol_of(name), operation, given)
            case["input"] = plain(operation.input_shape, given) if operation.input_shape else {}
            if "Others" in case["input"]:
                # The map takes what no other member takes, also what the URI has.
                case["input"]["Others"]["fixed"] = "1"
            # botocore does not undo the quotes of lists in answers.
            made = value_of(operation.output_shape, "body", header="headers") if operation.output_shape else {}
            case["output"] = plain(operation.output_shape, made) if operation.output_shape else {}
            cases.append(case)
            answer = answers.get(f"{name} {operation.name}")
            # Read by a handler of botocore's.
            if answer is None or operation.name == "GetBucketLocation":
                continue
            found = read(name, operation, answer)
            if operation.http["method"] == "HEAD":
                found = {key: item for key, item in found.items() if key in made}
            if found != expected(operation, made):
                wrong += 1
                print(f"{name} {operation.name}: botocore reads\n  {found}\nnot\n  {expected(operation, made)}", file=sys.stderr)
    REQUESTS.write_text(json.dumps(cases, indent=1, ensure_ascii=True) + "\n")
    if answers and not wrong:
        ANSWERS.write_text(json.dumps(answers, indent=1, ensure_ascii=True) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
