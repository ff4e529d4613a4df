"""The demo's readers: they vote, they post what has to be looked at, they report. Through the rooms' own acts."""

from __future__ import annotations

import random
from collections.abc import Sequence

from service import comments, identity, moderation, posting, threads, votes
from service.comments import Comment
from service.identity import Person, Visitor
from service.kit.db import ReadTx, WriteTx
from service.kit.paging import Cursor
from service.kit.seal import Keeper
from service.posting import NewComment, PostingRules
from service.screening import Policy
from service.sites import Site
from service.votes.cast import Value

POLICY = Policy(
    suspect_words=("blockhead*", "earn from home"),
    max_links=2,
    actions={"shouting": "hold"},
)

_VOTERS = 24
_PAGE = 100
# 192.0.2.0/24 is for documentation (RFC 5737); addresses are not stored.
_ADDRESS = "192.0.2.7"

# Name and text; each trips another check of the policy above.
_HELD = (
    ("Salt Cellar", "Whoever drew bay nineteen is a blockhead, and so is whoever signed it off. There, I've said it."),
    (
        "A concerned resident",
        "Before you vote, read these: https://example.com/wall https://example.net/fares https://example.org/hidden",
    ),
    (
        "Foghorn",
        "HAS ANYBODY ASKED THE BOATS? NOBODY EVER ASKS THE BOATS. WE WERE HERE BEFORE YOUR TRAM AND YOUR CARS.",
    ),
    (
        "Goldie Sprat",
        "Lost your parking space? Earn from home like I do, eleven hundred a week with one phone. Ask me how.",
    ),
)
_REPORTS: tuple[tuple[moderation.ReportReason, str], ...] = (
    ("abuse", "This is about a person and not about the tram."),
    ("off-topic", ""),
)


async def gather(tx: WriteTx, keeper: Keeper, site: Site, url: str) -> None:
    """Let the readers at the discussion of `url`. The same every time, as far as the discussion is."""
    page = threads.canonical(url)
    thread = await threads.find(tx, site, page)
    if thread is None:
        raise threads.ThreadUnknown
    everything = await _below(tx, thread.id, 0)
    voters = [await identity.make_guest(tx, keeper, site.id, "") for _ in range(_VOTERS)]
    scores = {comment.id: await _vote(tx, comment, voters) for comment in everything if comment.is_published}
    await _post(tx, keeper, site, url)
    disliked = sorted(scores, key=lambda number: (scores[number], number))[: len(_REPORTS)]
    for number, (reason, detail) in zip(disliked, _REPORTS, strict=True):
        reporter = keeper.pseudonym("reporter", f"{site.id}.{voters[0].id}")
        await moderation.report(tx, site, await comments.get(tx, number), reporter, reason, detail)


async def _below(tx: ReadTx, thread_id: int, under: int) -> list[Comment]:
    found: list[Comment] = []
    after: Cursor | None = None
    while True:
        level = await comments.level(tx, thread_id, under, "oldest", limit=_PAGE, after=after)
        for comment in level.items:
            found.append(comment)
            if comment.reply_count:
                found += await _below(tx, thread_id, comment.id)
        if level.next_cursor is None:
            return found
        after = Cursor.decode(level.next_cursor, thread=thread_id, under=under, sort="oldest")


async def _vote(tx: WriteTx, comment: Comment, voters: Sequence[Person]) -> int:
    """Few people vote, more on what stands high and says something; most of them like it. The score."""
    chance = random.Random(comment.origin)  # to be the same every time is the point
    reach = 0.18 / (1 + comment.depth) + min(len(comment.body or ""), 800) / 6_000
    liked = chance.betavariate(5, 1.6)
    score = 0
    for voter in voters:
        if chance.random() < reach:
            value: Value = 1 if chance.random() < liked else -1
            await votes.cast(tx, voter, comment, value)
            score += value
    return score


async def _post(tx: WriteTx, keeper: Keeper, site: Site, url: str) -> None:
    rules = site.section("posting", PostingRules)
    for name, body in _HELD:
        draft = posting.weigh(NewComment(body=body, url=url, name=name), rules)
        await posting.post(tx, keeper, site, Visitor(_ADDRESS), draft)
