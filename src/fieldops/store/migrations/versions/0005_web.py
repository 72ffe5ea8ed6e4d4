"""What the pages of customers and staff need: services to book, and requests that are not booked yet."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "services",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("descriptions", sa.JSON(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("required_skills", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("duration_s > 0", name=op.f("ck_services_duration")),
        sa.CheckConstraint("priority between 1 and 5", name=op.f("ck_services_priority")),
        sa.ForeignKeyConstraint(["territory_id"], ["territories.id"], name=op.f("fk_services_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
    )
    op.create_index("ix_services_territory_id_position", "services", ["territory_id", "position"], unique=False)

    op.add_column("customers", sa.Column("is_draft", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("plans", sa.Column("waitlist_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("work_orders", sa.Column("intake", sa.JSON(), nullable=True))
    op.add_column("work_orders", sa.Column("unbooked_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_work_orders_unbooked_since",
        "work_orders",
        ["unbooked_since"],
        unique=False,
        sqlite_where=sa.text("unbooked_since is not null"),
        postgresql_where=sa.text("unbooked_since is not null"),
    )
    op.add_column("visit_progress", sa.Column("extended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("visit_progress", sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True))
    turns = sa.text("kind in ('technician_out', 'vehicle_down', 'technician_back')")
    op.create_index(
        "ix_progress_events_turns",
        "progress_events",
        ["technician_id", "date"],
        unique=False,
        sqlite_where=turns,
        postgresql_where=turns,
    )
    op.add_column("live_days", sa.Column("reported_permille", sa.Integer(), nullable=True))

    op.create_table(
        "basemaps",
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territories.id"], name=op.f("fk_basemaps_territory_id")),
        sa.PrimaryKeyConstraint("territory_id", name=op.f("pk_basemaps")),
    )

    op.create_table(
        "opt_outs",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_opt_outs")),
    )
    op.create_table(
        "inbound_messages",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_inbound_messages_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_messages")),
    )
    op.create_index("ix_inbound_messages_at", "inbound_messages", ["at"], unique=False)
    op.execute(
        "insert into opt_outs (kind, value, said_at) select kind, value, min(stopped_at) from contact_points "
        "where stopped_at is not null group by kind, value"
    )


def downgrade() -> None:
    """Take the tables away."""
    op.drop_table("inbound_messages")
    op.drop_table("opt_outs")
    op.drop_table("basemaps")
    op.drop_column("live_days", "reported_permille")
    op.drop_index("ix_progress_events_turns", "progress_events")
    op.drop_column("visit_progress", "expected_at")
    op.drop_column("visit_progress", "extended_at")
    op.drop_index("ix_work_orders_unbooked_since", "work_orders")
    op.drop_column("work_orders", "unbooked_since")
    op.drop_column("work_orders", "intake")
    op.drop_column("plans", "waitlist_at")
    op.drop_column("customers", "is_draft")
    op.drop_table("services")
