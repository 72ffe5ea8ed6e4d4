"""Work orders and visits, offers to promises, plans."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "plan_jobs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("publishes", sa.Boolean(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("published_version", sa.Integer(), nullable=True),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("routes", sa.JSON(), nullable=False),
        sa.Column("visit_versions", sa.JSON(), nullable=False),
        sa.Column("unassigned", sa.JSON(), nullable=False),
        sa.Column("kpis", sa.JSON(), nullable=False),
        sa.Column("cost", sa.JSON(), nullable=False),
        sa.Column("search", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["territory_id"], ["territories.id"], name=op.f("fk_plan_jobs_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_jobs")),
    )
    op.create_index("ix_plan_jobs_territory_id_date", "plan_jobs", ["territory_id", "date"], unique=False)
    op.create_table(
        "plans",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_version", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waitlist_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territories.id"], name=op.f("fk_plans_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("territory_id", "date", name=op.f("uq_plans_territory_id_date")),
    )
    op.create_table(
        "plan_versions",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_versions_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "version", name=op.f("pk_plan_versions")),
    )
    op.create_table(
        "work_orders",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_work_orders_customer_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_work_orders_site_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territories.id"], name=op.f("fk_work_orders_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_orders")),
    )
    op.create_index(op.f("ix_work_orders_customer_id"), "work_orders", ["customer_id"], unique=False)
    op.create_index(op.f("ix_work_orders_reference"), "work_orders", ["reference"], unique=False)
    op.create_index(op.f("ix_work_orders_territory_id"), "work_orders", ["territory_id"], unique=False)
    op.create_table(
        "routes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("shift_id", sa.String(), nullable=False),
        sa.Column("technician_id", sa.String(), nullable=False),
        sa.Column("from_version", sa.Integer(), nullable=False),
        sa.Column("until_version", sa.Integer(), nullable=True),
        sa.Column("departure_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("travel_s", sa.Integer(), nullable=False),
        sa.Column("travel_home_s", sa.Integer(), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("work_s", sa.Integer(), nullable=False),
        sa.Column("overtime_s", sa.Integer(), nullable=False),
        sa.Column("breaks", sa.JSON(), nullable=False),
        sa.Column("cost", sa.JSON(), nullable=False),
        sa.CheckConstraint("until_version is null or until_version > from_version", name=op.f("ck_routes_versions")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_routes_plan_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_routes_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routes")),
    )
    op.create_index("ix_routes_plan_id_from_version", "routes", ["plan_id", "from_version"], unique=False)
    op.create_index(op.f("ix_routes_technician_id"), "routes", ["technician_id"], unique=False)
    op.create_index(
        "uq_routes_shift_id_current",
        "routes",
        ["shift_id"],
        unique=True,
        sqlite_where=sa.text("until_version is null"),
        postgresql_where=sa.text("until_version is null"),
    )
    op.create_table(
        "visits",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("work_order_id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("required_skills", sa.JSON(), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.Column("preferred_window", sa.JSON(), nullable=False),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("is_mandatory", sa.Boolean(), nullable=False),
        sa.Column("unassigned_cents", sa.Integer(), nullable=True),
        sa.Column("allowed_technicians", sa.JSON(), nullable=True),
        sa.Column("forbidden_technicians", sa.JSON(), nullable=False),
        sa.Column("preferred_technicians", sa.JSON(), nullable=False),
        sa.Column("pin", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("duration_s > 0", name=op.f("ck_visits_duration")),
        sa.CheckConstraint("priority between 1 and 5", name=op.f("ck_visits_priority")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_visits_site_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territories.id"], name=op.f("fk_visits_territory_id")),
        sa.ForeignKeyConstraint(["work_order_id"], ["work_orders.id"], name=op.f("fk_visits_work_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index("ix_visits_territory_id_state", "visits", ["territory_id", "state"], unique=False)
    op.create_index(op.f("ix_visits_work_order_id"), "visits", ["work_order_id"], unique=False)
    op.create_table(
        "bookings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("hold_id", sa.String(), nullable=True),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.CheckConstraint("state in ('confirmed', 'canceled')", name=op.f("ck_bookings_state")),
        sa.CheckConstraint("window_start <= window_end", name=op.f("ck_bookings_window")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_bookings_customer_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_bookings_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
    )
    op.create_index(op.f("ix_bookings_customer_id"), "bookings", ["customer_id"], unique=False)
    op.create_index(op.f("ix_bookings_hold_id"), "bookings", ["hold_id"], unique=False)
    op.create_index("ix_bookings_territory_id_date", "bookings", ["territory_id", "date"], unique=False)
    op.create_index(op.f("ix_bookings_visit_id"), "bookings", ["visit_id"], unique=False)
    op.create_index(
        "uq_bookings_visit_id_confirmed",
        "bookings",
        ["visit_id"],
        unique=True,
        sqlite_where=sa.text("state = 'confirmed'"),
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("offer_id", sa.String(), nullable=True),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('active', 'confirmed', 'released', 'expired')", name=op.f("ck_holds_state")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_holds_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index("ix_holds_state_expires_at", "holds", ["state", "expires_at"], unique=False)
    op.create_index(op.f("ix_holds_visit_id"), "holds", ["visit_id"], unique=False)
    op.create_index(
        "uq_holds_visit_id_active",
        "holds",
        ["visit_id"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("quote_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("cost_cents", sa.Integer(), nullable=False),
        sa.Column("slack_s", sa.Integer(), nullable=False),
        sa.Column("technician_id", sa.String(), nullable=False),
        sa.Column("shift_id", sa.String(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_offers_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index(op.f("ix_offers_made_at"), "offers", ["made_at"], unique=False)
    op.create_index(op.f("ix_offers_quote_id"), "offers", ["quote_id"], unique=False)
    op.create_index(op.f("ix_offers_visit_id"), "offers", ["visit_id"], unique=False)
    op.create_table(
        "stops",
        sa.Column("route_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("arrival_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finish_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("departure_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wait_s", sa.Integer(), nullable=False),
        sa.Column("slack_s", sa.Integer(), nullable=False),
        sa.Column("lateness_s", sa.Integer(), nullable=False),
        sa.Column("travel_s", sa.Integer(), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["route_id"], ["routes.id"], name=op.f("fk_stops_route_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_stops_visit_id")),
        sa.PrimaryKeyConstraint("route_id", "position", name=op.f("pk_stops")),
    )
    op.create_index(op.f("ix_stops_visit_id"), "stops", ["visit_id"], unique=False)
    op.create_index(
        "uq_stops_visit_id_current",
        "stops",
        ["visit_id"],
        unique=True,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "promises",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_promises_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
    )
    op.create_index(op.f("ix_promises_booking_id"), "promises", ["booking_id"], unique=False)
    op.create_index(op.f("ix_promises_customer_id"), "promises", ["customer_id"], unique=False)
    op.create_index(op.f("ix_promises_visit_id"), "promises", ["visit_id"], unique=False)
    op.create_table(
        "waitlist",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("offer_id", sa.String(), nullable=True),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_waitlist_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist")),
    )
    op.create_index(op.f("ix_waitlist_territory_id"), "waitlist", ["territory_id"], unique=False)
    op.create_index(
        "uq_waitlist_booking_id_open",
        "waitlist",
        ["booking_id"],
        unique=True,
        sqlite_where=sa.text("state in ('waiting', 'offered')"),
        postgresql_where=sa.text("state in ('waiting', 'offered')"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("waitlist")
    op.drop_table("promises")
    op.drop_table("stops")
    op.drop_table("offers")
    op.drop_table("holds")
    op.drop_table("bookings")
    op.drop_table("visits")
    op.drop_table("routes")
    op.drop_table("work_orders")
    op.drop_table("plan_versions")
    op.drop_table("plans")
    op.drop_table("plan_jobs")
