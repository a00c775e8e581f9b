"""Is the value that stands after a name such as ``password`` or ``api_key`` one that somebody keeps secret?

Only what is rare by :mod:`leaksweep.proofs.rarity`, has no shape of code, and whose name does not say otherwise.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from leaksweep.proofs import rarity, shape
from leaksweep.proofs.evidence import Evidence, Outcome
from leaksweep.proofs.pattern import lazily
from leaksweep.proofs.placeholder import default_password, placeholder, published

PASSWORD_BITS = 22.0  #: of a quoted password: eight random letters have about 37, "hunter22" has 26
BARE_PASSWORD_BITS = 24.0  #: of one without quotes, which may be a piece of code
PASSWORD_RATE = 2.1  #: bits a byte; sentences have less
TOKEN_BITS = 52.0
SHORT_TOKEN = 16  #: bytes; below this, capitals with digits are the number of something
TOKEN_RATE = 2.7  #: bits a byte; words have less than two, hexadecimal digits have 3.4
SHORTEST_HEX = 20  #: bytes; shorter hexadecimal is an id as a rule
LONG, LONG_RATE = 16, 2.6  #: bytes of what may be a sentence, and the rate that tells
SLUG_RATE = 3.9  #: bits a byte of words and versions with hyphens: of keys in groups one in a hundred has less
DOTTED_RATE = 4.0  #: bits a byte of what might be an attribute of an object
LONG_LETTERS, FEW_LETTERS_RATE = 12, 5.2  #: bytes, and the rate of fewer of both cases
LONGEST_CHOSEN = 24  #: bytes of a password that a person types
_POINT = 87  #: digits of an uncompressed point of P-256 in base64
SHORTEST_JUDGED = 4  #: bytes of what may be read as words
SHORT, SHORT_BITS = 8, 26.0  #: bytes of a password that may be a word of code, and the bits that it must have
CHOSEN_BITS, CHOSEN_RATE = 16.0, 1.5  #: of a password that a person made of words, in quotes
MIXED_BITS = 14.5  #: of one with letters of both cases that digits or punctuation break up
GENERATED_RATE = 4.2  #: bits a byte of a password that a program made
TYPED_BITS = 8.0  #: of one whose place says that it is a password

_NOT_SECRET = lazily(
    rb"(?i)csrf|xsrf|next[_-]?(?:page)?[_-]?(?:token|key)|page[\\ _-]{0,3}token|resource_?key"
    rb"|continuation|public|pub_?key|foreign|primary|partition"
    rb"|sort_?key|cached?_[a-z_]*key|cache_?key|(?:^|[^a-z])vkey|idempot|client[_-]?(?:request[_-]?)?token|request[_-]?token|marker|sha\d|digest|checksum|md5"
    rb"|hash(?:ed)?(?:[^a-z]|$)|fingerprint|integrity|etag|_id\b|token[_-]?type|lexer|no_?pass|reset|forgot|invalid|wrong"
    rb"|incorrect|is_?valid|validate_|site_?key|upload_?id|lock_?id|sync[_-]?token|paginat|resume|object_?key|s3_?key|translat|i18n"
    rb"|label|placeholder|x-amz-|\d{12}:secret:|verif|session_?key|blob|masked|^\W?PASS:\s|webtoken:|websocket-key|^:secret:$"
    rb"|(?:^|[^a-z])(?:fake|dummy|mock|sample|example)"
    # What an API hands out to page, to lock or to order calls, or names a part of a hash ring or a person by.
    rb"|(?:change|lock|update|export|import|sequence|starting|term|subject[a-z]{0,24})[_-]?token|hash_?key|key_?(?:arn|check)"
)
#: A text that printf fills in: every per cent sign in it is one of a format.
_FORMAT = lazily(rb"(?=.*%)(?:[^%]|%%|%(?![0-9A-Fa-f]{2})[-+ #0]*\d*(?:\.\d*)?[sdiouxXeEfFgGcr])+")
_STARTS_SENTENCE = lazily(rb"(?i)\b(?:the|your|a|an|this|that|if|is|for|of|to|enter|no|with)\s$")
# SHA-256 of keys, tokens and a password in the examples of Amazon S3, RFC 5849, RFC 6749 and Python's urllib.request
# (which is in every image with Python), and of OpenSSL's FIPS key.
_PUBLISHED = frozenset(
    (
        "1fec4e9dead2fb48b893f5ff01018b8b8dde322d67813ea103213cffccb0ddab",
        "00cf4c781dc37003f7c7dd7d4c9a6ef1e0f4c62d9a291aa8bc398774e3fefd32",
        "d0720d84879472284611dc023d47fc39cf655d377117a9fb879c7da7ec807e6b",
        "08249dd24f808d55a21a30952506a7ff60be1426f495bc8292104470050e0e43",
        "0e8ad95d75d71161d9eb8929c48030c857b8774d9812bb1a5898ea81643e415b",
        "293257ab6495ebb11cf9e4aee0686ca30df8de2ab8d251f2cbbcf177bdfcae91",
        "6c96130f130ab0d6d158397e24d2bcc1c9a5e73ae081f6e983f1c7b545d24a4c",
        "8d567eb88afff34f31ab97fbb2731e582703bdeaf3c92b989cf568e0b23cef31",
        "9d03b692e941d5ace207a9f8048834439f6de98e5c6c1590c22c4f4577c88a42",
        "bb9b1163338b2a51495834ad5c65420443d6327381cf0f94ebf92b117f209d72",
        "cb87c87e4a138d9a72259d2a01bab15623c9846e568c1509b287721645a6ea53",
        "e9974c507d2a802143f614c878fcbb622a3800e05e6e0d329fee2c5b6b243329",
    )
)
_STRING_TABLE = lazily(rb"[a-z]PWD=$")
_UUID_NAMES = lazily(rb"(?i)api|auth|access|client_?secret|private")
_OPENPGP_ID = lazily(rb"(?:0x)?(?:[0-9A-F]{16}){1,2}(?:[0-9A-F]{8})?")  #: its fingerprint, or the end of that
_SIGNER = lazily(rb"(?i)gpg|pgp|sign|release")
_ANY_LETTER = lazily(rb"[A-Za-z]")
_ANY_DIGIT = lazily(rb"[0-9]")
_ANY_SPECIAL = lazily(rb"[^A-Za-z0-9_.,/: -]")
_BROKEN_UP = lazily(rb"[A-Za-z][0-9!@$]{1,3}[a-z]|[A-Za-z][!@#$%^&*+][A-Za-z0-9]")
_LEET = lazily(rb"(?=.{10})[a-z]+[0-9@$][a-z@$0-9]*[a-z][a-z0-9]*")
_JOINTS = lazily(rb"[_.,/: -]")
_PROPERTY = lazily(rb"[a-z][A-Za-z]{0,14}[0-9]{0,2}(?:\.[a-z][A-Za-z]{0,14}[0-9]{0,2}){2,}")  #: ``fs.s3.cse.kms.keyId``
_MODEL = rb"[a-z]{1,8}[0-9]{1,3}(?:\.[0-9]){0,2}[a-z]{0,6}[0-9]{0,3}"  #: ``win10``, ``enc28j60``
#: Words and versions: ``adobe-flex-4-sdk``, ``eula-21.0``.
_SLUG = lazily(
    rb"[A-Za-z]{2,15}[0-9]{0,2}(?:-(?:[0-9]{0,2}[A-Za-z]{1,15}|v?[0-9]{1,4}(?:\.[0-9x]{1,3}){0,3}[a-z]?|"
    + _MODEL
    + rb"))+"
)
_NUMBER = lazily(rb"0[xX][0-9a-fA-F]+[uUlL]*")
_NO_VALUE = lazily(rb"(?i)^(?-i:[A-Z][A-Z_0-9]+)$|pass(?:word|wd)[_.-]?\d?$|^[%-]|_(?:pass|pwd|key)|variable|param")
_CAMEL = lazily(rb"[a-z]{2,}(?:[A-Z]+[a-z]*)+\d*")
_TUTORIAL = lazily(
    rb"(?i)^(?:p[a@4][s$5]{1,2}w[o0]rd|passphrase|secret|admin|test|welcome)[^a-z]*$|^hunter|here|must|should"
)
_TEST_VECTOR = lazily(
    rb"(?i)deadbeef|cafebabe|c0ffee|0123456|1234567|abcdef|000000|111111|aaaaaa|fffffff|xxxx|asdf|qwerty|foobar|lorem"
    rb"|00010203|testtest|not-?a|not_a|example|sample|dummy|wjalr|i-?am-?|this-?is|\.\.\.|\*\*\*|____|----|(.)\1{4}"
    rb"|mF_9\.B5f|jbswy3dpehpk3pxp|a1b2c3d4e5f6g7h8|1a2b3c4d5e6f7g8h|\.signature$"
)


def password(evidence: Evidence) -> Outcome:
    """Refute what is no password: code, words, names, tutorials' defaults, and what the name denies."""
    value, bare = evidence.secret, _bare(evidence)
    if (
        _denied(evidence)
        or _code(value)
        or shape.uuid(value)
        or _NUMBER().fullmatch(value)
        or _STARTS_SENTENCE().search(evidence.before)
    ):
        return Outcome.REFUTED
    if _default(value) or _in_manuals(value) or not _ANY_LETTER().search(value):
        return Outcome.REFUTED
    if _reads_as_text(value, PASSWORD_BITS, PASSWORD_RATE):
        return Outcome.REFUTED
    if bare and (_reads_as_code(value) or _STRING_TABLE().search(evidence.before)):
        return Outcome.REFUTED
    if _chosen(value, bare):
        return Outcome.PLAUSIBLE
    need = SHORT_BITS if len(value) < SHORT else BARE_PASSWORD_BITS if bare else PASSWORD_BITS
    return _rare(value, need, LONG_RATE if len(value) >= LONG else PASSWORD_RATE, bare)


