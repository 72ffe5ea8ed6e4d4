"""``fieldops user``."""

from typing import Annotated

import typer

from fieldops.cli.connections import DatabaseUrl, connected, require_tables
from fieldops.cli.console import out, plain


def add(
    email: Annotated[str, typer.Option(help="E-mail address to log in with.")],
    name: Annotated[str, typer.Option(help="Name of the person.")],
    role: Annotated[str, typer.Option(help="technician, dispatcher or ops.")],
    technician: Annotated[
        str | None, typer.Option(help="Id of the technician whose day it is; for the role technician.")
    ] = None,
    generate: Annotated[bool, typer.Option("--generate", help="Make a password and show it once.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """
    Add somebody who may log in.

    Asks for the password, unless one is to be generated. This is how the first user of an installation comes in.
    """
    from fieldops.usecases.actor import SYSTEM
    from fieldops.usecases.passwords import generate_password, hash_password
    from fieldops.usecases.users import create_user
    from fieldops.usecases.work import transact

    with connected(database_url) as ctx:
        require_tables(ctx)
        password = (
            generate_password() if generate else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        )
        password_hash = hash_password(password)
        user = transact(
            ctx,
            SYSTEM,
            create_user,
            email=email,
            name=name,
            role=role,
            password_hash=password_hash,
            technician_id=technician,
        )
    out().print(plain(f"{user.name} ({user.email}) may log in as {user.role}: {user.id}."))
    if generate:
        out().print(plain(f"Password, shown only now: {password}"))
