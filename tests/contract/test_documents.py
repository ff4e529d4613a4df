"""What is written about Parley is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from httpx import AsyncClient

ROOT = Path(__file__).resolve().parents[2]


def test_generated_documents_are_up_to_date() -> None:
    found = subprocess.run(
        [sys.executable, "scripts/write_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_threat_model_names_tests_that_exist() -> None:
    rows = [row for row in (ROOT / "SECURITY.md").read_text().splitlines() if row.startswith("| ")][2:]
    assert len(rows) > 15
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row)
        assert named, f"nothing proves: {row}"
        for path, test in named:
            assert f"def {test}(" in (ROOT / path).read_text(), f"{path}::{test}"


async def test_openapi_describes_each_answer_and_error(client: AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["paths"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation.get("description"), where
            assert "application/problem+json" in operation["responses"]["default"]["content"], where
            for parameter in operation.get("parameters", ()):
                assert parameter.get("description"), f"{where}: {parameter['name']}"
    assert "HTTPValidationError" not in document["components"]["schemas"]


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
async def test_the_api_is_documented_without_another_host(client: AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 200
    assert "://cdn" not in response.text
    assert "<script" not in response.text
