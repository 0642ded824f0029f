"""Requests made by hand and signed by botocore, for what no client would send."""

from __future__ import annotations

import json
import http.client
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "eu-central-1"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.body)


def send(request: AWSRequest) -> Answer:
    url = urlsplit(request.url)
    connection = http.client.HTTPConnection(url.netloc, timeout=30)
    try:
        path = url.path or "/"
        connection.request(request.method, f"{path}?{url.query}" if url.query else path, request.data, dict(request.headers))
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def json_request(endpoint: str, operation: str, body: dict | bytes, version: str = "1.1", target: str = "TrentService") -> AWSRequest:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": f"application/x-amz-json-{version}", "X-Amz-Target": f"{target}.{operation}"}
    return AWSRequest("POST", endpoint + "/", headers=headers, data=data)


def sign(request: AWSRequest, key: str, secret: str = "test", service: str = "kms", region: str = REGION, at: datetime | None = None, token: str | None = None) -> AWSRequest:
    """Signs in the header, at the given time instead of now when there is one."""
    signer = SigV4Auth(Credentials(key, secret, token), service, region)
    if at is None:
        signer.add_auth(request)
        return request
    request.context["timestamp"] = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    signer._modify_request_before_signing(request)
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(text, request))
    return request


def presign(url: str, key: str, secret: str, service: str, expires: int = 60) -> str:
    request = AWSRequest("GET", url)
    SigV4QueryAuth(Credentials(key, secret), service, REGION, expires).add_auth(request)
    return request.url
