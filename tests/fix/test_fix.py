"""``leaksweep fix`` on small projects: they parse, behave the same with the variables set, and are clean afterwards."""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaksweep.fix import code, dotenv
from leaksweep.fix.grammar import languages
from leaksweep.model import Span
from leaksweep.rules.expand import expand
from support.languages import call
from support.program import Ran, leaksweep, run
from support.require import require, require_program

PROJECTS: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).with_name("projects.toml")).read_text("utf-8"))


def fake(template: str, seed: str = "fix") -> str:
    """A text with secrets that are made here, others for each seed."""
    return expand(template, seed).text.decode()


def write(folder: Path, files: dict[str, str]) -> dict[str, str]:
    """Write templates as files; what was written."""
    made = {name: fake(template.removeprefix("\n"), name) for name, template in files.items()}
    for name, text in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return made


def fix(folder: Path, *arguments: str | Path) -> Ran:
    """Run the command; nothing that it prints holds a secret of the folder."""
    before = [match for file in folder.rglob("*") if file.is_file() for match in secrets(file.read_bytes())]
    done = leaksweep("fix", *arguments, folder)
    assert not [secret for secret in before if secret in (done.out + done.err).encode()]
    return done


def secrets(data: bytes) -> list[bytes]:
    """What the templates of these tests make."""
    return re.findall(rb"(?:gh[ps]|npm)_[A-Za-z0-9]{36}|sk_live_[A-Za-z0-9]{24}|(?<=app:)[A-Za-z0-9]{20}(?=@)", data)


def values(folder: Path) -> dict[str, str]:
    """The variables that ``--values`` wrote."""
    return {file.name: file.read_text() for file in folder.iterdir()}


def built(language: str, folder: Path, copy: Path, **env: str) -> Ran:
    """What a copy of a project prints that is compiled, or parsed, without a complaint."""
    row = PROJECTS[language]
    shutil.copytree(folder, copy)
    checked = call(row["check"], copy)
    assert (checked.code, checked.err) == (0, ""), checked
    ran = call(row["run"], copy, **env) if "run" in row else checked
    assert ran.code == 0, ran
    return ran


@pytest.mark.parametrize("language", PROJECTS)
def test_a_project_parses_behaves_the_same_and_is_clean(language: str, tmp_path: Path) -> None:
    row, folder, kept = PROJECTS[language], tmp_path / "project", tmp_path / "values"
    made = write(folder, row["files"])
    before = built(language, folder, tmp_path / "before")
    assert leaksweep("scan", folder).code == 1

    done = fix(folder, "--apply", "--values", kept)
    assert (done.code, done.err) == (0, ""), done
    assert "not changed" not in done.out
    assert not secrets(b"".join((folder / name).read_bytes() for name in made))
    after = built(language, folder, tmp_path / "after", **values(kept))
    assert after == before
    if "run" in row:
        assert call(row["run"], tmp_path / "after").out != before.out  # it does read the variables
    for name in made:
        assert leaksweep("scan", folder / name).code == 0


def test_nothing_is_written_unless_asked_for(tmp_path: Path) -> None:
    made = write(tmp_path, PROJECTS["python"]["files"])
    done = fix(tmp_path)
    assert done.code == 1
    assert '\n-GITHUB = "ghp_… (40 bytes)"\n' in done.out
    assert '\n+GITHUB = os.environ["GITHUB_TOKEN"]\n' in done.out
    assert "nothing is written without --apply" in done.out
    assert (tmp_path / "app.py").read_text() == made["app.py"]
    assert [file.name for file in tmp_path.iterdir()] == ["app.py"]


