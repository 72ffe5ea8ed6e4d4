// The memory that makes greedy insertion cheap: most routes do not change from one iteration to the next.
#pragma once

#include "fieldops/working_plan.h"

namespace fieldops {

//! Remembers the best insertion of every visit into every route as long as the route does not change; places dearer than
//! the visit's absence (and than being away from home) do not count.
class InsertionCache {
public:
    InsertionCache(const Instance& instance, RouteEditor& editor, const AbsencePrices& prices, const MoveLimit& limit)
        : editor_(editor), prices_(prices), limit_(limit), width_(static_cast<std::size_t>(instance.num_shifts())),
          entries_(static_cast<std::size_t>(instance.num_visits()) * width_) {}
    const Insertion& best(const Route& route, VisitIdx v) {
        Entry& entry = entries_[static_cast<std::size_t>(v) * width_ + static_cast<std::size_t>(route.shift)];
        if (entry.stamp != route.stamp) {
            const Cost homecoming = limit_.home_of(v) == NONE ? Cost{} : limit_.exact;
            entry = {route.stamp, editor_.best_insertion(route, v, prices_.exact[static_cast<std::size_t>(v)] + homecoming)};
        }
        return entry.insertion;
    }

private:
    struct Entry {
        std::uint64_t stamp = 0;
        Insertion insertion;
    };
    RouteEditor& editor_;
    const AbsencePrices& prices_;
    const MoveLimit& limit_;
    std::size_t width_;
    std::vector<Entry> entries_;
};

}  // namespace fieldops
