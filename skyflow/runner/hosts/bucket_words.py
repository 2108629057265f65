"""What goes wrong with a bucket, in words for film people. Of the host's own words only its error code is repeated: they hold keys and signatures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from skyflow.config import BucketHost
from skyflow.runner.hosts.host import HostTrouble

_RIGHTS = "Its keys need the rights s3:GetObject and s3:PutObject on {bucket}/{prefix}*; some stores say this of a wrong clock, too."
_SKEWED = (
    "the clock of this machine and that of the bucket at {place} do not agree",
    "Set the clock (it may be off by 15 minutes at most) and run again.",
)
_UNKNOWN_KEY = ("the bucket at {place} does not know the key that the environment gives", "See {keys}.")
_DENIED = ("the bucket at {place} denies access", _RIGHTS)
_EXPIRED = (
    "the temporary keys for the bucket at {place} have expired",
    "Get new ones (`aws sso login`, or however you got them).",
)
_NO_BUCKET = (
    "there is no bucket `{bucket}` at {place}",
    "Make it, or name the right one in skyflow.toml: `bucket`, `endpoint` and `region` below [host].",
)
_REGION = ("the bucket at {place} lies in another region{region}", "Write its region below [host]: region = {example}.")
_BUSY = ("the bucket at {place} has trouble of its own ({code})", "Run again later.")
_KEYS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"

# By the error codes of S3 (Amazon S3 API Reference, "Error responses"), and by status where there is no code.
_BY_CODE: Mapping[str, tuple[str, str]] = {
    "NoCredentials": ("the environment has no keys for the bucket at {place}", "Set {keys}."),
    "InvalidAccessKeyId": _UNKNOWN_KEY,
    "401": _UNKNOWN_KEY,
    "SignatureDoesNotMatch": (
        "the secret key that the environment gives is not that of the bucket at {place}",
        "See {keys}; some stores say this of a wrong `region` or `endpoint` in skyflow.toml, too.",
    ),
    "AccessDenied": _DENIED,
    "AllAccessDisabled": _DENIED,
    "AccountProblem": _DENIED,
    "403": _DENIED,
    "ExpiredToken": _EXPIRED,
    "InvalidToken": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "RequestTimeTooSkewed": _SKEWED,
    "RequestExpired": _SKEWED,
    "NoSuchBucket": _NO_BUCKET,
    "InvalidBucketName": _NO_BUCKET,
    "NoSuchKey": (
        "what was just put into the bucket at {place} is not there",
        "See `prefix` in skyflow.toml, and whether something empties the bucket.",
    ),
    "404": _NO_BUCKET,
    "PermanentRedirect": _REGION,
    "TemporaryRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "AuthorizationQueryParametersError": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "InvalidRegion": _REGION,
    "301": _REGION,
    "SlowDown": _BUSY,
    "InternalError": _BUSY,
    "ServiceUnavailable": _BUSY,
    "500": _BUSY,
    "503": _BUSY,
    "QuotaExceeded": ("the bucket at {place} is full", "Make room in it, or name another one in skyflow.toml."),
}
_OTHER = ("the bucket at {place} says {code}", _RIGHTS)


def words_of_code(code: str, settings: BucketHost, place: str, region: str = "") -> HostTrouble:
    """The trouble that an error code means."""
    message, help = _BY_CODE.get(code, _OTHER)
    facts = {
        "place": place,
        "bucket": settings.bucket,
        "prefix": settings.prefix,
        "keys": _KEYS,
        "code": code,
        "region": f", {region}" if region else "",
        "example": f'"{region or "eu-central-1"}"',
    }
    return HostTrouble(message.format(**facts), help.format(**facts))


def code_of(text: str) -> str:
    """The error code in an answer of a bucket; "" where there is none."""
    found = re.search(r"<Code>(\w{1,60})</Code>", text)
    return found[1] if found else ""


@contextmanager
def in_words(settings: BucketHost, place: str) -> Iterator[None]:
    """Everything that boto3 raises, as HostTrouble."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _of_answer(error.response, settings, place) from None
    except (BotoCoreError, ValueError) as error:  # ValueError is how it tells of an address that can be none
        raise _of_library(error, settings, place) from None


def _of_answer(answer: Mapping[str, Any], settings: BucketHost, place: str) -> HostTrouble:
    error, about = answer.get("Error", {}), answer.get("ResponseMetadata", {})
    code = re.sub(r"\W", "", str(error.get("Code", "")))[:60] or str(about.get("HTTPStatusCode", "nothing"))
    region = str(error.get("Region") or about.get("HTTPHeaders", {}).get("x-amz-bucket-region", ""))
    return words_of_code(code, settings, place, region if re.fullmatch(r"[A-Za-z0-9-]{1,40}", region) else "")


def _of_library(error: Exception, settings: BucketHost, place: str) -> HostTrouble:
    """Trouble before or without an answer."""
    from botocore import exceptions as known

    kind = type(error).__name__
    if isinstance(error, known.SSLError):
        return HostTrouble(
            f"the bucket at {place} cannot be spoken to safely: its certificate is not accepted",
            "See `endpoint` in skyflow.toml; for a certificate of your own set AWS_CA_BUNDLE.",
        )
    if isinstance(error, (known.ConnectionError, known.HTTPClientError)):
        return HostTrouble(
            f"the bucket at {place} cannot be reached ({kind})",
            "See `endpoint` and `region` in skyflow.toml, and the network.",
        )
    if isinstance(error, (known.NoCredentialsError, known.PartialCredentialsError)):
        return words_of_code("NoCredentials", settings, place)
    if isinstance(
        error, (known.ProfileNotFound, known.ConfigParseError, known.ConfigNotFound, known.InvalidConfigError)
    ):
        return HostTrouble(
            f"the keys for the bucket at {place} cannot be read ({kind})", "See AWS_PROFILE and ~/.aws/config."
        )
    if isinstance(error, (known.CredentialRetrievalError, known.SSOError, known.TokenRetrievalError)):
        return HostTrouble(
            f"the keys for the bucket at {place} cannot be had ({kind})",
            f"Sign in again (`aws sso login`), or see {_KEYS}.",
        )
    return HostTrouble(
        f"the bucket at {place} cannot be used ({kind})",
        "See `bucket`, `endpoint` and `region` in skyflow.toml, and AWS_ENDPOINT_URL and AWS_REGION where they are set.",
    )