def test_one_secret_is_chosen_by_its_id(tmp_path: Path) -> None:
    write(tmp_path, {"a.rb": 'A = "{crc32:ghp_:30}"\nB = "sk_live_{base62:24}"\n'})
    report = tmp_path.parent / f"{tmp_path.name}.json"
    leaksweep("scan", tmp_path, "--report", f"json={report}")
    (chosen,) = (f["id"] for f in json.loads(report.read_bytes())["findings"] if f["rule"].startswith("stripe"))
    assert fix(tmp_path, "--apply", "--id", chosen[:12]).code == 0
    text = (tmp_path / "a.rb").read_text()
    assert 'B = ENV.fetch("STRIPE_SECRET_KEY")' in text
    assert "ghp_" in text
    assert "no secret of the workspace has this id" in leaksweep("fix", tmp_path, "--id", "ffffffffffff").err


def test_a_dotenv_file_is_emptied_and_kept_from_git(tmp_path: Path) -> None:
    text = '# ours\nGITHUB_TOKEN={crc32:ghp_:30} # for CI\nDEBUG=1\nexport STRIPE="sk_live_{base62:24}"\r\n'
    write(tmp_path, {".env": text, "web/.env.local": "NPM_TOKEN={crc32:npm_:30}\n", ".env.example": "DEBUG=\n"})
    (tmp_path / ".gitignore").write_text("node_modules")
    before = (tmp_path / ".env").read_bytes()
    done = fix(tmp_path, "--apply")
    assert done.code == 1
    assert "give --values DIR, which keeps it" in done.out
    assert (tmp_path / ".env").read_bytes() == before
    assert fix(tmp_path, "--apply", "--values", tmp_path.parent / f"{tmp_path.name}-values").code == 0
    assert (tmp_path / ".env").read_bytes() == b"# ours\nGITHUB_TOKEN= # for CI\nDEBUG=1\nexport STRIPE=\n"
    assert (tmp_path / ".env.example").read_text() == "DEBUG=\nGITHUB_TOKEN=\nSTRIPE=\n"
    assert (tmp_path / ".gitignore").read_text() == "node_modules\n.env\n"
    assert (tmp_path / "web" / ".env.example").read_text() == "NPM_TOKEN=\n"
    assert (tmp_path / "web" / ".gitignore").read_text() == ".env.local\n"
    assert fix(tmp_path).out.startswith("leaksweep: 0 secrets")


def test_a_dockerfile_gets_a_secret_mount(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "Dockerfile": """
FROM busybox AS build
ENV A=1 \\
    NPM_TOKEN={crc32:npm_:30} \\
    B=2
ARG KEY="sk_live_{base62:24}"
RUN echo "$NPM_TOKEN ${KEY}" | md5sum > /a && \\
    true
RUN ls
FROM busybox
RUN echo $KEY
"""
        },
    )
    assert fix(tmp_path, "--apply").code == 0
    assert (
        (tmp_path / "Dockerfile").read_text()
        == """FROM busybox AS build
ENV A=1 \\
    B=2
RUN --mount=type=secret,id=key --mount=type=secret,id=npm-token \
export NPM_TOKEN="$(cat /run/secrets/npm-token)" && \
export KEY="$(cat /run/secrets/key)" && echo "$NPM_TOKEN ${KEY}" | md5sum > /a && \\
    true
RUN ls
FROM busybox
RUN echo $KEY
"""
    )


def test_a_variable_is_mounted_in_the_stages_that_inherit_it_and_where_nobody_names_it(tmp_path: Path) -> None:
    """The real builder makes the same of both."""
    require("DOCKER_HOST")
    docker = require_program("docker")
    text = """FROM busybox AS base
ENV TOKEN={crc32:npm_:30}
FROM base
RUN echo "$TOKEN" | md5sum > /seen
FROM busybox
ARG UNNAMED={crc32:npm_:30}
RUN env | grep UNNAMED | md5sum > /implicit
COPY --from=1 /seen /seen
"""
    made = write(tmp_path / "a", {"Dockerfile": text})["Dockerfile"]
    seen = [_built(docker, made.encode(), tmp_path, [])]
    assert fix(tmp_path / "a", "--apply", "--values", tmp_path / "v").code == 0
    given = [f"--secret=id={n.lower()},src={tmp_path}/v/{n}" for n in ("TOKEN", "UNNAMED")]
    seen.append(_built(docker, (tmp_path / "a" / "Dockerfile").read_bytes(), tmp_path, given))
    assert seen[0] == seen[1]
    assert seen[0].count("-") == 2


