"""What stands where a secret could stand in code and settings, and is none: calls, paths, URLs, versions, templates."""

from __future__ import annotations

from leaksweep.proofs.pattern import lazily

_CODE = lazily(
    rb"""(?xi)
      ^[$%@<>{}()\[\]&#:=|^*?,;.~!+-]*$             # punctuation alone
    | \$\{[a-z_]|\{\{|\}\}|\{%|\{[a-z0-9_.:!]*\}|\$\([a-z][^)]*\)  # templates
    | \\[wdsnb]|\[[^\]]*[a-z0-9]-[a-z0-9][^\]]*\]|\(\?[:=!<p]|\{\d*,\d*\}  # regular expressions
    | ^(?:part)?(?:uuid|label)=                    # devices
    | ://|^mailto:|^data:|^arn:|^urn:|^oid:|^ref\+ # addresses
    | ^(?:\.{1,2}|~|[a-z]:)[/\\]|^/(?![a-z0-9+/]{23,}={0,2}$)  # paths, unless they may be base64
    | \.(?:pem|key|crt|cer|p12|pfx|jks|json|ya?ml|xml|txt|html?|php|aspx?|jsp|py|js|ts|go|java|rb|cs|sh|conf|ini|cfg
         |toml|env|log|md|rst|png|jpe?g|gif|svg|css|scss|sql|csv|gpg|asc|lock|db|com|org|net|io|dev|local|internal|example)$
    | ^v?\d+(?:[.:/-]\d+)+(?:[a-z]+\d*)?$          # versions, dates, addresses, times
    | ^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$               # mail
    | ^(?:sha|md)-?\d{1,3}[-:=$]|^\$\w{1,8}\$|^\{(?:ssha|sha|crypt)
    | ^(?:vault|op|ssm|secretsmanager|keyvault|aws|gcp|kms|env|file|ref|secret|arn|classpath|enc|cipher):
    | ^(?:enc|cipher|nacl)[\(\[]|&\#\d{2,5};|^(?-i:[a-z]{4,11}/[a-z][a-z0-9.+-]*)$  # encrypted; media types
    | ^(?:scram|hmac|aes|rsa|ecdsa|pbkdf2|bcrypt|argon2|chacha)[-_/a-z0-9]{0,20}$  # methods
    | ^[a-z0-9_]{2,24}\$\d+\$[^$]*\$                # hashes as Django writes them
    """
)
_SIGNS = lazily(
    rb"""(?xi)
      ^[$@<\[({&|,;)\]}]                           # variables, tags, lists, calls
    | ^(?:%|\#)[a-z(]                              # format strings, anchors
    | \$\{|\$\(|\#\{|<%|%>                        # templates
    | %[sdrvqx](?![a-z0-9])|%\([a-z]|\.[*+]\??$    # more of them, and regular expressions
    | ^[a-z_$][\w$]*(?:\([^)]*\)|\[[^\]]*\])       # calls and subscripts
    | ^[a-z_$][\w$]*(?:(?:\.|::|->|\?\.)[a-z_$][\w$]*)*[;(]
    | \.\.\.|::|->|=>|&&|\|\||==(?!$)|</|/>
    | ^[a-z0-9_-]{2,24}\$[^$]*\$
    """
)
_IDENTIFIER = lazily(rb"[A-Za-z_$][A-Za-z_$]*(?:[.-][A-Za-z_$]+)*")
_DOTTED = lazily(rb"[A-Za-z_$][A-Za-z0-9_$]*(?:\.[A-Za-z_$][A-Za-z0-9_$]*)+")
_CONSTANT = lazily(rb"[A-Z][A-Z]+[0-9]*(?:_[A-Z0-9]+)+|[a-z]{2,}[0-9]*(?:[_.-][a-z]{2,}[0-9]*)+")
_HUMPS = lazily(rb"[A-Z]?[a-z]{2,}(?:[._-]?[A-Z][a-z]{2,})+")
_NUMBERED_HUMPS = lazily(rb"[A-Z]?[a-z]{2,}[0-9]{0,2}(?:[A-Z][a-z]+[0-9]{0,2}|[A-Z]{2,4}[0-9]{0,2}|[A-Z][0-9]{1,2})+")
_UUID = lazily(rb"(?i)\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?")
_HEX = lazily(rb"(?:0x)?(?:[0-9a-f]+|[0-9A-F]+)")


def code(value: bytes) -> bool:
    """Whether ``value`` is a template, a pattern, a path, an address, a version or a reference to a vault."""
    return bool(_CODE().search(value))


def signs(value: bytes) -> bool:
    """Whether ``value`` holds signs as code does: calls, operators, formats. In what is random they stand by chance."""
    return bool(_SIGNS().search(value))


def identifier(value: bytes) -> bool:
    """Whether ``value`` is a name of letters alone, or of words with joints."""
    return bool(_IDENTIFIER().fullmatch(value) or _CONSTANT().fullmatch(value))


def humps(value: bytes) -> bool:
    """Whether ``value`` is words that begin with capitals: a name in code, whatever the words are."""
    return bool(_HUMPS().fullmatch(value))


def numbered_humps(value: bytes) -> bool:
    """Whether ``value`` may be such words, with a number or an abbreviation among them: ``heightAboveWGS84Units``."""
    return bool(_NUMBERED_HUMPS().fullmatch(value))


def dotted(value: bytes) -> bool:
    """Whether ``value`` reads as an attribute of an object."""
    return bool(_DOTTED().fullmatch(value))


def uuid(value: bytes) -> bool:
    """Whether ``value`` is a UUID."""
    return bool(_UUID().fullmatch(value))


def hexadecimal(value: bytes) -> bool:
    """Whether ``value`` is all hexadecimal digits, in one case."""
    return bool(_HEX().fullmatch(value))
