"""The channels that the settings make available."""

from fieldops.messaging.channel import Channel
from fieldops.messaging.kinds import Via
from fieldops.messaging.sms import SmsChannel
from fieldops.messaging.smtp import SmtpChannel, read_smtp_url
from fieldops.messaging.webhook import WebhookChannel
from fieldops.settings import Settings

#: Where an SMS service reports; after `Settings.public_url`.
RECEIPTS_PATH = "/v1/messages/receipts/sms"


def channels_of(settings: Settings) -> dict[str, Channel]:
    """
    Make the channels an operator has set up; what is missing here stays in the outbox.

    Raises
    ------
    InvalidInput
        When the SMTP server's address cannot be read.
    """
    channels: dict[str, Channel] = {Via.WEBHOOK: WebhookChannel(allow_private=settings.webhooks_allow_private)}
    if settings.smtp_url is not None and settings.smtp_url.get_secret_value():
        server = read_smtp_url(settings.smtp_url.get_secret_value())
        channels[Via.EMAIL] = SmtpChannel(server=server, sender=settings.mail_from)
    if settings.sms_url:
        channels[Via.SMS] = SmsChannel(
            url=settings.sms_url,
            account=settings.sms_account,
            token=settings.sms_token.get_secret_value(),
            sender=settings.sms_from,
            receipts_url=settings.public_url.rstrip("/") + RECEIPTS_PATH,
        )
    return channels
