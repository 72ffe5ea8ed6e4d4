"""The ground of maps."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.store.base import Row


class BasemapRow(Row):
    """
    The streets of a territory as pages show them.

    Attributes
    ----------
    content
        GeoJSON, compressed with gzip: sent as it is to whoever takes that.
    content_hash
        Names the content: who has it need not be sent it again.
    """

    __tablename__ = "basemaps"
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"), primary_key=True)
    content: Mapped[bytes]
    content_hash: Mapped[str]
    lines: Mapped[int]
