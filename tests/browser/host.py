"""A newspaper's server: static pages on an origin of their own, as `localhost` and as `127.0.0.1`.

Parley listens on 127.0.0.1. To a page on `localhost` it is another site, so browsers may refuse it storage; to the same
page on `127.0.0.1` it is the same site, as comments.news.example is to news.example.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template

_HTML = "text/html; charset=utf-8"
_ARTICLE = Template((Path(__file__).parent / "pages" / "article.html").read_text())


class Host:
    """The pages it serves, by path."""

    def __init__(self, port: int) -> None:
        self.port = port
        # Browsers ask for it by themselves.
        self._pages = {"/favicon.ico": (b"", _HTML)}

    @property
    def foreign(self) -> str:
        """The origin from which Parley is another site."""
        return f"http://localhost:{self.port}"

    @property
    def sibling(self) -> str:
        """The origin from which Parley is the same site."""
        return f"http://127.0.0.1:{self.port}"

    def put(self, path: str, html: str, media_type: str = _HTML) -> None:
        """Serve a page at `path`, or a file of another type."""
        self._pages[path] = html.encode(), media_type

    def article(
        self,
        path: str,
        *,
        parley: str,
        site: str,
        title: str = "A tram for the seafront",
        above: str = "10rem",
        colours: str = "",
        more: str = "",
        ending: str = "",
        url: str | None = None,
        lang: str = "en",
        **attributes: str,
    ) -> str:
        """Serve an article with the snippet; its address, which is `url` to Parley unless that is given.

        `lang` is the article's language, `above` the height of the text before the discussion, `attributes` become
        `data-…` of the snippet, `more` is HTML at the end of the page, `ending` the address's own end, as a query.
        """
        address = self.foreign + path + ending
        page = _ARTICLE.substitute(
            parley=parley,
            site=site,
            title=escape(title),
            url=escape(url or address),
            above=above,
            colours=colours,
            lang=lang,
            attributes=" ".join(f'data-{name}="{escape(value)}"' for name, value in attributes.items()),
            more=more,
        )
        self.put(path, page)
        return address

    def page(self, path: str) -> tuple[bytes, str] | None:
        """What is served at `path` and its type, if anything."""
        return self._pages.get(path)


@contextlib.contextmanager
def host_server() -> Iterator[Host]:
    """The newspaper, open on both its names for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = host.page(self.path.partition("?")[0])
            body, media_type = page or (b"", _HTML)
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the base class
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        host = Host(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield host
        server.shutdown()
        thread.join()
