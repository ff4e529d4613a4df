"""python -m benchmarks.claims: by itself, without the document."""

from __future__ import annotations

import asyncio
import sys

from benchmarks import claims

missed = [target for target in asyncio.run(claims.measure(claims.asked_for())).targets if not target.is_met]
for target in missed:
    print(f"MISSED {target.what}: {target.seen:.2f}, wanted {target.wanted}")
sys.exit(1 if missed else 0)
