#include "fieldops/ruin.h"

#include <algorithm>
#include <cmath>

namespace fieldops {

void Ruin::take(WorkingPlan& plan, ShiftIdx s) {
    removed_.insert(removed_.end(), gone_.begin(), gone_.end());
    plan.remove(s, gone_);
}

void Ruin::strings(WorkingPlan& plan, VisitIdx seed, Rng& rng) {
    int used = 0, served = 0;
    for (ShiftIdx s = 0; s < plan.num_routes(); ++s) {
        served += plan.route(s).size();
        used += plan.route(s).size() > 0 ? 1 : 0;
    }
    if (used == 0) return;
    // The paper's limits for string length and number of strings.
    const double max_length = std::min(parameters_.max_string, static_cast<double>(served) / used);
    const double max_strings = 4.0 * parameters_.mean_removed / (1.0 + max_length) - 1.0;
    const auto num_strings = static_cast<std::size_t>(std::floor(rng.unit() * max_strings + 1.0));

    const auto grow_from = [&](VisitIdx c) {
        const ShiftIdx s = plan.shift_of(c);
        if (s == NONE || ruined_[static_cast<std::size_t>(s)] != 0) return;
        ruined_[static_cast<std::size_t>(s)] = 1;
        ruined_shifts_.push_back(s);
        const auto& visits = plan.route(s).visits;
        const int size = plan.route(s).size();
        const int length = std::min(size, static_cast<int>(std::floor(rng.unit() * std::min(static_cast<double>(size), max_length) + 1.0)));
        const auto at = static_cast<int>(std::find(visits.begin(), visits.end(), c) - visits.begin());
        // A split string spares `kept` visits in its middle.
        int kept = 0;
        if (length > 1 && length < size && rng.chance(parameters_.split_string)) {
            kept = 1;
            while (length + kept < size && rng.chance(parameters_.split_grow)) ++kept;
        }
        const int span = length + kept;
        const int low = std::max(0, at - span + 1), high = std::min(at, size - span);
        const int begin = rng.between(low, high);
        const int keep_from = kept > 0 ? begin + rng.between(1, length - 1) : begin + span;
        gone_.clear();
        for (int i = begin; i < begin + span; ++i)
            if (i < keep_from || i >= keep_from + kept) gone_.push_back(visits[static_cast<std::size_t>(i)]);
        take(plan, s);
    };
    ruined_shifts_.clear();
    grow_from(seed);
    for (const VisitIdx c : neighbors_.of(seed)) {
        if (ruined_shifts_.size() >= num_strings) break;
        grow_from(c);
    }
    for (const ShiftIdx s : ruined_shifts_) ruined_[static_cast<std::size_t>(s)] = 0;
}

void Ruin::whole_shift(WorkingPlan& plan, VisitIdx seed, Rng& rng) {
    ShiftIdx s = plan.shift_of(seed);
    if (s == NONE) {
        s = static_cast<ShiftIdx>(rng.below(static_cast<std::size_t>(plan.num_routes())));
        if (plan.route(s).visits.empty()) return;
    }
    gone_ = plan.route(s).visits;
    take(plan, s);
}

void Ruin::time_band(WorkingPlan& plan, VisitIdx seed, Rng& rng) {
    constexpr double TAKEN = 0.6;  // share of the band's visits that go, the nearest first, so that ruins differ
    const Visit& center = instance_.visit(seed);
    const Window band = center.windows[rng.below(center.windows.size())];
    const auto target = static_cast<std::size_t>(rng.between(3, static_cast<int>(2.0 * parameters_.mean_removed)));
    const auto take_one = [&](VisitIdx c) {
        const ShiftIdx s = plan.shift_of(c);
        if (s == NONE) return;
        gone_.assign(1, c);
        take(plan, s);
    };
    take_one(seed);
    for (const VisitIdx c : neighbors_.of(seed)) {
        if (removed_.size() >= target) break;
        const Visit& other = instance_.visit(c);
        const bool touches = std::any_of(other.windows.begin(), other.windows.end(), [&](const Window& w) {
            return w.earliest <= band.latest && band.earliest <= w.latest;
        });
        if (touches && rng.chance(TAKEN)) take_one(c);
    }
}

}  // namespace fieldops
