"""Files appear whole or not at all."""

import errno

import pytest

from semap.errors import BadFile, CannotWrite
from semap.storage.atomic import atomic_file


def names_in(folder):
    return [path.name for path in folder.iterdir()]


def write_half(path, failure):
    with atomic_file(path) as file:
        file.write(b"half")
        raise failure


def test_the_file_appears_when_the_block_has_ended(tmp_path):
    path = tmp_path / "a.bin"
    with atomic_file(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert names_in(tmp_path) == ["a.bin"]


def test_an_error_in_the_block_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(KeyError):
        write_half(path, KeyError("interrupted"))
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["a.bin"]


def test_ctrl_c_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        write_half(path, KeyboardInterrupt())
    assert (path.read_bytes(), names_in(tmp_path)) == (b"old", ["a.bin"])


def test_a_full_disk_is_told_with_path_and_reason(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(CannotWrite, match=r"a\.bin: cannot write: No space left on device"), atomic_file(path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert path.read_bytes() == b"old"


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(CannotWrite, match="No such file or directory"), atomic_file(tmp_path / "no" / "a.bin"):
        pass


def test_a_folder_or_device_in_the_place_of_the_file_is_left_alone(tmp_path):
    for path in (tmp_path, "/dev/null"):
        with pytest.raises(CannotWrite, match="not a regular file"), atomic_file(path):
            pass


def test_errors_of_semap_pass_unchanged(tmp_path):
    with pytest.raises(BadFile, match="some reason"), atomic_file(tmp_path / "a.bin"):
        raise BadFile("other.bin", "some reason")


def test_a_link_keeps_pointing_at_the_file(tmp_path):
    (tmp_path / "real.bin").write_bytes(b"old")
    (tmp_path / "link.bin").symlink_to(tmp_path / "real.bin")
    with atomic_file(tmp_path / "link.bin") as file:
        file.write(b"new")
    assert (tmp_path / "link.bin").is_symlink()
    assert (tmp_path / "real.bin").read_bytes() == b"new"
