"""One door per rule. Each check reads the source, and is shown to find a planted violation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "service"

# What may be called where: the only makers of HTML from words, the only way out, the only client address.
_DOORS = {
    # A reader's cookie, and what a passkey is.
    "service.web.reader_cookie": {"service/readers/api.py", "service/readers/api_sessions.py"},
    "fido2.server": {"service/readers/passkeys.py"},
    "fido2.webauthn": {"service/readers/passkeys.py"},
    "comrak": {"service/kit/text.py"},
    "nh3": {"service/kit/wall.py"},
    "uuid": set(),
    "aiosmtplib": {"service/delivery/mail.py", "service/commands/doctor.py"},
    "httpx": {"service/kit/http.py"},
    "httpcore": {"service/kit/http.py"},
    "aiohttp": set(),
    "http.client": set(),
    "requests": set(),
    "urllib.request": set(),
    "aioredis": set(),
}


def _sources() -> dict[str, str]:
    return {str(path.relative_to(ROOT)): path.read_text() for path in SERVICE.rglob("*.py")}


def _imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def foreign_tables(sources: Mapping[str, str]) -> list[str]:
    """Rooms that reach into another room's tables, by import or by name in raw SQL."""
    found = []
    tables = {
        name: path.split("/")[1]
        for path, source in sources.items()
        if path.endswith("/tables.py")
        for name in re.findall(r'__tablename__ = "(\w+)"', source)
    }
    for path, source in sources.items():
        parts = path.split("/")
        room = parts[1] if len(parts) > 2 else ""
        if path == "service/tables.py":
            continue
        found += [
            f"{path} imports {module}"
            for module in _imports(source)
            if (hit := re.fullmatch(r"service\.(\w+)\.tables", module)) and hit[1] != room
        ]
        if room == "transfer":
            continue  # its raw SQL is about a temporary database of its own
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named = re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)", node.value)
                found += [f"{path} names the table {table}" for table in named if tables.get(table, room) != room]
    return found


def around_the_doors(sources: Mapping[str, str]) -> list[str]:
    """Files that import what only its door may."""
    return [
        f"{path} imports {module}"
        for path, source in sources.items()
        for module in _imports(source)
        if module in _DOORS and path not in _DOORS[module]
    ]


def raw_headers(sources: Mapping[str, str]) -> list[str]:
    """Files that read the client's address or Host by themselves."""
    pattern = re.compile(r"request\.client\b|x-forwarded-for|x-real-ip|headers\[\"host\"\]|\bbase_url", re.IGNORECASE)
    return [path for path, source in sources.items() if path != "service/kit/address.py" and pattern.search(source)]


def test_a_rooms_tables_are_its_own() -> None:
    assert foreign_tables(_sources()) == []
    planted = {
        "service/votes/tables.py": '__tablename__ = "vote"',
        "service/live/peek.py": 'import service.votes.tables\nsql = "SELECT 1 FROM vote"',
    }
    assert foreign_tables(planted) == [
        "service/live/peek.py imports service.votes.tables",
        "service/live/peek.py names the table vote",
    ]


def test_each_rule_has_one_door() -> None:
    assert around_the_doors(_sources()) == []
    assert around_the_doors({"service/posting/api.py": "import comrak"}) == ["service/posting/api.py imports comrak"]
    around = {"service/delivery/sending.py": "from httpx import AsyncClient"}
    assert around_the_doors(around) == ["service/delivery/sending.py imports httpx"]


def test_the_clients_address_has_one_door() -> None:
    assert raw_headers(_sources()) == ["service/kit/settings.py"]  # documents X-Forwarded-For, reads nothing
    assert raw_headers({"service/x.py": "request.client.host"}) == ["service/x.py"]


def test_nothing_is_marked_safe_in_templates_but_rendered_comments() -> None:
    marked = {
        (path.name, expression.strip())
        for path in SERVICE.rglob("*.html")
        for expression in re.findall(r"{{([^}]*\|\s*safe[^}]*)}}", path.read_text())
    }
    # Structured data is written by `jsonld.embedded`, which leaves nothing in it that ends a script.
    marked.discard(("thread.html", "jsonld | safe"))
    # A site's looks are CSS that `looks.stylesheet` writes: no `<` gets into it, and the policy has its hash.
    marked -= {
        (name, "settings.style | safe") for name in ("frame.html", "own_parts.html", "plain_answer.html", "widget.html")
    }
    # A person's own page and a mail show what the sanitizer wrote, as `rendered` comments are.
    marked -= {(name, "item.html | safe") for name in ("own.html", "mail_news.html")}
    assert all(".html" in expression for _, expression in marked), marked
    unescaped = {path.name for path in SERVICE.rglob("*.html") if re.search(r"autoescape\s+false", path.read_text())}
    assert unescaped <= {"mail_texts.html"}, "which is plain text"
    # A catalogue's own words, as Jinja's extension marks them, and what a template has drawn already.
    made = {path for path, source in _sources().items() if "Markup(" in source}
    assert made == {"service/pages/sayings.py", "service/pages/draw.py"}
    # Which is safe as long as nobody's words are a message: those that are no literal come from lists of ours.
    messages = {
        word for path in SERVICE.rglob("*.html") for word in re.findall(r"\b_\((?![\"'])\s*([\w.]+)", path.read_text())
    }
    assert messages == {"label", "BADGE_WORDS", "GONE_WORDS", "SORT_WORDS"}


def test_no_inline_script_or_style_in_templates() -> None:
    for path in SERVICE.rglob("*.html"):
        page = path.read_text().replace("<style>{{ settings.style | safe }}</style>", "")
        assert not re.search(r"<script(?![^>]*\ssrc=|\s+type=\"application/ld\+json\")", page), path
        if path.name == "mail_news.html":
            # Mail programs know no other style, and run nothing; what it may not is load something.
            page = re.sub(r'\sstyle="(?![^"]*url\()[^"]*"', "", page)
        assert not re.search(r"\sstyle=|\son\w+=|<style", page), path
