"""Who is asking: credentials of a request turned into an `Actor`."""

from collections.abc import Collection, Container
from dataclasses import replace
from typing import Annotated, Final

from fastapi import Depends, Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from fieldops.api.limits import Limits
from fieldops.errors import NotAuthenticated
from fieldops.usecases.actor import ANONYMOUS, Actor, Scope
from fieldops.usecases.authenticate import BEARERS, authenticate
from fieldops.usecases.context import Context
from fieldops.usecases.links import LinkPurpose
from fieldops.usecases.work import view

BEARER: Final = HTTPBearer(
    scheme_name="bearer",
    auto_error=False,
    description="An access token (`POST /v1/auth/login`), an API key (`fok_...`) or the token of a customer's link "
    "(`fol_...`).",
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]
#: Longer ones are not ours, and are not worth hashing.
MAX_TOKEN_LENGTH: Final = 2_000


def address_of(request: Request) -> str:
    """Return where a request comes from; behind trusted proxies that is what they say."""
    return request.client.host if request.client else "unknown"


async def anonymous(request: Request) -> Actor:
    """Return the actor of a request without credentials, counted by its address."""
    limits: Limits = request.app.state.limits
    limits.count_address(address_of(request))
    return _nobody(request)


async def uncounted(request: Request) -> Actor:
    """Return the same where something else than credentials proves who asks; whoever fails to has to be counted."""
    return _nobody(request)


def _nobody(request: Request) -> Actor:
    return replace(ANONYMOUS, request_id=request.state.request_id)


def current_actor(request: Request, bearer: Bearer) -> Actor:
    """Return the caller that the header ``Authorization`` names."""
    return identify(request, None if bearer is None else bearer.credentials, BEARERS)


def identify(request: Request, token: str | None, purposes: Container[LinkPurpose]) -> Actor:
    """
    Turn a token into the caller, and count the request.

    Raises
    ------
    NotAuthenticated, TooManyRequests
    """
    context: Context = request.app.state.context
    limits: Limits = request.app.state.limits
    address = address_of(request)
    if token is None:
        limits.count_address(address)
        raise NotAuthenticated("no credentials were given")
    try:
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            raise NotAuthenticated("the token is not valid")
        actor = view(context, _nobody(request), authenticate, token, purposes=purposes)
    except NotAuthenticated:
        limits.count_bad_token(address)
        raise
    request.state.actor_id = actor.id
    limits.count_actor(actor)
    return actor


class Needs:
    """A dependency that gives the caller when he has any of some scopes; see `fieldops.api.dependencies.needs`."""

    def __init__(self, *scopes: Scope) -> None:
        self.scopes = scopes

    async def __call__(self, request: Request, actor: Annotated[Actor, Depends(current_actor)]) -> Actor:
        """Give the caller, or raise `Forbidden`."""
        return self._admit(request, actor)

    def _admit(self, request: Request, actor: Actor) -> Actor:
        """Let the caller in, and remember who it is: errors tell some more than others."""
        actor.require(*self.scopes)
        request.state.actor = actor
        return actor


class NeedsOrLink(Needs):
    """The same for an address that can also be opened with a link: calendar programs send no headers."""

    def __init__(self, *scopes: Scope, links: Collection[LinkPurpose]) -> None:
        super().__init__(*scopes)
        self.purposes = frozenset(links)

    def __call__(  # type: ignore[override]
        self,
        request: Request,
        bearer: Bearer,
        token: Annotated[
            str | None,
            Query(max_length=MAX_TOKEN_LENGTH, description="Token of a link, for programs that send no headers."),
        ] = None,
    ) -> Actor:
        """Give the caller named by the header or, without one, by the token in the address."""
        if bearer is None and token is not None:
            actor = identify(request, token if token.startswith("fol_") else "", self.purposes)
        else:
            overrides = request.app.dependency_overrides
            actor = overrides.get(current_actor, lambda: current_actor(request, bearer))()
        return self._admit(request, actor)
