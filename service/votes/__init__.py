"""Votes own who voted how, and fold it into scores and ranks through `comments.rescore`."""

from service.votes.cast import OwnComment, Value, asking, cast, vote_of, votes_in_thread
from service.votes.fold import fold_waiting
from service.votes.forgetting import forget_votes
from service.votes.owned import OwnVote, has_voted, owned, withdraw
from service.votes.ranks import ranking

__all__ = [
    "OwnComment",
    "OwnVote",
    "Value",
    "asking",
    "cast",
    "fold_waiting",
    "forget_votes",
    "has_voted",
    "owned",
    "ranking",
    "vote_of",
    "votes_in_thread",
    "withdraw",
]
