"""Hatch's build hook: the wheel carries the built embed, so that whoever installs it needs no Node."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildEmbed(BuildHookInterface[Any]):
    """Builds `service/static` before files are gathered."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatch's signature
        """Run the script that `make embed` runs; a source distribution without `embed/` brings the files along."""
        root = Path(self.root)
        if (root / "embed").exists():
            subprocess.run([sys.executable, str(root / "scripts" / "embed.py")], check=True)
        if not (root / "service" / "static" / "manifest.json").exists():
            raise RuntimeError("service/static is not built")
