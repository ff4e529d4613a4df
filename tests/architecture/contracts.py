"""Contracts that import-linter does not bring along."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output


class OwnTables(Contract):
    """`service.<room>.tables` is imported by that room and by `service.tables`, which gathers them for migrations."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001  # the base's signature
        """Look at every importer of every room's tables."""
        strangers = [
            f"{importer} -> {tables}"
            for tables in sorted(graph.modules)
            if tables.startswith("service.") and tables.endswith(".tables")
            for importer in sorted(graph.find_modules_that_directly_import(tables))
            if importer != "service.tables" and not importer.startswith(tables.removesuffix("tables"))
        ]
        return ContractCheck(kept=not strangers, metadata={"strangers": strangers})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say who reached into whose tables."""
        for line in check.metadata["strangers"]:
            output.print_error(line)
