"""Passwords and keys without a provider: found in every form that people write, silent about everything else."""

from __future__ import annotations

import pytest

from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.model import Blob
from leaksweep.rules.expand import expand
from leaksweep.rules.load import parse


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(tuple(sorted(parse(), key=lambda rule: rule.id)), Cache(None))


QUOTED = {
    "Python": '{snake} = "{value}"\n',
    "Python, single quotes": "{snake} = '{value}'\n",
    "Python, type hint": '{snake}: str = "{value}"\n',
    "Python, bytes": '{snake} = b"{value}"\n',
    "Python, keyword": 'connect(host, {snake}="{value}")\n',
    "Python, dict": 'settings["{CONST}"] = "{value}"\n',
    "Python, fallback": 'os.environ.get("{CONST}", "{value}")\n',
    "Python, or": 'os.environ.get("{CONST}") or "{value}"\n',
    "Python, comparison": 'if {snake} == "{value}":\n',
    "JavaScript": 'const {camel} = "{value}";\n',
    "JavaScript, object": "{{ {camel}: '{value}' }}\n",
    "JavaScript, template": "const {camel} = `{value}`;\n",
    "JavaScript, fallback": "process.env.{CONST} || '{value}'\n",
    "TypeScript": 'private readonly {camel}: string = "{value}";\n',
    "Go": '{camel} := "{value}"\n',
    "Go, typed": 'var {camel} string = "{value}"\n',
    "Rust": 'let {snake}: &str = "{value}";\n',
    "Java": 'private static final String {CONST} = "{value}";\n',
    "Java, properties": 'props.setProperty("acme.{snake}", "{value}");\n',
    "C#": 'string {camel} = @"{value}";\n',
    "C": 'const char *{snake} = "{value}";\n',
    "PHP": "${snake} = '{value}';\n",
    "PHP, define": "define('{CONST}', '{value}');\n",
    "PHP, array": "'{snake}' => '{value}',\n",
    "Perl": 'my ${snake} .= "{value}";\n',
    "Ruby": ":{snake} => '{value}'\n",
    "shell": "export {CONST}='{value}'\n",
    "make": '{CONST} ?= "{value}"\n',
    "JSON": '{{"{camel}": "{value}"}}\n',
    "JSON in a string": '"{{\\"{camel}\\": \\"{value}\\"}}"\n',
    "JSON, name and value": '{{"name": "{CONST}", "value": "{value}"}}\n',
    "YAML": '{snake}: "{value}"\n',
    "TOML": '{snake} = "{value}"\n',
    "XML, attribute": '<add key="{camel}" value="{value}" />\n',
    "Terraform": 'variable "{snake}" {{\n  type    = string\n  default = "{value}"\n}}\n',
}
BARE = {
    "dotenv": "{CONST}={value}\n",
    "shell": "export {CONST}={value}\n",
    "YAML": "  {snake}: {value}\n",
    "YAML, Kubernetes": "- name: {CONST}\n  value: {value}\n",
    "properties": "acme.{dotted}={value}\n",
    "INI": "{snake} = {value}\n",
    "XML, element": "<{camel}>{value}</{camel}>\n",
    "plist": "<key>{CONST}</key>\n<string>{value}</string>\n",
    "compose": "environment:\n  - {CONST}={value}\n",
    "Dockerfile": "ENV {CONST}={value}\n",
    "query": "https://api.acme.example/v1?{snake}={value}&page=2\n",
    "CSV": "{snake},{value}\n",
    "connection string": "Endpoint=acme;{camel}={value};Timeout=3\n",
}
PASSWORDS = ["password", "db_password", "smtp_passwd", "root_pwd", "key_passphrase", "admin_pass"]
SECRETS = ["api_key", "acme_secret", "auth_token", "client_secret", "secret_key", "encryption_key", "access_key"]


def written(form: str, name: str, value: str) -> bytes:
    words = name.split("_")
    camel = words[0] + "".join(word.title() for word in words[1:])
    return form.format(snake=name, camel=camel, dotted=".".join(words), CONST=name.upper(), value=value).encode()


def kept(engine: Engine, text: bytes) -> list[bytes]:
    return [match.secret.reveal() for match in engine.matches(Blob("x", b"# settings\n" + text))]


@pytest.mark.parametrize("name", PASSWORDS)
@pytest.mark.parametrize("form", [*QUOTED.items(), *BARE.items()], ids=lambda form: form[0])
def test_a_password_is_found(engine: Engine, form: tuple[str, str], name: str) -> None:
    value = expand("{base62:9}7{base62:4}", f"{form[0]}/{name}").text
    assert kept(engine, written(form[1], name, value.decode())) == [value]


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("shape", ["{hex:40}", "{base62:32}", "{base64:42}8="])
@pytest.mark.parametrize("form", [*QUOTED.items(), *BARE.items()], ids=lambda form: form[0])
def test_a_key_is_found(engine: Engine, form: tuple[str, str], shape: str, name: str) -> None:
    value = expand(shape, f"{form[0]}/{name}").text
    assert kept(engine, written(form[1], name, value.decode())) == [value]


