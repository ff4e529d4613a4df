"""How webhooks stand, all sites together: what operators look at."""

from __future__ import annotations

from sqlalchemy import func, literal_column, select

from service.delivery.tables import DeliveryRow
from service.kit.db import ReadTx

_ROWS = DeliveryRow.metadata.tables[str(DeliveryRow.__tablename__)]
_MOST = 10_000  # counted; more is as bad
_SOME = select(_ROWS.c.id).where(_ROWS.c.state == literal_column("'waiting'")).limit(_MOST).subquery()
_WAITING = select(func.count()).select_from(_SOME)


async def deliveries_waiting(tx: ReadTx) -> int:
    """Deliveries to webhooks that are still to be made, counted up to 10,000."""
    return int((await tx.run(_WAITING, {})).scalar_one())
