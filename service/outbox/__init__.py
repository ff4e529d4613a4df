"""The outbox takes a fact in the caller's transaction and hands it on at least once; what it means it does not know."""

from service.outbox.dead import DeadFact, Figures, dead, figures, hurry, redrive
from service.outbox.facts import Fact, add, add_all, forget_site
from service.outbox.relay import ForAll, Reaction, Relay

__all__ = [
    "Backlog",
    "DeadFact",
    "Fact",
    "Figures",
    "ForAll",
    "Reaction",
    "Relay",
    "add",
    "add_all",
    "backlog",
    "dead",
    "figures",
    "forget_site",
    "hurry",
    "redrive",
]
