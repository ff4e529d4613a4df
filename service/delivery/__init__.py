"""Delivery turns facts into mail, retries and gives up visibly; deciding what happened is not its business."""

from service.delivery.mail import FileMailer, Mail, Mailer, SMTPMailer, mailer_for

__all__ = ["FileMailer", "Mail", "Mailer", "SMTPMailer", "mailer_for"]