def token(evidence: Evidence) -> Outcome:
    """Refute what is no generated key: code, identifiers, UUIDs under common names, test vectors."""
    value, bare = evidence.secret, _bare(evidence)
    if _denied(evidence) or shape.humps(value) or _code(value) or _several(value) or _known(value):
        return Outcome.REFUTED
    if _FORMAT().fullmatch(value) and (b"%s" in value or b"%d" in value or not rarity.irregular(value)):
        return Outcome.REFUTED
    if shape.uuid(value) and not _UUID_NAMES().search(evidence.before):
        return Outcome.REFUTED
    if _OPENPGP_ID().fullmatch(value) and _SIGNER().search(evidence.before):
        return Outcome.REFUTED
    if _reads_as_name(value, bare) or _reads_as_text(value, TOKEN_BITS, TOKEN_RATE) or _short_id(value):
        return Outcome.REFUTED
    return _rare(value, TOKEN_BITS, TOKEN_RATE, bare)


def header_token(evidence: Evidence) -> Outcome:
    """A bearer token or the password of a command: as :func:`token`, whatever stands before it."""
    return token(Evidence(evidence.secret, b"'"))


def named_otherwise(evidence: Evidence) -> Outcome:
    """Refute what the text before it calls something else: a token that orders calls, a public key, a digest."""
    return Outcome.REFUTED if _denied(evidence) else Outcome.PLAUSIBLE


