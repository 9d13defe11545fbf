"""What Home Assistant, HACS and GitHub ask of the files around the code."""

import ast
import re
import stat
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from PIL import Image

import homeassistant
from custom_components.battmon.const import DOMAIN
from homeassistant.const import Platform

from .product import MODULES, PRODUCT, ROOT, Module, Tree, load_json, load_yaml, product_json

MANIFEST: Tree = product_json("manifest.json")
HACS: Tree = load_json(ROOT / "hacs.json")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

MANIFEST_KEYS = {
    "after_dependencies", "bluetooth", "codeowners", "config_flow", "dependencies", "dhcp", "documentation",
    "domain", "integration_type", "iot_class", "issue_tracker", "loggers", "name", "quality_scale",
    "requirements", "usb", "version", "zeroconf",
}  # fmt: skip
REQUIRED_KEYS = {
    "codeowners", "config_flow", "documentation", "domain", "integration_type", "iot_class", "issue_tracker",
    "name", "requirements", "version",
}  # fmt: skip
HACS_KEYS = {
    "content_in_root", "country", "filename", "hacs", "hide_default_branch", "homeassistant", "name",
    "persistent_directory", "zip_release",
}  # fmt: skip
INTEGRATION_TYPES = {"device", "hub", "service"}
IOT_CLASSES = {
    "assumed_state", "calculated", "cloud_polling", "cloud_push", "local_polling", "local_push",
}  # fmt: skip
ALWAYS_THERE = {*Platform, "homeassistant", "persistent_notification", "websocket_api"}
"""Components that may be imported without being a dependency."""
IMAGES = {
    "icon.png": 256,
    "icon@2x.png": 512,
    "logo.png": 192,
    "logo@2x.png": 384,
    "dark_logo.png": 192,
    "dark_logo@2x.png": 384,
}
"""Heights in pixels. The icon carries its own background and needs no dark variant."""


def module_name(module: Module) -> str:
    """Name a test after the file it looks at."""
    return str(module.path.relative_to(ROOT))


# The manifest.


def test_the_manifest_is_in_home_assistants_order() -> None:
    keys = list(MANIFEST)
    assert keys == ["domain", "name", *sorted(set(keys) - {"domain", "name"})]


def test_the_manifest_has_the_keys_it_needs_and_no_unknown_one() -> None:
    assert REQUIRED_KEYS <= MANIFEST.keys() <= MANIFEST_KEYS


def test_the_domain_is_the_same_everywhere() -> None:
    assert MANIFEST["domain"] == DOMAIN == PRODUCT.name


def test_the_version_is_a_version_and_in_the_changelog() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", MANIFEST["version"])
    assert MANIFEST["version"] in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("key", ["documentation", "issue_tracker"])
def test_links_are_ours(key: str) -> None:
    assert MANIFEST[key].startswith("https://")
    assert "home-assistant.io" not in MANIFEST[key]


def test_code_owners_have_handles() -> None:
    assert MANIFEST["codeowners"]
    assert [owner for owner in MANIFEST["codeowners"] if not re.fullmatch(r"@[\w-]+(/[\w-]+)?", owner)] == []


def test_type_and_class_are_known_to_home_assistant() -> None:
    assert MANIFEST["integration_type"] in INTEGRATION_TYPES
    assert MANIFEST["iot_class"] in IOT_CLASSES


def test_there_is_a_config_flow() -> None:
    assert MANIFEST["config_flow"] is True
    assert (PRODUCT / "config_flow.py").is_file()


def test_nothing_is_required_that_home_assistant_pins() -> None:
    """Two pins of one package cannot both be met."""
    constraints = Path(homeassistant.__file__).with_name("package_constraints.txt").read_text()
    lines = [line.split("#")[0].strip() for line in constraints.splitlines()]
    pinned = {Requirement(line).name.lower() for line in lines if line}
    pinned |= {Requirement(line).name.lower() for line in requires("homeassistant") or ()}
    assert "serialx" in pinned
    assert {Requirement(line).name.lower() for line in MANIFEST["requirements"]} & pinned == set()


