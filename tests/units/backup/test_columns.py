"""Every column there is can be carried."""

from __future__ import annotations

from service.backup.columns import from_file, kind_of, to_file
from service.backup.dump import LEFT_OUT
from service.kit import clock
from service.tables import metadata


def test_every_column_has_a_kind() -> None:
    """A new type in some room's tables fails here, not in the night of the restore."""
    for table in metadata.sorted_tables:
        assert {kind_of(held) for held in table.columns}
    assert set(metadata.tables) >= LEFT_OUT


def test_times_come_back_as_they_were() -> None:
    now = clock.now()
    assert from_file("time", to_file("time", now)) == now
    assert from_file("date", to_file("date", now.date())) == now.date()
    assert from_file("time", to_file("time", None)) is None


def test_bytes_come_back_as_they_were() -> None:
    assert from_file("bytes", to_file("bytes", bytes(range(256)))) == bytes(range(256))
    assert from_file("bytes", to_file("bytes", b"")) == b""
