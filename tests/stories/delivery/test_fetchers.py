"""Whoever fetches something has one way out: no fetcher reaches the inner network, by whatever address it is given.

The fetchers are found in the code; one that is not driven here fails. Each is driven with an address of a server on the
loopback in every spelling, as if nobody had looked at it when it was set, and must not even open a connection.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from service.delivery import webhooks
from service.delivery.sending import Sending, ping
from service.disqus import subscriptions
from service.hooks.asking import Asker
from service.hooks.hook import Hook
from service.hooks.subject import Article, Author, Subject
from service.kit import clock, reach
from service.kit.errors import Refused
from service.kit.http import NoAnswer, Outbound
from service.readers.providers import Provider, ProviderRefused, Providers
from service.record import Actor
from service.sso.key_sets import KeySets
from service.transfer import pulling
from service.transfer.pulling import Forum, PullRefused
from service.web.parts import Parts
from tests.servers.listener import Heard, Listener, answer, listener
from tests.units.kit.test_reach import spellings
from tests.world import World

SERVICE = Path(__file__).resolve().parents[3] / "service"
Fetch = Callable[[Outbound, str], Awaitable[object]]
# Beside the spellings of an address: what a parser may take for the host, and what an IPv6 address may carry.
TRICKS = [
    "localhost", "localhost.", "LOCALHOST..", "ｌｏｃａｌｈｏｓｔ", "127。0。0。1", "127．0．0．1", "127.0.0.1..",
    "127.1", "127.0.1", "0", "0.0.0.0", "[::]", "[::1]", "[0:0::1]", "[::1%25lo]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::80ff:fffe]", "[2001:0:808:808:0:0:80ff:fffe]",
    "good.example@127.0.0.1", "127.0.0.1%2f@good.example", "good.example%40127.0.0.1",
    "127.0.0.1%00.good.example", "127.0.0.1\\@good.example", "0177.0.0.1", "0x7f.1", "2130706433",
    "017700000001", "127.0.0.1.nip.internal", "①②⑦.⓪.⓪.①",
]  # fmt: skip


def fetchers(sources: dict[str, str]) -> set[str]:
    """The files that ask somebody outside: `out.get(…)`, `self._out.post(…)`, with a time it may take."""
    return {
        name
        for name, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"get", "post"}
        and ast.unparse(node.func.value).rpartition(".")[2] in {"out", "_out", "outbound"}
        and any(keyword.arg == "seconds" for keyword in node.keywords)
    }


class Fetchers:
    """Each of them, given an address that nobody has looked at."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.parts: Parts = world.parts
        self.folder = folder
        self.webhook: webhooks.Webhook | None = None
        self.all: dict[str, list[Fetch]] = {
            "delivery/sending.py": [self.webhooks],
            "hooks/asking.py": [self.hooks],
            "sso/key_sets.py": [self.key_sets],
            "readers/providers.py": [self.discovery, self.redeem, self.more],
            "transfer/pulling.py": [self.pull],
            "disqus/subscriptions.py": [self.challenge],
        }

    async def webhooks(self, out: Outbound, url: str) -> None:
        site, keeper, by = self.world.site.id, self.parts.keeper, Actor.account(1)
        if self.webhook is None:
            new = (site, "https://good.example/", ["thread.closed"])
            self.webhook, _ = await self.parts.db.transact(lambda tx: webhooks.create(tx, keeper, *new, by=by))
        known = self.webhook.id
        more = {"url": url, "events": ["thread.closed"], "note": "", "enabled": True, "by": by}
        await self.parts.db.transact(lambda tx: webhooks.change(tx, site, known, **more))
        await Sending(self.parts.db, out, keeper).work(await self.parts.db.transact(ping, known))

    async def hooks(self, out: Outbound, url: str) -> None:
        hook = Hook(
            id=1, site_id=self.world.site.id, name="tone", url=url, timing="wait", timeout_ms=2_000, when_silent="pass",
            hold_at=0.8, shadow=False, enabled=True, secrets=(), created_at=clock.now(),
        )  # fmt: skip
        asked = Subject("news", "Words.", "Words.", (), Article("https://news.test/1", None), Author("Ada"))
        await Asker(out, self.parts.keeper).ask(hook, asked, 1)

    async def key_sets(self, out: Outbound, url: str) -> None:
        assert await KeySets(out).find(url, "RS256", None) == []

    def _providers(self, out: Outbound, url: str) -> tuple[Providers, Provider]:
        made = Provider("x", "X", url.rstrip("/"), "client", "secret")
        providers = Providers({"x": made}, out, KeySets(out))
        endpoints = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
        about = {"issuer": url, **dict.fromkeys(endpoints, url)}
        providers._found["x"] = providers._clock(), about
        return providers, made

    async def discovery(self, out: Outbound, url: str) -> None:
        providers, made = self._providers(out, url)
        providers._found.clear()
        await providers.door(made, "https://parley.test/back", "state", "nonce", "verifier")

    async def redeem(self, out: Outbound, url: str) -> None:
        """What a provider has published since it was looked at."""
        providers, made = self._providers(out, url)
        await providers.redeem(made, "https://parley.test/back", "code", "nonce", "verifier")

    async def more(self, out: Outbound, url: str) -> None:
        providers, _ = self._providers(out, url)
        assert await providers._more({"userinfo_endpoint": url}, "access", "subject") == {}

    async def pull(self, out: Outbound, url: str) -> None:
        path = self.folder / "pulled.jsonl"
        path.unlink(missing_ok=True)

        async def no_wait(_: float) -> None: ...

        with pytest.raises((PullRefused, pulling.PullStopped, Refused)):
            await pulling.pull(out, Forum("forum", "key", api=url.rstrip("/")), path, sleep=no_wait)

    async def challenge(self, out: Outbound, url: str) -> None:
        await subscriptions._challenge(replace(self.parts, out=out), url, "s" * 32)

    async def each(self, out: Outbound, url: str, over: Listener) -> list[str]:
        """Drive all of them; those by whom somebody at `over` was reached."""
        reached = []
        for name, ways in self.all.items():
            for way in ways:
                before = over.connections
                # What becomes of it is told to somebody, in one of these ways.
                with contextlib.suppress(NoAnswer, Refused, ProviderRefused, subscriptions.Fault):
                    await way(out, url)
                if over.connections != before:
                    reached.append(f"{name} {way.__name__}")  # type: ignore[attr-defined]
        await out.close()
        return reached


