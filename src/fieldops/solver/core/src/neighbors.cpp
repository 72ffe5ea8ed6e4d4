#include "fieldops/neighbors.h"

#include <algorithm>
#include <numeric>

namespace fieldops {

Neighbors::Neighbors(const Instance& instance, int limit)
    : width_(static_cast<std::size_t>(std::max(0, std::min(limit, instance.num_visits() - 1)))) {
    if (width_ == 0 || instance.num_shifts() == 0) {
        width_ = 0;
        return;
    }
    const Shift& shift = instance.shift(0);
    const auto n = static_cast<std::size_t>(instance.num_visits());
    near_.reserve(n * width_);
    std::vector<Seconds> apart(n);
    std::vector<VisitIdx> others;
    for (VisitIdx v = 0; v < instance.num_visits(); ++v) {
        const PlaceIdx here = instance.visit(v).place;
        others.clear();
        for (VisitIdx u = 0; u < instance.num_visits(); ++u) {
            const PlaceIdx there = instance.visit(u).place;
            apart[static_cast<std::size_t>(u)] = instance.travel(shift, here, there) + instance.travel(shift, there, here);
            if (u != v) others.push_back(u);
        }
        const auto nearer = [&](VisitIdx a, VisitIdx b) {
            const Seconds da = apart[static_cast<std::size_t>(a)], db = apart[static_cast<std::size_t>(b)];
            return da != db ? da < db : a < b;
        };
        std::partial_sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(width_), others.end(), nearer);
        near_.insert(near_.end(), others.begin(), others.begin() + static_cast<std::ptrdiff_t>(width_));
    }
}

}  // namespace fieldops
