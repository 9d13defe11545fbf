"""The demo's folder: what is complete, what is in use, what is secret."""

import json
import stat
from pathlib import Path

import pytest

from simulators.demo.folder import CHECKOUT, Folder, FolderInUse

VERSION = "2026.11.0"
STORED = ("auth", "auth_provider.homeassistant", "core.config_entries", "http", "onboarding")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "8123")


@pytest.fixture
def complete(folder: Folder) -> Folder:
    folder.storage.mkdir(parents=True)
    for key in STORED:
        (folder.storage / key).write_text(json.dumps({"data": {}}))
    folder.mark_complete(VERSION)
    return folder


def test_a_complete_configuration_is_used_again(complete: Folder) -> None:
    assert complete.is_complete(VERSION)


def test_an_empty_folder_is_not_complete(folder: Folder) -> None:
    assert not folder.is_complete(VERSION)


def test_a_configuration_of_another_version_is_not_complete(complete: Folder) -> None:
    assert not complete.is_complete("2026.10.4")


@pytest.mark.parametrize("key", STORED)
@pytest.mark.parametrize("content", ["", "{", "[]", '{"data": 1}', "{}"])
def test_a_damaged_store_makes_it_incomplete(complete: Folder, key: str, content: str) -> None:
    (complete.storage / key).write_text(content)
    assert not complete.is_complete(VERSION)


def test_a_configuration_set_aside_is_kept_in_place_of_an_older_one(complete: Folder) -> None:
    for name in ("older", "newer"):
        complete.config.mkdir(exist_ok=True)
        (complete.config / name).touch()
        complete.set_aside()
    assert not complete.config.exists()
    assert [path.name for path in (complete.path / "config.aside").iterdir()] == ["newer"]


def test_two_demos_never_share_a_folder(folder: Folder) -> None:
    folder.lock()
    with pytest.raises(FolderInUse):
        Folder(folder.path).lock()


def test_the_token_is_bare_and_private(complete: Folder) -> None:
    complete.write_secret("eyJ.abc.def")
    complete.show_token()
    assert complete.token.read_text() == "eyJ.abc.def"
    assert stat.S_IMODE(complete.token.stat().st_mode) == 0o600


def test_entries_are_remembered_one_by_one(complete: Folder) -> None:
    assert complete.entries() == {}
    complete.remember_entry("house", "01A")
    complete.remember_entry("van", "01B")
    assert Folder(complete.path).entries() == {"house": "01A", "van": "01B"}


def test_the_integration_of_this_checkout_is_linked_again_and_again(complete: Folder) -> None:
    complete.link_components()
    complete.link_components()
    components = complete.config / "custom_components"
    assert (components / "battmon").resolve() == CHECKOUT / "custom_components" / "battmon"
    assert (components / "simulated_radio" / "manifest.json").is_file()
    assert (components / "simulated_bus" / "manifest.json").is_file()


def test_the_sockets_have_short_paths_however_deep_the_checkout_is() -> None:
    folder = Folder(CHECKOUT / ".demo" / "8123")
    assert (str(folder.radio), str(folder.bus_socket)) == (".demo/8123/radio", ".demo/8123/bus")


def test_the_name_of_the_bus_has_no_links_in_it(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert Folder(tmp_path / "link").bus == tmp_path.resolve() / "real" / "i2c-1"


def test_the_socket_of_a_folder_elsewhere_is_found_from_the_checkout(folder: Folder) -> None:
    assert (CHECKOUT / folder.radio).resolve() == folder.path.resolve() / "radio"