def components_of(tree: ast.Module) -> set[str]:
    """Return the components of Home Assistant that a module imports."""
    found = set()
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        found |= {name.split(".")[2] for name in names if name.startswith("homeassistant.components.")}
    return found


@pytest.mark.parametrize("module", MODULES, ids=module_name)
def test_every_component_that_is_imported_is_a_dependency(module: Module) -> None:
    dependencies = {*MANIFEST.get("dependencies", ()), *MANIFEST.get("after_dependencies", ())}
    if "bluetooth_adapters" in dependencies:  # stands for Bluetooth with all its adapters and proxies
        dependencies.add("bluetooth")
    # diagnostics.py and the like are only loaded by the component they are named after, their parts by them.
    assert components_of(module.tree) <= dependencies | ALWAYS_THERE | {module.path.stem.partition("_")[0]}


def test_imports_of_components_are_seen() -> None:
    source = "from homeassistant.components import usb\nimport homeassistant.components.http.server"
    assert components_of(ast.parse(source)) == {"usb", "http"}


# HACS.


def test_hacs_knows_every_key() -> None:
    assert HACS.keys() <= HACS_KEYS
    assert HACS["name"] == MANIFEST["name"]


def test_hacs_asks_for_the_oldest_home_assistant_that_is_supported() -> None:
    assert Version("2026.9.0") <= Version(HACS["homeassistant"])


def test_there_is_one_integration_in_the_repository() -> None:
    folders = {path.name for path in PRODUCT.parent.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == {DOMAIN}


# The pictures.


def test_there_is_every_image_and_no_other() -> None:
    assert {path.name for path in (PRODUCT / "brand").iterdir()} == IMAGES.keys()


@pytest.mark.parametrize(("name", "height"), IMAGES.items())
def test_an_image_has_its_size_and_no_empty_border(name: str, height: int) -> None:
    with Image.open(PRODUCT / "brand" / name) as image:
        assert image.format == "PNG"
        assert image.mode == "RGBA"
        assert image.height == height
        assert image.getbbox() == (0, 0, *image.size)
        assert image.getchannel("A").getextrema()[0] == 0
        assert image.width == height if name.startswith("icon") else image.width > height


@pytest.mark.parametrize("name", ["icon", "logo", "dark_logo"])
def test_the_drawing_of_an_image_is_kept(name: str) -> None:
    drawing = (ROOT / "docs" / "brand" / f"{name}.svg").read_text()
    assert "<svg" in drawing
    assert "<text" not in drawing  # a font of another machine would change it


# The repository.


@pytest.mark.parametrize("module", MODULES, ids=module_name)
def test_every_file_says_what_it_is(module: Module) -> None:
    assert ast.get_docstring(module.tree)


def test_the_license_is_apache() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_continuous_integration_runs_what_a_person_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    assert script.read_text().rstrip().endswith("script/test --all")
    assert (ROOT / "script" / "test").stat().st_mode & stat.S_IXUSR


def test_there_are_the_three_workflows() -> None:
    assert [path.stem for path in WORKFLOWS] == ["hacs", "hassfest", "tests"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read(path: Path) -> None:
    workflow = load_yaml(path)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert "permissions" not in job
        assert job["timeout-minutes"] <= 60
        assert job["steps"][0]["uses"].startswith("actions/checkout@")


def test_the_tests_workflow_runs_everything() -> None:
    steps = load_yaml(ROOT / ".github" / "workflows" / "tests.yml")["jobs"]["tests"]["steps"]
    assert steps[-1]["run"] == ".ci/run"


def test_a_bug_report_asks_for_what_is_needed_to_understand_it() -> None:
    form = load_yaml(ROOT / ".github" / "ISSUE_TEMPLATE" / "bug_report.yml")
    fields = {field["id"]: field for field in form["body"] if field["type"] != "markdown"}
    required = {name for name, field in fields.items() if field.get("validations", {}).get("required")}
    assert {"home_assistant", "battmon", "battery", "wire", "diagnostics"} <= required
    assert "log" in fields
