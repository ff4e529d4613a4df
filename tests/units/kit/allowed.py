"""What may come out of `text.render`, checked with a parser that had no part in making it."""

from __future__ import annotations

from html.parser import HTMLParser

TAGS = frozenset(
    "p br a em strong del s u code pre blockquote ul ol li details summary".split()  # noqa: SIM905  # read as a list
)
DEEPEST = 60


class _Allowed(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.faults.append(f"<{tag}>")
        self.faults += [f"{tag} {name}={value!r}" for name, value in attrs if not _may(tag, name, value or "")]
        if tag == "a" and {name for name, _ in attrs} != {"href", "rel", "target"}:
            self.faults.append(f"a link with {attrs}")
        if tag != "br":
            self.open.append(tag)
        if len(self.open) > DEEPEST:
            self.faults.append("too deep")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> out of place")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"<?{data}>")


def faults(html: str) -> list[str]:
    """All that is in some HTML and may not be; empty for what `render` makes."""
    parser = _Allowed()
    parser.feed(html)
    parser.close()
    return parser.faults + [f"<{tag}> left open" for tag in parser.open]


def _may(tag: str, name: str, value: str) -> bool:
    match tag, name:
        case "a", "href":
            return (
                value.isascii()
                and value.startswith(("http://", "https://", "mailto:"))
                and not set(value) & set("<>\"' `\\")
            )
        case "a", "rel":
            return value == "nofollow ugc noopener noreferrer"
        case "a", "target":
            return value == "_blank"
        case "ol", "start":
            return value.isdecimal()
        case "details", "class":
            return value == "spoiler"
    return False
