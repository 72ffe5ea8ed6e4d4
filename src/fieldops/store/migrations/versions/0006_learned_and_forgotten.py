"""What is learned of customers and forgotten for them, tasks in codes, and indexes for reports."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and indexes."""
    op.add_column(
        "customers", sa.Column("technician_is_chosen", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute("update customers set technician_is_chosen = true where known_technician_id is not null")
    op.add_column("customers", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tasks", sa.Column("code", sa.String(), nullable=True))
    op.add_column("tasks", sa.Column("facts", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("holds", sa.Column("is_another_try", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("inbound_messages", sa.Column("heard", sa.String(), server_default="unknown_sender", nullable=False))
    op.create_index("ix_surveys_asked_at_visit_id", "surveys", ["asked_at", "visit_id"], unique=False)
    told = sa.text("state = 'sent' and channel <> 'webhook'")
    op.create_index(
        "ix_messages_told",
        "messages",
        ["subject_id", "subject_version", "kind"],
        unique=False,
        sqlite_where=told,
        postgresql_where=told,
    )
    _give_waitlist_offers_their_time()


def _give_waitlist_offers_their_time() -> None:
    """Let offers to the waitlist last as long as they did, now that they have a policy of their own."""
    territories = sa.table("territories", sa.column("id", sa.String()), sa.column("policies", sa.JSON()))
    connection = op.get_bind()
    for row in connection.execute(sa.select(territories.c.id, territories.c.policies)).all():
        if "offer_minutes" in row.policies:
            policies = {"waitlist_offer_minutes": row.policies["offer_minutes"], **row.policies}
            connection.execute(territories.update().where(territories.c.id == row.id).values(policies=policies))


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_messages_told", "messages")
    op.drop_index("ix_surveys_asked_at_visit_id", "surveys")
    op.drop_column("inbound_messages", "heard")
    op.drop_column("holds", "is_another_try")
    op.drop_column("tasks", "facts")
    op.drop_column("tasks", "code")
    op.drop_column("customers", "erased_at")
    op.drop_column("customers", "technician_is_chosen")
