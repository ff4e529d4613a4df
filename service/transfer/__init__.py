"""Transfer brings comments along from elsewhere through the rooms below, and reports; it has no copy of any rule."""

from service.transfer.disqus import import_disqus, plan_disqus
from service.transfer.errors import BadExport, BadRecord, CutShort, Declares, Inflated, NoRoom, NotXML, WrongFile
from service.transfer.report import Report
from service.transfer.runs import forget_files, was_imported
from service.transfer.working import work

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
    "forget_files",
    "import_disqus",
    "plan_disqus",
    "was_imported",
    "work",
]
