"""What is told of one Redis holds for a cluster: limits, claims, the queue, pages, and its death."""

from __future__ import annotations

from tests.chaos.test_redis_away import (
    test_posting_and_reading_go_on_through_the_death_of_redis as test_posting_through_its_death,
)
from tests.stories.limits.test_limits import (
    test_refused_tries_do_not_lengthen_the_wait as test_a_limit_refused,
)
from tests.stories.limits.test_limits import (
    test_thirty_at_once_are_let_through_exactly_as_many_as_allowed as test_a_limit_at_once,
)
from tests.stories.moderation.test_claims import (
    test_a_held_comment_is_claimed_approved_and_visible as test_a_claim,
)
from tests.stories.moderation.test_claims import (
    test_moderators_who_claim_at_once_never_get_the_same as test_claims_at_once,
)
from tests.stories.moderation.test_queue import (
    test_an_index_that_was_lost_is_put_back_by_the_next_claim as test_a_lost_index,
)
from tests.stories.reading.test_cache import (
    test_another_process_hears_of_a_change as test_a_change_is_heard,
)

__all__ = [
    "test_a_change_is_heard",
    "test_a_claim",
    "test_a_limit_at_once",
    "test_a_limit_refused",
    "test_a_lost_index",
    "test_claims_at_once",
    "test_posting_through_its_death",
]
