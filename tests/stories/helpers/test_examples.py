"""What publishers copy, run as it is under their frameworks against a real Parley."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from service import keys
from service.record import TERMINAL
from tests.servers.listener import Heard, listener
from tests.servers.parley import free_port
from tests.world import World

_ROOT = Path(__file__).parents[3]
_EXAMPLES, _HELPER = _ROOT / "docs" / "examples", _ROOT / "embed" / "publishers" / "parley.py"
_READER = {"id": "4711", "name": "Ada Lövelace"}


@dataclass(frozen=True)
class Published:
    """A newspaper's site at a Parley that serves, its secrets, and a webhook as it was sent."""

    url: str
    site: str
    page: str
    sso: str
    webhook: str
    heard: Heard

    @property
    def env(self) -> dict[str, str]:
        """What the newspaper's own server is told."""
        return {
            "PARLEY_URL": self.url,
            "PARLEY_SITE": self.site,
            "PARLEY_SSO_SECRET": self.sso,
            "PARLEY_WEBHOOK_SECRET": self.webhook,
            "SECRET_KEY": "of the newspaper",
        }


@dataclass(frozen=True)
class Did:
    """What an example did: the token it signed, its answers to a true and to a changed webhook, and the counts."""

    token: str
    taken: int
    refused: int
    counts: dict[str, int]


async def _webhook(world: World) -> tuple[str, Heard]:
    """The secret of a webhook, and what it was sent when somebody wrote."""
    owner = await world.staff("owner")
    async with listener() as receiver:
        asked = {"url": receiver.url, "events": ["comment.posted"]}
        made = await owner.post(f"/api/v1/sites/{world.site.name}/webhooks", json=asked)
        await world.guest("Bob").post()
        await world.settle()
        await world.parts.posts.drain()
        secret: str = made.json()["secret"]
        return secret, receiver.heard[-1]


