"""The preview of S3 with stock clients: what it has so far works end to end, and it is not served unasked."""

import hashlib
import os
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from conftest import Server
from support import new_key, refused

PLANTED = b"a sentence that must not lie on the disk in clear"


@pytest.fixture(scope="module")
def previewing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("s3")
    server = Server(folder, "--dev", "--preview-s3", "--data-dir", str(folder / "data")).start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def s3(previewing):
    return previewing.client("s3", s3={"addressing_style": "path"})


@pytest.fixture
def bucket(s3, request) -> str:
    name = f"bucket-{hashlib.sha256(request.node.name.encode()).hexdigest()[:16]}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return name


def on_disk(server: Server) -> bytes:
    return b"".join(path.read_bytes() for path in Path(server.folder / "data").rglob("*") if path.is_file())


def test_it_is_not_served_unasked(server):
    with pytest.raises(ClientError):
        server.client("s3", s3={"addressing_style": "path"}).list_buckets()


def test_an_object_lives(s3, bucket, previewing):
    body = PLANTED * 4000
    put = s3.put_object(Bucket=bucket, Key="a/ü b//c", Body=body, Metadata={"who": "ann"}, ContentType="text/plain")
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert put["ServerSideEncryption"] == "AES256"
    got = s3.get_object(Bucket=bucket, Key="a/ü b//c")
    assert (got["Body"].read(), got["Metadata"], got["ContentType"]) == (body, {"who": "ann"}, "text/plain")
    part = s3.get_object(Bucket=bucket, Key="a/ü b//c", Range="bytes=65530-65545")
    assert part["Body"].read() == body[65530:65546]
    assert part["ContentRange"] == f"bytes 65530-65545/{len(body)}"
    assert s3.head_object(Bucket=bucket, Key="a/ü b//c")["ContentLength"] == len(body)
    assert PLANTED not in on_disk(previewing)
    s3.delete_object(Bucket=bucket, Key="a/ü b//c")
    with refused("NoSuchKey", status=404):
        s3.get_object(Bucket=bucket, Key="a/ü b//c")


def test_lists_have_folders(s3, bucket):
    for key in ("a/1", "a/2", "b", "c/d/e"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    top = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [entry["Key"] for entry in top["Contents"]] == ["b"]
    assert [entry["Prefix"] for entry in top["CommonPrefixes"]] == ["a/", "c/"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    assert [entry["Key"] for page in pages for entry in page["Contents"]] == ["a/1", "a/2", "b", "c/d/e"]


def test_parts_make_an_object(s3, bucket):
    parts = [os.urandom(5 << 20), os.urandom(1000)]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="large")["UploadId"]
    done = [
        {"PartNumber": number, "ETag": s3.upload_part(Bucket=bucket, Key="large", UploadId=upload, PartNumber=number, Body=part)["ETag"]}
        for number, part in enumerate(parts, 1)
    ]
    whole = s3.complete_multipart_upload(Bucket=bucket, Key="large", UploadId=upload, MultipartUpload={"Parts": done})
    assert whole["ETag"].endswith('-2"')
    assert s3.get_object(Bucket=bucket, Key="large")["Body"].read() == b"".join(parts)


def test_a_key_of_kms_decides_who_reads(s3, bucket, previewing):
    kms = previewing.client("kms")
    key = new_key(kms)
    s3.put_object(Bucket=bucket, Key="secret", Body=PLANTED, ServerSideEncryption="aws:kms", SSEKMSKeyId=key["Arn"])
    got = s3.get_object(Bucket=bucket, Key="secret")
    assert (got["Body"].read(), got["ServerSideEncryption"], got["SSEKMSKeyId"]) == (PLANTED, "aws:kms", key["Arn"])
    kms.disable_key(KeyId=key["KeyId"])
    with pytest.raises(ClientError, match="disabled"):
        s3.get_object(Bucket=bucket, Key="secret")
    assert PLANTED not in on_disk(previewing)
    # Whatever else is asked for is refused with its name, not forgotten.
    with pytest.raises(ClientError) as missing:
        s3.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": [{"Status": "Enabled", "Prefix": "", "Expiration": {"Days": 1}}]}
        )
    assert missing.value.response["Error"]["Code"] == "NotImplemented"
