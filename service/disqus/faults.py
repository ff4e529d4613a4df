"""What goes wrong, by Disqus's numbers: clients tell errors apart by `code`, in an envelope of its own."""

from __future__ import annotations

from collections.abc import Mapping

from service.kit.errors import Forbidden, Invalid, NotFound, Refused, SignInNeeded, TooMany, Unavailable

BAD_ENDPOINT, BAD_ARGUMENT, SIGN_IN, BAD_KEY, BAD_VERSION, WRONG_METHOD, NOT_FOUND = 1, 2, 4, 5, 6, 7, 8
UNSUPPORTED, FOREIGN_PAGE, NO_ACCESS, SPENT, TOO_MANY = 10, 11, 12, 13, 14
BAD_TOKEN, MAINTENANCE, NO_PERMISSION = 18, 21, 22

# The status each comes with: never 200, by which clients know an error at all.
_STATUS = {
    BAD_ENDPOINT: 404,
    BAD_ARGUMENT: 400,
    SIGN_IN: 401,
    BAD_KEY: 400,
    BAD_VERSION: 404,
    WRONG_METHOD: 405,
    NOT_FOUND: 404,
    UNSUPPORTED: 400,
    FOREIGN_PAGE: 403,
    NO_ACCESS: 403,
    SPENT: 429,
    TOO_MANY: 429,
    BAD_TOKEN: 401,
    NO_PERMISSION: 403,
    MAINTENANCE: 503,
}
_KINDS: tuple[tuple[type[Refused], int], ...] = (
    (NotFound, NOT_FOUND),
    (SignInNeeded, SIGN_IN),
    (Forbidden, NO_PERMISSION),
    (TooMany, TOO_MANY),
    (Unavailable, MAINTENANCE),
    (Invalid, BAD_ARGUMENT),
)


class Fault(Exception):
    """A call that cannot be answered: one of Disqus's codes, and a sentence for whoever made the call."""

    def __init__(self, code: int, says: str, *, headers: Mapping[str, str] | None = None) -> None:
        self.code = code
        self.says = says
        self.headers = headers or {}
        super().__init__(says)

    @property
    def status(self) -> int:
        """The HTTP status it is answered with."""
        return _STATUS[self.code]


def fault_of(refused: Refused) -> Fault:
    """A refusal of Parley's own in these words."""
    code = next((code for kind, code in _KINDS if isinstance(refused, kind)), BAD_ARGUMENT)
    where = f" ({refused.field})" if refused.field and code == BAD_ARGUMENT else ""
    return Fault(code, f"{refused.detail}{where}")
