// The plan the search walks on: routes, who is where, who is absent, and how to take the last step back.
#pragma once

#include "fieldops/route.h"

namespace fieldops {

//! Visits per shift, in serving order; what goes in and out of the core.
using Orders = std::vector<std::vector<VisitIdx>>;

/**
 * Prices of leaving visits out.
 *
 * `exact` is what counts. `walk` is what the search is driven by: the same order of importance, but never so far above
 * the price of an ordinary insertion that leaving out one more visit for a while could not be accepted.
 */
struct AbsencePrices {
    std::vector<Cost> exact;
    std::vector<Cost> walk;
};

class WorkingPlan {
public:
    WorkingPlan(const Instance& instance, RouteEditor& editor, const AbsencePrices& prices);

    const Route& route(ShiftIdx s) const { return routes_[static_cast<std::size_t>(s)]; }
    int num_routes() const { return static_cast<int>(routes_.size()); }
    //! Shift that serves the visit, or NONE.
    ShiftIdx shift_of(VisitIdx v) const { return shift_of_[static_cast<std::size_t>(v)]; }
    bool is_absent(VisitIdx v) const { return shift_of(v) == NONE; }
    const std::vector<VisitIdx>& absent() const { return absent_; }

    Cost exact_cost() const { return routes_cost_ + absent_exact_; }
    Cost walk_cost() const { return routes_cost_ + absent_walk_; }
    Cost routes_cost() const { return routes_cost_; }

    void insert(ShiftIdx s, VisitIdx v, int position);
    //! Replace the visits [from, to) of a route by `v`.
    void replace(ShiftIdx s, int from, int to, VisitIdx v);
    //! Set a whole route; visits that were on it and are not any more become absent.
    void assign(ShiftIdx s, std::vector<VisitIdx> visits);
    //! Take these visits off the route; they become absent.
    void remove(ShiftIdx s, const std::vector<VisitIdx>& gone);

    //! Forget the way back; the plan as it is becomes what `roll_back` returns to.
    void commit();
    void roll_back();
    //! Shifts whose routes changed since the last commit.
    const std::vector<ShiftIdx>& touched() const { return touched_; }

    Orders orders() const;

private:
    Route& open(ShiftIdx s);
    void place(VisitIdx v, ShiftIdx s);
    void make_absent(VisitIdx v);

    RouteEditor& editor_;
    const AbsencePrices& prices_;
    std::vector<Route> routes_;
    std::vector<ShiftIdx> shift_of_;
    std::vector<VisitIdx> absent_;
    std::vector<int> absent_pos_;
    Cost routes_cost_, absent_exact_, absent_walk_;

    std::vector<ShiftIdx> touched_;
    std::vector<Route> saved_;  // parallel to touched_
    std::vector<std::uint8_t> is_touched_;
};

}  // namespace fieldops
