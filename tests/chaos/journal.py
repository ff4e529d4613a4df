"""What those outside a storm know: what they were told, and what nobody can know."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Journal:
    """Acknowledged acts. Where an answer was lost and the next try was refused, nothing is held against anybody."""

    posted: dict[str, tuple[str, str | None]] = field(default_factory=dict)  # text to (comment, parent)
    held: dict[str, str] = field(default_factory=dict)  # text to comment
    edited: dict[str, str] = field(default_factory=dict)  # comment to its new text
    votes: dict[tuple[str, int], int] = field(default_factory=dict)  # (comment, reader) to 1, -1 or 0
    reported: set[tuple[str, int]] = field(default_factory=set)  # (comment, reader)
    decided: dict[str, str] = field(default_factory=dict)  # comment to the state decided last
    decisions: int = 0
    people: dict[int, str] = field(default_factory=dict)  # reader to a comment that is surely theirs
    delivered: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # event to ids of messages
    told: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # comment to events it was in
    messages: int = 0  # with what came twice
    wrong: list[str] = field(default_factory=list)
    last_good: float = 0.0
    is_over: bool = False  # readers go home
    is_decided: bool = False  # moderators too

    @property
    def taken(self) -> int:
        """Comments that were acknowledged, published or held."""
        return len(self.posted) + len(self.held)

    @property
    def message_ids(self) -> set[str]:
        """What a receiver that throws away what it has seen before has kept."""
        return set().union(*self.delivered.values())
