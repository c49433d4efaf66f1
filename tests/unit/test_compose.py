"""docker-compose.yml and Dockerfile agree with the schema, with themselves, and with dchat."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from indexer.cli import dchat
from indexer.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "dchat"}


def copied() -> set[str]:
    """What the Dockerfile takes from the repository."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M)
    return {source.rstrip("/") for line in lines for source in line.split()[:-1]}


def test_it_is_valid_by_the_compose_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run([*command, str(FILE)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_it_holds_every_part() -> None:
    always = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert always == {"postgres", "redis", "kubo", "migrate", "indexer", "api", "worker", "beat"}
    assert SERVICES.keys() - always == {"chain", "deploy"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_only_for_what_exists_and_can_happen(name: str) -> None:
    for other, condition in SERVICES[name].get("depends_on", {}).items():
        wanted = condition["condition"]
        assert wanted in {"service_healthy", "service_completed_successfully"}
        assert ("healthcheck" in SERVICES[other]) == (wanted == "service_healthy")
        optional = "profiles" in SERVICES[other] and "profiles" not in SERVICES[name]
        assert condition.get("required", True) is not optional


def test_every_volume_is_declared_and_used() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
    assert {mount.split(":")[0] for mount in mounts} == COMPOSE["volumes"].keys()


def test_what_is_built_has_its_stage_in_the_dockerfile() -> None:
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.M))
    targets = {service["build"]["target"] for service in SERVICES.values() if "build" in service}
    assert targets == {"chain", "dchat"}
    assert targets <= stages


@pytest.mark.parametrize("stage", ["chain", "dchat"])
def test_an_image_does_not_run_as_root(stage: str) -> None:
    body = re.split(r"^FROM ", DOCKERFILE.split(f" AS {stage}\n")[1], flags=re.M)[0]
    users = re.findall(r"^USER (\S+)$", body, re.M)
    assert users
    assert users[-1] != "root"


def test_what_an_image_copies_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    kept = tuple(line[1:] for line in ignored if line.startswith("!"))
    for source in copied():
        assert (ROOT / source).exists(), source
        assert any(source == path or source.startswith(f"{path}/") for path in kept), source


@pytest.mark.parametrize("name", OURS)
def test_a_command_is_one_of_dchat_with_options_that_it_knows(name: str) -> None:
    command, *arguments = OURS[name]["command"]
    with click.Context(dchat) as context:
        found = dchat.get_command(context, command)
        assert found
        assert found.make_context(command, arguments, parent=context).command is found


@pytest.mark.parametrize("name", OURS)
def test_a_variable_is_a_setting(name: str) -> None:
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    assert OURS[name]["environment"].keys() <= known


def test_the_values_are_accepted_by_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OURS["api"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value))
    settings = Settings.load()
    assert settings.rpc_urls == ("http://chain:8545",)
    assert settings.deployment == "/deployments/31337.json"