def _built(docker: str, dockerfile: bytes, folder: Path, options: list[str]) -> str:
    name = "leaksweep-test/fixed"
    build = [docker, "build", "--quiet", "--no-cache", "--network=none", *options, "-t", name, "-"]
    done = run(*build, cwd=folder, stdin=dockerfile, env={"DOCKER_BUILDKIT": "1"})
    assert done.code == 0, done.err
    try:
        return run(docker, "run", "--rm", "--network=none", name, "cat", "/seen", "/implicit").out
    finally:
        run(docker, "image", "rm", "--force", name)


def test_values_are_not_kept_in_what_is_scanned(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": 'T = "sk_live_{base62:24}"\n'})
    assert "lies in what is scanned" in leaksweep("fix", "--apply", "--values", tmp_path / "v", tmp_path).error


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.json", '{"token": "{crc32:ghp_:30}"}\n', "this kind of file has no look-up"),
        ("a.java", '@Value("{crc32:ghp_:30}") class A {}\n', "only a constant may stand there"),
        ("a.php", "<?php class A { const T = '{crc32:ghp_:30}'; }\n", "only a constant may stand there"),
        ("a.go", 'package a\n\nconst (\n\ta = "{crc32:ghp_:30}"\n\tb = "x"\n)\n', "only a constant may stand there"),
        ("a.py", 'x = "a" "{crc32:ghp_:30}"\n', "only a constant may stand there"),
        ("b.py", 'x = "{crc32:ghp_:30}\n', "does not parse as Python"),
        ("c.py", 'def os(): ...\nx = "{crc32:ghp_:30}"\n', "os is another name there"),
        ("c.go", 'package a\n\nconst a = "{crc32:ghp_:30}"\nconst b = "x" + a\n', "needed elsewhere in the file"),
        ("d.go", 'package a\n\nconst Token = "{crc32:ghp_:30}"\n', "others may need it as a constant"),
        ("a.cs", 'class A { const string T = "{crc32:ghp_:30}"; const string U = T + "x"; }\n', "needed elsewhere"),
        ("b.cs", 'class A { public const string T = "{crc32:ghp_:30}"; }\n', "others may need it as a constant"),
        ("b.java", 'class B { static final String T = "{crc32:ghp_:30}"; @Value(T) int a; }\n', "needed elsewhere"),
        ("a.mjs", "x = tag`a {crc32:ghp_:30} b`;\n", "a template that a function takes apart"),
        ("a.dockerfile", "ARG T={crc32:ghp_:30}\nFROM busybox\nARG T\nRUN echo $T\n", "before the first stage"),
        ("Dockerfile", "FROM busybox\nRUN curl -H 'X: {crc32:ghp_:30}' a.example\n", "no value of ENV or ARG"),
        ("a.sh", "cat <<'END'\n{crc32:ghp_:30}\nEND\n", "not expanded"),
    ],
)
def test_what_cannot_be_changed_is_said_and_left(name: str, text: str, why: str, tmp_path: Path) -> None:
    made = write(tmp_path, {name: text})
    done = fix(tmp_path, "--apply")
    assert done.code == 1
    assert f"not changed  {name}:" in done.out
    assert why in done.out
    assert (tmp_path / name).read_text() == made[name]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("compose.yaml", "environment:\n  TOKEN: {crc32:ghp_:30}\n", "  TOKEN: ${GITHUB_TOKEN:?is not set}\n"),
        (".npmrc", "//registry.example/:_authToken={crc32:npm_:30}\n", "_authToken=${NPM_TOKEN}\n"),
        (".github/workflows/a.yml", "env:\n  T: {crc32:ghp_:30}\n", "  T: ${{ secrets.GITHUB_TOKEN }}\n"),
        ("src/application.properties", "stripe.key=sk_live_{base62:24}\n", "stripe.key=${STRIPE_SECRET_KEY}\n"),
        ("a.tsx", 'const a = <X key="sk_live_{base62:24}" />;\n', "<X key={process.env.STRIPE_SECRET_KEY!} />"),
        (
            "b.py",
            "# os.environ, was sk_live_{base62:24}\nprint(1)\n",
            "# os.environ, was STRIPE_SECRET_KEY\nprint(1)\n",
        ),
        ("tool", "#!/usr/bin/env python3\nprint('sk_live_{base62:24}')\n", 'print(os.environ["STRIPE_SECRET_KEY"])'),
    ],
)
def test_the_idiom_of_a_file(name: str, text: str, expected: str, tmp_path: Path) -> None:
    write(tmp_path, {name: text})
    assert fix(tmp_path, "--apply").code == 0
    assert expected in (tmp_path / name).read_text()


