"""Memory that was freed goes back to the system, and what was made to stay is not looked at again and again.

Ready pages are some ten to two hundred kilobytes, made and dropped all day. glibc keeps what lies free between those
that are still in use and takes more meanwhile: some MB in a minute under load, though nothing of ours has grown.

Python's collector of cyclic garbage goes through everything that is there whenever enough of it is new. In a server
that is 300,000 objects of modules, routes and statements, which never go: a tenth of a second in which nobody is
answered, every few thousand posts. And what is new it counts as if one thing were done at a time: sixteen posts under
way hold more than its 700 objects, so it ran once for every four of them, found nothing (nearly all that a
request makes goes by itself when it is answered), and took a fourteenth of a post's time.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys

_EVERY = 60.0  # seconds
_NEW = 20_000  # objects more than were let go of since the collector last ran: some 5 ms to look through


def give_back() -> bool:
    """Give back what is free, wherever it lies (malloc_trim(3)); False where the C library cannot. Takes some ms."""
    if not sys.platform.startswith("linux"):
        return False
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
    return trim is not None and trim(0) in {0, 1}


def settle() -> None:
    """Say that what is there by now stays, and that many are served at once. Takes a tenth of a second.

    The collector leaves alone what is there, and from here on comes by only when much has been made and kept.
    """
    gc.collect()
    gc.freeze()
    _, middle, old = gc.get_threshold()
    gc.set_threshold(_NEW, middle, old)


async def keep_small() -> None:
    """Once a minute until cancelled, in a thread: the call lets go of Python's lock."""
    while await asyncio.to_thread(give_back):  # noqa: ASYNC110  # time itself is what is waited for
        await asyncio.sleep(_EVERY)
