"""All calls there are, by name; and those of Disqus's that Parley has no equal of, with what to do instead."""

from __future__ import annotations

from service.disqus import calls, categories, lists, people, subscriptions, writes
from service.disqus.calls import Reads
from service.disqus.writes import Write

READS: Reads = {
    **calls.READS,
    **lists.LIST_READS,
    "categories/details": categories.categories_details,
    "categories/list": categories.categories_list,
    "forums/listCategories": categories.categories_list,
    "forums/listModerators": people.forums_moderators,
    "forums/webhooks/list": subscriptions.webhooks_list,
    "users/details": people.users_details,
    "users/listActivity": people.users_list_activity,
    "users/listForums": people.users_list_forums,
    "users/listPosts": people.users_list_posts,
}
WRITES: dict[str, Write] = {
    **writes.WRITES,
    "forums/webhooks/create": subscriptions.webhooks_create,
    "forums/webhooks/update": subscriptions.webhooks_update,
}

_ERASED = "discussions are emptied in the console, with a plan that says what would go"
_NO_LIKES = "discussions have no votes of their own"
_BY_MAIL = "readers follow a discussion where they read it"
_NO_FOLLOWING = "nobody follows anybody here"
_TEAM = "teams are the console's, where people are invited by mail"
_SITES = "sites are made and set up in the console"
_TRUST = "rules of the console let words and hosts pass; nobody is let past all of them"
_FILES = "exports and imports are the console's"
_NONE = "there is nothing like it here"
UNLIKE = {
    "applications/listUsage": "the headers X-Ratelimit-… say what is left",
    "discovery/listRelated": _NONE,
    "discovery/listTopPost": _NONE,
    "exports/exportForum": _FILES,
    "forums/addModerator": _TEAM,
    "forums/create": _SITES,
    "forums/follow": _NO_FOLLOWING,
    "forums/listMostLikedUsers": _NONE,
    "forums/listUsers": "who has an account at a site is nobody else's business",
    "forums/removeModerator": _TEAM,
    "forums/unfollow": _NO_FOLLOWING,
    "forums/update": _SITES,
    "imports/details": _FILES,
    "imports/list": _FILES,
    "media/create": "comments hold words and links",
    "media/details": "comments hold words and links",
    "threadReactions/loadReactions": _NO_LIKES,
    "threadReactions/vote": _NO_LIKES,
    "threads/approve": _ERASED,
    "threads/listUsersVotedThread": _NO_LIKES,
    "threads/remove": _ERASED,
    "threads/restore": _ERASED,
    "threads/spam": _ERASED,
    "threads/subscribe": _BY_MAIL,
    "threads/unsubscribe": _BY_MAIL,
    "threads/vote": _NO_LIKES,
    "users/checkUsername": "names are not accounts here",
    "users/follow": _NO_FOLLOWING,
    "users/listFollowers": _NO_FOLLOWING,
    "users/listFollowing": _NO_FOLLOWING,
    "users/report": "report one of the comments",
    "users/unfollow": _NO_FOLLOWING,
    "users/updateProfile": "readers change their names where they write",
    "whitelists/add": _TRUST,
    "whitelists/list": _TRUST,
    "whitelists/remove": _TRUST,
}
