"""Files on disk: killed, interrupted, out of space, forbidden, raced - never lost and never halved.

The crash tests fork a child whose `os` functions are counted and broken at the n-th call, for every n there is.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bibtools import storage
from bibtools.storage import ChangedError, StorageError, disk, history

OLD = b"@book{old, title = {Old}}\r\n" * 50
NEW = b"@book{new, title = {New}}\n" * 70
WRITE = os.write  # the real one
TRACED = ("open", "write", "fsync", "close", "replace", "unlink", "chmod", "utime", "mkdir")

resource: Any = pytest.importorskip("resource")  # none on Windows
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the crash tests fork")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("BIBTOOLS_STATE", str(folder))
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "thesis"
    folder.mkdir()
    return folder


@pytest.fixture
def bib(home: Path) -> Path:
    path = home / "refs.bib"
    path.write_bytes(OLD)
    return path


def listing(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


# --- plain use ---------------------------------------------------------------------------------------------------------


def test_a_file_is_replaced_and_nothing_is_left_beside_it(bib: Path, home: Path) -> None:
    assert storage.write(storage.read(bib), NEW)
    assert bib.read_bytes() == NEW
    assert listing(home) == ["refs.bib"]


def test_reading_leaves_no_trace(bib: Path, home: Path, state: Path) -> None:
    assert storage.read(bib).data == OLD
    assert listing(home) == ["refs.bib"]
    assert not state.exists()


def test_writing_the_same_bytes_does_nothing(bib: Path, state: Path) -> None:
    before = bib.stat()
    assert not storage.write(storage.read(bib), OLD)
    assert bib.stat().st_mtime_ns == before.st_mtime_ns
    assert bib.stat().st_ino == before.st_ino
    assert not storage.states(bib)


def test_undo_restores_byte_for_byte_several_states_deep(bib: Path) -> None:
    versions = [OLD, b"", b"\xff\xfe\x00\r\n", NEW, b"x" * 100_000]
    for each in versions[1:]:
        storage.write(storage.read(bib), each)
    assert len(storage.states(bib)) == 4
    for each in reversed(versions[:-1]):
        storage.undo(bib)
        assert bib.read_bytes() == each
    with pytest.raises(StorageError, match="nothing to undo"):
        storage.undo(bib)
    for each in versions[1:]:
        storage.undo(bib, redo=True)
        assert bib.read_bytes() == each
    with pytest.raises(StorageError, match="nothing to redo"):
        storage.undo(bib, redo=True)


def test_a_new_step_after_undo_ends_redo(bib: Path) -> None:
    storage.write(storage.read(bib), NEW)
    storage.undo(bib)
    storage.write(storage.read(bib), b"third")
    with pytest.raises(StorageError, match="nothing to redo"):
        storage.undo(bib, redo=True)
    storage.undo(bib)
    assert bib.read_bytes() == OLD


def test_undo_refuses_what_was_edited_since_and_force_keeps_the_edit_for_redo(bib: Path) -> None:
    storage.write(storage.read(bib), NEW)
    bib.write_bytes(b"by hand")
    with pytest.raises(ChangedError, match="--force"):
        storage.undo(bib)
    assert bib.read_bytes() == b"by hand"
    storage.undo(bib, force=True)
    assert bib.read_bytes() == OLD
    storage.undo(bib, redo=True)
    assert bib.read_bytes() == b"by hand"


def test_undo_of_a_new_file_takes_it_away_and_redo_brings_it_back(home: Path) -> None:
    out = home / "out.bib"
    assert storage.save(out, NEW)
    assert storage.undo(out) == (out,)
    assert not out.exists()
    storage.undo(out, redo=True)
    assert out.read_bytes() == NEW


def test_save_over_a_file_can_be_undone(bib: Path) -> None:
    storage.save(bib, NEW)
    storage.undo(bib)
    assert bib.read_bytes() == OLD


def test_only_a_few_states_are_kept(bib: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "DEPTH", 3)
    for n in range(8):
        storage.write(storage.read(bib), b"%d" % n)
    assert len(storage.states(bib)) == 3
    storage.undo(bib)
    assert bib.read_bytes() == b"6"


def test_room_is_bounded_but_the_last_state_is_always_kept(bib: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "ROOM", 10)
    storage.write(storage.read(bib), NEW)
    storage.write(storage.read(bib), b"short")
    assert [each.size for each in storage.states(bib)] == [len(NEW)]


def test_backups_are_for_the_owner_only(bib: Path, state: Path) -> None:
    os.umask(os.umask(0) & 0)  # the mask of the run must not matter
    storage.write(storage.read(bib), NEW)
    found = [state, *state.rglob("*")]
    assert len(found) >= 5
    for each in found:
        assert stat.S_IMODE(each.stat().st_mode) & 0o077 == 0, each


def test_permissions_stay(bib: Path) -> None:
    for mode in (0o600, 0o640, 0o644, 0o755, 0o666):
        bib.chmod(mode)
        storage.write(storage.read(bib), os.urandom(8))
        assert stat.S_IMODE(bib.stat().st_mode) == mode


def test_a_new_file_gets_the_permissions_of_the_users_mask(home: Path) -> None:
    old = os.umask(0o027)
    try:
        storage.save(home / "out.bib", NEW)
    finally:
        os.umask(old)
    assert stat.S_IMODE((home / "out.bib").stat().st_mode) == 0o640


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
def test_extended_attributes_stay(bib: Path) -> None:
    try:
        os.setxattr(bib, "user.origin", b"library")
    except OSError:
        pytest.skip("no extended attributes on this file system")
    storage.write(storage.read(bib), NEW)
    assert os.getxattr(bib, "user.origin") == b"library"


def test_a_symbolic_link_stays_and_its_file_is_replaced(bib: Path, home: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.bib"
    link.symlink_to(bib)
    storage.write(storage.read(link), NEW)
    assert link.is_symlink()
    assert bib.read_bytes() == NEW
    assert listing(home) == ["refs.bib"]
    storage.undo(bib)  # the same file by its other name
    assert link.read_bytes() == OLD


def test_a_link_that_points_elsewhere_by_now_is_not_written_through(bib: Path, home: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.bib"
    link.symlink_to(bib)
    snapshot = storage.read(link)
    (home / "other.bib").write_bytes(OLD)
    link.unlink()
    link.symlink_to(home / "other.bib")
    with pytest.raises(ChangedError):
        storage.write(snapshot, NEW)
    assert (home / "other.bib").read_bytes() == bib.read_bytes() == OLD


def test_a_file_changed_since_it_was_read_is_not_overwritten(bib: Path) -> None:
    for other in (OLD[:-1], OLD + b" ", b"", OLD.replace(b"Old", b"Odd")):
        bib.write_bytes(OLD)
        snapshot = storage.read(bib)
        bib.write_bytes(other)
        with pytest.raises(ChangedError, match=r"refs\.bib: was changed"):
            storage.write(snapshot, NEW)
        assert bib.read_bytes() == other


def test_a_file_removed_or_made_since_it_was_read_is_not_written(bib: Path, home: Path) -> None:
    snapshot = storage.read(bib)
    absent = storage.read(home / "new.bib", missing=True)
    bib.unlink()
    (home / "new.bib").write_bytes(b"")
    for each in (snapshot, absent):
        with pytest.raises(ChangedError):
            storage.write(each, NEW)
    assert not bib.exists()
    assert (home / "new.bib").read_bytes() == b""


def test_a_same_edit_with_the_same_bytes_is_no_change(bib: Path) -> None:
    snapshot = storage.read(bib)
    bib.unlink()
    bib.write_bytes(OLD)
    storage.write(snapshot, NEW)
    assert bib.read_bytes() == NEW


def test_names_with_spaces_newlines_odd_bytes_and_full_length(home: Path) -> None:
    names = [b"a b.bib", b"new\nline.bib", b"-", "Übung ☃.bib".encode(), b"\xff\xfe.bib", b"n" * 251 + b".bib"]
    for name in names:
        path = os.fsdecode(os.fsencode(home) + b"/" + name)
        storage.save(path, OLD)
        storage.write(storage.read(path), NEW)
        storage.undo(path)
        assert Path(path).read_bytes() == OLD
    assert len(listing(home)) == len(names)


def test_standard_input_and_output(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stream:
        buffer = io.BytesIO(OLD)

    class Out:
        buffer = io.BytesIO()

    monkeypatch.setattr(sys, "stdin", Stream())
    monkeypatch.setattr(sys, "stdout", Out())
    snapshot = storage.read("-")
    assert snapshot.data == OLD
    storage.write(snapshot, OLD)  # passed on even when unchanged: somebody waits for it
    storage.save("-", NEW)
    assert Out.buffer.getvalue() == OLD + NEW


def test_a_pipe_is_written_straight_through(tmp_path: Path, state: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    if not (child := os.fork()):
        storage.save(pipe, NEW)
        os._exit(0)
    assert pipe.read_bytes() == NEW
    os.waitpid(child, 0)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert not state.exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("absent.bib", "no such file"),
        (".", "is a folder"),
        ("loop.bib", "circle"),
        ("refs.bib/below.bib", "no such folder"),
        ("x" * 300, "too long"),
        ("a\0b", "not the name"),
        ("", "not the name"),
    ],
)
def test_what_cannot_be_read_is_told_plainly(bib: Path, home: Path, name: str, words: str) -> None:
    (home / "loop.bib").symlink_to(home / "loop.bib")
    with pytest.raises(StorageError, match=words):
        storage.read(f"{home}/{name}" if name and "\0" not in name else name)


@pytest.mark.parametrize("name", [".", "nowhere/out.bib", "refs.bib/below.bib", "x" * 300])
def test_what_cannot_be_written_is_told_plainly(bib: Path, home: Path, name: str) -> None:
    with pytest.raises(StorageError) as raised:
        storage.save(home / name, NEW)
    assert str(home) in str(raised.value)
    assert listing(home) == ["refs.bib"]
    assert bib.read_bytes() == OLD


# --- several files in one step -----------------------------------------------------------------------------------------


def test_files_of_one_step_are_undone_together(bib: Path, home: Path) -> None:
    tex = home / "paper.tex"
    tex.write_bytes(b"\\cite{old}")
    changed = storage.write_all([(storage.read(bib), NEW), (storage.read(tex), b"\\cite{new}")])
    assert set(changed) == {bib, tex}
    assert set(storage.undo(tex)) == {bib, tex}
    assert (bib.read_bytes(), tex.read_bytes()) == (OLD, b"\\cite{old}")
    assert set(storage.undo(bib, redo=True)) == {bib, tex}
    assert (bib.read_bytes(), tex.read_bytes()) == (NEW, b"\\cite{new}")


def test_a_file_that_took_a_later_step_alone_is_left_out_of_the_undo_of_the_other(bib: Path, home: Path) -> None:
    tex = home / "paper.tex"
    tex.write_bytes(b"one")
    storage.write_all([(storage.read(bib), NEW), (storage.read(tex), b"two")])
    storage.write(storage.read(tex), b"three")
    assert storage.undo(bib) == (bib,)
    assert tex.read_bytes() == b"three"


def test_one_changed_file_stops_the_whole_step(bib: Path, home: Path) -> None:
    paths = [home / f"{n}.tex" for n in range(4)]
    for each in paths:
        each.write_bytes(b"one")
    pairs = [(storage.read(each), b"two") for each in (*paths, bib)]
    paths[2].write_bytes(b"by hand")
    with pytest.raises(ChangedError):
        storage.write_all(pairs)
    assert [each.read_bytes() for each in paths] == [b"one", b"one", b"by hand", b"one"]
    assert bib.read_bytes() == OLD
    assert len(listing(home)) == 5
    assert not storage.states(paths[0])


def test_one_file_named_twice_is_one_file(bib: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(bib)
    twice = [(storage.read(each), NEW) for each in (bib, tmp_path / "link")]
    storage.write_all(twice)
    assert bib.read_bytes() == NEW
    with pytest.raises(StorageError, match="same file"):
        storage.write_all([(storage.read(bib), b"one"), (storage.read(tmp_path / "link"), b"two")])
    assert bib.read_bytes() == NEW


# --- broken at every step ----------------------------------------------------------------------------------------------


def counted(at: int, fault: Callable[[str, tuple[object, ...]], None]) -> Iterator[int]:
    """Count the traced calls of `os` in this process, with a fault before the one numbered `at`."""
    calls = 0

    def wrap(name: str) -> None:
        real = getattr(os, name)

        def call(*arguments: object, **named: object) -> object:
            nonlocal calls
            calls += 1
            if calls == at:
                fault(name, arguments)
            return real(*arguments, **named)

        setattr(os, name, call)

    for name in TRACED:
        wrap(name)
    while True:
        yield calls


def in_child(job: Callable[[], None], at: int, fault: Callable[[str, tuple[object, ...]], None]) -> tuple[int, int]:
    """Run the job in a fork; its exit (negative: killed by) and how many calls it made."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        code = 0
        counter = counted(at, fault)
        next(counter)
        try:
            job()
        except StorageError:
            code = 3
        except KeyboardInterrupt:
            code = 4
        except BaseException:  # noqa: BLE001
            code = 5
        calls = next(counter)
        WRITE(writing, b"%d" % calls)
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status, int(said or 0)


