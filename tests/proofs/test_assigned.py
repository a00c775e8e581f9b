"""The judgement of assigned values: rare and without the shape of code is kept, everything else is not."""

from __future__ import annotations

import base64
import string
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.proofs import assigned, entropy, placeholder, shape
from leaksweep.proofs.curves import CURVES, on_p256
from leaksweep.proofs.evidence import Evidence, Outcome
from leaksweep.proofs.public import P256
from support.fakes import fake

REFUTED = Outcome.REFUTED
PROOFS = (
    assigned.password,
    assigned.token,
    assigned.typed_password,
    assigned.quoted_password,
    assigned.login_password,
    assigned.base64_password,
    assigned.header_token,
)


@pytest.mark.parametrize("proof", PROOFS)
@given(secret=st.binary(max_size=300), before=st.binary(max_size=40), after=st.binary(max_size=2))
def test_any_bytes_get_an_outcome(proof: object, secret: bytes, before: bytes, after: bytes) -> None:
    assert callable(proof)
    assert proof(Evidence(secret, before, after)) in (Outcome.REFUTED, Outcome.DOUBTFUL, Outcome.PLAUSIBLE)


@pytest.mark.parametrize(
    "template", ["{hex:32}", "{hex:64}", "{base62:20}", "{base62:40}", "{base64:43}=", "{base64url:64}"]
)
def test_most_generated_keys_are_kept(template: str) -> None:
    found = [assigned.token(Evidence(fake(template, f"{template}/{n}"), b'token = "', b'"')) for n in range(200)]
    assert found.count(Outcome.PLAUSIBLE) >= 190


@pytest.mark.parametrize("size", [10, 12, 16, 24])
def test_most_generated_passwords_are_kept(size: int) -> None:
    found = [assigned.password(Evidence(fake(f"{{base62:{size}}}", f"{n}"), b'password = "', b'"')) for n in range(200)]
    assert found.count(Outcome.PLAUSIBLE) >= 150


def test_a_name_may_deny_it() -> None:
    key = fake("{hex:40}", "denied")
    assert assigned.token(Evidence(key, b'api_key = "', b'"')) is Outcome.PLAUSIBLE
    for name in (b"csrf_token", b"nextPageToken", b"public_key", b"secret_sha256", b"fake_secret", b"x-amz-credential"):
        assert assigned.token(Evidence(key, name + b' = "', b'"')) is Outcome.REFUTED


def test_what_an_api_hands_out_to_page_or_to_lock_is_no_secret() -> None:
    value = fake("{base62:36}", "handed out")
    for name in (
        b"ChangeToken",
        b"PolicyUpdateToken",
        b"export_token",
        b"SubjectFromWebIdentityToken",
        b"StartingHashKey",
    ):
        assert assigned.token(Evidence(value, b'"' + name + b'": "', b'"')) is Outcome.REFUTED


def test_a_flag_that_orders_calls_is_no_secret() -> None:
    value = fake("{base62:36}", "handed out")
    for name in (b"--change-token ", b"--client-request-token ", b"--next-token ", b"--starting-token "):
        assert assigned.named_otherwise(Evidence(value, name)) is Outcome.REFUTED
        assert assigned.token(Evidence(value, name + b"'", b"'")) is Outcome.REFUTED
    assert assigned.named_otherwise(Evidence(value, b"--access-token ")) is Outcome.PLAUSIBLE


def test_a_public_key_of_web_push_is_no_secret() -> None:
    """A point of P-256 is public; a text that only looks like one is not known to be."""
    x, y = CURVES[P256].base
    point = b"\4" + x.to_bytes(32) + y.to_bytes(32)
    for text in (base64.urlsafe_b64encode(point).rstrip(b"="), base64.b64encode(point)):
        assert assigned.token(Evidence(text, b'key = "', b'"')) is Outcome.REFUTED
    other = point[:-1] + bytes([point[-1] ^ 1])
    text = base64.urlsafe_b64encode(other).rstrip(b"=")
    assert assigned.token(Evidence(text, b'key = "', b'"')) is Outcome.PLAUSIBLE
    assert not on_p256(other)
    assert on_p256(point)
    assert not on_p256(b"")