def typed_password(evidence: Evidence) -> Outcome:
    """A password whose place says that it is one, such as ``sshpass -p``: doubtful where it is made of common words."""
    value = evidence.secret
    if quoted_password(evidence) is not Outcome.REFUTED or _generated(value):
        return Outcome.PLAUSIBLE
    if _code(value) or _default(value) or not _ANY_LETTER().search(value):
        return Outcome.REFUTED
    if shape.humps(value) or shape.dotted(value) or _NO_VALUE().search(value) or len(value) > LONGEST_CHOSEN:
        return Outcome.REFUTED
    marked = _ANY_DIGIT().search(value) or _ANY_SPECIAL().search(value)
    if not marked and evidence.before[-1:] not in (b'"', b"'", b"%"):
        return Outcome.REFUTED  # a word of the text round the command
    return Outcome.DOUBTFUL if rarity.bits(value) >= (TYPED_BITS if marked else PASSWORD_BITS) else Outcome.REFUTED


def quoted_password(evidence: Evidence) -> Outcome:
    """A password in quotes, whatever stands before it: as :func:`password`."""
    return password(Evidence(evidence.secret, b"'"))


def url_password(evidence: Evidence) -> Outcome:
    """A password in a URL, as :func:`typed_password`: the words of examples are refuted."""
    from urllib.parse import unquote_to_bytes

    return _not_of_words(unquote_to_bytes(evidence.secret))


