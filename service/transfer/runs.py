"""The record of imports: what was brought when, and which run did not come to its end."""

from __future__ import annotations

from sqlmodel import col, select

from service import record
from service.kit import clock, ids
from service.kit.db import ReadTx, WriteTx
from service.sites import Site
from service.transfer.report import Report
from service.transfer.tables import ImportRow


async def begin(tx: WriteTx, site: Site, report: Report) -> int:
    """Note that a run began; its id."""
    row = ImportRow(
        id=ids.new_id(),
        site_id=site.id,
        source=report.source,
        file_name=report.file[:300],
        report={},
        started_at=clock.now(),
    )
    tx.add(row)
    await tx.flush()
    detail = {"run": str(row.id), "source": row.source}
    await record.append(tx, site.id, record.TERMINAL, "import-begun", "site", detail, words={"file": row.file_name})
    return row.id


async def finish(tx: WriteTx, run: int, report: Report) -> None:
    """Note how it ended."""
    row = await tx.get_one(ImportRow, run)
    row.report, row.finished_at = report.as_json(), clock.now()
    await tx.flush()
    await record.append(tx, row.site_id, record.TERMINAL, "import-ended", "site", {"run": str(run)})


async def was_imported(tx: ReadTx, site: Site, file_name: str) -> bool:
    """Whether a file of this name was imported into the site to its end."""
    run = select(ImportRow.id).where(
        ImportRow.site_id == site.id, ImportRow.file_name == file_name, col(ImportRow.finished_at).is_not(None)
    )
    return (await tx.exec(run.limit(1))).first() is not None
