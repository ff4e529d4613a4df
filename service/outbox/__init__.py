"""The outbox takes a fact in the caller's transaction and hands it on at least once; what it means it does not know."""

from service.outbox.facts import Fact, add, forget_site
from service.outbox.relay import Reaction, Relay
from service.outbox.waiting import Backlog, backlog

__all__ = ["Backlog", "Fact", "Reaction", "Relay", "add", "backlog", "forget_site"]