def file_password(evidence: Evidence) -> Outcome:
    """A password in a file of credentials, as :func:`url_password`, whatever quotes it."""
    return _not_of_words(evidence.secret.strip(b"\"'\\#"))


def login_password(evidence: Evidence) -> Outcome:
    """A password in the line after a user name: as :func:`typed_password`, but neither code nor the name itself."""
    value = evidence.secret
    if len(value) < SHORT and not _ANY_DIGIT().search(value) and not _ANY_SPECIAL().search(value):
        return Outcome.REFUTED
    if shape.identifier(value) and not value.isalpha():
        return Outcome.REFUTED
    if value.isalpha() and value.istitle():  # a label in another language
        return Outcome.REFUTED
    if rarity.bits(value) < PASSWORD_BITS or rarity.bits(value) < PASSWORD_RATE * len(value):
        return Outcome.REFUTED
    return typed_password(Evidence(value, b"'"))


def base64_password(evidence: Evidence) -> Outcome:
    """The base64 of a password or of a generated key, as manifests of Kubernetes hold them."""
    try:
        value = base64.b64decode(evidence.secret, validate=True)
    except binascii.Error:
        return Outcome.REFUTED
    if not value.isascii() or not value.decode("ascii").strip().isprintable():
        return Outcome.PLAUSIBLE if rarity.bits(evidence.secret) >= TOKEN_BITS else Outcome.REFUTED
    made_up = placeholder(Evidence(value)) is Outcome.REFUTED
    return Outcome.REFUTED if made_up else typed_password(Evidence(value.strip(), b"'"))


def _not_of_words(value: bytes) -> Outcome:
    """Refute what is made of words alone: a place where passwords stand is one of an example then."""
    if not SHORTEST_JUDGED <= len(value) <= LONGEST_CHOSEN:
        return Outcome.PLAUSIBLE
    return min(typed_password(Evidence(value, b"'")), Outcome.PLAUSIBLE, key=Outcome.weight)


def _default(value: bytes) -> bool:
    return default_password(Evidence(value)) is Outcome.REFUTED and not rarity.irregular(value)


def _code(value: bytes) -> bool:
    return shape.code(value) or (shape.signs(value) and not rarity.irregular(value))


def _generated(value: bytes) -> bool:
    """Whether ``value`` is as irregular as what password managers make, whatever it begins with."""
    mixed = value.lower() != value != value.upper() and _ANY_DIGIT().search(value)
    return bool(mixed) and len(value) >= LONG_LETTERS and rarity.bits(value) >= GENERATED_RATE * len(value)


def _chosen(value: bytes, bare: bool) -> bool:
    """Whether a person made ``value`` out of words, as rules for passwords ask for: ``Winter4!ever``."""
    if len(value) < SHORT or len(value) > LONGEST_CHOSEN or _TUTORIAL().search(value) or shape.identifier(value):
        return False
    if _CAMEL().fullmatch(value):
        return False
    bits = rarity.bits(value)
    if _BROKEN_UP().search(value) and value.lower() != value != value.upper() and not _JOINTS().search(value):
        return bits >= MIXED_BITS
    if _LEET().fullmatch(value):
        return bits >= TYPED_BITS
    marked = _ANY_DIGIT().search(value) or _ANY_SPECIAL().search(value)
    plain = bare or not marked or _JOINTS().search(value)
    return not plain and bits >= CHOSEN_BITS and bits >= CHOSEN_RATE * len(value)