@contextlib.asynccontextmanager
async def _published(world: World) -> AsyncIterator[Published]:
    _, sso = await world.parts.db.transact(
        keys.create, world.parts.keeper, world.site.id, "Web", ["sso"], "HS256", by=TERMINAL
    )
    webhook, heard = await _webhook(world)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(world.app, port=port, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
        at = f"http://127.0.0.1:{port}"
        yield Published(at, world.site.name, world.page("article"), sso, webhook, heard)
    finally:
        server.should_exit = True
        await serving


def _flask(folder: Path, shown: Published) -> Did:
    shutil.copy(_HELPER, folder / "parley.py")
    shutil.copy(_EXAMPLES / "flask_app.py", folder / "flask_app.py")
    example = importlib.import_module("flask_app")
    example.PARLEY, example.SITE = shown.url, shown.site
    client = example.app.test_client()
    assert client.get("/comments-token").status_code == 401
    assert "data-sso" not in client.get("/tram").text
    with client.session_transaction() as session:
        session["user"] = _READER
    token = client.get("/comments-token").text
    assert f'data-sso="{token.partition(".")[0]}' in client.get("/tram").text
    headers, body = shown.heard.headers, shown.heard.body
    taken = client.post("/hooks/parley", data=body, headers=headers).status_code
    refused = client.post("/hooks/parley", data=body[:-1] + b" ", headers=headers).status_code
    return Did(token, taken, refused, client.get("/comment-counts", query_string={"url": shown.page}).json)


_DJANGO_URLS = """
from types import SimpleNamespace
from django.urls import path
from news import views

def reader(get_response):
    def act(request):
        name = request.headers.get("X-Reader", "")
        request.user = SimpleNamespace(
            is_authenticated=bool(name), pk=4711, get_full_name=lambda: name, get_username=lambda: name
        )
        return get_response(request)
    return act

urlpatterns = [
    path("comments-token", views.comments_token), path("told", views.told), path("comment-counts", views.comment_counts)
]
"""


def _django(folder: Path, shown: Published) -> Did:
    from django import setup  # noqa: PLC0415  # it is set up once, for here
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    news = folder / "news"
    news.mkdir()
    (news / "__init__.py").touch()
    (news / "urls.py").write_text(_DJANGO_URLS)
    shutil.copy(_HELPER, news / "parley.py")
    shutil.copy(_EXAMPLES / "django_views.py", news / "views.py")
    settings.configure(
        ROOT_URLCONF="news.urls",
        MIDDLEWARE=["news.urls.reader", "django.middleware.csrf.CsrfViewMiddleware"],
        ALLOWED_HOSTS=["*"],
        **shown.env,
    )
    setup()
    client = Client(enforce_csrf_checks=True)
    assert client.get("/comments-token").status_code == 401
    answer = client.get("/comments-token", headers={"X-Reader": _READER["name"]})
    assert "no-store" in answer.headers["Cache-Control"]
    headers, body = {name.title(): value for name, value in shown.heard.headers.items()}, shown.heard.body
    kind = "application/json"
    taken = client.post("/told", data=body, content_type=kind, headers=headers).status_code
    refused = client.post("/told", data=body[:-1] + b" ", content_type=kind, headers=headers).status_code
    return Did(answer.text, taken, refused, client.get("/comment-counts", {"url": shown.page}).json())


def _wordpress(_folder: Path, shown: Published) -> Did:
    plugin = str(_EXAMPLES / "parley-comments.php")

    def php(*arguments: str, body: bytes = b"") -> Any:
        command = ["php", str(Path(__file__).with_name("wordpress.php")), plugin, *arguments]
        done = subprocess.run(command, input=body, env={**os.environ, **shown.env}, capture_output=True, check=True)
        return json.loads(done.stdout)

    told, body = json.dumps(shown.heard.headers), shown.heard.body
    return Did(
        php("token"),
        php("told", told, body=body),
        php("told", told, body=body[:-1] + b" "),
        php("counts", shown.page),
    )


@pytest.mark.parametrize("floor", ["sqlite"], indirect=True)
async def test_each_signs_in_checks_webhooks_and_counts(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frameworks: list[Callable[[Path, Published], Did]] = [_flask, _django]
    if shutil.which("php"):  # Parley itself needs none, so there may be none; .ci/run brings it
        frameworks.append(_wordpress)
    monkeypatch.syspath_prepend(tmp_path)
    async with _published(world) as shown:
        for name, value in shown.env.items():
            monkeypatch.setenv(name, value)
        for run in frameworks:
            did = await asyncio.to_thread(run, tmp_path, shown)
            assert (did.taken, did.refused) == (204, 403), run.__name__
            assert did.counts == {shown.page: 1}, run.__name__
            path = f"/api/v1/sites/{shown.site}/sso"
            told = (await world.client.post(path, json={"token": did.token})).json()
            assert (told["status"], told["member"]["name"]) == ("signed-in", _READER["name"]), run.__name__
    for name in ("parley", "flask_app", "news", "news.parley", "news.urls", "news.views"):
        sys.modules.pop(name, None)


def test_a_hugo_site_is_built_with_the_partial(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "tram.md").write_text('---\ntitle: "A <tram>"\n---\nText.\n')
    layouts = tmp_path / "layouts"
    (layouts / "partials").mkdir(parents=True)
    shutil.copy(_EXAMPLES / "hugo-comments.html", layouts / "partials" / "comments.html")
    for kind in ("single", "list"):
        (layouts / f"{kind}.html").write_text('<article>{{ .Content }}</article>{{ partial "comments.html" . }}')
    (tmp_path / "hugo.toml").write_text(
        'baseURL = "https://courier.example/"\ndisableKinds = ["taxonomy", "term", "RSS", "sitemap"]\n'
        '[params.parley]\nurl = "https://comments.example.org"\nsite = "courier"\n'
    )
    hugo = Path(sys.executable).with_name("hugo")
    subprocess.run([str(hugo), "--quiet"], cwd=tmp_path, check=True, capture_output=True)
    made = (tmp_path / "public" / "tram" / "index.html").read_text()
    assert 'data-site="courier" data-url="https://courier.example/tram/" data-title="A &lt;tram&gt;"' in made
    assert '<script async src="https://comments.example.org/embed.js"></script>' in made
    assert "/embed?site=courier&amp;url=https%3A%2F%2Fcourier.example%2Ftram%2F" in made
