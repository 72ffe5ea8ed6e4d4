"""The way out that every mail brings along: a button of the mail program, or a page with one."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from fieldops.api.dependencies import Anonymous, Ctx
from fieldops.usecases.unsubscribe import PATH, language_of_mail, unsubscribe
from fieldops.usecases.work import transact, view

router = APIRouter(prefix=PATH.removeprefix("/v1"), include_in_schema=False)
Token = Annotated[str, Query(max_length=300)]

_PAGE: Final = (
    '<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<meta name="robots" content="noindex"><title>{title}</title><h1>{title}</h1><p>{text}</p>{form}</html>'
)
_FORM: Final = '<form method="post"><button>{button}</button></form>'
#: Title, question, button, title and text afterwards.
_WORDS: Final = {
    "en": (
        "No more e-mail?",
        "We will send nothing more to this address, not even about your appointments.",
        "Send me nothing more",
        "Done",
        "We will send nothing more to this address. Call us to take that back.",
    ),
    "de": (
        "Keine E-Mails mehr?",
        "Wir schicken nichts mehr an diese Adresse, auch nicht zu Ihren Terminen.",
        "Schicken Sie mir nichts mehr",
        "Erledigt",
        "Wir schicken nichts mehr an diese Adresse. Rufen Sie uns an, um das zurückzunehmen.",
    ),
}


@router.get("")
def ask(ctx: Ctx, actor: Anonymous, token: Token) -> HTMLResponse:
    """Ask first: programs that look at what is behind links must not stop anything."""
    language = _spoken(view(ctx, actor, language_of_mail, token))
    title, text, button, *_ = _WORDS[language]
    return HTMLResponse(_PAGE.format(language=language, title=title, text=text, form=_FORM.format(button=button)))


@router.post("")
def stop(ctx: Ctx, actor: Anonymous, token: Token) -> HTMLResponse:
    """Hear the STOP, from a mail program (``List-Unsubscribe=One-Click``) or the page."""
    language = _spoken(transact(ctx, actor, unsubscribe, token))
    *_, title, text = _WORDS[language]
    return HTMLResponse(_PAGE.format(language=language, title=title, text=text, form=""))


def _spoken(language: str) -> str:
    return language if language in _WORDS else "en"
