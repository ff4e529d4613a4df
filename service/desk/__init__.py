"""The desk lays out what a moderator needs to judge: an author's record with notes, and a case with all around it."""

from service.desk.authors import AuthorRecord, Note, PersonUnknown, add_note, author_record, looked, set_mark
from service.desk.context import CaseContext, case_context
from service.desk.erasing import forget_notes, forget_person

__all__ = [
    "AuthorRecord",
    "CaseContext",
    "Note",
    "PersonUnknown",
    "add_note",
    "author_record",
    "case_context",
    "forget_notes",
    "forget_person",
    "looked",
    "set_mark",
]
