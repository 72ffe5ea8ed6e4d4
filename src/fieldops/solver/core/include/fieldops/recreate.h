// Recreate: put absent visits back, greedily, in a changing order.
#pragma once

#include "fieldops/insertion_cache.h"
#include "fieldops/rng.h"

namespace fieldops {

//! Greedy insertion with blinks in one of several orders.
class Recreate {
public:
    Recreate(const Instance& instance, RouteEditor& editor, const AbsencePrices& prices, const MoveLimit& limit);
    //! Insert what is cheaper in than out at walk prices.
    void run(WorkingPlan& plan, std::vector<VisitIdx>& visits, Rng& rng, double blink);
    //! Insert all that is cheaper in than out at exact prices, dearest absence first.
    void complete(WorkingPlan& plan, Rng& rng);

private:
    void sort(std::vector<VisitIdx>& visits, Rng& rng);
    //! What being left out costs, and being away from home when too many are.
    struct Price {
        Cost absence;
        Cost move;
    };
    void insert_cheapest(WorkingPlan& plan, VisitIdx v, const Price& price, Rng& rng, double blink);
    //! Visits that are yet to be inserted and may come home, so that they do not count as away.
    static int count_homes(const WorkingPlan& plan, const std::vector<VisitIdx>& visits);

    const Instance& instance_;
    const AbsencePrices& prices_;
    const MoveLimit& limit_;
    InsertionCache cache_;
    std::vector<std::int64_t> width_, far_;  // per visit: seconds its windows are open, travel from the nearest start place
    std::vector<std::uint8_t> empty_seen_;
    std::vector<VisitIdx> left_;
};

}  // namespace fieldops
