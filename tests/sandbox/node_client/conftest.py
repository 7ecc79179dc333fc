"""The official Node clients: `make test` installs them where there is Node."""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path(__file__).parent
INSTALLED = HERE / "node_modules" / ".package-lock.json"

# Whoever has no Node tests the rest; on CI its absence is a failure.
collect_ignore_glob = [] if INSTALLED.exists() or os.environ.get("CI") else ["test_*.py"]
