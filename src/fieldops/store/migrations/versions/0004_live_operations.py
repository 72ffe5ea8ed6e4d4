"""Live operations: what was reported, expected, proposed, edited and asked about a day under way."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "stream_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream_events")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_stream_events_at"), "stream_events", ["at"], unique=False)
    op.create_index("ix_stream_events_topic_id", "stream_events", ["topic", "id"], unique=False)

    op.create_table(
        "learned_factors",
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("permille", sa.Integer(), nullable=False),
        sa.Column("spread_permille", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territories.id"], name=op.f("fk_learned_factors_territory_id")),
        sa.PrimaryKeyConstraint("territory_id", "kind", "key", name=op.f("pk_learned_factors")),
    )
    op.create_table(
        "live_days",
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("travel_permille", sa.Integer(), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wanted_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wanted_why", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territories.id"], name=op.f("fk_live_days_territory_id")),
        sa.PrimaryKeyConstraint("territory_id", "date", name=op.f("pk_live_days")),
    )
    op.create_index(
        "ix_live_days_wanted_at",
        "live_days",
        ["wanted_at"],
        unique=False,
        sqlite_where=sa.text("wanted_at is not null"),
        postgresql_where=sa.text("wanted_at is not null"),
    )
    op.create_table(
        "replans",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("applied_version", sa.Integer(), nullable=True),
        sa.Column("routes", sa.JSON(), nullable=False),
        sa.Column("diff", sa.JSON(), nullable=False),
        sa.Column("conflicts", sa.JSON(), nullable=False),
        sa.Column("unassigned", sa.JSON(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("cost_change_cents", sa.Integer(), nullable=True),
        sa.Column("churn", sa.Integer(), nullable=True),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted", sa.JSON(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["territory_id"], ["territories.id"], name=op.f("fk_replans_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replans")),
    )
    op.create_index("ix_replans_territory_id_date", "replans", ["territory_id", "date"], unique=False)
    op.create_index(
        "uq_replans_running",
        "replans",
        ["territory_id"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )

    op.create_table(
        "plan_edits",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_forced", sa.Boolean(), nullable=False),
        sa.Column("violations", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("from_version", sa.Integer(), nullable=False),
        sa.Column("to_version", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_edits_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_edits")),
    )
    op.create_index("ix_plan_edits_plan_id_made_at", "plan_edits", ["plan_id", "made_at"], unique=False)

    op.create_table(
        "technician_states",
        sa.Column("technician_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("out_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("out_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["technician_id"], ["technicians.id"], name=op.f("fk_technician_states_technician_id")),
        sa.PrimaryKeyConstraint("technician_id", "date", name=op.f("pk_technician_states")),
    )
    op.create_index(op.f("ix_technician_states_territory_id"), "technician_states", ["territory_id"], unique=False)

    op.create_table(
        "etas",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("shift_id", sa.String(), nullable=False),
        sa.Column("technician_id", sa.String(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("arrival_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("earliest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finish_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_permille", sa.Integer(), nullable=True),
        sa.Column("at_risk_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_arrival_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_earliest_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_latest_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("news_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shown_earliest_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shown_latest_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_etas_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_etas")),
    )
    op.create_index("ix_etas_territory_id_date", "etas", ["territory_id", "date"], unique=False)

    op.create_table(
        "progress_events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("technician_id", sa.String(), nullable=True),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reporter", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("is_ignored", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territories.id"], name=op.f("fk_progress_events_territory_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_progress_events_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_events")),
    )
    op.create_index("ix_progress_events_territory_id_date", "progress_events", ["territory_id", "date"], unique=False)
    op.create_index("ix_progress_events_visit_id", "progress_events", ["visit_id"], unique=False)

    op.create_table(
        "surveys",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("technician_id", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nps", sa.Integer(), nullable=True),
        sa.Column("csat", sa.Integer(), nullable=True),
        sa.Column("ces", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_surveys_customer_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_surveys_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_surveys")),
    )
    op.create_index(op.f("ix_surveys_customer_id"), "surveys", ["customer_id"], unique=False)

    op.create_table(
        "tasks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("credit_cents", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("state in ('open', 'done')", name=op.f("ck_tasks_state")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_tasks_customer_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territories.id"], name=op.f("fk_tasks_territory_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_tasks_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_territory_id_state_due_at", "tasks", ["territory_id", "state", "due_at"], unique=False)
    op.create_index("uq_tasks_subject", "tasks", ["kind", "visit_id"], unique=True)

    op.create_table(
        "visit_progress",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("technician_id", sa.String(), nullable=True),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("travel_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extension_s", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("planned_arrival_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_start_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_travel_s", sa.Integer(), nullable=True),
        sa.Column("planned_duration_s", sa.Integer(), nullable=True),
        sa.Column("anew_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "phase in ('planned', 'traveling', 'arrived', 'in_progress', 'done', 'failed', 'canceled')",
            name=op.f("ck_visit_progress_phase"),
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_progress_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visit_progress")),
    )
    op.create_index("ix_visit_progress_territory_id_date", "visit_progress", ["territory_id", "date"], unique=False)

    op.add_column("offers", sa.Column("kept_permille", sa.Integer(), nullable=True))
    op.add_column("territories", sa.Column("live_policies", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    """Take the tables away."""
    op.drop_column("territories", "live_policies")
    op.drop_column("offers", "kept_permille")
    for table in (
        "visit_progress",
        "tasks",
        "surveys",
        "progress_events",
        "etas",
        "technician_states",
        "plan_edits",
        "replans",
        "live_days",
        "learned_factors",
        "stream_events",
    ):
        op.drop_table(table)
