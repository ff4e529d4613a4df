"""Transfer brings comments along from elsewhere through the rooms below, and reports; it has no copy of any rule."""

from service.transfer.bringing import import_file, plan_file
from service.transfer.checking import Checked, check_page, is_own
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
from service.transfer.exporting import export_lines
from service.transfer.formats import FORMATS
from service.transfer.moves import BadMove, Moves, read_moves
from service.transfer.pulling import API as DISQUS_API
from service.transfer.pulling import Forum, PullRefused, PullStopped, pull
from service.transfer.report import Report
from service.transfer.runs import forget_files, note_export, of_site, was_imported
from service.transfer.undoing import TakenBack, undo
from service.transfer.working import work

__all__ = [
    "DISQUS_API",
    "FORMATS",
    "BadExport",
    "BadMove",
    "BadRecord",
    "Checked",
    "CutShort",
    "Declares",
    "FormatUnknown",
    "Forum",
    "Inflated",
    "Moves",
    "NoRoom",
    "NotXML",
    "PullRefused",
    "PullStopped",
    "Report",
    "TakenBack",
    "WrongFile",
    "check_page",
    "export_lines",
    "forget_files",
    "import_file",
    "is_own",
    "note_export",
    "of_site",
    "plan_file",
    "pull",
    "read_moves",
    "undo",
    "was_imported",
    "work",
]
