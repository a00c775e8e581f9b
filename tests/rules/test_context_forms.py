"""Secrets without a shape of their own are found in every form in which people write them, and only with their word."""

from __future__ import annotations

import pytest

from leaksweep.engine import Engine
from leaksweep.model import Blob
from support.fakes import fake

# {snake}, {camel}, {kebab}, {CONST}: the name in four styles; {word} and {field}: its parts; {value}: the secret.
FORMS = {
    "dotenv": "{CONST}={value}\n",
    "dotenv, quoted": '{CONST}="{value}"\n',
    "shell": "export {CONST}='{value}'\n",
    "Python": '{snake} = "{value}"\n',
    "Python, dictionary": 'settings = {{"{word}": {{"{field}": "{value}"}}}}\n',
    "JavaScript": 'const {camel} = "{value}";\n',
    "TypeScript": "private readonly {camel}: string = `{value}`;\n",
    "Java": 'private static final String {CONST} = "{value}";\n',
    "Go": '{camel} := "{value}"\n',
    "Ruby": ":{snake} => '{value}'\n",
    "PHP": "define('{CONST}', '{value}');\n",
    "C#": 'var {camel} = @"{value}";\n',
    "YAML": "{snake}: {value}\n",
    "YAML, nested": "{word}:\n  {field}: {value}\n",
    "YAML, Kubernetes": '- name: {CONST}\n  value: "{value}"\n',
    "JSON": '{{"{camel}": "{value}"}}\n',
    "JSON, nested": '{{\n  "{word}": {{\n    "{field}": "{value}"\n  }}\n}}\n',
    "XML, attribute": '<add key="{camel}" value="{value}" />\n',
    "XML, element": "<{kebab}>{value}</{kebab}>\n",
    "properties": "{dotted}={value}\n",
    "INI": "[{word}]\n{field} = {value}\n",
    "TOML": '[{word}]\n{field} = "{value}"\n',
    "Dockerfile, ENV": "ENV {CONST}={value}\n",
    "Dockerfile, old ENV": "ENV {CONST} {value}\n",
    "Dockerfile, ARG": "ARG {CONST}={value}\n",
    "Terraform, variable": 'variable "{snake}" {{\n  default = "{value}"\n}}\n',
    "Terraform, value": '{snake} = "{value}"\n',
    "compose": "environment:\n  - {CONST}={value}\n",
    "CI": "  {CONST}: {value}\n",
    "CSV": "{snake},{value}\n",
}
TYPES = {
    "zoom-api-key": ("zoom", "api key", "{base62:22}"),
    "zoom-api-secret": ("zoom", "api secret", "{base62:36}"),
    "clockwork-sms-api-key": ("clockwork", "api key", "{hex:40}"),
    "twilio-auth-token": ("twilio", "auth token", "{hex:32}"),
    "datadog-api-key": ("datadog", "api key", "{hex:32}"),
    "aws-secret-access-key": ("aws", "secret access key", "{base64:40}"),
}


def written(form: str, rule: str) -> tuple[bytes, bytes]:
    word, field, template = TYPES[rule]
    value = fake(template, f"{rule}/{form}").decode()
    words = [word, *field.split()]
    text = FORMS[form].format(
        word=word,
        field="_".join(field.split()),
        snake="_".join(words),
        camel=words[0] + "".join(w.title() for w in words[1:]),
        kebab="-".join(words),
        dotted=".".join(words),
        CONST="_".join(words).upper(),
        value=value,
    )
    return text.encode(), value.encode()


@pytest.mark.parametrize("rule", TYPES)
@pytest.mark.parametrize("form", FORMS)
def test_it_is_found_in_this_form(engine: Engine, form: str, rule: str) -> None:
    text, value = written(form, rule)
    found = [(m.rule.id, m.secret.reveal()) for m in engine.matches(Blob("x", b"# settings\n" + text))]
    assert [(rule, value)] == found


@pytest.mark.parametrize("form", FORMS)
def test_the_same_value_of_somebody_else_is_nothing(engine: Engine, form: str) -> None:
    for rule in sorted(TYPES.keys() - {"aws-secret-access-key"}):  # "secret access key" is AWS's own word
        text, _ = written(form, rule)
        other = text.decode()
        for word in ("zoom", "clockwork", "twilio", "datadog"):
            other = other.replace(word, "fabrikam").replace(word.upper(), "FABRIKAM")
        found = [m.rule for m in engine.matches(Blob("x", other.encode()))]
        assert [] == [rule.id for rule in found if rule.kind != "generic"]  # "api key" alone is a generic secret


def test_neighbours_of_the_same_shape_are_both_found(engine: Engine) -> None:
    text = fake(
        "BUTTER_CMS_API_KEY={hex:40}\nCLOCKWORK_API_KEY={hex:40}\nDATADOG_API_KEY={hex:32}\nTWILIO_AUTH_TOKEN={hex:32}\n"
    )
    assert text.split(b"\n")[:4] == [
        line for line in text.split(b"\n") for m in engine.matches(Blob("x", text)) if line.endswith(m.secret.reveal())
    ]
