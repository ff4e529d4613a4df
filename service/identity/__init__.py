"""Identity says who acts and with which role at which site; what a role may do to a comment is others' business."""

from service.identity.imported import Imported, count_published_many, make_imported_many
from service.identity.people import (
    Person,
    capability,
    count_published,
    make_guest,
    people,
    person,
    person_of_capability,
    rename,
)
from service.identity.sessions import (
    LINK_LIFE,
    SESSION_LIFE,
    LinkUsed,
    end_session,
    forget_expired,
    make_link,
    redeem_link,
    staff_of_session,
)
from service.identity.staff import (
    ROLES,
    Account,
    Role,
    Staff,
    account_by_email,
    grant,
    revoke,
    staff_of,
    team,
)
from service.identity.visitor import Visitor

__all__ = [
    "LINK_LIFE",
    "ROLES",
    "SESSION_LIFE",
    "Account",
    "Imported",
    "LinkUsed",
    "Person",
    "Role",
    "Staff",
    "Visitor",
    "account_by_email",
    "capability",
    "count_published",
    "count_published_many",
    "end_session",
    "forget_expired",
    "grant",
    "make_guest",
    "make_imported_many",
    "make_link",
    "people",
    "person",
    "person_of_capability",
    "redeem_link",
    "rename",
    "revoke",
    "staff_of",
    "staff_of_session",
    "team",
]
