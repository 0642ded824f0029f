#!/usr/bin/env python3
"""Signs a table of requests with botocore and writes them to botocore.json beside this file.

Needs botocore (the file says which version made it). The keys are AWS's documented examples; the dates are fixed, so
that running it again with the same botocore gives the same file:

    python3 crates/engines/sigv4/testdata/generate.py
"""

import base64
import datetime
import json
import pathlib
from urllib.parse import urlsplit

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY_ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEXAMPLE//////////wEaDEXAMPLE+TOKEN=="
NOW = datetime.datetime(2026, 1, 31, 12, 0, 0)
EXPIRES = 3600

botocore.auth.get_current_datetime = lambda *args, **kwargs: NOW

# kms, sts, iam, s3 and services with paths; header, date-header and presigned; with and without session token.
KMS = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "TrentService.Encrypt"}
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
CALLER = b"Action=GetCallerIdentity&Version=2011-06-15"
ROWS = []


def row(name, service, method, url, headers=None, body=b"", **options):
    ROWS.append((name, service, method, url, headers or {}, body, options))


HOST = "https://kms.eu-central-1.amazonaws.com"
for size in (0, 1, 2, 63, 64, 65, 500, 4096):
    row(f"kms body of {size}", "kms", "POST", f"{HOST}/", KMS, bytes(i % 251 for i in range(size)))
