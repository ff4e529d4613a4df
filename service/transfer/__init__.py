"""Transfer brings comments along from elsewhere through the rooms below, and reports; it has no copy of any rule."""

from service.transfer.bringing import import_file, plan_file
from service.transfer.errors import (
    BadExport,
    BadRecord,
    CutShort,
    Declares,
    FormatUnknown,
    Inflated,
    NoRoom,
    NotXML,
    WrongFile,
)
from service.transfer.report import Report
from service.transfer.runs import forget_files, was_imported
from service.transfer.undoing import TakenBack, undo
from service.transfer.working import work

__all__ = [
    "BadExport",
    "BadRecord",
    "CutShort",
    "Declares",
    "FormatUnknown",
    "Inflated",
    "NoRoom",
    "NotXML",
    "Report",
    "TakenBack",
    "WrongFile",
    "forget_files",
    "import_file",
    "plan_file",
    "undo",
    "was_imported",
    "work",
]
