"""How answers about work orders and visits look to different callers."""

from collections.abc import Callable

from fieldops.api.schemas.work_orders import CustomerVisit, CustomerWorkOrder, VisitSchema, WorkOrderSchema
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.work_order_views import VisitView, WorkOrderView


def order_for(actor: Actor) -> Callable[[WorkOrderView], WorkOrderSchema | CustomerWorkOrder]:
    """Show work orders as this caller may see them."""
    return WorkOrderSchema.model_validate if _sees_all(actor) else _customer_order


def visit_for(actor: Actor) -> Callable[[VisitView], VisitSchema | CustomerVisit]:
    """Show visits as this caller may see them."""
    return VisitSchema.model_validate if _sees_all(actor) else CustomerVisit.model_validate


def _sees_all(actor: Actor) -> bool:
    return bool(actor.scopes & {Scope.BOOKINGS_READ, Scope.BOOKINGS_WRITE})


def _customer_order(view: WorkOrderView) -> CustomerWorkOrder:
    return CustomerWorkOrder(
        id=view.id,
        summary=view.summary,
        state=view.state,
        address=view.site.address,
        visits=[CustomerVisit.model_validate(visit) for visit in view.visits],
    )
