"""The addresses, one module per noun. A router names its prefix (``/customers``); the app puts ``/v1`` before it."""

from typing import Final

from fastapi import APIRouter

from fieldops.api.routes import (
    addresses,
    api_keys,
    audit,
    auth,
    bases,
    bookings,
    customers,
    links,
    live,
    messages,
    plan_edits,
    plans,
    quotes,
    replans,
    shifts,
    sms_service,
    streams,
    surveys,
    tasks,
    technicians,
    territories,
    tracking,
    users,
    visits,
    webhooks,
    work_orders,
)

#: All routers of the API. A request is compared with one after the other: what is asked most often comes first.
ROUTERS: Final[tuple[APIRouter, ...]] = (
    quotes.router,
    bookings.router,
    auth.router,
    users.router,
    api_keys.router,
    links.router,
    territories.router,
    audit.router,
    messages.router,
    sms_service.router,
    webhooks.router,
    technicians.router,
    shifts.router,
    bases.router,
    plans.router,
    plan_edits.router,
    live.router,
    replans.router,
    streams.router,
    customers.router,
    addresses.router,
    work_orders.router,
    visits.router,
    tracking.router,
    surveys.router,
    tasks.router,
)
