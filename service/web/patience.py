"""An end to waiting for clients. uvicorn has one for idle connections only.

A client has so many seconds for the head of a request, and so many without taking what it is sent; the time for a body
is in `bodies.py`, where a refusal can still be answered. Nothing but a socket and some memory waits meanwhile: no
handler runs before its head and body are there, and none holds a database connection while its answer is written.

Should there be more connections than there is room for, those that have waited longest without a request give way:
whoever asks at once, as browsers do, finds room beside any number of those who only hold one.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MOST_HEAD = 65_536  # bytes; httptools itself takes any number
_LAST = 0.5  # seconds a request may still come in when the server ends: closed at once, one on its way would be lost
_LINGER = 5.0  # seconds a body may still arrive after its refusal: closed at once, the client might not read why


class Deadlines(HttpToolsProtocol):
    """Laid over uvicorn's own protocol, or one made from it."""

    patience = 30.0
    most = 65_536
    """Connections there is room for."""

    _head_at = 0.0
    _deadline: asyncio.TimerHandle | None = None
    _is_in_head = True
    _head_bytes = 0
    _is_last = False
    _is_refused = False  # by service/web/wire.py, which has nothing to do with what else is sent

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """The first request is due."""
        super().connection_made(transport)
        self._give(self.patience)
        if (own := transport.get_extra_info("socket")) is not None and own.family != socket.AF_UNIX:
            _expect_signs_of_life(own, self.patience)
        if len(self.connections) > self.most:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is due any more."""
        self._forget()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A head begins; usually all of it is here already, so no clock is started yet."""
        self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._is_in_head, self._head_bytes = False, 0
        self._forget()
        super().on_headers_complete()
        if self._is_refused:
            self._give(_LINGER)
        elif self.cycle is not None and not self.cycle.response_complete:
            self._head_at = self.loop.time()
        if self._is_last and self.cycle is not None:
            self.cycle.keep_alive = False

    def data_received(self, data: bytes) -> None:
        """Bytes do not buy time: the clock runs from the first one of a head."""
        super().data_received(data)
        if not self._is_in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > _MOST_HEAD:
            self.end()
        elif self._deadline is None:
            self._give(self.patience)

    def on_message_complete(self) -> None:
        """The body is there, should one have lingered."""
        if self._is_refused or (self.cycle is not None and self.cycle.response_complete):
            self._forget()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Answered; a body that was not wanted may not go on for ever."""
        super().on_response_complete()
        if self.cycle.more_body and self._deadline is None:
            self._give(_LINGER)

    def pause_writing(self) -> None:
        """The client takes less than it is sent."""
        super().pause_writing()
        self._give(self.patience)

    def resume_writing(self) -> None:
        """It has caught up."""
        super().resume_writing()
        self._forget()
        if self._is_in_head:
            self._give(self.patience)

    def timeout_keep_alive_handler(self) -> None:
        """Idle; closing waits for what the client has not taken, so that gets an end too."""
        super().timeout_keep_alive_handler()
        if self.transport.get_write_buffer_size():
            self._give(self.patience)

    def shutdown(self) -> None:
        """The server ends: what was asked is answered, and what was being sent."""
        if self._is_idle():
            self._is_last = True
            self.loop.call_later(_LAST, self._close_if_idle)
        else:
            super().shutdown()

    def _make_room(self) -> None:
        """End a tenth of those nobody has asked anything on, or not all of it, the oldest first."""
        waiting = [each for each in self.connections if isinstance(each, Deadlines) and each.waits_since is not None]
        waiting.sort(key=lambda each: each.waits_since or 0.0)
        for each in waiting[: max(1, self.most // 10)]:
            each.end()

    @property
    def waits_since(self) -> float | None:
        """Since when a request is waited for, or its body; None while somebody waits for us."""
        if self.transport.is_closing():
            return None
        if self.timeout_keep_alive_task is not None:
            return self.timeout_keep_alive_task.when() - self.timeout_keep_alive
        if self._is_in_head and self._is_idle() and self._deadline is not None:
            return self._deadline.when() - self.patience
        return self._head_at if not self._is_idle() and self.cycle.more_body else None

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _close_if_idle(self) -> None:
        if self._is_idle() and not self.transport.is_closing():
            self.transport.close()

    def _give(self, seconds: float) -> None:
        self._forget()
        self._deadline = self.loop.call_later(seconds, self.end)

    def _forget(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def end(self) -> None:
        """End it at once."""
        self._forget()
        # By a reset: otherwise the kernel would keep what was not taken for minutes more.
        if (own := self.transport.get_extra_info("socket")) is not None:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


def _expect_signs_of_life(own: socket.socket, seconds: float) -> None:
    """What was sent and not taken for so long ends the connection, also where our own buffers have room for more.

    Events are small: a listener that is stuck, or whose phone has left the network, would keep the kernel's buffers for
    hours before it held us up. Only Linux has it (RFC 5482). It tells the other end nothing: ours, which does, has to
    come first.
    """
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        with contextlib.suppress(OSError):
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1500))


def patient(
    seconds: float, protocol: type[HttpToolsProtocol] = HttpToolsProtocol, *, most: int = Deadlines.most
) -> type[HttpToolsProtocol]:
    """That protocol with that patience and with room for so many connections, as uvicorn takes it."""
    return type("PatientProtocol", (Deadlines, protocol), {"patience": seconds, "most": most})
