"""The program over git: exit codes, one line for each error, reports, and what a CI job is about."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from support.fakes import github
from support.program import IN_CONTAINER, leaksweep
from support.repos import Repo

pytestmark = pytest.mark.skipif(IN_CONTAINER, reason="the container image has no git yet")
ENV = b"GITHUB_TOKEN=" + github() + b"\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A main with an old secret that is gone, and a topic that brings a new one and removes it."""
    made = Repo(tmp_path / "repo")
    made.commit("leak", old__env=ENV)
    made.remove("old.env")
    made.git("checkout", "--quiet", "-b", "topic")
    made.commit("leak", new__env=b"TOKEN=" + github("new") + b"\n")
    made.remove("new.env")
    return made


def test_a_history_with_a_secret_is_1_and_the_folder_alone_is_0(repo: Repo) -> None:
    assert 0 == leaksweep("scan", repo.folder).code
    ran = leaksweep("scan", repo.folder, "--history")
    assert (1, "") == (ran.code, ran.err)
    assert "leaksweep: 2 secrets found (2 critical)\n" in ran.out
    assert f"scanned history of {repo.folder}: 6 objects" in ran.out
    assert github().decode() not in ran.out


def test_a_bare_repository_has_a_history_and_no_folder(repo: Repo, tmp_path: Path) -> None:
    repo.git("clone", "--quiet", "--bare", repo.folder, tmp_path / "bare.git")
    ran = leaksweep("scan", tmp_path / "bare.git", "--history")
    assert 1 == ran.code
    assert 1 == ran.out.count("scanned ")


def test_a_clean_history_is_0(tmp_path: Path) -> None:
    Repo(tmp_path / "clean").commit("first", readme=b"nothing\n")
    assert 0 == leaksweep("scan", tmp_path / "clean", "--history").code