def test_a_file_keeps_its_mode_its_ends_of_lines_and_its_mark(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"\xef\xbb\xbf" + fake('import sys\r\nT = "{crc32:ghp_:30}"\r\n').encode())
    file.chmod(0o750)
    assert fix(tmp_path, "--apply").code == 0
    assert file.read_bytes() == b'\xef\xbb\xbfimport os\r\nimport sys\r\nT = os.environ["GITHUB_TOKEN"]\r\n'
    assert stat.S_IMODE(file.stat().st_mode) == 0o750


def test_two_secrets_of_one_type_have_two_variables_and_one_secret_has_one(tmp_path: Path) -> None:
    token = fake("{crc32:ghp_:30}")
    other = fake("{crc32:ghp_:30}", "other")
    (tmp_path / "a.rb").write_text(f'A = "{token}"\nB = "{other}"\n')
    (tmp_path / "b.rb").write_text(f'C = "{token}"\n')
    kept = tmp_path.parent / f"{tmp_path.name}-values"
    assert fix(tmp_path, "--apply", "--values", kept).code == 0
    first = re.findall(r"GITHUB_TOKEN\w*", (tmp_path / "a.rb").read_text())
    assert sorted(first) == ["GITHUB_TOKEN", "GITHUB_TOKEN_2"]
    assert re.findall(r"GITHUB_TOKEN\w*", (tmp_path / "b.rb").read_text()) == first[:1]
    assert (kept / first[0]).read_text() == token
    assert stat.S_IMODE((kept / first[0]).stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("store", "command"), [("vault", "vault kv"), ("aws", "aws secretsmanager"), ("conjur", "curl")]
)
def test_a_store_is_filled_from_files(store: str, command: str, tmp_path: Path) -> None:
    write(tmp_path / "a", {"a.py": 'T = "sk_live_{base62:24}"\n'})
    done = fix(tmp_path / "a", "--apply", "--store", store, "--values", tmp_path / "v")
    assert command in done.out
    assert f"{tmp_path}/v/STRIPE_SECRET_KEY" in done.out


def test_suggestions_are_for_a_pull_request_and_hold_no_secret(tmp_path: Path) -> None:
    write(tmp_path / "a", PROJECTS["python"]["files"])
    file = tmp_path / "suggestions.json"
    fix(tmp_path / "a", "--suggest", file)
    made = json.loads(file.read_bytes())
    assert not secrets(file.read_bytes())
    assert all(set(s) <= {"path", "line", "start_line", "side", "body"} and s["path"] == "app.py" for s in made)
    old = (tmp_path / "a" / "app.py").read_text().splitlines(keepends=True)
    for each in reversed(made):  # as a reviewer's click does it
        text = re.fullmatch(r"[^\n]+\n\n```suggestion\n(.*)```", each["body"], re.DOTALL)
        assert text
        old[each.get("start_line", each["line"]) - 1 : each["line"]] = text[1].splitlines(keepends=True)
    fix(tmp_path / "a", "--apply")
    assert "".join(old) == (tmp_path / "a" / "app.py").read_text()


