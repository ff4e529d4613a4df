"""The picture of everybody who has none: drawn here, so that no client is sent to anybody else for one."""

from __future__ import annotations

FACE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 92 92'%3E%3Cpath fill='%23dbdfe4'"
    " d='M0 0h92v92H0z'/%3E%3Cg fill='%23fff'%3E%3Ccircle cx='46' cy='36' r='16'/%3E%3Cpath d='M14 92a32 32 0 0 1 64"
    " 0z'/%3E%3C/g%3E%3C/svg%3E"
)
