"""The home is ours alone, and ports are named before anything starts."""

import socket
from pathlib import Path

import pytest

from indexer.dev.home import MARKER, ROOMS, Home
from indexer.dev.ports import free_port, is_free, require_free
from indexer.errors import ConfigError, PortInUse


def test_a_new_home_gets_its_marker_and_rooms(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "new")
    assert {entry.name for entry in home.path.iterdir()} == {MARKER, *ROOMS}


def test_a_folder_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigError, match="holds other things"):
        Home.open(tmp_path)
    assert {entry.name for entry in tmp_path.iterdir()} == {"thesis.txt"}


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="DCHAT_HOME="):
        Home.open(tmp_path / "file" / "home")


def test_wiping_empties_our_rooms_and_nothing_else(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    (home.room("chain") / "saved.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("mine")
    home.wipe()
    assert not any(home.room("chain").iterdir())
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_wiping_a_folder_without_our_marker_is_refused(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "theirs.log").write_text("kept")
    with pytest.raises(ConfigError):
        Home(path=tmp_path).wipe()
    assert (tmp_path / "logs" / "theirs.log").exists()


def test_a_port_in_use_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(PortInUse, match=rf"port {port} .*DCHAT_PORT={port + 1}"):
            require_free("127.0.0.1", port)


def test_a_host_that_is_not_ours_is_named() -> None:
    with pytest.raises(ConfigError, match=r"DCHAT_HOST=203\.0\.113\.1"):
        require_free("203.0.113.1", free_port())


def test_a_port_just_left_by_a_server_is_free_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()
    require_free("127.0.0.1", port)