def kill(name: str, arguments: tuple[object, ...]) -> None:
    if name == "write":  # half of it arrives
        descriptor, data = arguments
        assert isinstance(descriptor, int)
        data = bytes(data)  # type: ignore[call-overload]
        os.writev(descriptor, [data[: len(data) // 2]])
    os.kill(os.getpid(), signal.SIGKILL)


def full(name: str, arguments: tuple[object, ...]) -> None:
    if name != "close":
        raise OSError(errno.ENOSPC, "No space left on device")


def interrupt(name: str, arguments: tuple[object, ...]) -> None:
    raise KeyboardInterrupt


def every_step(
    job: Callable[[], None], fault: Callable[[str, tuple[object, ...]], None], stride: int = 1
) -> Iterator[int]:
    """Run the job once for each call that it makes (or each second one ...), broken there; yields its exit."""
    at = 1 - stride
    while True:
        at += stride
        code, calls = in_child(job, at, fault)
        yield code
        if code == 0 and calls < at:
            assert at > 15
            return


@pytest.mark.parametrize("fault", [kill, full, interrupt])
def test_broken_at_every_step_of_a_write(bib: Path, home: Path, fault: Callable[..., None]) -> None:
    storage.write(storage.read(bib), b"before")
    storage.write(storage.read(bib), OLD)
    snapshot = storage.read(bib)
    exits = []
    for code in every_step(lambda: storage.write(snapshot, NEW) and None, fault):
        exits.append(code)
        assert code != 5
        found = bib.read_bytes()
        if code in (3, 4) and found == OLD:
            assert listing(home) == ["refs.bib"]
        if code == 3:
            assert found == OLD
        assert found in (OLD, NEW)
        if found == NEW:
            storage.undo(bib)
        assert bib.read_bytes() == OLD
        with storage.lock(bib):  # the next run cleans up
            assert listing(home) == ["refs.bib"]
    assert exits[-1] == 0
    assert set(exits) >= {kill: {-signal.SIGKILL}, full: {3}, interrupt: {4}}[fault]
    storage.undo(bib)
    assert bib.read_bytes() == b"before"  # and no broken run has cost a state


@pytest.mark.parametrize("fault", [kill, full, interrupt])
def test_broken_at_every_step_of_an_undo(bib: Path, home: Path, fault: Callable[..., None]) -> None:
    storage.write(storage.read(bib), NEW)
    for code in every_step(lambda: storage.undo(bib) and None, fault):
        assert code != 5
        found = bib.read_bytes()
        assert found in (OLD, NEW)
        if found == OLD:
            storage.undo(bib, redo=True)
        assert bib.read_bytes() == NEW
    storage.undo(bib)
    assert bib.read_bytes() == OLD
    assert listing(home) == ["refs.bib"]


@pytest.mark.parametrize("fault", [full, interrupt])
def test_broken_at_every_step_of_several_files_changes_all_or_none(
    bib: Path, home: Path, fault: Callable[..., None]
) -> None:
    paths = [bib, home / "a.tex"]
    for each in paths:
        each.write_bytes(OLD)
    pairs = [(storage.read(each), NEW) for each in paths]
    for code in every_step(lambda: storage.write_all(pairs) and None, fault, stride=2):
        assert code != 5
        found = {each.read_bytes() for each in paths}
        assert found in ({OLD}, {NEW}), code
        if found == {NEW}:
            storage.undo(bib)
        assert {each.read_bytes() for each in paths} == {OLD}
        assert listing(home) == ["a.tex", "refs.bib"]


def test_killed_at_every_step_of_several_files_can_be_undone(bib: Path, home: Path) -> None:
    paths = [bib, home / "a.tex"]
    for each in paths:
        each.write_bytes(OLD)
    pairs = [(storage.read(each), NEW) for each in paths]
    for _ in every_step(lambda: storage.write_all(pairs) and None, kill, stride=3):
        assert {each.read_bytes() for each in paths} <= {OLD, NEW}
        for each in paths:
            if each.read_bytes() == NEW:
                storage.undo(each)
            with storage.lock(each):
                assert each.read_bytes() == OLD
        assert listing(home) == ["a.tex", "refs.bib"]


def test_a_disk_that_stays_full_leaves_the_old_file(bib: Path, home: Path) -> None:
    snapshot = storage.read(bib)

    def job() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
        storage.write(snapshot, NEW)

    assert in_child(job, 0, full)[0] == 3
    assert bib.read_bytes() == OLD
    assert listing(home) == ["refs.bib"]


def test_a_full_disk_under_the_backups_leaves_the_old_file(bib: Path, home: Path) -> None:
    snapshot = storage.read(bib)

    def job() -> None:  # the new file is small enough, the backup is not
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(OLD) - 1, len(OLD) - 1))
        storage.write(snapshot, b"short")

    assert in_child(job, 0, full)[0] == 3
    assert bib.read_bytes() == OLD
    assert listing(home) == ["refs.bib"]


def as_nobody(job: Callable[[], None]) -> str:
    """What the job, run by a user without special rights, says."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        said = b"done"
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setegid(65534)
                os.seteuid(65534)
                os.setresuid(65534, 65534, 65534)
            job()
        except StorageError as error:
            said = str(error).encode()
        except BaseException as error:  # noqa: BLE001
            said = b"traceback: " + repr(error).encode()
        os.write(writing, said)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        told = stream.read().decode()
    os.waitpid(child, 0)
    return told


@pytest.fixture
def nobodys(bib: Path, home: Path, state: Path, tmp_path: Path) -> Path:
    state.mkdir()
    import filelock  # noqa: F401  (loaded now: nobody may be unable to read the installation)

    if os.geteuid() == 0:
        for each in (bib, home, state):
            os.chown(each, 65534, 65534)
        for folder in (tmp_path, *tmp_path.parents[:-1]):
            if not folder.stat().st_mode & 0o001 and str(folder).startswith("/tmp/"):
                folder.chmod(folder.stat().st_mode | 0o011)
    return bib


def test_a_read_only_folder_is_told_plainly(nobodys: Path, home: Path) -> None:
    snapshot = storage.read(nobodys)
    home.chmod(0o555)
    try:
        said = as_nobody(lambda: storage.write(snapshot, NEW) and None)
    finally:
        home.chmod(0o755)
    assert "read-only" in said and "nothing was written" in said
    assert nobodys.read_bytes() == OLD


def test_a_read_only_file_is_respected(nobodys: Path) -> None:
    snapshot = storage.read(nobodys)
    nobodys.chmod(0o444)
    assert "file is read-only" in as_nobody(lambda: storage.write(snapshot, NEW) and None)
    assert nobodys.read_bytes() == OLD


def test_a_file_without_permission_to_read_is_told_plainly(nobodys: Path) -> None:
    nobodys.chmod(0)
    assert "no permission" in as_nobody(lambda: storage.read(nobodys) and None)


def test_without_a_place_for_backups_nothing_is_written(nobodys: Path, state: Path) -> None:
    snapshot = storage.read(nobodys)
    state.chmod(0o555)
    said = as_nobody(lambda: storage.write(snapshot, NEW) and None)
    assert "BIBTOOLS_STATE" in said
    assert nobodys.read_bytes() == OLD


def test_a_state_folder_that_became_read_only_does_not_stop_reading(nobodys: Path, state: Path) -> None:
    assert as_nobody(lambda: storage.write(storage.read(nobodys), NEW) and None) == "done"
    for each in state.rglob("*"):
        each.chmod(0o555 if each.is_dir() else 0o444)
    assert as_nobody(lambda: storage.read(nobodys) and None) == "done"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
def test_owner_and_group_stay(bib: Path) -> None:
    os.chown(bib, 12345, 23456)
    bib.chmod(0o640)
    storage.write(storage.read(bib), NEW)
    found = bib.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12345, 23456, 0o640)


def test_a_group_that_cannot_be_kept_gains_no_rights(bib: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bib.chmod(0o664)
    other = os.stat_result((0o100664, 1, 1, 1, 1, 54321, 0, 0, 0, 0))
    real = os.stat

    def forbidden(*arguments: object, **named: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "stat", lambda path, **named: other if path == bib else real(path, **named))
    monkeypatch.setattr(os, "chown", forbidden)
    place = disk.stage(disk.temporary(bib), bib, NEW)
    monkeypatch.undo()
    assert stat.S_IMODE(place.stat().st_mode) == 0o644


# --- several at once ---------------------------------------------------------------------------------------------------


def add_lines(bib: Path, name: str, locked: bool) -> None:
    for n in range(10):
        while True:
            try:
                if locked:
                    with storage.lock(bib):
                        snapshot = storage.read(bib)
                        storage.write(snapshot, snapshot.data + f"{name} {n}\n".encode())
                else:
                    snapshot = storage.read(bib)
                    storage.write(snapshot, snapshot.data + f"{name} {n}\n".encode())
                break
            except ChangedError:
                assert not locked
                continue


@pytest.mark.parametrize("locked", [True, False])
def test_concurrent_writers_lose_nothing(bib: Path, home: Path, locked: bool) -> None:
    children = []
    for n in range(4):
        if not (child := os.fork()):
            code = 1
            try:
                add_lines(bib, f"writer {n}", locked)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    lines = bib.read_bytes().removeprefix(OLD).decode().splitlines()
    assert sorted(lines) == sorted(f"writer {w} {n}" for w in range(4) for n in range(10))
    assert listing(home) == ["refs.bib"]


def test_a_reader_beside_a_writer_sees_whole_files(bib: Path) -> None:
    if not (child := os.fork()):
        for n in range(60):
            storage.write(storage.read(bib), NEW if n % 2 == 0 else OLD)
        os._exit(0)
    seen = set()
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        seen.add(storage.read(bib).data)
    assert seen <= {OLD, NEW}


def test_a_file_held_by_another_run_is_told_plainly(bib: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready, go = os.pipe(), os.pipe()
    snapshot = storage.read(bib)
    if not (child := os.fork()):
        with storage.lock(bib):
            os.write(ready[1], b"x")
            os.read(go[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    monkeypatch.setattr(history, "PATIENCE", 0.05)
    with pytest.raises(StorageError, match="another run"):
        storage.write(snapshot, NEW)
    assert storage.read(bib).data == OLD
    os.write(go[1], b"x")
    os.waitpid(child, 0)
    for each in (*ready, *go):
        os.close(each)


def test_a_damaged_state_is_passed_over(bib: Path, state: Path) -> None:
    storage.write(storage.read(bib), NEW)
    storage.write(storage.read(bib), b"third")
    for junk in (b"", b"[]", b"{}", b"\xff", b'{"existed": 1}'):
        sorted(state.rglob("undo-*.json"))[-1].write_bytes(junk)
        assert len(storage.states(bib)) == 1


# --- Windows, as far as it can be tried elsewhere ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("winerror", "times", "replaced"), [(32, 3, True), (5, 5, True), (32, 99, False), (0, 1, False)]
)
def test_a_file_that_another_program_has_open_is_tried_again(
    bib: Path, monkeypatch: pytest.MonkeyPatch, winerror: int, times: int, replaced: bool
) -> None:
    failures = iter(range(times))
    real = os.replace

    def busy(source: Path, target: Path) -> None:
        if target == bib and next(failures, None) is not None:
            error = PermissionError(errno.EACCES, "in use")
            error.winerror = winerror  # type: ignore[attr-defined]
            raise error
        real(source, target)

    monkeypatch.setattr(os, "replace", busy)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    snapshot = storage.read(bib)
    if replaced:
        assert storage.write(snapshot, NEW)
    else:
        with pytest.raises(StorageError, match="no permission"):
            storage.write(snapshot, NEW)
    assert bib.read_bytes() == (NEW if replaced else snapshot.data)
    assert not [path for path in bib.parent.iterdir() if path.name.startswith(".bibtools-")]


def test_one_file_has_one_state_however_its_name_is_spelled(bib: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "normcase", lambda path: os.fspath(path).lower())
    storage.write(storage.read(bib), NEW)
    assert history.stack(Path(str(bib).upper()), "undo") == history.stack(bib, "undo") != ()


# --- in pieces ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("large", [False, True])
def test_pieces_make_one_file(bib: Path, monkeypatch: pytest.MonkeyPatch, large: bool) -> None:
    monkeypatch.setattr(storage, "IN_MEMORY", 10 if large else 1 << 20)
    bib.chmod(0o640)
    storage.save_stream(bib, (b"abc" for _ in range(100)))
    assert bib.read_bytes() == b"abc" * 100
    assert stat.S_IMODE(bib.stat().st_mode) == 0o640
    assert bool(storage.states(bib)) is not large


@pytest.mark.parametrize("large", [False, True])
def test_pieces_that_break_off_change_nothing(bib: Path, monkeypatch: pytest.MonkeyPatch, large: bool) -> None:
    monkeypatch.setattr(storage, "IN_MEMORY", 10 if large else 1 << 20)
    before = bib.read_bytes()

    def pieces() -> Iterator[bytes]:
        yield b"x" * 50
        raise KeyError

    with pytest.raises(KeyError):
        storage.save_stream(bib, pieces())
    assert bib.read_bytes() == before
    assert [path.name for path in bib.parent.iterdir()] == [bib.name]
