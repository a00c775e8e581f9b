"""Values from AWS Secrets Manager (the optional extra ``leaksweep[aws]``); boto3 finds region and credentials."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from leaksweep.errors import UsageError


def values(prefix: str) -> Iterator[tuple[str, bytes]]:
    """The values of all secrets whose names begin so; of one that is a JSON object, each of its texts.

    Raises:
        UsageError: AWS does not answer, or refuses.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise UsageError(f"--known aws-sm:{prefix}: boto3 is not installed", "install leaksweep[aws]") from None
    try:
        limits = Config(connect_timeout=15, read_timeout=15, retries={"total_max_attempts": 3})
        client = boto3.client("secretsmanager", config=limits)
        filters = [{"Key": "name", "Values": [prefix]}] if prefix else []
        for page in client.get_paginator("list_secrets").paginate(Filters=filters):
            for name in sorted(row["Name"] for row in page["SecretList"] if row["Name"].startswith(prefix)):
                yield from _of(name, client.get_secret_value(SecretId=name))
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "error")
        raise UsageError(
            f"--known aws-sm:{prefix}: AWS refuses ({code})", "allow ListSecrets and GetSecretValue"
        ) from None
    except BotoCoreError as error:
        why = f"AWS does not answer ({type(error).__name__})"
        raise UsageError(f"--known aws-sm:{prefix}: {why}", "see AWS_REGION and the credentials") from None


def _of(name: str, answer: Any) -> Iterator[tuple[str, bytes]]:
    if "SecretBinary" in answer:
        yield name, answer["SecretBinary"]
        return
    text = answer["SecretString"]
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        yield name, text.encode()
        return
    for key, value in fields.items():
        if isinstance(value, str):
            yield f"{name}#{key}", value.encode()
