"""Limits spend tokens from named buckets, in Redis or, while it is away, in the process; why is others' business."""

from service.limits.rules import Limit, LimitRules, Scope
from service.limits.spend import Limiter, LimitReached, Standing

__all__ = ["Limit", "LimitReached", "LimitRules", "Limiter", "Scope", "Standing"]
