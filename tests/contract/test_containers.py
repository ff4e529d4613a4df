"""The promises of `compose.yaml` and `Dockerfile` that no engine is needed to check."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.kit.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
# What of the Compose Specification's service element we use: a mistyped key is silently nothing to the linter.
KNOWN = {
    *("build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "init", "logging"),
    *("mem_limit", "networks", "pids_limit", "ports", "pull_policy", "read_only", "restart", "security_opt"),
    *("shm_size", "stop_grace_period", "tmpfs", "user", "volumes"),
}
every_service = pytest.mark.parametrize("name", SERVICES)


@every_service
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert set(service) <= KNOWN
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert not service.get("privileged")


@every_service
def test_what_a_service_names_exists(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= set(COMPOSE["volumes"])
    assert ":" in service["image"]


def test_only_the_server_can_be_reached_and_only_from_this_machine() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "server": ["127.0.0.1:${PARLEY_PORT:-8000}:8000"]
    }
    assert COMPOSE["networks"]["stores"] == {"internal": True}


def test_secrets_have_no_default() -> None:
    asked = re.findall(r"\$\{(\w+)(:?[-?])", (ROOT / "compose.yaml").read_text())
    assert asked
    for variable, how in asked:
        is_secret = re.search("SECRET|PASSWORD", variable) is not None
        assert how == ":?" if is_secret else how in {":?", ":-"}, variable


def test_the_settings_it_gives_are_settings_there_are() -> None:
    given = {name for name in SERVICES["server"]["environment"] if name.startswith("PARLEY_")}
    assert {name.removeprefix("PARLEY_").lower() for name in given} <= set(Settings.model_fields)


def test_the_image_copies_only_what_its_build_is_given() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = {line.split()[1] for line in lines if line.startswith("COPY ") and "--from=" not in line}
    given = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert copied
    assert copied <= given
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_does_not_run_as_root() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    last_stage = dockerfile[dockerfile.rindex("\nFROM ") :]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", last_stage, re.MULTILINE)
