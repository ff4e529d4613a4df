"""A publisher makes the discussions look and speak like the newspaper, and a reader gets them so."""

from __future__ import annotations

from typing import Any

from httpx import Response
from lxml import html as parser

from tests.world import World


async def _frame(world: World, **params: str) -> Any:
    answer = await world.client.get("/embed", params={"site": world.site.name, "url": world.page("article"), **params})
    assert answer.status_code == 200, answer.text
    return parser.document_fromstring(answer.text)


async def _set(world: World, **looks: Any) -> Response:
    owner = await world.staff("owner")
    site = (await owner.get(f"/api/v1/sites/{world.site.name}")).json()
    wanted = {"settings_version": site["settings_version"], "settings": {"looks": looks}}
    return await owner.patch(f"/api/v1/sites/{world.site.name}", json=wanted)


async def test_each_gets_their_language_however_often_it_is_asked_for(world: World) -> None:
    root = (await world.guest().post("Words of a reader"))["comment"]
    for _ in range(2):
        for tag, title in (("de-AT", "Kommentare"), ("he", "תגובות"), ("en", "Comments"), ("tlh", "Comments")):
            drawn = await _frame(world, lang=tag)
            assert drawn.xpath("string(//h1/text())").strip() == title
    plain = await world.client.get(f"/t/{root['thread']}", params={"lang": "fr"})
    assert 'lang="fr"' in plain.text
    assert "Chercher dans cette discussion" in plain.text
    asked = {"thread": root["thread"], "lang": "pl"}
    for path, more in (("comments", {}), ("pieces", {"comment": root["id"]}), ("search", {"q": "reader"})):
        piece = await world.client.get(f"/embed/{path}", params=asked | more)
        assert ">Odpowiedz<" in piece.text, path
    shown = await _frame(world, lang="fr", comment="1734301234567890123")
    assert "n’est plus là" in shown.text_content()


async def test_the_site_s_language_is_that_of_articles_that_say_none(world: World) -> None:
    assert (await _frame(world)).get("lang") == "en"
    assert (await _set(world, lang="de")).status_code == 200
    assert (await _frame(world)).get("lang") == "de"
    assert (await _frame(world, lang="sw")).get("lang") == "de"
    assert (await _frame(world, lang="en")).get("lang") == "en"
    refused = await _set(world, lang="nowhere-land-at-all")
    assert (refused.status_code, refused.json()["field"]) == (422, "settings.looks.lang")


async def test_answers_to_people_are_in_the_language_they_ask_for(world: World) -> None:
    guest = world.guest()
    guest.client.headers["Accept-Language"] = "de-CH, fr;q=0.7"
    refused = await guest.try_post("\u200b")
    assert refused.json()["detail"].startswith("In diesem Kommentar gibt es nichts zu lesen.")
    assert refused.json()["type"].endswith("#body-empty"), "the type is for programs"
    assert (refused.headers["content-language"], refused.headers["vary"]) == ("de", "Accept-Language")
    other = await world.another({"screening": {"suspect_words": ["casino"]}})
    held = await other.guest().client.post(
        "/api/v1/comments",
        params={"fragment": "true"},
        json={"site": other.site.name, "url": other.page("a"), "body": "In the casino", "author": {"name": "Ida"}},
        headers={"Accept-Language": "it"},
    )
    assert held.json()["reasons"] == ["Trattenuto perché contiene “casino”."]
    assert "In attesa di moderazione" in held.json()["fragment"]


async def test_an_accent_that_cannot_be_read_is_refused_with_one_that_can(world: World) -> None:
    refused = await _set(world, accent="#ffcc00")
    assert (refused.status_code, refused.json()["field"]) == (422, "settings.looks.accent")
    near = refused.json()["detail"].rpartition(" ")[2]
    assert (await _set(world, accent=near, radius=8)).status_code == 200
    answer = await world.client.get("/embed", params={"site": world.site.name, "url": world.page("article")})
    style = parser.document_fromstring(answer.text).xpath("string(//style)")
    assert f"--accent:{near}" in style
    assert "style-src 'self' 'sha256-" in answer.headers["content-security-policy"]
    # A page may have its own, within the same bounds; it asks by its address.
    own = (await _frame(world, looks="accent: #8a1538; radius: 99; style: * {}")).xpath("string(//style)")
    assert "--accent:#8a1538" in own
    assert "border-radius:8px" in own


async def test_a_style_sheet_that_could_do_harm_is_refused(world: World) -> None:
    for style in (".comment{position:fixed}", "@import url(//evil.example)", ".notice{gap:0}", "</style>"):
        refused = await _set(world, style=style)
        assert (refused.status_code, refused.json()["field"]) == (422, "settings.looks.style")
    assert (await _set(world, style=".body { font-family: Georgia }")).status_code == 200
    assert ".body{font-family:Georgia;}" in (await _frame(world)).xpath("string(//style)")
