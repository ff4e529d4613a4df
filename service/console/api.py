"""The moderators' pages: the console, which is a script, and plain forms for those without one."""

from __future__ import annotations

from fastapi import APIRouter

from service.console import api_acts, api_app, api_plain, api_sign_in

router = APIRouter()
# The console's views last: each has an address of one word, which others have too.
for room in (api_plain, api_acts, api_sign_in, api_app):
    router.include_router(room.router)
