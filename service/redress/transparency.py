"""A statement in the fields of the EU's transparency database (its API's `statement`, as of July 2025)."""

from __future__ import annotations

from typing import Any

from service.redress.reasons import ReasonRules
from service.redress.statements import Statement

_PARTIAL = {"decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION"}
_DISABLED = {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"]}
_RESTRICTIONS: dict[str, dict[str, Any]] = {
    "held": _DISABLED,
    "rejected": _DISABLED,
    "removed": _DISABLED,
    "spam": _DISABLED,
    "shadow": _DISABLED,
    "premoderate": _PARTIAL,
    "slow": _PARTIAL,
    "ban": {"decision_account": "DECISION_ACCOUNT_TERMINATED"},
    "suspend": {"decision_account": "DECISION_ACCOUNT_SUSPENDED"},
}
_ENDS = {
    "suspend": "end_date_account_restriction",
    "ban": "end_date_account_restriction",
    "premoderate": "end_date_service_restriction",
    "slow": "end_date_service_restriction",
    "shadow": "end_date_visibility_restriction",
}


def submission(statement: Statement, rules: ReasonRules) -> dict[str, Any]:
    """What would be sent for a statement. It names nobody: neither author, nor moderator, nor what was written."""
    sent: dict[str, Any] = {
        "puid": str(statement.id),
        **_RESTRICTIONS[statement.restriction],
        **_ground(statement),
        "category": statement.dsa_category,
        "content_type": ["CONTENT_TYPE_TEXT"],
        "application_date": statement.created_at.date().isoformat(),
        "decision_facts": statement.facts,
        "source_type": _source(statement),
        "automated_detection": "Yes" if statement.automated_detection else "No",
        "automated_decision": f"AUTOMATED_DECISION_{'FULLY' if statement.automated_decision else 'NOT_AUTOMATED'}",
    }
    if "decision_account" in sent:
        sent["account_type"] = "ACCOUNT_TYPE_PRIVATE"
    if statement.content_at is not None:
        sent["content_date"] = statement.content_at.date().isoformat()
    if statement.ends_at is not None and (name := _ENDS.get(statement.restriction)):
        sent[name] = statement.ends_at.date().isoformat()
    if rules.territory:
        sent["territorial_scope"] = list(rules.territory)
    return sent


def _ground(statement: Statement) -> dict[str, str]:
    if statement.ground == "illegal":
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": statement.rule,
            "illegal_content_explanation": statement.title,
        }
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": statement.rule,
        "incompatible_content_explanation": statement.title,
        "incompatible_content_illegal": "No",
    }


def _source(statement: Statement) -> str:
    if statement.source != "notice":
        return "SOURCE_VOLUNTARY"
    # Readers' reports are notices under article 16 where they are about what is illegal.
    return "SOURCE_ARTICLE_16" if statement.ground == "illegal" else "SOURCE_TYPE_OTHER_NOTIFICATION"