def _rare(value: bytes, need: float, rate: float, bare: bool) -> Outcome:
    bits = rarity.bits(value)
    if bits < need or bits < rate * len(value):
        return Outcome.REFUTED
    if rarity.irregular(value):
        return Outcome.PLAUSIBLE
    if not _ANY_DIGIT().search(value) and (bare or not _ANY_SPECIAL().search(value)):
        rate = rarity.LETTERS_RATE if len(value) >= LONG_LETTERS else FEW_LETTERS_RATE
        word = value.islower() or value.isupper() or value.istitle()  # of whatever language
        rare = len(value) >= SHORT and bits >= rate * len(value) and not bare and not word
        return Outcome.PLAUSIBLE if rare else Outcome.REFUTED
    return Outcome.PLAUSIBLE


def _denied(evidence: Evidence) -> bool:
    return bool(_NOT_SECRET().search(evidence.before))


def _bare(evidence: Evidence) -> bool:
    """Whether the value stands without quotes, and is not the whole of an XML element."""
    if evidence.before[-1:] == b">" and evidence.after[:1] == b"<":
        return False
    return evidence.before[-1:] not in (b'"', b"'", b"`") or evidence.after[:1] not in (b'"', b"'", b"`", b"\\", b"")


def _published(value: bytes) -> bool:
    if _TEST_VECTOR().search(value) or published(Evidence(value)) is Outcome.REFUTED:
        return True
    return _in_manuals(value)


def _in_manuals(value: bytes) -> bool:
    return hashlib.sha256(value).hexdigest() in _PUBLISHED


def _known(value: bytes) -> bool:
    """Whether everybody may know ``value``: the name of a setting, what manuals show, a public key."""
    return bool(_PROPERTY().fullmatch(value)) or _published(value) or _public_half(value)


def _public_half(value: bytes) -> bool:
    """Whether ``value`` is the public key by which a browser knows who may send it messages (RFC 8292)."""
    from leaksweep.proofs.curves import on_p256

    if len(value.rstrip(b"=")) != _POINT or value[:1] != b"B":
        return False
    try:
        return on_p256(base64.urlsafe_b64decode(value.rstrip(b"=") + b"="))
    except binascii.Error:
        return False


def _several(value: bytes) -> bool:
    """Whether ``value`` has the joints of a path, a host or a resource name."""
    return value.count(b".") > 4 or value.count(b"/") > len(value) // 8 + 1 or value.count(b":") > 2


def _short_id(value: bytes) -> bool:
    """Whether ``value`` is too short for a secret of its alphabet: digits, hexadecimal digits, capitals."""
    if len(value) < SHORT_TOKEN and (value == value.upper() or not _ANY_DIGIT().search(value)):
        return True
    return len(value) < SHORTEST_HEX and shape.hexadecimal(value.replace(b"-", b""))


def _reads_as_name(value: bytes, bare: bool) -> bool:
    """Whether ``value`` is a name in code, or an attribute of an object where quotes are missing."""
    if shape.identifier(value) or shape.numbered_humps(value):
        return rarity.bits(value) < rarity.LETTERS_RATE * len(value)
    if _SLUG().fullmatch(value):
        return rarity.bits(value) < SLUG_RATE * len(value)
    parts = value.split(b"+")
    return bare and all(map(shape.dotted, parts)) and (len(parts) > 1 or rarity.bits(value) < DOTTED_RATE * len(value))


def _reads_as_text(value: bytes, bits: float, rate: float) -> bool:
    """Whether ``value`` is the base64 of a document or of words."""
    try:
        text = base64.b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except binascii.Error:
        return False
    if not text.isascii() or not text.decode("ascii").isprintable():
        return False
    return text[:1] in b"{[<" or rarity.bits(text) < max(bits, rate * len(text))


def _reads_as_code(value: bytes) -> bool:
    """Whether ``value``, without quotes, is a name or several words of code rather than one password."""
    if shape.dotted(value) or b"|" in value or (len(value) < SHORT and not _ANY_SPECIAL().search(value)):
        return True
    asked = any(mark in value for mark in (b"=", b"?")) and not _ANY_DIGIT().search(value)
    return asked and not rarity.irregular(value)
