"""What a script with disqus-python does: run by itself, with the client on its path. Says what it saw, as JSON.

python asked_by_python.py HOST FORUM SECRET PUBLIC TOKEN POST
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import disqusapi  # type: ignore[import-not-found]  # from its package, fetched by the test

host, forum, secret, public, token, post = sys.argv[1:]
disqusapi.HOST = host
api = disqusapi.DisqusAPI(secret_key=secret, public_key=public)
reader = disqusapi.DisqusAPI(public_key=public)


def fault(call: Callable[..., Any], **params: str) -> list[Any] | None:
    """The class and code of what a call raises."""
    try:
        call(**params)
    except disqusapi.APIError as error:
        return [type(error).__name__, error.code]
    return None


every = disqusapi.Paginator(api.forums.listPosts, forum=forum, order="asc", limit=2)
first = disqusapi.Paginator(api.threads.listPosts, thread=[f"ident:{forum}"], forum=forum)
waiting = api.posts.list(forum=forum, include=["unapproved"], access_token=token)
seen = {
    "forum": api.forums.details(forum=forum)["id"],
    "every": [each["raw_message"] for each in every],
    "some": len(list(first(limit=1))),
    "named": api.threads.details(**{"thread:ident": forum, "forum": forum})["title"],
    "trends": [each["posts"] for each in api.trends.listThreads(forum=forum)],
    "public": [each["id"] for each in reader.posts.list(forum=forum, include=["unapproved"]) if each["id"] == post],
    "waiting": [each["id"] for each in waiting],
    "approved": [each["id"] for each in api.posts.approve(post=[post], access_token=token)],
    "then": [each["id"] for each in api.posts.list(forum=forum, limit=1, order="desc")],
    "created": api.posts.create(thread=waiting[0]["thread"], message="By a script.", access_token=token)["raw_message"],
    "faults": [
        fault(api.posts.approve, post=post),
        fault(api.posts.approve, post=post, access_token="nobody's"),
        fault(disqusapi.DisqusAPI("sk_wrong", "").forums.details, forum=forum),
        fault(api.forums.details, forum="mistyped"),
    ],
}
sys.stdout.write(json.dumps(seen))
