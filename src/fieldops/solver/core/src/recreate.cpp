#include "fieldops/recreate.h"

#include <algorithm>

namespace fieldops {

Recreate::Recreate(const Instance& instance, RouteEditor& editor, const AbsencePrices& prices, const MoveLimit& limit)
    : instance_(instance), prices_(prices), limit_(limit), cache_(instance, editor),
      empty_seen_(static_cast<std::size_t>(instance.num_classes()), 0) {
    for (VisitIdx v = 0; v < instance.num_visits(); ++v) {
        const Visit& visit = instance.visit(v);
        Seconds open{};
        for (const Window& window : visit.windows) open += window.latest - window.earliest;
        width_.push_back(open.value);
        std::int64_t nearest = FAR;
        for (const ShiftIdx s : instance_.shifts_for(v))
            nearest = std::min(nearest, instance.travel(instance.shift(s), instance.shift(s).start_place, visit.place).value);
        far_.push_back(nearest);
    }
}

void Recreate::sort(std::vector<VisitIdx>& visits, Rng& rng) {
    rng.shuffle(visits);
    const auto by = [&](const auto& key) {
        std::stable_sort(visits.begin(), visits.end(), [&](VisitIdx a, VisitIdx b) { return key(a) < key(b); });
    };
    const auto at = [](const std::vector<std::int64_t>& values, VisitIdx v) { return values[static_cast<std::size_t>(v)]; };
    // Sixteenths: a quarter in random order, the rest by what makes a visit hard to place.
    switch (rng.below(16)) {
        case 0: case 1: case 2: case 3: break;
        case 4: case 5: by([&](VisitIdx v) { return -prices_.walk[static_cast<std::size_t>(v)].value; }); break;
        case 6: case 7: by([&](VisitIdx v) { return at(width_, v); }); break;
        case 8: case 9: by([&](VisitIdx v) { return instance_.visit(v).span.earliest.value; }); break;
        case 10: by([&](VisitIdx v) { return -instance_.visit(v).span.latest.value; }); break;
        case 11: by([&](VisitIdx v) { return static_cast<std::int64_t>(instance_.shifts_for(v).size()); }); break;
        case 12: case 13: by([&](VisitIdx v) { return -at(far_, v); }); break;
        case 14: by([&](VisitIdx v) { return at(far_, v); }); break;
        default: by([&](VisitIdx v) { return -instance_.visit(v).load; }); break;
    }
}

int Recreate::count_homes(const WorkingPlan& plan, const std::vector<VisitIdx>& visits) {
    return static_cast<int>(std::count_if(visits.begin(), visits.end(), [&](VisitIdx v) { return plan.has_home(v); }));
}

void Recreate::insert_cheapest(WorkingPlan& plan, VisitIdx v, const Price& price, Rng& rng, double blink) {
    Cost best = price.absence;
    ShiftIdx where = NONE;
    int position = NONE;
    std::fill(empty_seen_.begin(), empty_seen_.end(), std::uint8_t{0});
    for (const ShiftIdx s : instance_.shifts_for(v)) {
        const Route& route = plan.route(s);
        if (route.visits.empty()) {
            std::uint8_t& seen = empty_seen_[static_cast<std::size_t>(instance_.shift_class(s))];
            if (seen != 0 && (plan.is_away(v, s) || !plan.has_home(v))) continue;
            seen = 1;
        }
        if (blink > 0.0 && rng.chance(blink)) continue;
        // An absent visit is away as much as one with somebody else: only coming home is worth the price of a move.
        const Cost homecoming = plan.has_home(v) && !plan.is_away(v, s) ? price.move : Cost{};
        const Insertion& insertion = cache_.best(route, v, best + homecoming);
        if (insertion.position == NONE) continue;
        const Cost delta = insertion.delta - homecoming;
        if (delta < best) {
            best = delta;
            where = s;
            position = insertion.position;
        }
    }
    if (where != NONE) plan.insert(where, v, position);
}

void Recreate::run(WorkingPlan& plan, std::vector<VisitIdx>& visits, Rng& rng, double blink) {
    sort(visits, rng);
    int pending = count_homes(plan, visits);
    for (const VisitIdx v : visits) {
        pending -= plan.has_home(v) ? 1 : 0;
        const Cost move = plan.is_used_up(pending) ? limit_.walk : Cost{};
        insert_cheapest(plan, v, {prices_.walk[static_cast<std::size_t>(v)], move}, rng, blink);
    }
}

void Recreate::complete(WorkingPlan& plan, Rng& rng) {
    left_ = plan.absent();
    const auto price = [&](VisitIdx v) { return prices_.exact[static_cast<std::size_t>(v)]; };
    std::sort(left_.begin(), left_.end(), [&](VisitIdx a, VisitIdx b) { return price(a) != price(b) ? price(b) < price(a) : a < b; });
    int pending = count_homes(plan, left_);
    for (const VisitIdx v : left_) {
        pending -= plan.has_home(v) ? 1 : 0;
        insert_cheapest(plan, v, {price(v), plan.is_used_up(pending) ? limit_.exact : Cost{}}, rng, 0.0);
    }
}

}  // namespace fieldops
