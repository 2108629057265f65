"""Each trouble of a bucket in words: what was found, what to do, and nothing that is secret."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from skyflow.config import BucketHost, StaticHost
from skyflow.runner.hosts import Asset, HostTrouble, Link, refuse_unready
from skyflow.runner.hosts.bucket import Bucket
from skyflow.runner.hosts.bucket_words import in_words
from skyflow.runner.hosts.static import StaticSite
from skyflow.runner.replies import Visited
from skyflow.runner.signed import hide, secrets_of, starred

HOST = BucketHost("film", "https://s3.example.com", prefix="neon/")
PLACE = "https://s3.example.com/film"
URL = f"{PLACE}/neon/0.mp3?X-Amz-Credential=AK%2F20260101&X-Amz-Expires=60&X-Amz-Signature=feed"


def words(error: Exception) -> tuple[str, str]:
    with pytest.raises(HostTrouble) as caught, in_words(HOST, PLACE):
        raise error
    assert caught.value.__cause__ is None  # a chained traceback would show what boto3 knows
    return caught.value.message, caught.value.help


def answered(code: str, status: int = 403, header: str = "", **error: Any) -> ClientError:
    about = {"HTTPStatusCode": status, "HTTPHeaders": {"x-amz-bucket-region": header}}
    said = {"Code": code, "Message": "AKIAFILM and its string to sign", **error}
    return ClientError({"Error": said, "ResponseMetadata": about}, "PutObject")


@pytest.mark.parametrize(
    ("error", "message", "help_text"),
    [
        (answered("NoSuchBucket", 404), f"there is no bucket `film` at {PLACE}", "`bucket`, `endpoint` and `region`"),
        (answered("AccessDenied"), f"the bucket at {PLACE} denies access", "s3:PutObject on film/neon/*"),
        (answered("InvalidAccessKeyId"), f"the bucket at {PLACE} does not know the key", "AWS_PROFILE"),
        (answered("SignatureDoesNotMatch"), "the secret key that the environment gives is not that", "`endpoint`"),
        (answered("RequestTimeTooSkewed"), "the clock of this machine and that of the bucket", "15 minutes"),
        (answered("ExpiredToken", 400), f"the temporary keys for the bucket at {PLACE} have expired", "aws sso login"),
        (
            answered("AuthorizationHeaderMalformed", 400, Region="eu-west-3"),
            f"the bucket at {PLACE} lies in another region, eu-west-3",
            'region = "eu-west-3"',
        ),
        (answered("301", 301, header="eu-west-3"), "lies in another region, eu-west-3", 'region = "eu-west-3"'),
        (answered("PermanentRedirect", 301), f"the bucket at {PLACE} lies in another region", 'region = "eu-central-1"'),
        (answered("SlowDown", 503), f"the bucket at {PLACE} has trouble of its own (SlowDown)", "later"),
        (answered("QuotaExceeded"), f"the bucket at {PLACE} is full", "Make room"),
        (answered("", 418), f"the bucket at {PLACE} says 418", "s3:PutObject"),
        (answered("<b>Odd, & long", 400), f"the bucket at {PLACE} says bOddlong", "s3:PutObject"),
        (exceptions.NoCredentialsError(), f"the environment has no keys for the bucket at {PLACE}", "AWS_ACCESS_KEY_ID"),
        (
            exceptions.PartialCredentialsError(provider="env", cred_var="aws_secret_access_key"),
            "the environment has no keys",
            "AWS_SECRET_ACCESS_KEY",
        ),
        (exceptions.ProfileNotFound(profile="flim"), "cannot be read (ProfileNotFound)", "AWS_PROFILE"),
        (exceptions.UnauthorizedSSOTokenError(), "cannot be had (UnauthorizedSSOTokenError)", "aws sso login"),
        (exceptions.ParamValidationError(report=URL), "cannot be used (ParamValidationError)", "`bucket`"),
        (ValueError(f"Invalid endpoint: {URL}"), "cannot be used (ValueError)", "AWS_ENDPOINT_URL"),
        (exceptions.EndpointConnectionError(endpoint_url=URL), "cannot be reached (EndpointConnectionError)", "network"),
        (exceptions.ReadTimeoutError(endpoint_url=URL), "cannot be reached (ReadTimeoutError)", "network"),
        (exceptions.SSLError(endpoint_url=URL, error="self-signed"), "its certificate is not accepted", "AWS_CA_BUNDLE"),
    ],
)  # fmt: skip
def test_trouble_in_words(error: Exception, message: str, help_text: str) -> None:
    said, help = words(error)
    assert message in said
    assert help_text in help
    for secret in ("AKIAFILM", "string to sign", "feed"):
        assert secret not in said + help


@pytest.fixture
def asset(tmp_path: Path) -> Asset:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "mika.mp3").write_bytes(b"a voice")
    return Asset(tmp_path / "assets" / "mika.mp3", "assets/mika.mp3", "assets/mika.mp3", "0" * 64, "mp3")


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (
            Visited(403, None, "<Error><Code>SignatureDoesNotMatch</Code></Error>"),
            "the secret key that the environment",
        ),
        (Visited(403, None), "denies access"),
        (Visited(301, None, "", "https://elsewhere.example"), "lies in another region"),
        (Visited(400, None, "<Code>AuthorizationQueryParametersError</Code>"), "lies in another region"),
        (Visited(404, None, "<Code>NoSuchKey</Code>"), "what was just put into the bucket"),
        (Visited(200, 8), "holds 8 bytes and assets/mika.mp3 has 7"),
        (Visited(503, None), "has trouble of its own (503)"),
    ],
)
def test_what_a_visitor_finds_at_a_link(asset: Asset, found: Visited, message: str) -> None:
    trouble = Bucket(HOST, None).judge(asset, Link(URL), found)
    assert trouble is not None
    assert message in trouble.message
    assert "feed" not in trouble.message + trouble.help
    assert Bucket(HOST, None).judge(asset, Link(URL), Visited(206, 7)) is None


class Client:
    """Only the calls of boto3 that a bucket makes."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.put: list[str] = []

    def get_object(self, **_: Any) -> Any:
        raise self.answers.pop(0)

    def put_object(self, Key: str, **_: Any) -> None:  # noqa: N803
        self.put.append(Key)


