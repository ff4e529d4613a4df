"""The outbox takes a fact in the caller's transaction and hands it on at least once; what it means it does not know."""

from service.outbox.facts import Fact, add, forget_site
from service.outbox.relay import Reaction, Relay

__all__ = ["Fact", "Reaction", "Relay", "add", "forget_site"]
