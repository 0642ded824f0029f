"""The KMS commands of the source notes, as they stand there; only ids are substituted.

Each runs with the stock CLI, versions 1 and 2, in a shell, with the pipes that the notes use.
"""

import json


def test_the_notes_commands(cli, account):
    folder = cli.folder
    (folder / "my-secret.txt").write_text("the launch code is 0000\n")
    created = cli.shell(
        """
        aws kms create-key \
        --description "EBS encryption key for production" \
        --key-usage ENCRYPT_DECRYPT \
        --origin AWS_KMS
        """,
        account,
    )
    metadata = json.loads(created)["KeyMetadata"]
    assert metadata["Description"] == "EBS encryption key for production"
    assert metadata["KeyState"] == "Enabled"
    assert metadata["Arn"] == f"arn:aws:kms:eu-central-1:{account}:key/{metadata['KeyId']}"

    cli.shell(
        f"""
        aws kms create-alias \
        --alias-name alias/ebs-production \
        --target-key-id {metadata["KeyId"]}

        aws kms encrypt \
        --key-id alias/ebs-production \
        --plaintext fileb://my-secret.txt \
        --output text \
        --query CiphertextBlob | base64 --decode > my-secret-encrypted.txt

        aws kms decrypt \
        --ciphertext-blob fileb://my-secret-encrypted.txt \
        --output text \
        --query Plaintext | base64 --decode > my-secret-decrypted.txt
        """,
        account,
    )
    assert (folder / "my-secret-decrypted.txt").read_text() == "the launch code is 0000\n"
    encrypted = (folder / "my-secret-encrypted.txt").read_bytes()
    assert b"launch" not in encrypted
    assert encrypted[:5] == bytes.fromhex("0102020078")


def test_envelope_encryption_of_ten_megabytes(cli, account):
    folder = cli.folder
    cli.shell(
        """
        key=$(aws kms create-key --description "HIPAA Patient Data Key" --query KeyMetadata.KeyId --output text)
        aws kms create-alias --alias-name alias/ebs-production --target-key-id "$key"
        head -c 10485760 /dev/urandom > patients.bin

        aws kms generate-data-key \
        --key-id alias/ebs-production \
        --key-spec AES_256 \
        --output text \
        --query 'CiphertextBlob' > encrypted-data-key.bin
        """,
        account,
    )
    # The notes keep only the encrypted key. Its plaintext comes back from Decrypt, and OpenSSL does the rest.
    cli.shell(
        """
        base64 --decode encrypted-data-key.bin > encrypted-data-key.raw
        hex() { aws kms decrypt --ciphertext-blob fileb://encrypted-data-key.raw --query Plaintext --output text \
            | base64 --decode | od -An -v -tx1 | tr -d ' \\n'; }
        iv=$(openssl rand -hex 16)
        openssl enc -aes-256-ctr -K "$(hex)" -iv "$iv" -in patients.bin -out patients.enc
        openssl enc -d -aes-256-ctr -K "$(hex)" -iv "$iv" -in patients.enc -out patients.dec
        cmp patients.bin patients.dec
        ! cmp -s patients.bin patients.enc
        """,
        account,
    )
    assert (folder / "patients.enc").stat().st_size == 10 * 1024 * 1024


def test_rotation_of_the_key_behind_an_alias(cli, account):
    """AWS refuses an alias here; the notes use one, and Garrison takes it (a stated deviation)."""
    cli.shell(
        """
        key=$(aws kms create-key --description "HIPAA Patient Data Key" --query KeyMetadata.KeyId --output text)
        aws kms create-alias --alias-name alias/hipaa-key --target-key-id "$key"
        aws kms enable-key-rotation --key-id alias/hipaa-key
        """,
        account,
    )
    status = cli.shell(
        """
        key=$(aws kms list-aliases --query "Aliases[?AliasName=='alias/hipaa-key'].TargetKeyId" --output text)
        aws kms get-key-rotation-status --key-id "$key"
        """,
        account,
    )
    assert json.loads(status)["KeyRotationEnabled"] is True
    # The CLI that Debian ships is older than this member.
    if not cli.endpoint_flag:
        assert json.loads(status)["RotationPeriodInDays"] == 365