@pytest.mark.parametrize("code", ["NoSuchKey", "404", "AccessDenied", "403", "InvalidRange", "416"])
def test_keys_that_may_not_list_can_still_put(asset: Asset, code: str) -> None:
    """Without the right to list, a bucket says of an object that is not there that access is denied."""
    client = Client(answered(code))
    Bucket(HOST, client).bring(asset)
    assert client.put == [f"neon/{'0' * 64}.mp3"]


def test_other_trouble_while_looking_is_told(asset: Asset) -> None:
    client = Client(answered("NoSuchBucket", 404))
    with pytest.raises(HostTrouble, match="there is no bucket `film`"):
        Bucket(HOST, client).bring(asset)
    assert client.put == []


# --- a published folder -----------------------------------------------------------------------------------------------

SITE = StaticSite(StaticHost("https://cdn.example.com/film/", "assets"))


@pytest.mark.parametrize(
    ("found", "message", "help_text"),
    [
        (
            Visited(404, None),
            "there is nothing at https://cdn.example.com/film/mika.mp3",
            "maps `assets/` to https://cdn",
        ),
        (Visited(403, None), "lets nobody in (status 403)", "make it public"),
        (Visited(200, 9), "mika.mp3 holds 9 bytes and assets/mika.mp3 has 7", "Publish the file again"),
        (Visited(302, None, "", "https://www.example.com/"), "leads on to https://www.example.com/", "into [host]"),
        (Visited(500, None), "answers with status 500", "exactly this address"),
    ],
)
def test_what_a_visitor_finds_on_a_site(asset: Asset, found: Visited, message: str, help_text: str) -> None:
    link = SITE.link(asset, 0.0)
    assert link == Link("https://cdn.example.com/film/mika.mp3")
    trouble = SITE.judge(asset, link, found)
    assert trouble is not None
    assert message in trouble.message
    assert help_text in trouble.help
    assert SITE.judge(asset, link, Visited(200, 7)) is None


def test_a_clip_that_nobody_published(asset: Asset) -> None:
    with pytest.raises(HostTrouble, match="outside of `assets`") as caught:
        SITE.link(replace(asset, place=".skyflow/clips/live/a.mp4"), 0.0)
    assert "Copy it into `assets`, publish it below https://cdn.example.com/film/" in caught.value.help


# --- whether a host may be used ---------------------------------------------------------------------------------------

API = "https://api.example.com"


def test_a_bucket_must_be_named_outside_of_the_project() -> None:
    with pytest.raises(HostTrouble) as caught:
        refuse_unready(HOST, API, {})
    assert caught.value.help == f"If that bucket is yours: export SKYFLOW_BUCKET={PLACE}"
    refuse_unready(HOST, API, {"SKYFLOW_BUCKET": f"s3://other {PLACE}"})
    with pytest.raises(HostTrouble, match="s3://film"):
        refuse_unready(BucketHost("film"), API, {"SKYFLOW_BUCKET": PLACE})
    refuse_unready(BucketHost("film"), API, {"SKYFLOW_BUCKET": "s3://film"})


def test_a_site_needs_no_leave() -> None:
    refuse_unready(StaticHost("https://cdn.example.com/", "a"), API, {})


@pytest.mark.parametrize("host", [BucketHost("film", "http://127.0.0.1:9000"), StaticHost("http://localhost:80/", "a")])
def test_the_api_cannot_fetch_from_this_machine(host: BucketHost | StaticHost) -> None:
    leave = {"SKYFLOW_BUCKET": "http://127.0.0.1:9000/film"}
    with pytest.raises(HostTrouble, match="is on this machine"):
        refuse_unready(host, API, leave)
    refuse_unready(host, "http://127.0.0.1:8000", leave)


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skyflow.runner.hosts.opening.find_spec", lambda name: None)
    with pytest.raises(HostTrouble, match="boto3") as caught:
        refuse_unready(HOST, API, {"SKYFLOW_BUCKET": PLACE})
    assert caught.value.help == "pip install 'skyflow[s3]'"


def test_the_library_is_imported_only_where_a_bucket_is_used() -> None:
    code = (
        "import sys, skyflow.runner, skyflow.cli.run; print([name for name in sys.modules if name.startswith('boto')])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_what_lets_in_is_starred() -> None:
    assert starred(URL) == f"{PLACE}/neon/0.mp3?X-Amz-Credential=***&X-Amz-Expires=60&X-Amz-Signature=***"
    assert starred("https://a.example/x?y=1") == "https://a.example/x?y=1"


def test_only_our_secrets_are_hidden() -> None:
    secrets = secrets_of(URL + "&X-Amz-Security-Token=a%2Bb")
    told = '{"said": "X-Amz-Signature=feed", "url": "https://r.example/1.mp4?X-Amz-Signature=beef&X-Amz-Security-Token=a+b"}'
    assert hide(told, secrets) == told.replace("feed", "***").replace("a+b", "***")
