// The memory that makes greedy insertion cheap: most routes do not change from one iteration to the next.
#pragma once

#include "fieldops/working_plan.h"

namespace fieldops {

//! Remembers the best insertion of every visit into every route, or what it costs at least, as long as the route does not
//! change.
class InsertionCache {
public:
    InsertionCache(const Instance& instance, RouteEditor& editor)
        : editor_(editor), width_(static_cast<std::size_t>(instance.num_shifts())),
          entries_(static_cast<std::size_t>(instance.num_visits()) * width_) {}
    //! The best insertion when it costs less than `limit`; dearer ones may be said not to exist.
    const Insertion& best(const Route& route, VisitIdx v, Cost limit) {
        Entry& entry = entries_[static_cast<std::size_t>(v) * width_ + static_cast<std::size_t>(route.shift)];
        if (entry.stamp != route.stamp || (entry.insertion.position == NONE && limit > entry.least)) {
            const Insertion found = editor_.best_insertion(route, v, limit);
            entry = {route.stamp, found, editor_.least_delta()};
        }
        return entry.insertion;
    }

private:
    struct Entry {
        std::uint64_t stamp = 0;
        Insertion insertion;
        Cost least = UNAFFORDABLE;  // of every place, when none is known
    };
    RouteEditor& editor_;
    std::size_t width_;
    std::vector<Entry> entries_;
};

}  // namespace fieldops
