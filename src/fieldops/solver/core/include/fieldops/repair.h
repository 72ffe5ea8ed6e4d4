// Repair: of a plan that no longer works everywhere, a plan that does; in milliseconds, before any search.
#pragma once

#include "fieldops/recreate.h"

namespace fieldops {

//! Who visits are with now, and how many of them may be with somebody else (see MoveLimit).
struct Homes {
    std::vector<TechnicianIdx> of;  // per visit; empty: no limit
    int most_moved = 0;
};

//! Prices at which plans are judged, before there is a walk with prices of its own.
AbsencePrices exact_prices(const Instance& instance);
MoveLimit exact_limit(const Instance& instance, Homes homes);

//! Put visits on their routes, in the given order, as long as the routes work. All routes are empty before.
void keep_what_works(WorkingPlan& plan, RouteEditor& editor, const Orders& orders);

//! Keep what works of a plan and put the rest where it is cheapest, dearest absence first.
Orders repair(const Instance& instance, const Orders& orders, Homes homes);

}  // namespace fieldops
