"""Transfer brings comments along from elsewhere through the rooms below, and reports; it has no copy of any rule."""

from service.transfer.disqus import import_disqus
from service.transfer.errors import BadExport, BadRecord, CutShort, Declares, Inflated, NoRoom, NotXML, WrongFile
from service.transfer.report import Report
from service.transfer.runs import was_imported

__all__ = [
    "BadExport",
    "BadRecord",
    "CutShort",
    "Declares",
    "Inflated",
    "NoRoom",
    "NotXML",
    "Report",
    "WrongFile",
    "import_disqus",
    "was_imported",
]
