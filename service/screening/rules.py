"""A site's own rules: words and hosts to hold, to refuse or to leave alone, each switched on by itself.

All words of a set are looked for in one pass over the text (wordlist.py), so neither their number nor what stands in
a pattern makes a comment slow; `*` is the only sign with a meaning of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from service.kit.errors import Invalid
from service.kit.hosts import ascii_host
from service.screening.folding import is_spaceless
from service.screening.links import hosts
from service.screening.policy import Policy
from service.screening.signals import Action, Draft, Facts, Signal
from service.screening.wordlist import Entry
from service.screening.words import places

RuleKind = Literal["word", "host"]
RuleAction = Literal["hold", "reject", "allow"]

_MOST_STARS = 5
_MOST_SIGNALS = 10
_LONGEST_QUOTE = 60
# A list finds the first place of each word. Who repeats an allowed word more often than this is looked at.
_MOST_BLANKED = 50
_ACTIONS: dict[RuleAction, Action] = {"hold": "hold", "reject": "reject", "allow": "publish"}


class RuleTooBroad(Invalid):
    """This would match nearly everything. Write more letters, or ask for whole words only."""

    type = "rule-too-broad"


@dataclass(frozen=True)
class Rule:
    """One rule. A `word` may hold `*` for any letters; without `whole_word` it is found inside words as well."""

    id: int
    kind: RuleKind
    pattern: str
    action: RuleAction
    severity: float = 0.5
    whole_word: bool = True

    @property
    def entry(self) -> str:
        """The word as a list has it."""
        return self.pattern if self.whole_word else f"*{self.pattern.strip('*')}*"


def cleaned(kind: RuleKind, pattern: str, action: RuleAction, *, whole_word: bool) -> str:
    """A pattern in its one spelling. Raises Invalid for what cannot be one, RuleTooBroad for what matches all."""
    if kind == "host":
        return _host(pattern, action)
    word = " ".join(pattern.split())
    if word.count("*") > _MOST_STARS:
        raise Invalid(f"a word has at most {_MOST_STARS} stars", field="pattern")
    literal = "".join(Entry.of(word).pieces)
    is_open = not whole_word or "*" in word
    # One sign of a script without spaces is a word; one or two letters of others are in every sentence.
    least = 1 if any(map(is_spaceless, literal)) else 3 if is_open else 2
    if len(literal) < least:
        raise RuleTooBroad(field="pattern")
    return word


@dataclass(frozen=True)
class RuleSet:
    """Rules made ready to be looked for."""

    rules: tuple[Rule, ...] = ()
    _by_entry: dict[str, list[Rule]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> RuleSet:
        """A set of rules that are switched on."""
        made = cls(tuple(rules))
        for rule in made.rules:
            if rule.kind == "word" and rule.action != "allow":
                made._by_entry.setdefault(rule.entry, []).append(rule)
        return made

    def check(self, draft: Draft, facts: Facts, policy: Policy) -> Iterator[Signal]:  # noqa: ARG002  # a check like all
        """`rule-word` and `rule-host`: what the site's rules are about, one signal a rule."""
        if not self.rules:
            return
        seen: set[int] = set()
        for rule, signal in (*self._words(draft), *self._hosts(draft, policy)):
            if rule.id not in seen and len(seen) < _MOST_SIGNALS:
                seen.add(rule.id)
                yield signal

    def laid_over(self, policy: Policy) -> Policy:
        """The policy with the hosts these rules allow."""
        allowed = tuple(rule.pattern for rule in self.rules if rule.kind == "host" and rule.action == "allow")
        if not allowed:
            return policy
        return policy.model_copy(update={"allowed_hosts": (*policy.allowed_hosts, *allowed)})

    def without_allowed(self, draft: Draft) -> Draft:
        """The draft with the words that are allowed blanked out: what is left is looked at, in the same places."""
        if not self._allowed:
            return draft
        plain = draft.plain
        for _ in range(_MOST_BLANKED):
            found = [span for _, span in places(self._allowed, plain)]
            if not found:
                break
            for start, end in found:
                plain = plain[:start] + " " * (end - start) + plain[end:]
        return replace(draft, plain=plain)

    @cached_property
    def _allowed(self) -> tuple[str, ...]:
        return tuple(rule.entry for rule in self.rules if rule.kind == "word" and rule.action == "allow")

    @cached_property
    def _entries(self) -> tuple[str, ...]:
        return tuple(self._by_entry)

    @cached_property
    def _by_host(self) -> dict[str, list[Rule]]:
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            if rule.kind == "host" and rule.action != "allow":
                found.setdefault(rule.pattern, []).append(rule)
        return found

    def _words(self, draft: Draft) -> Iterator[tuple[Rule, Signal]]:
        if not self._entries:
            return
        for entry, span in places(self._entries, draft.plain):
            quote = draft.plain[slice(*span)][:_LONGEST_QUOTE]
            for rule in self._by_entry[entry]:
                yield rule, _signal(rule, f"found in “{quote}”", span)
        for entry, _ in places(self._entries, draft.name):
            for rule in self._by_entry[entry]:
                yield rule, _signal(rule, f"found in the name “{draft.name}”", None)

    def _hosts(self, draft: Draft, policy: Policy) -> Iterator[tuple[Rule, Signal]]:
        if not self._by_host:
            return
        allowed = frozenset(policy.allowed_hosts)
        for host, span in hosts(draft):
            labels = host.split(".")
            above = [".".join(labels[i:]) for i in range(len(labels))]
            if allowed.isdisjoint(above):
                for rule in (rule for name in above for rule in self._by_host.get(name, ())):
                    yield rule, _signal(rule, f"leads to {host}", span)


NO_RULES = RuleSet()


def _signal(rule: Rule, where: str, span: tuple[int, int] | None) -> Signal:
    reason = f"The site's rule {rule.id} has “{rule.pattern}”; {where}"
    return Signal(f"rule-{rule.kind}", rule.severity, reason, span, _ACTIONS[rule.action])


def _host(pattern: str, action: RuleAction) -> str:
    try:
        host = ascii_host(pattern.strip().removeprefix("*."))
    except ValueError as error:
        raise Invalid("that is not the name of a host", field="pattern") from error
    if action == "allow" and "." not in host and not host.startswith("["):
        raise RuleTooBroad("A whole top-level domain cannot be allowed.", field="pattern")
    return host
