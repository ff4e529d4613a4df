"""Forms as browsers without scripts send them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from service.kit.errors import Forbidden, Invalid

_MOST_FIELDS = 30


class ForeignForm(Forbidden):
    """This form was not sent from a page of ours, so nothing was done with it. Please write in the discussion."""

    type = "foreign-form"


def read_form(body: bytes) -> dict[str, str]:
    """The fields of an urlencoded form; of several of one name the first. Raises Invalid."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise Invalid("this is not a form of ours", field="body") from error
    fields: dict[str, str] = {}
    for name, value in pairs:
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise Invalid(f"{name} holds a character that is not text", field="body")
        fields.setdefault(name, value)
    return fields


def refuse_foreign(headers: Mapping[str, str], origin: str) -> None:
    """Raise ForeignForm unless the form was on a page of ours.

    No authority is at stake, as nothing here reads a cookie; but another page must not make its readers post. The most
    reliable of what the browser sends decides. Text browsers send nothing but Referer.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        is_ours = site == "same-origin"
    elif (said := headers.get("origin")) is not None:
        is_ours = said == origin
    else:
        came = urlsplit(headers.get("referer", ""))
        is_ours = f"{came.scheme}://{came.netloc}" == origin
    if not is_ours:
        raise ForeignForm
