"""A site's own server as a caller: it proves itself with a secret key of the site."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from service import keys
from service.keys import Key, Scope
from service.kit.errors import Forbidden, SignInNeeded
from service.sites import Site, SiteUnknown
from service.web.parts import Parts
from service.web.who import AllParts, Bearer


async def key_holder(parts: AllParts, authorization: Bearer = None) -> Key:
    """The valid key whose secret came along. Raises SignInNeeded."""
    scheme, _, secret = (authorization or "").partition(" ")
    found = await parts.db.read(keys.by_secret, parts.keeper, secret.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise SignInNeeded
    return found


KeyHolder = Annotated[Key, Depends(key_holder)]


async def site_of_key(parts: Parts, key: Key, name: str, scope: Scope) -> Site:
    """The site, if the key is one of its own, for this. Raises SiteUnknown for any other site, Forbidden."""
    found = await parts.sites.by_name(name)
    if found.id != key.site_id:
        raise SiteUnknown(field="site")
    if scope not in key.scopes:
        raise Forbidden(f"This key is not for `{scope}`.")
    return found