@pytest.fixture
async def inside() -> AsyncIterator[Listener]:
    """A server that only this machine should reach."""

    async def nothing(_: Heard) -> bytes:
        return answer(404)

    async with listener() as made:
        made.reply = nothing
        yield made


@pytest.fixture
def every(world: World, tmp_path: Path) -> Fetchers:
    return Fetchers(world, tmp_path)


def test_every_fetcher_is_driven_here(every: Fetchers) -> None:
    sources = {str(path.relative_to(SERVICE)): path.read_text() for path in SERVICE.rglob("*.py")}
    assert fetchers(sources) == every.all.keys()
    planted = {"pages/avatars.py": "async def f(parts):\n    return await parts.out.get(url, {}, seconds=3)"}
    assert fetchers(planted) == {"pages/avatars.py"}


async def test_no_fetcher_reaches_the_inner_network(
    every: Fetchers, inside: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(variable, inside.url)
    # Or the listener's odd port would be refused before anybody looks at the host.
    monkeypatch.setattr(reach, "_PORTS", frozenset({443, inside.port}))
    all_of_them = [f"{name} {way.__name__}" for name, ways in every.all.items() for way in ways]  # type: ignore[attr-defined]

    # Whoever may be reached is, by each of them: or what follows would say nothing.
    assert await every.each(Outbound([f"127.0.0.1:{inside.port}"]), f"{inside.url}/", inside) == all_of_them

    for host in [*spellings("127.0.0.1"), *spellings("0.0.0.0"), *TRICKS]:
        for scheme in ("http", "https"):
            assert await every.each(Outbound(), f"{scheme}://{host}:{inside.port}/", inside) == [], host

    # A good name that leads inside, one that does so at its second look-up, one of whose addresses does.
    for answers in (
        [["127.0.0.1"]], [["8.8.8.8", "127.0.0.1"]], [["::ffff:127.0.0.1"]], [["192.0.2.1"], ["127.0.0.1"]],
        [["fe80::1"]],
    ):  # fmt: skip
        looked = iter(answers * 200)

        async def resolve(_host: str, _port: int, looked: object = looked) -> list[str]:
            return next(looked)  # type: ignore[call-overload,no-any-return]

        url = f"https://good.example:{inside.port}/"
        assert await every.each(Outbound(resolve=resolve), url, inside) == [], answers


@pytest.mark.parametrize("status", [301, 307])
async def test_no_fetcher_follows_a_redirect(every: Fetchers, inside: Listener, status: int) -> None:
    """Not even to where it might go by itself: whoever is asked does not say who else is."""
    async with listener() as elsewhere:

        async def away(_: Heard) -> bytes:
            return answer(status, Location=f"{elsewhere.url}/latest/meta-data")

        inside.reply = away
        both = Outbound([f"127.0.0.1:{each.port}" for each in (inside, elsewhere)])
        assert await every.each(both, f"{inside.url}/", elsewhere) == []
        assert inside.connections >= 8


async def test_no_address_inside_can_be_set(world: World) -> None:
    """Where an owner says whom to ask, each spelling of an inner address is refused, with the field named."""
    owner, path = await world.staff("owner"), f"/api/v1/sites/{world.site.name}"
    hosts = [
        *spellings("169.254.169.254"),
        *spellings("10.0.0.1"),
        "localhost",
        "[::1]",
        "[fd00:ec2::254]",
        "db.internal",
    ]
    for url in (f"https://{host}/latest/" for host in hosts):
        for where, field, body in (
            ("webhooks", "url", {"url": url, "events": ["thread.closed"]}),
            ("hooks", "url", {"name": "tone", "url": url, "timing": "after"}),
            ("keys", "jwks_url", {"name": "Shop", "scopes": ["sso"], "algorithm": "RS256", "jwks_url": url}),
        ):
            made = await owner.post(f"{path}/{where}", json=body)
            assert (made.status_code, made.json().get("type", "")[-11:]) == (422, "url-refused"), (
                where,
                url,
                made.text,
            )
            assert field in made.text
    for where in ("webhooks", "hooks", "keys"):
        assert (await owner.get(f"{path}/{where}")).json()["items"] == []
