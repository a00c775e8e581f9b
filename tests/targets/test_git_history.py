"""The whole history: every object once, wherever git keeps it, and each secret at the commit that brought it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from leaksweep.engine import Engine
from leaksweep.model import WINDOW, File, Held
from leaksweep.scan import scan
from leaksweep.targets.git import history
from leaksweep.targets.workspace import Workspace
from support.fakes import fake, github
from support.gitscan import POLICY, files, places, scan_history, texts
from support.repos import Repo

ENV = b"# settings\nGITHUB_TOKEN=" + github() + b"\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with one commit that has no secret."""
    made = Repo(tmp_path / "repo")
    made.commit("first", readme=b"nothing here\n")
    return made


@pytest.fixture
def leaked(repo: Repo) -> tuple[Repo, str]:
    """A secret that one commit brought and the next removed; the commit's id."""
    brought = repo.commit("leak", config__env=ENV)
    repo.remove("config.env")
    return repo, brought


# ---------------------------------------------------------------- wherever git keeps it


def test_a_loose_object_is_found_at_the_commit_that_brought_it(leaked: tuple[Repo, str], engine: Engine) -> None:
    repo, brought = leaked
    result = scan_history(repo, engine)
    (place,) = files(result)
    assert ("config.env", brought, brought) == (place.path, place.commit.id, place.first.id)
    assert (False, Held(("main",), (), 1, 0)) == (place.in_head, place.held)
    assert 2 == result.findings[0].best.location.start_line
    assert f"config.env@{brought[:10]} (in main)" == place.label
    assert "config.env" == place.uri


def test_a_packed_object_is_found(leaked: tuple[Repo, str], engine: Engine) -> None:
    leaked[0].pack()
    assert ["config.env"] == [place.path for place in files(scan_history(leaked[0], engine))]


def test_objects_of_an_alternate_are_found(leaked: tuple[Repo, str], engine: Engine, tmp_path: Path) -> None:
    leaked[0].git("clone", "--quiet", "--shared", leaked[0].folder, tmp_path / "shared")
    assert not list((tmp_path / "shared" / ".git" / "objects").glob("??"))
    assert ["config.env"] == [place.path for place in files(scan_history(tmp_path / "shared", engine))]


def test_a_work_tree_of_a_repository_is_one_too_and_its_head_is_reached(repo: Repo, engine: Engine) -> None:
    repo.git("worktree", "add", "--quiet", "--detach", "../other")
    other = Repo(repo.folder.parent / "other", init=False)
    other.commit("leak", config__env=ENV)
    for folder in (repo, other):
        (place,) = files(scan_history(folder, engine))
        assert place.in_head is (folder is other)


def test_a_bare_repository_is_scanned(leaked: tuple[Repo, str], engine: Engine, tmp_path: Path) -> None:
    leaked[0].git("clone", "--quiet", "--bare", leaked[0].folder, tmp_path / "bare.git")
    assert ["config.env"] == [place.path for place in files(scan_history(tmp_path / "bare.git", engine))]


def test_a_sha256_repository_is_scanned(tmp_path: Path, engine: Engine) -> None:
    repo = Repo(tmp_path / "new", "--object-format=sha256")
    brought = repo.commit("leak", config__env=ENV)
    (place,) = files(scan_history(repo, engine))
    assert 64 == len(brought)
    assert (brought, True) == (place.commit.id, place.in_head)


def test_the_folder_may_be_below_the_root_and_the_path_is_from_the_root(repo: Repo, engine: Engine) -> None:
    repo.write("deep/down/x.env", ENV)
    repo.commit("leak")
    assert ["deep/down/x.env"] == [place.path for place in files(scan_history(repo.folder / "deep", engine))]


def test_an_empty_repository_is_clean(tmp_path: Path, engine: Engine) -> None:
    result = scan_history(Repo(tmp_path / "empty"), engine)
    assert ((), ()) == (result.findings, result.skipped)
    assert 0 == result.coverage[0].blobs