@pytest.mark.parametrize("alphabet", [string.ascii_lowercase + string.digits, string.ascii_letters + string.digits])
def test_what_is_made_by_chance_is_no_slug(alphabet: str) -> None:
    """Keys in groups, such as those of licences: their groups are no words."""
    random, found = Random(1), []
    for _ in range(300):
        value = "-".join("".join(random.choices(alphabet, k=5)) for _ in range(5)).encode()
        found.append(assigned.token(Evidence(value, b'key = "', b'"')))
    assert found.count(Outcome.PLAUSIBLE) >= 294


def test_a_text_that_is_filled_in_is_no_secret() -> None:
    for value in (b"VS%0.f0COMNTOOLS1xQ", b"Kj3%sXq9Zp2LmR7vTw"):
        assert assigned.token(Evidence(value, b'tools_key = "', b'"')) is Outcome.REFUTED


def test_a_uuid_needs_a_name_that_says_so() -> None:
    uuid = fake("{uuid}", "uuid")
    assert assigned.token(Evidence(uuid, b'api_key = "', b'"')) is Outcome.PLAUSIBLE
    assert assigned.token(Evidence(uuid, b'actionToken = "', b'"')) is Outcome.REFUTED


@pytest.mark.parametrize(
    "value",
    [
        b"${VAR}",
        b"{{ var }}",
        b"%s",
        b"a.b.c()",
        b"x::Y",
        b"../x",
        b"https://a.b",
        b"1.2.3",
        b"a@b.example",
        b"x.json",
        b"[a-z]+",
        b"f(x)",
    ],
)
def test_code_is_code(value: bytes) -> None:
    assert shape.code(value) or shape.signs(value)


@pytest.mark.parametrize("template", ["{base62:24}", "{hex:40}", "{base64:43}=", "{base64:42}=="])
def test_keys_are_no_code(template: str) -> None:
    assert not any(shape.code(fake(template, f"code/{n}")) for n in range(300))


@pytest.mark.parametrize("value", [b"W1nter!Lane", b"Gr33nApple!", b"mY0therPl4ce", b"kettle-drum7", b"tr0mbone!"])
def test_what_people_make_of_words_is_kept(value: bytes) -> None:
    assert assigned.password(Evidence(value, b'password = "', b'"')) is Outcome.PLAUSIBLE


@pytest.mark.parametrize("value", [b"P@ssw0rd", b"Password123!", b"mySecretKeyHere1!", b"TheUser_Name2", b"hunter42!"])
def test_what_manuals_make_of_words_is_not(value: bytes) -> None:
    assert assigned.password(Evidence(value, b'password = "', b'"')) is Outcome.REFUTED


def test_common_words_are_doubtful_where_the_place_says_password() -> None:
    assert assigned.typed_password(Evidence(b"r00tme99", b"-p ")) is Outcome.DOUBTFUL
    assert assigned.typed_password(Evidence(b"password", b"-p ")) is Outcome.REFUTED
    assert assigned.typed_password(Evidence(b"PASSWORD_2", b"-p ")) is Outcome.REFUTED
    assert assigned.typed_password(Evidence(b"sousaphone", b"-p ")) is Outcome.REFUTED
    assert assigned.typed_password(Evidence(b"sousaphone", b'-p "')) is Outcome.DOUBTFUL


