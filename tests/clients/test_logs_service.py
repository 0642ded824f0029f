"""CloudWatch Logs: a group from its creation to a filter and a query, tokens, the CLI, permissions, what is
kept and what is not."""

import json
import time

import pytest

from conftest import REGION
from support import refused

DAY = 24 * 3600 * 1000


def now() -> int:
    return int(time.time() * 1000)


def arn(account: str, group: str) -> str:
    return f"arn:aws:logs:{REGION}:{account}:log-group:{group}"


def messages(page: dict) -> list[str]:
    return [event["message"] for event in page["events"]]


def found(logs, query: str, *groups: str) -> dict:
    """What a query finds in the hour around now."""
    middle = now() // 1000
    names = {"logGroupNames": list(groups)}
    query = logs.start_query(startTime=middle - 1800, endTime=middle + 1800, queryString=query, **names)["queryId"]
    deadline = time.monotonic() + 20
    while (results := logs.get_query_results(queryId=query))["status"] == "Running":
        assert time.monotonic() < deadline
    assert results["status"] == "Complete", results
    return results


@pytest.fixture
def logs(server, account):
    return server.client("logs", account=account)


@pytest.fixture
def group(logs) -> str:
    logs.create_log_group(logGroupName="/app/web", tags={"team": "blue"})
    for stream in ("a", "b"):
        logs.create_log_stream(logGroupName="/app/web", logStreamName=stream)
    return "/app/web"


def test_a_group_from_its_creation_to_a_query(logs, account, group):
    [made] = logs.describe_log_groups(logGroupNamePrefix="/app")["logGroups"]
    assert (made["arn"], made["logGroupArn"]) == (arn(account, group) + ":*", arn(account, group))
    assert logs.list_tags_for_resource(resourceArn=made["logGroupArn"])["tags"] == {"team": "blue"}
    begin = now() - 1000
    for stream in ("a", "b"):
        events = [
            {"timestamp": begin + n, "message": json.dumps({"code": 200 + 100 * n, "stream": stream})} for n in range(4)
        ]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern="{ $.code >= 400 }", PaginationConfig={"PageSize": 1}
    )
    events = [event for page in pages for event in page["events"]]
    assert [json.loads(event["message"])["code"] for event in events] == [400, 400, 500, 500]
    assert {event["logStreamName"] for event in events} == {"a", "b"}
    counted = found(logs, "filter code >= 400 | stats count(*) as errors by stream | sort stream", group)
    rows = [{field["field"]: field["value"] for field in row} for row in counted["results"]]
    assert rows == [{"stream": "a", "errors": "2"}, {"stream": "b", "errors": "2"}]
    assert counted["statistics"]["recordsScanned"] == 8
    logs.delete_log_group(logGroupName=group)
    with refused("ResourceNotFoundException", "The specified log group does not exist."):
        logs.filter_log_events(logGroupName=group)


def test_tokens_stay_the_same_at_the_end(logs, group):
    begin = now() - 1000
    events = [{"timestamp": begin + n, "message": str(n)} for n in range(5)]
    logs.put_log_events(logGroupName=group, logStreamName="a", logEvents=events)
    named = {"logGroupName": group, "logStreamName": "a"}
    head = logs.get_log_events(**named, startFromHead=True, limit=3)
    assert messages(head) == ["0", "1", "2"]
    rest = logs.get_log_events(**named, nextToken=head["nextForwardToken"], startFromHead=True)
    assert messages(rest) == ["3", "4"]
    end = logs.get_log_events(**named, nextToken=rest["nextForwardToken"], startFromHead=True)
    assert messages(end) == []
    assert end["nextForwardToken"] == rest["nextForwardToken"]
    assert messages(logs.get_log_events(**named, limit=2)) == ["3", "4"]


def test_what_is_left_out_is_said(logs, group):
    moment = now()
    events = [{"timestamp": moment - 14 * DAY - 60_000, "message": "old"}, {"timestamp": moment - 14 * DAY + 60_000, "message": "kept"}]
    answer = logs.put_log_events(logGroupName=group, logStreamName="a", logEvents=events)
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    with refused("InvalidParameterException"):
        logs.put_log_events(logGroupName=group, logStreamName="a", logEvents=[*events[1:], events[0]])
    with refused("InvalidParameterException"):
        logs.put_retention_policy(logGroupName=group, retentionInDays=8)


def test_the_cli_writes_and_reads(cli, account):
    group = "/cli"

    def aws(*arguments: str) -> dict:
        return cli.json("logs", *arguments, account=account)

    aws("create-log-group", "--log-group-name", group)
    aws("create-log-stream", "--log-group-name", group, "--log-stream-name", "s")
    named = ["--log-group-name", group, "--log-stream-name", "s"]
    aws("put-log-events", *named, "--log-events", f"timestamp={now()},message=ERROR-one", f"timestamp={now() + 1},message=fine")
    events = aws("filter-log-events", "--log-group-name", group, "--filter-pattern", "ERROR")["events"]
    assert [event["message"] for event in events] == ["ERROR-one"]
    assert len(aws("get-log-events", *named)["events"]) == 2
    [stream] = aws("describe-log-streams", "--log-group-name", group)["logStreams"]
    assert stream["arn"] == f"{arn(account, group)}:log-stream:s"
    aws("delete-log-group", "--log-group-name", group)


def test_what_a_policy_allows_is_allowed_and_nothing_else(server, account, logs, group):
    iam = server.client("iam", account=account)
    iam.create_user(UserName="writer")
    statement = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": f"{arn(account, group)}:log-stream:a"}
    reading = {"Effect": "Allow", "Action": "logs:FilterLogEvents", "Resource": f"{arn(account, group)}:*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement, reading]})
    iam.put_user_policy(UserName="writer", PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName="writer")["AccessKey"]
    writer = server.client("logs", account=key["AccessKeyId"], secret=key["SecretAccessKey"])
    events = [{"timestamp": now(), "message": "m"}]
    writer.put_log_events(logGroupName=group, logStreamName="a", logEvents=events)
    assert messages(writer.filter_log_events(logGroupName=group)) == ["m"]
    user = f"arn:aws:iam::{account}:user/writer"
    denied = f"User: {user} is not authorized to perform: logs:PutLogEvents on resource: {arn(account, group)}:log-stream:b"
    with refused("AccessDeniedException", f"{denied} because no identity-based policy allows the logs:PutLogEvents action"):
        writer.put_log_events(logGroupName=group, logStreamName="b", logEvents=events)
    with refused("AccessDeniedException"):
        writer.delete_log_group(logGroupName=group)


def test_retention_follows_the_clock_and_no_text_lies_on_disk(own_server, account):
    logs = own_server.client("logs", account=account)
    planted = "a planted secret that nobody shall find"
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[{"timestamp": now(), "message": planted}] * 3)
    own_server.kill()
    files = [path for path in (own_server.folder / "data").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if planted.encode() in path.read_bytes()]
    # What was acknowledged is there after kill -9.
    logs = own_server.start().client("logs", account=account)
    assert messages(logs.filter_log_events(logGroupName="g", filterPattern="planted")) == [planted] * 3
    logs.put_retention_policy(logGroupName="g", retentionInDays=1)
    own_server.advance("25h")
    assert messages(logs.filter_log_events(logGroupName="g")) == []