def test_the_dangling_are_scanned_on_request(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit("first", readme=b"nothing\n")
    repo.git("hash-object", "-w", "--stdin", stdin=ENV)
    assert 0 == leaksweep("scan", repo.folder, "--history").code
    assert 1 == leaksweep("scan", repo.folder, "--all-objects").code


def test_a_range_is_judged_by_itself(repo: Repo) -> None:
    ran = leaksweep("scan", repo.folder, "--range", "main..topic")
    assert 1 == ran.code
    assert "1 secret found" in ran.out
    assert 0 == leaksweep("scan", repo.folder, "--range", "topic..main").code


def test_reports_tell_the_facts(repo: Repo, tmp_path: Path) -> None:
    reports = [f"--report={kind}={tmp_path}/out.{kind}" for kind in ("json", "sarif")]
    leaksweep("scan", repo.folder, "--range", "main..topic", "--show-authors", *reports)
    (finding,) = json.loads((tmp_path / "out.json").read_text())["findings"]
    (place,) = finding["places"]
    brought = repo.git("rev-parse", "topic~1")
    expected = {"kind": "git", "object": "file", "commit": brought, "first_commit": brought, "in_head": False}
    assert expected == {name: place[name] for name in expected}
    assert "Ann Author <ann@example.com>, 2024-02-29" == place["author"]
    (run,) = json.loads((tmp_path / "out.sarif").read_text())["runs"]
    assert "leaksweep/range/" == run["automationDetails"]["id"]
    (result,) = run["results"]
    assert brought == result["properties"]["git"]["firstCommit"]
    assert "new.env" == result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert 0 == leaksweep("sarif", "check", tmp_path / "out.sarif").code


def test_history_and_workspace_are_runs_of_their_own(repo: Repo, tmp_path: Path) -> None:
    repo.commit("again", here__env=ENV)
    leaksweep("scan", repo.folder, "--history", f"--report=sarif={tmp_path}/out.sarif")
    runs = json.loads((tmp_path / "out.sarif").read_text())["runs"]
    assert ["leaksweep/workspace/", "leaksweep/history/"] == [run["automationDetails"]["id"] for run in runs]
    assert [1, 1] == [len(run["results"]) for run in runs]
    assert "here.env" == runs[0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_authors_are_not_told_unasked(repo: Repo, tmp_path: Path) -> None:
    for kind in ("json", "sarif", "summary"):
        leaksweep("scan", repo.folder, "--history", f"--report={kind}={tmp_path}/out")
        assert "Ann" not in (tmp_path / "out").read_text()


def test_the_second_run_says_the_same(repo: Repo) -> None:
    one, two = (leaksweep("scan", repo.folder, "--history") for _ in range(2))
    assert one == two
    assert list(Path(os.environ["LEAKSWEEP_CACHE_DIR"]).glob("clean-*"))


def test_what_is_not_all_here_is_3_in_one_line(repo: Repo, tmp_path: Path) -> None:
    shallow = repo.clone(tmp_path / "shallow", "--depth=1").folder
    assert "fetch-depth: 0" in leaksweep("scan", shallow, "--history").error
    for arguments in (
        ("scan", shallow, "--history"),
        ("scan", shallow, "--range", "HEAD~1..HEAD"),
        ("scan", tmp_path, "--history"),
        ("scan", repo.folder, "--range", "nothing..HEAD"),
    ):
        ran = leaksweep(*arguments, "--report", f"json={tmp_path}/out.json")
        assert (3, True) == (ran.code, bool(ran.error))
        assert not (tmp_path / "out.json").exists()


def test_what_makes_no_sense_is_2(repo: Repo) -> None:
    assert 2 == leaksweep("scan", repo.folder, "--range", "main").code
    assert 2 == leaksweep("scan", repo.folder, "--range", "main..topic", "--history").code
    for option in (("--history",), ("--range", "main..topic"), ()):
        assert "there is no such file or folder" in leaksweep("scan", repo.folder / "nothing", *option).error


def test_a_partial_clone_is_3_unless_allowed(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit("one", a=b"1\n")
    repo.commit("two", a=b"2\n")
    repo.git("config", "uploadpack.allowFilter", "true")
    partial = repo.clone(tmp_path / "partial", "--filter=blob:none").folder
    ran = leaksweep("scan", partial, "--history")
    assert 3 == ran.code
    assert "1 objects are not here: it is a partial clone" in ran.out
    assert 0 == leaksweep("scan", partial, "--history", "--allow-skipped").code


# ---------------------------------------------------------------- leaksweep ci


def test_a_pull_request_is_judged_by_its_commits(repo: Repo, tmp_path: Path) -> None:
    base, head = (repo.git("rev-parse", name) for name in ("main", "topic"))
    event = tmp_path / "event.json"
    env = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(event), "GITHUB_EVENT_NAME": "pull_request"}
    event.write_text(json.dumps({"pull_request": {"base": {"sha": base}, "head": {"sha": head}}}))
    ran = leaksweep("ci", repo.folder, env=env)
    assert (1, f"leaksweep: GitHub: scanning commits {base}..{head}\n") == (ran.code, ran.err)
    assert "1 secret found" in ran.out
    event.write_text(json.dumps({"pull_request": {"base": {"sha": head}, "head": {"sha": base}}}))
    assert 0 == leaksweep("ci", repo.folder, env=env).code


def test_a_merge_request_whose_base_was_not_fetched_is_3(repo: Repo, tmp_path: Path) -> None:
    base, head = (repo.git("rev-parse", name) for name in ("main", "topic"))
    shallow = repo.clone(tmp_path / "shallow", "--depth=1", "--branch=topic").folder
    env = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "CI_COMMIT_SHA": head}
    ran = leaksweep("ci", shallow, env=env)
    assert 3 == ran.code
    assert "GIT_DEPTH: 0" in ran.err


def test_elsewhere_it_is_the_folder(repo: Repo) -> None:
    ran = leaksweep("ci", repo.folder)
    assert (0, "leaksweep: no CI that is known: scanning the folder\n") == (ran.code, ran.err)
    repo.write("here.env", ENV)
    assert 1 == leaksweep("ci", repo.folder, env={"JENKINS_URL": "https://ci.example/"}).code