row("kms with token", "kms", "POST", f"{HOST}/", KMS, b"{}", token=True)
row("kms with port", "kms", "POST", "http://127.0.0.1:4566/", KMS, b"{}")
row("kms default port", "kms", "POST", "https://kms.eu-central-1.amazonaws.com:443/", KMS, b"{}")
row("kms date header", "kms", "POST", f"{HOST}/", KMS | {"Date": "now"}, b"{}")
row("kms unsigned payload", "kms", "POST", f"{HOST}/", KMS, b"{}", unsigned=True)
row("kms no path", "kms", "POST", HOST, KMS, b"{}")
row("kms other region", "kms", "POST", "https://kms.us-gov-west-1.amazonaws.com/", KMS, b"{}", region="us-gov-west-1")
row("sts form", "sts", "POST", "https://sts.us-east-1.amazonaws.com/", FORM, CALLER)
row("sts form with token", "sts", "POST", "https://sts.us-east-1.amazonaws.com/", FORM, CALLER, token=True)
row("sts get", "sts", "GET", "https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15")
row("iam get", "iam", "GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
for name, value in {
    "inner spaces": "a   b    c",
    "outer spaces": "   a b   ",
    "tab": "a\t b",
    "quotes": '"a   b"',
    "empty": "",
    "commas": "a, b,c",
    "latin": "caf\u00e9",
}.items():
    row(f"header value: {name}", "kms", "POST", f"{HOST}/", KMS | {"X-Amz-Meta": value}, b"{}")
row("header twice", "kms", "POST", f"{HOST}/", [*KMS.items(), ("My-Header", "b"), ("My-Header", " a  c")], b"{}")
row("header names", "kms", "POST", f"{HOST}/", KMS | {"a-b": "1", "A": "2", "zz": "3", "User-Agent": "x"}, b"{}")
for name, query in {
    "order": "b=2&a=1&c=3",
    "case": "b=1&B=2",
    "values": "a=2&a=10&a=1",
    "prefix names": "a-b=1&a=2&a%3Db=3",
    "no value": "flag&a=1",
    "empty value": "a=&b=1",
    "escaped": "a=%20%2B%26%3D%25%2F&b=~-_.",
    "utf8": "a=%E1%88%B4&%E1%88%B4=b",
}.items():
    row(f"query: {name}", "execute-api", "GET", f"https://x.execute-api.eu-central-1.amazonaws.com/stage?{query}")
for path in (
    "/stage/a",
    "/stage/a/",
    "//a//b",
    "/a/./b/../c",
    "/a/b/..",
    "/a%20b",
    "/a%2Fb",
    "/a%252Fb",
    "/arn%3Aaws%3Akms",
    "/~a-b_c.d",
    "/%E1%88%B4",
):
    row(f"path: {path}", "lambda", "PUT", f"https://lambda.eu-central-1.amazonaws.com{path}", {}, b"{}")
S3 = "https://bucket.s3.eu-central-1.amazonaws.com"
for path in ("/", "/key", "/a//b", "/a/../b", "/a/./b/", "/a%20b", "/a%2Bb", "/%E1%88%B4", "/a%3Ab%28c%29"):
    row(f"s3 path: {path}", "s3", "PUT", f"{S3}{path}", {"x-amz-acl": "private"}, b"data")
row("s3 list", "s3", "GET", f"{S3}/?list-type=2&prefix=a%2Fb&delimiter=%2F")
row("s3 sub-resource", "s3", "GET", f"{S3}/?lifecycle")
row("s3 range and token", "s3", "GET", f"{S3}/key", {"Range": "bytes=0-9"}, token=True)
row("presigned s3", "s3", "GET", f"{S3}/a%20b", presigned=True)
row("presigned s3 with token", "s3", "GET", f"{S3}/key", presigned=True, token=True)
row("presigned s3 with query", "s3", "GET", f"{S3}/key?versionId=a%2Bb&x=", presigned=True)
row("presigned s3 put", "s3", "PUT", f"{S3}/key", {"x-amz-acl": "private"}, b"anything", presigned=True)
row("presigned sts with token", "sts", "GET",
    "https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", {"x-k8s-aws-id": "cluster"}, presigned=True, token=True)
row("presigned kms", "kms", "POST", f"{HOST}/", KMS, presigned=True)
row("presigned lambda", "lambda", "GET", "https://lambda.eu-central-1.amazonaws.com/a/../b%20c?x=1", presigned=True)


def sign(name, service, method, url, headers, body, options):
    # botocore moves the body of a presigned request into the query; its signature does not cover what is sent later.
    request = AWSRequest(method=method, url=url, data=b"" if options.get("presigned") else body)
    for key, value in headers.items() if isinstance(headers, dict) else headers:
        request.headers[key] = value
    if options.get("unsigned"):
        request.context["payload_signing_enabled"] = False
    credentials = Credentials(KEY_ID, SECRET, TOKEN if options.get("token") else None)
    region = options.get("region", "us-east-1" if service in ("sts", "iam") else "eu-central-1")
    s3 = service == "s3"
    if options.get("presigned"):
        kind = botocore.auth.S3SigV4QueryAuth if s3 else botocore.auth.SigV4QueryAuth
        signer = kind(credentials, service, region, expires=EXPIRES)
    else:
        signer = (botocore.auth.S3SigV4Auth if s3 else botocore.auth.SigV4Auth)(credentials, service, region)
    signer.add_auth(request)
    parts = urlsplit(request.url)
    sent = list(request.headers.items())
    if not any(key.lower() == "host" for key, _ in sent):
        sent.append(("Host", botocore.auth._host_from_url(request.url)))
    return {
        "name": name,
        "service": service,
        "region": region,
        "method": method,
        "path": parts.path,
        "query": parts.query,
        "headers": [[key, value] for key, value in sent],
        "body": base64.b64encode(body).decode(),
        "body_signed": not (options.get("unsigned") or (s3 and options.get("presigned"))),
    }


table = {
    "made_with": f"botocore {botocore.__version__}",
    "access_key_id": KEY_ID,
    "secret_access_key": SECRET,
    "session_token": TOKEN,
    "date": NOW.strftime("%Y%m%dT%H%M%SZ"),
    "requests": [sign(*each) for each in ROWS],
}
path = pathlib.Path(__file__).with_name("botocore.json")
path.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
print(f"{len(table['requests'])} requests in {path.name}")
