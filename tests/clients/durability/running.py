"""A Garrison that can be killed at any moment, and a small client that keeps up with it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conftest import REGION, START_SECONDS, Server

TARGETS = {
    "kms": "TrentService",
    "cloudtrail": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
}
# The account of every access key that development mode does not know and that is not twelve digits.
ACCOUNT = "000000000000"
# The user `nobody`, whom root lends processes to that must not run as root.
NOBODY = 65_534
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


class Garrison(Server):
    """A server in development mode on a data folder (or `store`) that outlives it."""

    def __init__(
        self,
        folder: Path,
        *flags: str,
        env: dict[str, str] | None = None,
        store: str | None = None,
        root_key: Path | None = None,
    ):
        folder.mkdir(parents=True, exist_ok=True)
        # Data folder and root key lie in a folder with nothing else in it.
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        self.data = self.home / "data"
        self.root_key = root_key or self.home / "data.root-key"
        self.user: dict = {}
        self.binary: Path | None = None
        place = ["--store", store] if store else ["--data-dir", str(self.data)]
        super().__init__(folder, "--dev", *place, "--root-key-file", str(self.root_key), *flags, env=env)

    def as_user(self, user: int, program: Path) -> None:
        """Starts the server as another user, from a copy of the program that this user may read."""
        self.user = {"user": user, "group": user, "extra_groups": []}
        self.binary = program

    def command(self) -> list[str]:
        port = str(self.folder / "port")
        return [str(self.binary or binary()), "serve", "--listen", "127.0.0.1:0", "--port-file", port, *self.flags]

    def launch(self) -> None:
        """Starts the process and does not wait for it."""
        (self.folder / "port").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            output = {"stdin": subprocess.PIPE, "stdout": log, "stderr": log}
            place = {"env": {**os.environ, **self.env}, "cwd": self.folder, **self.user}
            self.process = subprocess.Popen(self.command(), **output, **place)

    def await_ready(self) -> Garrison:
        deadline = time.monotonic() + START_SECONDS
        port = self.folder / "port"
        while not port.exists():
            if self.process.poll() is not None:
                pytest.fail(f"the server ended with {self.process.returncode}:\n{self.log.read_text()}")
            if time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"the server did not start in {START_SECONDS} s:\n{self.log.read_text()}")
            time.sleep(0.002)
        self.endpoint = f"http://127.0.0.1:{port.read_text().strip()}"
        return self

    def start(self) -> Garrison:
        self.launch()
        return self.await_ready()

    def api(self, access_key: str = "check", agent: str = "check") -> Api:
        return Api(self.endpoint, access_key, agent)

    def health(self) -> dict:
        with Plain(self.endpoint) as connection:
            connection.request("GET", "/_garrison/health")
            return json.loads(connection.getresponse().read())


def binary() -> str:
    path = os.environ.get("GARRISON_BIN")
    if not path:
        pytest.fail("GARRISON_BIN does not name the binary under test; run `cargo xtask test`")
    return path


class Plain(http.client.HTTPConnection):
    """A connection to a server, closed at the end of a block."""

    def __init__(self, endpoint: str):
        host, port = endpoint.removeprefix("http://").rsplit(":", 1)
        super().__init__(host, int(port), timeout=30)

    def connect(self) -> None:
        super().connect()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Plain:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Answer:
    """What came back for one call."""

    status: int
    request_id: str
    body: dict

    @property
    def code(self) -> str:
        return self.body.get("__type", "").rsplit("#", 1)[-1]


class Refused(Exception):
    """The answer was an error."""

    def __init__(self, answer: Answer):
        super().__init__(f"{answer.status} {answer.body}")
        self.answer = answer


class Api:
    """One connection. Development mode takes the access key unverified, so the signature is a row of zeros; that
    saves the time in which the load would otherwise compute signatures."""

    def __init__(self, endpoint: str, access_key: str, agent: str):
        self.connection = Plain(endpoint)
        self.access_key = access_key
        self.agent = agent

    def send(self, operation: str, service: str = "kms", **arguments) -> Answer:
        """Makes a call. A connection that breaks is an `OSError` or an `HTTPException`: nobody knows what happened."""
        now = datetime.now(UTC)
        scope = f"{self.access_key}/{now:%Y%m%d}/{REGION}/{service}/aws4_request"
        headers = {
            "X-Amz-Target": f"{TARGETS[service]}.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
            "User-Agent": self.agent,
            "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, "
            f"SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature={'0' * 64}",
        }
        self.connection.request("POST", "/", json.dumps(arguments).encode(), headers)
        response = self.connection.getresponse()
        text = response.read()
        body = json.loads(text) if text else {}
        return Answer(response.status, response.headers.get("x-amzn-RequestId", ""), body)

    def __call__(self, operation: str, service: str = "kms", **arguments) -> dict:
        """Makes a call that must succeed."""
        answer = self.send(operation, service, **arguments)
        if answer.status != 200:
            raise Refused(answer)
        return answer.body

    def pages(self, operation: str, items: str, **arguments) -> list:
        """Every item of a KMS list."""
        found = []
        while True:
            page = self(operation, **arguments)
            found += page[items]
            if not page["Truncated"]:
                return found
            arguments["Marker"] = page["NextMarker"]

    def events(self, attribute: str | None = None, value: str | None = None) -> list[dict]:
        """Every event of the trail, or those with an attribute: each with the record itself under `Record`."""
        arguments, found = {}, []
        if attribute:
            arguments["LookupAttributes"] = [{"AttributeKey": attribute, "AttributeValue": value}]
        while True:
            page = self("LookupEvents", "cloudtrail", **arguments)
            found += [{**event, "Record": json.loads(event["CloudTrailEvent"])} for event in page["Events"]]
            if not page.get("NextToken"):
                return found
            arguments["NextToken"] = page["NextToken"]