NO_PASSWORDS = [
    "password",
    "string",
    "changeme123",
    "correcthorse",
    "my-secret-password",
    "P@ssw0rd",
    "hunter2hunter2",
    "qwertyuiop123",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "abcd1234",
    "aaaaaaaa1",
    "12345678",
    "2024-01-31",
    "${DB_PASSWORD}",
    "$DB_PASSWORD2",
    "{{ db_password_2 }}",
    "{{db_password2}}",
    "%(password2)s",
    "<your-password-1>",
    "YOUR_PASSWORD_HERE1",
    "os.environ[PASSWORD2]",
    "getpass.getpass()",
    "config.db.password2",
    "self::PASSWORD2",
    "/run/secrets/db_password_2",
    "./password2.txt",
    "C:\\secrets\\pw2",
    "https://acme.example/reset2",
    "vault:secret/data/db#password2",
    "op://vault/item/password2",
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db",
    "user2@acme.example",
    "10.0.0.15:5432",
    "errors.password.too_short2",
    "password_confirmation_2",
    "PasswordInput2Field",
    "[a-z0-9]{8,}",
    "^(?=.*\\d).{8,}$",
    "********",
    "REDACTED2",
    "ENC(q1w2e3r4t5y6u7i8)",
    "pbkdf2_sha256$260000$salt$hash2",
    "$2y$10$abcdefghijklmnopqrstuu",
    "sha256:9f86d081884c7d65",
    "123e4567-e89b-12d3-a456-426614174000",
]
NO_SECRETS = [
    *NO_PASSWORDS,
    "getUserAccessTokenFromHeaderV2",
    "ACCESS_TOKEN_EXPIRED_ERROR_2",
    "access-token-identifier-2",
    "application/x-www-form-urlencoded",
    "00112233445566778899aabbccddeeff",
    "0123456789abcdef0123456789abcdef",
    "deadbeefdeadbeefdeadbeefdeadbeef",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxx1",
    "testtesttesttesttest1234",
    "your-256-bit-secret-goes-here",
    "projects/acme/secrets/db/versions/12",
    "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP==",
    "com.acme.security.TokenProvider2",
    "eW91ciBzZWNyZXQgZ29lcyBoZXJl",
]


@pytest.mark.parametrize("value", NO_PASSWORDS)
@pytest.mark.parametrize("form", ['password = "{}"\n', "DB_PASSWORD={}\n", "'password' => '{}',\n", "password: {}\n"])
def test_what_is_no_password_is_not_reported(engine: Engine, form: str, value: str) -> None:
    assert kept(engine, form.format(value).encode()) == []


@pytest.mark.parametrize("value", NO_SECRETS)
@pytest.mark.parametrize("form", ['api_key = "{}"\n', "ACME_TOKEN={}\n", "secret: '{}'\n", "auth_token: {}\n"])
def test_what_is_no_key_is_not_reported(engine: Engine, form: str, value: str) -> None:
    assert kept(engine, form.format(value).encode()) == []


@pytest.mark.parametrize(
    "template",
    [
        "password = getpass()\n",
        "password: str = None\n",
        "token: Optional[str] = None\n",
        'api_key = os.environ["ACME_API_KEY_2"]\n',
        'secret_name = "prod/db-{alnum:16}"\n',
        'password_hash = "{base62:24}"\n',
        'token_url = "https://auth.acme.example/{base62:24}"\n',
        '"nextPageToken": "{base64:40}"\n',
        '"continuationToken": "{base64:40}"\n',
        "csrf_token={base62:32}\n",
        'public_key = "{base64:43}="\n',
        'foreign_key = "acme_{alnum:20}"\n',
        'idempotency_key: "{uuid}"\n',
        '"lifecycleActionToken": "{uuid}"\n',
        'secret_sha256 = "{hex:64}"\n',
        'api_key_digest: "{hex:64}"\n',
        "token_checksum={hex:64}\n",
        'key: "{base62:32}"\n',
        'author = "{base62:32}"\n',
        "compass: {base62:20}\n",
        "--- PASS: TestSomething/{base62:12} (0.00s)\n",
        '<label for="password">Password: 8-20 characters</label>\n',
        '<input type="password" name="password1" id="id_password1">\n',
        "PASSWORD_RESET_TIMEOUT = 259200\n",
        "from acme.auth import password_validators2 as password\n",
        "The password: at least 8 characters, one digit.\n",
        'METHODS = "password", "scram-sha-256", "cert"\n',
        "Authorization: Bearer $TOKEN_OF_ACME\n",
        "Authorization: Bearer {{ access_token_2 }}\n",
        "curl -u $USER:$PASSWORD2 https://acme.example\n",
        "curl -u user:password https://acme.example\n",
        "tool --password $(cat /run/secrets/pw2)\n",
    ],
)
def test_names_and_code_that_say_no(engine: Engine, template: str) -> None:
    assert kept(engine, expand(template, template).text) == []


@pytest.mark.parametrize("size", [100, 100_000])
def test_minified_code_and_binaries_are_silent(engine: Engine, size: int) -> None:
    line = b"function a(b,c){var token=b.token||c.token2;return{password:a.value,secret:b(c),key:d.key1}}"
    assert kept(engine, line * (size // len(line) + 1)) == []
    assert kept(engine, bytes(range(256)) * (size // 256 + 1)) == []
