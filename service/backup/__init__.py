"""Backup writes all that is in SQL into one file and puts it back, on any database; it knows tables, not meanings."""

from service.backup.dump import dump
from service.backup.file import Damaged, Head, checked
from service.backup.restore import NotEmpty, OtherSecret, TooNew, restore

__all__ = ["Damaged", "Head", "NotEmpty", "OtherSecret", "TooNew", "checked", "dump", "restore"]
