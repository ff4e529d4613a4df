"""Who takes part in a thread, for those who want to address one of them."""

from __future__ import annotations

from service import comments, identity
from service.kit import finding
from service.kit.db import ReadTx
from service.threads import Thread

OFFERED, LOOKED_AT = 8, 500  # names in an answer, and comments looked at for one


async def participants(tx: ReadTx, thread: Thread, begins: str) -> list[str]:
    """Names with a word that begins so, of the authors of the newest published comments, the latest first.

    One name once, whoever bears it: a mention is a name in a text, not a person (docs/decisions/0029).
    """
    wanted = finding.folded(begins.strip())
    authors = await comments.authors_in_thread(tx, thread.id, LOOKED_AT)
    people = await identity.people(tx, authors)
    names = dict.fromkeys(people[author].name for author in authors if author in people)
    return [name for name in names if name and _is_meant(finding.folded(name), wanted)][:OFFERED]


def _is_meant(name: str, wanted: str) -> bool:
    return name.startswith(wanted) or any(word.startswith(wanted) for word in name.split())
