"""What the stock-client tests share: a running Garrison, boto3 clients and the AWS CLI, versions 1 and 2.

The test command sets GARRISON_BIN to the binary under test. Nothing here sleeps for a fixed time: the server
announces itself by writing its port to a file, and time that resources see is moved through the clock endpoint.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

import ledger

REGION = "eu-central-1"
START_SECONDS = 20
# One session for all clients: it reads the interface models once.
SESSION = boto3.Session(region_name=REGION)


class Server:
    """A Garrison process on a free port of the loopback interface."""

    def __init__(self, folder: Path, *flags: str, env: dict[str, str] | None = None):
        self.folder = folder
        self.flags = flags
        self.env = env or {}
        self.process: subprocess.Popen | None = None
        self.endpoint = ""
        self.log = folder / "server.log"

    def start(self) -> "Server":
        binary = os.environ.get("GARRISON_BIN")
        if not binary:
            pytest.fail("GARRISON_BIN does not name the binary under test; run `cargo xtask test`")
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        command = [binary, "serve", "--listen", "127.0.0.1:0", "--port-file", str(port_file), *self.flags]
        log = self.log.open("ab")
        self.process = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, **self.env}, cwd=self.folder
        )
        deadline = time.monotonic() + START_SECONDS
        while not port_file.exists() or not port_file.read_text().strip():
            if self.process.poll() is not None:
                pytest.fail(f"the server ended with {self.process.returncode}:\n{self.log.read_text()}")
            if time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"the server did not start in {START_SECONDS} s:\n{self.log.read_text()}")
            time.sleep(0.005)
        self.endpoint = f"http://127.0.0.1:{port_file.read_text().strip()}"
        return self

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def client(
        self, service: str, account: str = "test", region: str = REGION, secret: str = "test", token: str | None = None, **config
    ):
        """A client; `account` is the access key id, which in development mode may be the account's number."""
        retries = {"max_attempts": 1, "mode": "standard"}
        client = SESSION.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(retries=retries, **config),
        )
        ledger.watch(client)
        return client

    def post(self, path: str, body: object | None = None) -> dict:
        data = json.dumps(body or {}).encode()
        request = urllib.request.Request(self.endpoint + path, data=data, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def get(self, path: str) -> dict:
        with urllib.request.urlopen(self.endpoint + path, timeout=60) as answer:
            return json.loads(answer.read())

    def advance(self, by: str) -> None:
        """Moves the clock that resources see; what is due has happened when this returns."""
        self.post("/_garrison/clock", {"advance": by})


class Production(Server):
    """A server in normal mode, and what its first start printed."""

    def __init__(self, folder: Path, *flags: str):
        super().__init__(folder, "--no-tls", "--data-dir", str(folder / "data"), *flags)

    def printed(self, name: str) -> str | None:
        found = re.findall(rf"^export {name}=(\S+)", self.log.read_text(), re.MULTILINE)
        return found[-1] if found else None


class Cli:
    """The AWS CLI of one major version, pointed at a server as a user would point it."""

    def __init__(self, binary: str, server: Server, folder: Path, endpoint_flag: bool):
        self.binary = binary
        self.server = server
        self.folder = folder
        self.endpoint_flag = endpoint_flag
        self.keys: dict[str, str] = {}

    def signing(self, account: str, secret: str, token: str = "") -> "Cli":
        """The same CLI with somebody's credentials; `account` is the access key id."""
        other = copy.copy(self)
        other.keys = {"AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}
        return other

    def environment(self, account: str = "test") -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        return {
            **kept,
            "AWS_ENDPOINT_URL": self.server.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
            "HOME": str(self.folder),
            **{name: value for name, value in self.keys.items() if value},
        }

    def run(self, *arguments: str, account: str = "test", check: bool = True) -> subprocess.CompletedProcess:
        command = [self.binary, *arguments]
        if self.endpoint_flag:
            command += ["--endpoint-url", self.server.endpoint]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=self.folder, env=self.environment(account), timeout=120
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} failed:\n{done.stderr}")
        return done

    def json(self, *arguments: str, account: str = "test") -> dict:
        output = self.run(*arguments, "--output", "json", account=account).stdout
        return json.loads(output) if output.strip() else {}

    def shell(self, script: str, account: str = "test") -> str:
        """Runs a shell script in which `aws` is this CLI."""
        bin_folder = self.folder / "bin"
        bin_folder.mkdir(exist_ok=True)
        wrapper = bin_folder / "aws"
        flag = ' --endpoint-url "$AWS_ENDPOINT_URL"' if self.endpoint_flag else ""
        wrapper.write_text(f'#!/bin/sh\nexec {self.binary} "$@"{flag}\n')
        wrapper.chmod(0o755)
        environment = self.environment(account)
        environment["PATH"] = f"{bin_folder}:{environment['PATH']}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=environment,
            timeout=240,
        )
        if done.returncode != 0:
            raise AssertionError(f"{script}\nfailed:\n{done.stdout}\n{done.stderr}")
        return done.stdout


def cli_version_1() -> str:
    return str(Path(sys.executable).parent / "aws")


def cli_version_2() -> str | None:
    """Debian's awscli is version 2; the test command installs it and names it, or says why it could not."""
    candidate = os.environ.get("GARRISON_AWS_CLI_V2") or "/usr/bin/aws"
    return candidate if shutil.which(candidate) else None


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Server:
    """One server in development mode for all tests that do not need their own: they use accounts of their own."""
    running = Server(tmp_path_factory.mktemp("server"), "--dev").start()
    yield running
    code = running.stop()
    assert code == 0, f"the server ended with {code}:\n{running.log.read_text()}"


@pytest.fixture
def own_server(tmp_path) -> Server:
    """A server that a test may stop, kill and move in time."""
    folder = tmp_path / "server"
    folder.mkdir()
    own = Server(folder, "--dev", "--data-dir", str(folder / "data"))
    own.start()
    yield own
    if own.process.poll() is None:
        own.kill()


ACCOUNTS = iter(range(100_000_000_001, 999_999_999_999))


@pytest.fixture
def account() -> str:
    """An account that no other test uses."""
    return str(next(ACCOUNTS))


@pytest.fixture
def other_account() -> str:
    """A second one."""
    return str(next(ACCOUNTS))


@pytest.fixture
def kms(server, account):
    return server.client("kms", account)


@pytest.fixture
def other_kms(server, other_account):
    """KMS as another account sees it."""
    return server.client("kms", other_account)


@pytest.fixture(params=["v1", "v2"])
def cli(request, server, tmp_path) -> Cli:
    if request.param == "v1":
        return Cli(cli_version_1(), server, tmp_path, endpoint_flag=False)
    binary = cli_version_2()
    if binary is None:
        pytest.skip("AWS CLI version 2 is not installed, and the test command could not install it")
    # Debian 12's version 2.9 is older than AWS_ENDPOINT_URL (2.13).
    return Cli(binary, server, tmp_path, endpoint_flag=True)
