"""The one way out, against a live server on the loopback: what may not be reached gets not even a connection."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from service.kit import http, reach
from service.kit.db import Database, ReadTx, WriteTx
from service.kit.http import Answer, NoAnswer, Outbound
from service.kit.reach import Reach
from tests.servers.listener import Heard, Listener, answer, listener
from tests.units.kit.test_reach import spellings


@pytest.fixture
async def inside() -> AsyncIterator[Listener]:
    """A server that only this machine should reach."""
    async with listener() as made:
        yield made


async def _post(out: Outbound, url: str, *, seconds: float = 5, most: int = 65_536) -> Answer:
    try:
        return await out.post(url, b"{}", {"Content-Type": "application/json"}, seconds=seconds, most=most)
    finally:
        await out.close()


async def test_nothing_arrives_by_any_spelling(inside: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(variable, inside.url)
    # Or the listener's odd port would be refused before anybody looks at the host.
    monkeypatch.setattr(reach, "_PORTS", frozenset({443, inside.port}))
    hosts = [
        *spellings("127.0.0.1"), *spellings("0.0.0.0"), *spellings("127.8.9.10"), "localhost", "localhost.",
        "LOCALHOST", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:7f00:1]", "[::1%25lo]", "ip6-localhost",
        socket.gethostname(),
    ]  # fmt: skip
    tried = 0
    for host in hosts:
        for url in (f"http://{host}:{inside.port}/", f"https://{host}:{inside.port}/", f"https://{host}/"):
            with pytest.raises(NoAnswer):
                await _post(Outbound(), url)
            tried += 1
        # The form of the URL is looked at first; the dialler alone must be enough.
        with pytest.raises(httpcore.ConnectError):
            await http._Dialer(Reach(), http._resolve).connect_tcp(host.strip("[]"), inside.port)
    assert tried > 200
    assert inside.connections == 0
    # The server is there, and is heard by whoever may reach it.
    assert (await _post(Outbound([f"127.0.0.1:{inside.port}"]), inside.url)).status == 204
    assert inside.connections == 1


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "0.0.0.0", "2130706433", "0x7f000001", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1",
                "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1%lo", "169.254.169.254", "10.0.0.1", "100.64.0.1"]
)  # fmt: skip
async def test_a_good_name_that_leads_inside_is_refused_at_the_dial(inside: Listener, address: str) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return ["8.8.8.8", address]

    with pytest.raises(NoAnswer) as refused:
        await _post(Outbound(resolve=resolve), "https://hooks.example.com/")
    assert refused.value.fault == "address"
    assert inside.connections == 0


async def test_a_name_that_changes_between_looks_is_dialled_where_it_was_looked_at(inside: Listener) -> None:
    """Rebinding: the first look-up says one address, each later one the loopback. There is one look-up."""
    looked: list[str] = []

    async def resolve(host: str, _port: int) -> list[str]:
        looked.append(host)
        return ["192.0.2.0"] if len(looked) == 1 else ["127.0.0.1"]

    for _ in range(3):
        with pytest.raises(NoAnswer) as refused:
            await _post(Outbound(resolve=resolve), f"https://hooks.example.com:8443/{inside.port}")
        assert refused.value.fault == "address"
    assert looked == ["hooks.example.com"] * 3
    assert inside.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_is_not_followed(inside: Listener, status: int) -> None:
    async with listener() as other:

        async def away(_: Heard) -> bytes:
            return answer(status, Location=f"{other.url}/latest/meta-data")

        inside.reply = away
        found = await _post(Outbound([f"127.0.0.1:{inside.port}"]), inside.url)
        assert found.status == status
        assert not found.is_good
        assert other.connections == 0


async def test_time_and_size_are_bounded(inside: Listener) -> None:
    out = Outbound([f"127.0.0.1:{inside.port}"])
    never = asyncio.Event()

    async def silent(_: Heard) -> bytes:
        await never.wait()
        return b""

    inside.reply = silent
    with pytest.raises(NoAnswer) as late:
        await _post(out, inside.url, seconds=0.2)
    assert late.value.fault == "timeout"
    never.set()

    async def endless(_: Heard) -> bytes:
        return answer(200, b"x" * 10_000)

    inside.reply = endless
    with pytest.raises(NoAnswer) as large:
        await _post(out, inside.url, most=9_999)
    assert large.value.fault == "too-large"
    assert len((await _post(out, inside.url, most=10_000)).body) == 10_000

    async def bomb(_: Heard) -> bytes:
        return answer(200, gzip.compress(b"0" * 10_000_000), Content_Encoding="gzip")

    inside.reply = bomb
    with pytest.raises(NoAnswer) as packed:
        await _post(out, inside.url)
    assert packed.value.fault == "protocol"


@pytest.mark.parametrize(
    "reply", [b"", b"\x00\x01", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
async def test_what_is_no_answer_is_a_fault_with_a_name(inside: Listener, reply: bytes) -> None:
    async def odd(_: Heard) -> bytes:
        return reply

    inside.reply = odd
    with pytest.raises(NoAnswer) as fault:
        await _post(Outbound(["127.0.0.1"]), inside.url)
    assert fault.value.fault in {"protocol", "connection"}


async def test_nobody_at_the_port_is_a_fault_with_a_name() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NoAnswer) as fault:
        await _post(Outbound(["127.0.0.1"]), f"http://127.0.0.1:{port}/")
    assert fault.value.fault == "connection"


async def test_nothing_goes_out_while_a_transaction_is_open(db: Database, inside: Listener) -> None:
    out = Outbound(["127.0.0.1"])

    async def writes(_: WriteTx) -> None:
        await _post(out, inside.url)

    async def reads(_: ReadTx) -> None:
        await _post(out, inside.url)

    with pytest.raises(RuntimeError, match="transaction"):
        await db.transact(writes)
    with pytest.raises(RuntimeError, match="transaction"):
        await db.read(reads)
    assert inside.connections == 0
    assert (await _post(out, inside.url)).is_good


def _certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(what a server of this name speaks with, what a client that trusts it does)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=pem)


async def _loopback(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


async def test_tls_and_host_keep_the_name(tmp_path: Path) -> None:
    server, trust = _certificate("hooks.internal", tmp_path)
    async with listener(server) as made:
        url = f"https://hooks.internal:{made.port}/parley"
        out = Outbound(["hooks.internal", "other.internal"], resolve=_loopback, tls=trust)
        assert (await out.post(url, b"{}", {}, seconds=5)).is_good
        assert made.server_names == ["hooks.internal"]
        assert made.heard[0].headers["host"] == f"hooks.internal:{made.port}"
        # The same server under a name that its certificate does not have.
        with pytest.raises(NoAnswer) as fault:
            await out.post(url.replace("hooks.", "other."), b"{}", {}, seconds=5)
        assert fault.value.fault == "tls"
        assert len(made.heard) == 1
        await out.close()


async def test_a_connection_of_one_name_is_not_used_for_another(tmp_path: Path) -> None:
    """Two names with one address: the second is not spoken to over what was opened, and trusted, for the first."""
    server, trust = _certificate("hooks.internal", tmp_path)
    async with listener(server) as made:

        async def stays(_: Heard) -> bytes:
            return b"HTTP/1.1 204 X\r\n\r\n"

        made.reply = stays
        out = Outbound(["hooks.internal", "other.internal"], resolve=_loopback, tls=trust)
        assert (await out.post(f"https://hooks.internal:{made.port}/", b"", {}, seconds=5)).is_good
        with pytest.raises(NoAnswer):
            await out.post(f"https://other.internal:{made.port}/", b"", {}, seconds=5)
        assert [heard.headers["host"] for heard in made.heard] == [f"hooks.internal:{made.port}"]
        await out.close()
