"""Delivery turns facts into mail and webhooks, retries, gives up visibly; what happened others decide."""

from service.delivery.alerts import Alerts
from service.delivery.backlog import deliveries_waiting
from service.delivery.counted import CountedMailer
from service.delivery.events import WebhookDisabled
from service.delivery.fan_out import EVENT_OF, FanOut
from service.delivery.mail import FileMailer, Mail, Mailer, MailRefused, SMTPMailer, mailer_for
from service.delivery.notices import tell_owners
from service.delivery.sending import Sending

__all__ = [
    "EVENT_OF",
    "Alerts",
    "CountedMailer",
    "FanOut",
    "FileMailer",
    "Mail",
    "MailRefused",
    "Mailer",
    "SMTPMailer",
    "Sending",
    "WebhookDisabled",
    "deliveries_waiting",
    "mailer_for",
    "tell_owners",
]
