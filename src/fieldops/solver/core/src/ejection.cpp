#include "fieldops/ejection.h"

#include <algorithm>

namespace fieldops {

Ejection::Ejection(const Instance& instance, RouteEditor& editor, const AbsencePrices& prices)
    : instance_(instance), editor_(editor), prices_(prices) {}

bool Ejection::run(WorkingPlan& plan, VisitIdx v, Rng& rng) {
    constexpr std::size_t ROUTES_TRIED = 12;
    constexpr int MOST_EJECTED = 3;
    constexpr double OPENING = 0.1;  // share that may only open an empty shift, whatever that costs
    constexpr double NOISE = 0.2;    // added at most, as a share of what is lost: not the same visit is pushed out forever
    ejected_.clear();
    shifts_ = instance_.shifts_for(v);
    if (shifts_.empty()) return false;

    Cost best = UNAFFORDABLE;
    ShiftIdx where = NONE;
    int best_from = 0, best_to = 0;
    const std::size_t tried = std::min(ROUTES_TRIED, shifts_.size());
    const bool opening = rng.chance(OPENING);
    for (std::size_t i = 0; i < tried; ++i) {
        std::swap(shifts_[i], shifts_[i + rng.below(shifts_.size() - i)]);
        const Route& route = plan.route(shifts_[i]);
        const Shift& shift = instance_.shift(route.shift);
        // Dearer than leaving it out, or recreate would have done it; but others may then come along for little.
        if (route.visits.empty() || !opening) {
            const Insertion plain = editor_.best_insertion(route, v, best);
            if (plain.delta < best) {
                best = plain.delta;
                where = shifts_[i];
                best_from = best_to = plain.position;
            }
        }
        if (opening) continue;
        for (int from = 0; from < route.size(); ++from) {
            Cost lost{};
            std::int64_t freed = 0;
            for (int to = from + 1; to <= std::min(route.size(), from + MOST_EJECTED); ++to) {
                const VisitIdx out = route.visits[static_cast<std::size_t>(to - 1)];
                lost += prices_.walk[static_cast<std::size_t>(out)];
                freed += instance_.visit(out).load;
                if (lost >= best) break;
                if (route.load - freed + instance_.visit(v).load > shift.load_capacity) continue;
                if (!editor_.fits_between(route, from, v, to + 1) || !editor_.rank_allows(route, from, to, v)) continue;
                const Cost cost = editor_.cost_replacing(route, from, to, v);
                if (cost == UNAFFORDABLE) continue;
                const auto noise = static_cast<std::int64_t>(static_cast<double>(lost.value) * NOISE * rng.unit());
                const Cost delta = cost - route.cost + lost + Cost{noise};
                if (delta >= best) continue;
                best = delta;
                where = shifts_[i];
                best_from = from;
                best_to = to;
            }
        }
    }
    if (where == NONE) return false;
    const auto& visits = plan.route(where).visits;
    ejected_.assign(visits.begin() + best_from, visits.begin() + best_to);
    plan.replace(where, best_from, best_to, v);
    return true;
}

}  // namespace fieldops
