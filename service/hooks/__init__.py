"""Hooks ask somebody else's program about a comment, strictly and for a bounded time; acting on it is posting's."""

from service.hooks.asking import Asker
from service.hooks.erasing import forget_comments
from service.hooks.hook import (
    Hook,
    HookExists,
    HookUnknown,
    TooManyHooks,
    Wanted,
    change,
    create,
    get,
    of_site,
    remove,
    rotate,
)
from service.hooks.opinion import Action, Opinion, Outcome
from service.hooks.questions import (
    KEPT,
    Question,
    answered,
    claim,
    due_hooks,
    forget_old,
    hurry,
    of_comment,
    of_hook,
    open_question,
    put_off,
    record,
    tally,
)
from service.hooks.roster import Roster
from service.hooks.subject import Article, Author, Parent, Subject

__all__ = [
    "KEPT",
    "Action",
    "Article",
    "Asker",
    "Author",
    "Hook",
    "HookExists",
    "HookUnknown",
    "Opinion",
    "Outcome",
    "Parent",
    "Question",
    "Roster",
    "Subject",
    "TooManyHooks",
    "Wanted",
    "answered",
    "change",
    "claim",
    "create",
    "due_hooks",
    "forget_comments",
    "forget_old",
    "get",
    "hurry",
    "of_comment",
    "of_hook",
    "of_site",
    "open_question",
    "put_off",
    "record",
    "remove",
    "rotate",
    "tally",
]
