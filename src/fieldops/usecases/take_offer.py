"""What has to be so for an offer to be taken up, by a hold or by a booking that moves."""

from fieldops.domain.horizon import start_windows
from fieldops.domain.problem import TimeWindow
from fieldops.errors import OfferExpired
from fieldops.store.tables import OfferRow
from fieldops.usecases.ask_boards import Asked, load_asked
from fieldops.usecases.work import Work


def require_open_offer(work: Work, offer: OfferRow) -> tuple[Asked, TimeWindow]:
    """
    Return the visit and the window of an offer that can still be taken up.

    Raises
    ------
    OfferExpired
        When its time is over, its window has begun, or its visit has changed so that the window is no longer allowed.
    """
    details = {"offer_id": offer.id, "visit_id": offer.visit_id, "expires_at": offer.expires_at.isoformat()}
    if offer.expires_at <= work.now or offer.window_start <= work.now:
        raise OfferExpired(details=details)
    window = TimeWindow(offer.window_start, offer.window_end)
    asked = load_asked(work, offer.visit_id)
    if window not in start_windows(asked.visit, window):
        raise OfferExpired("the visit has changed since this was offered; ask for a new quote", details=details)
    return asked, window