def test_sarif_has_fixes_that_consumers_take(tmp_path: Path) -> None:
    write(
        tmp_path / "a",
        {**PROJECTS["python"]["files"], "x y/ü.rb": 'T = "{crc32:ghs_:30}"\n', "c.json": '["{crc32:ghp_:30}"]'},
    )
    file = tmp_path / "a.sarif"
    fix(tmp_path / "a", "--sarif", file)
    assert leaksweep("sarif", "check", file).code == 0
    assert not secrets(file.read_bytes())
    results = json.loads(file.read_bytes())["runs"][0]["results"]
    fixed = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: r.get("fixes") for r in results}
    assert fixed["c.json"] is None
    (change,) = fixed["x%20y/%C3%BC.rb"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    assert replacement["deletedRegion"] == {"startLine": 1, "startColumn": 1, "endLine": 2, "endColumn": 1}
    assert re.fullmatch(r'T = ENV\.fetch\("GITHUB_TOKEN_\d"\)\n', replacement["insertedContent"]["text"])


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "out", {"a.py": 'T = "sk_live_{base62:24}"\n'})
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.py").symlink_to(tmp_path / "out" / "a.py")
    before = (tmp_path / "out" / "a.py").read_text()
    leaksweep("fix", "--apply", tmp_path / "in")
    assert (tmp_path / "out" / "a.py").read_text() == before


def test_a_file_that_cannot_be_written_stops_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": 'T = "sk_live_{base62:24}"\n'})
    os.chmod(tmp_path, 0o555)
    try:
        done = leaksweep("fix", "--apply", tmp_path, powerless=True)
    finally:
        os.chmod(tmp_path, 0o755)
    assert done.code == 2
    assert "a.py: cannot be written: Permission denied" in done.err


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--values", "v"), "--values without --apply"),
        (("--store", "keepass"), "store keepass: not known"),
    ],
)
def test_what_cannot_be_is_said_at_once(arguments: tuple[str, ...], error: str, tmp_path: Path) -> None:
    done = leaksweep("fix", *arguments, tmp_path)
    assert done.code == 2
    assert error in done.error


@settings(max_examples=60, deadline=None)
@given(
    before=st.lists(st.sampled_from(["x = 1", "# ü", "import sys", "def f():\n    return 2", ""]), max_size=4),
    prefix=st.sampled_from(["", "a ", "Bearer ", "\\n", "é"]),
    suffix=st.sampled_from(["", " b", "@h"]),
    quote=st.sampled_from(['"', "'", '"""']),
)
def test_nothing_but_the_literal_and_the_import_changes(
    before: list[str], prefix: str, suffix: str, quote: str
) -> None:
    secret = "s3cr3t" * 4
    lines = [*before, f"y = {quote}{prefix}{secret}{suffix}{quote}", "z = 3"]
    data = "\n".join(lines).encode()
    at = data.index(secret.encode())
    new = code.with_import(languages()["python"], code.change(languages()["python"], data, Span(at, at + 24), "Y"))
    assert secret.encode() not in new
    changed = [line for line in difflib.ndiff(data.decode().split("\n"), new.decode().split("\n")) if line[0] in "+-"]
    assert all(line[2:].startswith(("y = ", "import os")) or line[2:] == "" for line in changed), changed


@given(st.binary(max_size=30), st.binary(max_size=30))
def test_a_dotenv_line_loses_its_value_and_no_other_line_changes(above: bytes, below: bytes) -> None:
    above, below = above.replace(b"\r", b"") + b"\n", below.replace(b"\r", b"")
    data = above + b"K=secret\n" + below
    at = len(above) + 2
    assert dotenv.change(data, Span(at, at + 6)) == above + b"K=\n" + below
