"""SSO lets a site vouch for its own readers: it reads what the site signed; what they may is others'."""

from service.sso.enter import Entered, enter, leave, origin_of
from service.sso.key_sets import KeySets
from service.sso.rules import SSORules
from service.sso.token import SSOExpired, SSORefused

__all__ = ["Entered", "KeySets", "SSOExpired", "SSORefused", "SSORules", "enter", "leave", "origin_of"]