def test_a_large_content_is_scanned_in_windows(repo: Repo, engine: Engine) -> None:
    repo.commit("large", large=b"x = 1\n" * (3 * WINDOW // 12) + ENV + b"y = 2\n" * (WINDOW // 4))
    result = scan_history(repo, engine)
    assert ["large"] == [place.path for place in files(result)]
    assert 3 * WINDOW // 12 + 2 == result.findings[0].best.location.start_line


def test_a_large_archive_is_unpacked(repo: Repo, engine: Engine) -> None:
    import io
    import os
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("noise", os.urandom(WINDOW + 1000))
        archive.writestr("inner.env", ENV, zipfile.ZIP_DEFLATED)
    repo.commit("large", app__jar=packed.getvalue(), run__jar=b"#!/bin/sh\n" + packed.getvalue())
    assert [("app.jar", "inner.env"), ("run.jar", "inner.env")] == [
        (place.path, place.inside) for place in files(scan_history(repo, engine))
    ]


# ---------------------------------------------------------------- what is reached


def test_what_only_the_reflog_has_is_found(repo: Repo, engine: Engine) -> None:
    brought = repo.commit("leak", config__env=ENV)
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    (place,) = files(scan_history(repo, engine))
    assert (brought, Held()) == (place.commit.id, place.held)


def test_what_only_a_stash_has_is_found(repo: Repo, engine: Engine) -> None:
    repo.write("readme", ENV)
    repo.git("stash", "--quiet")
    (place,) = files(scan_history(repo, engine))
    assert ("readme", ("refs/stash",)) == (place.path, place.held.branches)


def test_the_dangling_are_found_only_on_request(repo: Repo, engine: Engine) -> None:
    name = repo.git("hash-object", "-w", "--stdin", stdin=ENV)
    assert () == scan_history(repo, engine).findings
    (place,) = texts(scan_history(repo, engine, dangling=True))
    assert ("blob", name, f"object {name}") == (place.kind, place.id, place.label)


def test_what_a_merge_alone_brings_is_found(repo: Repo, engine: Engine) -> None:
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit("topic", topic=b"1\n")
    repo.git("checkout", "--quiet", "main")
    repo.commit("main", main=b"1\n")
    repo.git("merge", "--quiet", "--no-commit", "--no-ff", "topic")
    merge = repo.commit("merge", evil__env=ENV)
    (place,) = files(scan_history(repo, engine))
    assert ("evil.env", merge) == (place.path, place.commit.id)


def test_contents_without_a_diff_are_found(repo: Repo, engine: Engine) -> None:
    repo.write(".gitattributes", b"*.env -diff\n*.dat binary\n*.txt diff=none filter=none\n")
    for number, name in enumerate(("a.env", "b.dat", "c.txt")):
        repo.write(name, b"\0\1\2\xff TOKEN=" + github(str(number)) + b" \0")
    repo.commit("binary")
    assert {"a.env", "b.dat", "c.txt"} == {place.path for place in files(scan_history(repo, engine))}


def test_names_of_any_bytes_are_told_whole(repo: Repo, engine: Engine) -> None:
    names = (
        b"new\nline/x\n.env",
        b"invalid-\xff\xfe.env",
        "ünïcode \U0001f600.env".encode(),
        b'quo"te\\.env',
        b" .env",
    )
    for number, name in enumerate(names):
        repo.write(name, b"TOKEN=" + github(str(number)) + b"\n")
    repo.commit("names")
    found = {place.path.encode("utf-8", "surrogateescape") for place in files(scan_history(repo, engine))}
    assert set(names) == found


def test_messages_of_commits_and_tags_and_notes_are_scanned(repo: Repo, engine: Engine) -> None:
    commit = repo.commit("subject\n\nTOKEN=" + github("commit").decode())
    repo.git("tag", "-a", "v1", "-m", "TOKEN=" + github("tag").decode())
    repo.git("notes", "add", "-m", "TOKEN=" + github("note").decode(), "HEAD~1")
    found = {place.kind: place for place in texts(scan_history(repo, engine))}
    assert {"commit", "tag", "note"} == set(found)
    assert (commit, ("main",), ("v1",)) == (
        found["commit"].id,
        found["commit"].held.branches,
        found["commit"].held.tags,
    )
    assert "v1" == found["tag"].name
    assert repo.git("rev-parse", "HEAD~1") == found["note"].name
    assert f"git/commit/{commit}" == found["commit"].uri


def test_who_made_a_commit_is_not_told_unless_asked(leaked: tuple[Repo, str], engine: Engine) -> None:
    assert [""] == [place.first.by for place in files(scan_history(leaked[0], engine))]
    told = [place.first.by for place in files(scan_history(leaked[0], engine, authors=True))]
    assert ["Ann Author <ann@example.com>, 2024-02-29"] == told


def test_a_ref_to_a_mere_blob_is_scanned(repo: Repo, engine: Engine) -> None:
    repo.git("update-ref", "refs/tags/key", repo.git("hash-object", "-w", "--stdin", stdin=ENV))
    assert [("blob", "key")] == [(place.kind, place.name) for place in texts(scan_history(repo, engine))]


def test_submodules_are_not_scanned_and_that_is_said(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    inner = Repo(tmp_path / "inner")
    inner.commit("leak", config__env=ENV)
    repo.git("submodule", "--quiet", "add", f"file://{inner.folder}", "inner")
    repo.commit("add a submodule")
    result = scan_history(repo, engine)
    assert () == result.findings
    assert result.coverage[0].target.endswith("(without its submodules)")


# ---------------------------------------------------------------- one secret, its places


def test_all_versions_of_a_file_are_one_place_the_newest_that_knows_the_oldest(repo: Repo, engine: Engine) -> None:
    first = repo.commit("leak", config__env=ENV)
    repo.commit("more", config__env=b"# a line\n" + ENV)
    repo.git("tag", "v1")
    last = repo.commit("more", config__env=b"# two\n# lines\n" + ENV)
    (finding,) = scan_history(repo, engine).findings
    (place,) = files(scan_history(repo, engine))
    assert (last, first, 3, True) == (place.commit.id, place.first.id, place.versions, place.in_head)
    assert (("main",), ("v1",)) == (place.held.branches, place.held.tags)
    assert 4 == finding.best.location.start_line
    assert f"config.env@{last[:10]} (first in {first[:10]}, still in HEAD, in main and 1 more)" == place.label


def test_a_renamed_file_is_a_place_of_its_own_where_its_content_changed(repo: Repo, engine: Engine) -> None:
    repo.commit("leak", a__env=ENV)
    repo.git("mv", "a.env", "b.env")
    repo.commit("rename and change", b__env=ENV + b"more\n")
    assert ["b.env", "a.env"] == [place.path for place in files(scan_history(repo, engine))]


def test_the_workspace_and_the_history_make_one_finding_the_workspace_first(repo: Repo, engine: Engine) -> None:
    repo.commit("leak", config__env=ENV)
    folder = str(repo.folder)
    (finding,) = scan([history(folder), Workspace(folder)], engine, POLICY).findings
    assert [File, "CommitFile"] == [type(finding.places[0].place), type(finding.places[1].place).__name__]


def test_the_first_commit_is_an_ancestor_whatever_the_dates_say(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    """Dates are what people's clocks said; all commits here have the same."""
    brought = repo.commit("leak", config__env=ENV)
    repo.git("branch", "old")
    repo.remove("config.env")
    again = repo.commit("again", config__env=ENV)
    assert brought != again
    assert [brought] == [place.first.id for place in files(scan_history(repo, engine))]


def test_branches_are_counted_and_only_the_first_are_named(repo: Repo, engine: Engine) -> None:
    repo.commit("leak", config__env=ENV)
    for number in range(30):
        repo.git("branch", f"b{number:02}")
    (place,) = files(scan_history(repo, engine))
    assert (31, 10) == (place.held.branch_count, len(place.held.branches))


def test_a_branch_may_have_any_name_that_git_allows(leaked: tuple[Repo, str], engine: Engine) -> None:
    """Python takes U+2028 and U+0085 for ends of lines; git does not."""
    repo, commit = leaked
    names = ("a\u2028b", "c\u0085d")
    for name in names:
        repo.git("branch", name, commit)
    (place,) = files(scan_history(repo, engine))
    assert set(names) <= set(place.held.branches)


def test_a_content_is_scanned_once_whatever_number_of_paths_have_it(repo: Repo, engine: Engine) -> None:
    for number in range(8):
        repo.write(f"copy{number}", ENV)
    repo.commit("copies")
    result = scan_history(repo, engine)
    assert 1 + 1 + 2 == result.coverage[0].blobs  # the copies, the readme, two messages
    assert 5 == len(files(result))


def test_two_scans_are_equal(repo: Repo, engine: Engine) -> None:
    for number in range(20):
        repo.commit(f"c{number} {fake('{base62:20}', str(number)).decode()}", **{f"f{number}": ENV + b"%d" % number})
    assert scan_history(repo, engine) == scan_history(repo, engine)
    assert 20 == len(places(scan_history(repo, engine)))


def test_a_repository_that_is_gone_afterwards_left_no_process(leaked: tuple[Repo, str], engine: Engine) -> None:
    scan_history(leaked[0], engine)
    shutil.rmtree(leaked[0].folder)


def test_a_machine_without_a_folder_for_temporary_files_will_do(
    leaked: tuple[Repo, str], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    result = scan([history(str(leaked[0].folder))], engine, POLICY)
    assert ["config.env"] == [place.path for place in files(result)]