def test_a_password_in_base64() -> None:
    assert assigned.base64_password(Evidence(b"a2V0dGxlLWRydW03")) is Outcome.PLAUSIBLE
    assert assigned.base64_password(Evidence(b"cGFzc3dvcmQ=")) is Outcome.REFUTED
    assert assigned.base64_password(Evidence(b"no base64")) is Outcome.REFUTED


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (b"a%20secret", Outcome.REFUTED),
        (b"salt-passwd", Outcome.REFUTED),
        (b"user%40acme.example", Outcome.REFUTED),
        (b"2%23um25%21M%23JZ", Outcome.PLAUSIBLE),
        (b"S3cur3BindPass", Outcome.PLAUSIBLE),
        (b"pat", Outcome.PLAUSIBLE),
        (b"words-that-nobody-types-as-a-password", Outcome.PLAUSIBLE),
    ],
)
def test_a_password_in_a_url_is_none_if_it_is_made_of_words(value: bytes, outcome: Outcome) -> None:
    assert assigned.url_password(Evidence(value)) is outcome


@pytest.mark.parametrize("value", [b'"pass"', rb"\"pass", b"#pass", b"qwerty"])
def test_a_quoted_word_in_a_file_of_credentials_is_no_password(value: bytes) -> None:
    assert assigned.file_password(Evidence(value)) is Outcome.REFUTED


@pytest.mark.parametrize(
    ("before", "value"),
    [
        (b'cmd_key="', b"GetBuzzerAlarmV20"),
        (b'key == "', b"nielsenPcmToId3Tagging"),
        (b'unitKey="', b"heightOfGeoidAboveWGS84Units"),
        (b'GPG_KEY="', b"A0C3B1" * 6 + b"9F27"),
        (b"Sec-WebSocket-Key: '", base64.b64encode(bytes(range(7, 120, 7)))),
        (b'--page-token="', b"ala9glealanal908xq"),
        (b":secret:", b"rds-beta-us-east-1!k8Xq2"),
        (b"token='", b"UUID=6a38ee57-7235-44e7-8b22-816a403bad5d"),
    ],
)
def test_names_and_ids_are_no_tokens(before: bytes, value: bytes) -> None:
    assert assigned.token(Evidence(value, before, before[-1:])) is Outcome.REFUTED


_HEX, _LETTERS = "0123456789abcdef", string.ascii_letters
_SIGNS = _LETTERS + string.digits + "!@#$%^&*()-_=+"


@pytest.mark.parametrize(
    ("alphabet", "length", "before", "most"),
    [
        (_HEX, 32, b'token = "', 1.0),
        (_LETTERS + string.digits, 20, b'token = "', 1.0),
        (_SIGNS, 32, b'token = "', 4.0),
        (_SIGNS, 50, b"SECRET_KEY=", 4.0),
        (_SIGNS, 16, b'password = "', 4.0),
        (_SIGNS, 16, b"PASSWORD=", 4.0),
        (_SIGNS, 12, b"PASSWORD=", 7.0),
        (_LETTERS + string.digits, 12, b'password = "', 2.0),
    ],
)
def test_what_a_program_made_is_kept_but_for_a_few_in_a_hundred(
    alphabet: str, length: int, before: bytes, most: float
) -> None:
    random, judge = Random(f"{alphabet}/{length}"), assigned.password if b"ass" in before.lower() else assigned.token
    after = b'"' if before.endswith(b'"') else b"\n"
    made = ["".join(random.choices(alphabet, k=length)).encode() for _ in range(500)]
    lost = [v for v in made if REFUTED in (judge(Evidence(v, before, after)), placeholder.placeholder(Evidence(v)))]
    assert len(lost) <= most * len(made) / 100


@pytest.mark.parametrize("prefix", ["sk-", "key-", "pri_", "oauth2:"])
def test_a_prefix_does_not_make_digits_less_random(prefix: str) -> None:
    random = Random(prefix)
    made = [(prefix + "".join(random.choices(_HEX, k=32))).encode() for _ in range(500)]
    assert sum(entropy.looks_random(Evidence(v)) is REFUTED for v in made) <= 2


@pytest.mark.parametrize("word", ["Wachtwoord", "Gebruikersnaam", "wachtwoordvergeten", "KENNWORT"])
def test_a_word_of_another_language_is_no_password(word: str) -> None:
    assert assigned.password(Evidence(word.encode(), b'"password": "', b'"')) is REFUTED
