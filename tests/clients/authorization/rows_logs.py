"""What each operation of CloudWatch Logs is called with. Members that a row leaves out come from `MEMBERS`."""

from __future__ import annotations

import time

from conftest import REGION
from rows import Row
from world import World

MEMBERS = {
    "logGroupName": World.log_group,
    "resourceArn": lambda w: w.arns[w.log_group()][0],
    "retentionInDays": lambda w: 7,
    "tags": lambda w: {"made": "here"},
    "tagKeys": lambda w: ["made"],
    "filterPattern": lambda w: "ERROR",
    "logEventMessages": lambda w: ["an ERROR"],
    "logEvents": lambda w: [{"timestamp": int(time.time() * 1000), "message": "a message"}],
    "queryString": lambda w: "fields @message",
    "startTime": lambda w: 0,
    "endTime": lambda w: 1,
    "name": lambda w: w.name("query"),
}


def new_group(w: World) -> dict:
    name = w.name("group")
    return {"logGroupName": w.known(name, w.arn("logs", f"log-group:{name}", REGION))}


def new_stream(w: World) -> dict:
    group, name = w.log_group(), w.name("stream")
    w.known(name, w.arn("logs", f"log-group:{group}:log-stream:{name}", REGION))
    return {"logGroupName": group, "logStreamName": name}


def of_stream(w: World) -> Row:
    return Row(w.log_stream())


def saved(w: World) -> dict:
    made = w.logs.put_query_definition(name=w.name("query"), queryString="fields @message")
    return {"queryDefinitionId": made["queryDefinitionId"]}


def running(w: World) -> Row:
    """The query ends by itself, so that who is allowed to stop it finds nothing to stop."""
    return Row({"queryId": w.log_query()["queryId"]})


ROWS = {
    "CreateLogGroup": new_group,
    "CreateLogStream": new_stream,
    "DeleteLogStream": of_stream,
    "DeleteQueryDefinition": saved,
    "DescribeLogStreams": lambda w: {"logGroupName": w.log_group()},
    "FilterLogEvents": lambda w: {"logGroupName": w.log_group()},
    "GetLogEvents": of_stream,
    "GetQueryResults": World.log_query,
    "PutLogEvents": of_stream,
    "StartQuery": lambda w: {"logGroupName": w.log_group()},
    "StopQuery": running,
    "UntagLogGroup": lambda w: {"logGroupName": w.log_group(), "tags": ["made"]},
}
