"""Publishing is a publisher's work on many things at once: merging, remapping, purging discussions, erasing sites.

Each is a job: planned and counted first, done piece by piece by a worker, and taken back where that can be.
"""

from service.publishing.acts import Change, change
from service.publishing.erasing import erase_due
from service.publishing.jobs import Job, JobNotReady, JobUnderWay, JobUnknown, State, UndoImpossible
from service.publishing.working import forget_old, pause, work

__all__ = [
    "Change",
    "Job",
    "JobNotReady",
    "JobUnderWay",
    "JobUnknown",
    "State",
    "UndoImpossible",
    "change",
    "erase_due",
    "forget_old",
    "pause",
    "work",
]
