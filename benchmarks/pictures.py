"""Charts as small SVGs, written by hand: bars in groups, readable in a light and in a dark page."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from benchmarks.results import Chart

_COLOURS = ("#2f6f9f", "#c8553d", "#5b8c5a", "#8a5a83", "#c79a2d", "#5f6b76")
_WIDTH, _HEIGHT, _LEFT, _TOP, _FLOOR = 760, 300, 64, 44, 240


def bars(chart: Chart) -> str:
    """The chart as an SVG document."""
    return "\n".join([_head(chart), *_scale(chart), *_groups(chart), *_legend(chart), "</svg>"]) + "\n"


def _head(chart: Chart) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' font-family="system-ui, sans-serif" font-size="12" fill="#333">\n'
        f"<title>{escape(chart.title)}</title>\n"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="#fdfdfb"/>\n'
        f'<text x="12" y="20" font-weight="600">{escape(chart.title)}, {escape(chart.unit)}</text>'
    )


def _most(chart: Chart) -> float:
    return max((value for values in chart.series.values() for value in values), default=1.0) or 1.0


def _y(value: float, most: float) -> float:
    return _FLOOR - (_FLOOR - _TOP) * value / most


def _scale(chart: Chart) -> Iterator[str]:
    most = _most(chart)
    for share in (0.0, 0.5, 1.0):
        y = _y(most * share, most)
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - 12}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_short(most * share)}</text>'


def _groups(chart: Chart) -> Iterator[str]:
    most, room = _most(chart), (_WIDTH - 12 - _LEFT) / max(1, len(chart.labels))
    wide = room * 0.8 / max(1, len(chart.series))
    every = -(-len(chart.labels) // 12)  # no more labels than can be read
    for place, label in enumerate(chart.labels):
        start = _LEFT + room * (place + 0.1)
        for number, values in enumerate(chart.series.values()):
            y = _y(values[place], most)
            yield (
                f'<rect x="{start + wide * number:.1f}" y="{y:.1f}" width="{max(1.0, wide - 1):.1f}"'
                f' height="{max(0.5, _FLOOR - y):.1f}" fill="{_COLOURS[number % len(_COLOURS)]}">'
                f"<title>{escape(label)}: {_short(values[place])}</title></rect>"
            )
        if place % every == 0:
            middle = start + room * 0.4
            yield f'<text x="{middle:.1f}" y="{_FLOOR + 16}" text-anchor="middle">{escape(label)}</text>'


def _legend(chart: Chart) -> Iterator[str]:
    x = _LEFT
    for number, name in enumerate(chart.series):
        if name:
            yield f'<rect x="{x}" y="{_HEIGHT - 26}" width="10" height="10" fill="{_COLOURS[number % len(_COLOURS)]}"/>'
            yield f'<text x="{x + 15}" y="{_HEIGHT - 17}">{escape(name)}</text>'
            x += 34 + 7 * len(name)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}".rstrip("0").rstrip(".")
