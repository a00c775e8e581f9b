"""Commits that real git makes or does not make, with the hook in its place."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from leaksweep.engine import Engine
from support.fakes import fake
from support.hooks import git, hook, installed, token
from support.repos import Repo

pytestmark = pytest.mark.usefixtures("engine")  # the rules are compiled once, before


@pytest.fixture
def repo(tmp_path: Path, engine: Engine) -> Repo:
    """A repository whose commits are looked at."""
    return installed(tmp_path / "repo", "pre-commit")


def _staged(repo: Repo, path: str | bytes, content: bytes) -> None:
    repo.write(path, content)
    repo.git("add", "--all")


def test_a_secret_is_stopped_with_what_where_and_what_to_do(repo: Repo) -> None:
    secret = token("a")
    _staged(repo, ".env", b"A=1\n" + secret)
    ran = git(repo, "commit", "-m", "leak")
    assert ran.code == 1
    assert repo.git("log", "--format=%s") == "first"
    lines = ran.err.splitlines()
    assert lines[0] == "leaksweep: this commit is blocked: 1 secret"
    assert "GitHub Personal Access Token (classic)" in lines[1]
    assert "    at       .env:2:14" in lines
    assert any(line.startswith("    sure     proven") for line in lines)
    assert any(line.startswith("    revoke ") and "https://github.com/settings/tokens" in line for line in lines)
    assert any(line.startswith("  mend ") for line in lines)
    assert any("GITHUB_TOKEN" in line for line in lines)
    assert any("leaksweep:ignore" in line for line in lines)
    assert any("--no-verify" in line for line in lines)
    assert len(lines) < 24
    assert secret.split(b"=")[1].strip().decode() not in ran.out + ran.err


def test_a_clean_commit_is_made_without_a_word(repo: Repo) -> None:
    _staged(repo, "a.txt", b"fine\n")
    ran = git(repo, "commit", "--quiet", "-m", "fine")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert repo.git("log", "--format=%s").splitlines() == ["fine", "first"]


def test_the_index_counts_not_the_work_tree(repo: Repo) -> None:
    _staged(repo, "app.py", token("staged"))
    repo.write("app.py", b"mended = True\n")
    assert git(repo, "commit", "-m", "the secret is staged").code == 1
    repo.git("add", "app.py")
    repo.write("app.py", token("staged"))
    assert git(repo, "commit", "-m", "the secret is not").code == 0
    assert (repo.folder / "app.py").read_bytes() == token("staged"), "the work tree is as it was"
    assert repo.git("stash", "list") == ""


def test_commit_all_and_commit_only_are_what_they_commit(repo: Repo) -> None:
    repo.commit("files", a__txt=b"1\n", b__txt=b"1\n")
    repo.write("a.txt", token("a"))
    repo.write("b.txt", b"2\n")
    assert git(repo, "commit", "--only", "b.txt", "-m", "only b").code == 0
    assert git(repo, "commit", "-a", "-m", "all").code == 1


def test_the_first_commit_of_a_repository(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "new")
    assert hook(repo, "install").code == 0
    _staged(repo, ".env", token("first"))
    assert git(repo, "commit", "-m", "first").code == 1
    _staged(repo, ".env", b"")
    assert git(repo, "commit", "-m", "first").code == 0


def test_what_was_committed_before_does_not_stop_the_next(repo: Repo) -> None:
    _staged(repo, "old.env", token("old"))
    assert git(repo, "commit", "--no-verify", "-m", "past the hook").code == 0
    _staged(repo, "a.txt", b"fine\n")
    assert git(repo, "commit", "-m", "another file").code == 0
    repo.git("rm", "--quiet", "old.env")
    assert git(repo, "commit", "-m", "a removal is welcome").code == 0


def test_renames_links_and_submodules(repo: Repo, tmp_path: Path) -> None:
    _staged(repo, "a.txt", b"fine\n" * 20)
    os.symlink("a.txt", repo.folder / "link")
    other = Repo(tmp_path / "other")
    other.commit("other", f__txt=b"1\n")
    repo.git("submodule", "add", "--quiet", f"file://{other.folder}", "sub")
    repo.git("add", "--all")
    assert git(repo, "commit", "-m", "all sorts").code == 0
    repo.git("mv", "a.txt", "b.txt")
    assert git(repo, "commit", "-m", "renamed").code == 0


def test_a_promise_to_add_is_not_yet_content(repo: Repo) -> None:
    repo.write("later.env", token("later"))
    repo.git("add", "--intent-to-add", "later.env")
    repo.write("a.txt", b"fine\n")
    repo.git("add", "a.txt")
    assert git(repo, "commit", "-m", "fine").code == 0


def test_a_merge_is_asked_only_for_what_no_side_had(repo: Repo) -> None:
    repo.commit("base", a__txt=b"1\n")
    repo.git("checkout", "--quiet", "-b", "side")
    _staged(repo, "side.env", token("theirs"))
    _staged(repo, "a.txt", b"side\n")
    repo.git("commit", "--quiet", "--no-verify", "-m", "side")
    repo.git("checkout", "--quiet", "main")
    repo.commit("ours", a__txt=b"main\n")
    git(repo, "merge", "side")
    _staged(repo, "a.txt", b"both\n" + token("in the merge"))
    assert git(repo, "commit", "-m", "a merge that brings one of its own").code == 1
    _staged(repo, "a.txt", b"both\n")
    assert git(repo, "commit", "-m", "merge").code == 0


@pytest.mark.parametrize("name", [b"a b.env", b"l\xf6schen.env", b"new\nline.env", "schlüssel.env".encode(), b"-n.env"])
def test_names_in_any_encoding(repo: Repo, name: bytes) -> None:
    _staged(repo, name, token("named"))
    ran = git(repo, "commit", "-m", "leak")
    assert ran.code == 1
    assert sum(line.startswith("    at       ") for line in ran.err.splitlines()) == 1


def test_from_a_work_tree_of_its_own_and_from_a_submodule(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", tmp_path / "tree")
    tree = Repo(tmp_path / "tree", init=False)
    _staged(tree, ".env", token("tree"))
    assert git(tree, "commit", "-m", "leak").code == 1
    other = Repo(tmp_path / "other")
    other.commit("other", f__txt=b"1\n")
    repo.git("submodule", "add", "--quiet", f"file://{other.folder}", "sub")
    sub = Repo(repo.folder / "sub", init=False)
    assert hook(sub, "install").code == 0
    _staged(sub, ".env", token("sub"))
    assert git(sub, "commit", "-m", "leak").code == 1


def test_from_a_folder_below_and_from_afar(repo: Repo, tmp_path: Path) -> None:
    _staged(repo, "deep/er/.env", token("deep"))
    below = git(repo.folder / "deep", "commit", "-m", "leak")
    assert below.code == 1
    assert "    at       deep/er/.env:1:14" in below.err.splitlines()
    assert git(tmp_path, "-C", repo.folder, "commit", "-m", "leak").code == 1
    afar = ("--git-dir", repo.folder / ".git", "--work-tree", repo.folder, "commit", "-m", "leak")
    assert git(tmp_path, *afar).code == 1


def test_a_work_tree_whose_repository_lies_elsewhere(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "repo.git").mkdir()
    os.rename(repo.folder / ".git", tmp_path / "repo.git" / "git")
    _options = ("--git-dir", tmp_path / "repo.git" / "git", "--work-tree", repo.folder)
    repo.write(".env", token("elsewhere"))
    assert git(repo, *_options, "add", "--all").code == 0
    assert git(repo, *_options, "commit", "-m", "leak").code == 1


def test_configuration_markers_and_baseline_count(repo: Repo) -> None:
    _staged(repo, ".env", token("marked").rstrip() + b" # leaksweep:ignore -- a test\n")
    assert git(repo, "commit", "-m", "marked").code == 0
    _staged(repo, "docs/a.env", token("ignored"))
    repo.write(".leaksweep.toml", b'[[ignore]]\npath = "docs/"\nreason = "never alive"\n')
    assert git(repo, "commit", "-m", "ignored").code == 0
    _staged(repo, "b.env", b"password = '" + fake("{alnum:24}", "below") + b"'\n")
    repo.write(".leaksweep.toml", b'[scan]\nfail-on = "critical"\n')
    assert git(repo, "commit", "-m", "below").code == 0
    repo.write(".leaksweep.toml", b'[scan]\nfail-on = "tragic"\n')
    _staged(repo, "c.txt", b"fine\n")
    ran = git(repo, "commit", "-m", "wrong")
    assert ran.code == 1, "git's own code of a hook that failed"
    assert ".leaksweep.toml" in ran.err


def test_options_of_the_installation_are_kept(tmp_path: Path) -> None:
    repo = installed(tmp_path / "repo", "pre-commit", "--fail-on", "never")
    _staged(repo, ".env", token("never"))
    assert git(repo, "commit", "-m", "reported only").code == 0


def test_many_findings_fit_a_screen(repo: Repo) -> None:
    for i in range(40):
        repo.write(f"{i}.env", token(f"many {i}"))
    repo.git("add", "--all")
    lines = git(repo, "commit", "-m", "leak").err.splitlines()
    assert lines[0] == "leaksweep: this commit is blocked: 40 secrets"
    assert "  and 31 more" in lines
    assert len(lines) <= 24


def test_an_archive_that_cannot_be_read_blocks(repo: Repo) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"fine\n" * 100)
    _staged(repo, "a.zip", packed.getvalue()[:50])
    ran = git(repo, "commit", "-m", "torn")
    assert ran.code == 1
    assert "leaksweep: this commit is blocked: not everything could be read" in ran.err.splitlines()
