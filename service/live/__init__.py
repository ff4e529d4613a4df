"""Live fans facts out to listeners, drops slow ones, lets them resume by id; it holds no truth and no text."""

from service.live.announce import Announcer
from service.live.listening import Live, LiveAway, TooManyListeners
from service.live.standing import Standing, StateOf
from service.live.stream import CHANNEL, Event, Since

__all__ = ["CHANNEL", "Announcer", "Event", "Live", "LiveAway", "Since", "Standing", "StateOf", "TooManyListeners"]
