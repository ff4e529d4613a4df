"""Opening hours on the clocks of a place, also on the nights when those change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from service.posting.hours import Hours, is_open, opens_at
from service.posting.rules import PostingRules

BERLIN = "Europe/Berlin"


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_on_working_days_by_day() -> None:
    hours = [Hours(days=("mon", "tue", "wed", "thu", "fri"), opens="07:00", closes="22:00")]
    friday_night = _at("2026-11-27T21:30:00")  # 22:30 there
    assert is_open(hours, BERLIN, _at("2026-11-27T06:00:00"))  # 07:00 there
    assert not is_open(hours, BERLIN, _at("2026-11-27T05:59:59"))
    assert not is_open(hours, BERLIN, friday_night)
    assert opens_at(hours, BERLIN, friday_night) == _at("2026-11-30T06:00:00")


def test_past_midnight_belongs_to_the_evening_it_began_on() -> None:
    hours = [Hours(days=("sat",), opens="20:00", closes="02:00")]
    assert is_open(hours, "UTC", _at("2026-11-29T01:59:00"))  # a Sunday
    assert not is_open(hours, "UTC", _at("2026-11-28T01:59:00"))
    assert opens_at(hours, "UTC", _at("2026-11-29T02:00:00")) == _at("2026-12-05T20:00:00")


def test_eight_stays_eight_when_clocks_change() -> None:
    hours = [Hours(opens="08:00", closes="24:00")]
    for day, utc in (("2026-10-24", "06"), ("2026-10-25", "07"), ("2026-03-28", "07"), ("2026-03-29", "06")):
        assert is_open(hours, BERLIN, _at(f"{day}T{utc}:00:00")), day
        assert not is_open(hours, BERLIN, _at(f"{day}T0{int(utc) - 1}:59:59")), day


def test_without_hours_it_is_always_open() -> None:
    assert is_open([], "UTC", _at("2026-11-25T03:00:00"))
    assert opens_at([], "UTC", _at("2026-11-25T03:00:00")) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Europe/Atlantis"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "Europe"},
        {"opening_hours": [{"opens": "08:00", "closes": "08:00"}]},
        {"opening_hours": [{"opens": "25:00", "closes": "08:00"}]},
        {"opening_hours": [{"opens": "24:00", "closes": "08:00"}]},
        {"opening_hours": [{"days": ["monday"], "opens": "07:00", "closes": "08:00"}]},
    ],
)
def test_what_is_no_time_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PostingRules.model_validate(wrong)
