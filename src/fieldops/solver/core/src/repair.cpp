#include "fieldops/repair.h"

#include <utility>

namespace fieldops {

AbsencePrices exact_prices(const Instance& instance) {
    AbsencePrices prices;
    for (VisitIdx v = 0; v < instance.num_visits(); ++v) {
        const Visit& visit = instance.visit(v);
        prices.exact.push_back(visit.unassigned + (visit.mandatory ? mandatory_price(instance) : Cost{}));
    }
    prices.walk = prices.exact;
    return prices;
}

MoveLimit exact_limit(const Instance& instance, Homes homes) {
    const Cost price = homes.of.empty() ? Cost{} : move_price(instance);
    return {std::move(homes.of), homes.most_moved, price, price};
}

void keep_what_works(WorkingPlan& plan, RouteEditor& editor, const Orders& orders) {
    for (ShiftIdx s = 0; s < plan.num_routes(); ++s) {
        // Often all of it. (Where a way around is shorter than the direct one, the day may work only as a whole, so this is
        // asked first.)
        std::vector<VisitIdx> kept;
        for (const VisitIdx v : orders[static_cast<std::size_t>(s)])
            if (plan.is_absent(v)) kept.push_back(v);
        Route trial = editor.empty_route(s);
        editor.assign(trial, kept);
        if (trial.cost == UNAFFORDABLE) {
            const std::vector<VisitIdx> wanted = std::exchange(kept, {});
            for (const VisitIdx v : wanted) {
                kept.push_back(v);
                editor.assign(trial, kept);
                if (trial.cost == UNAFFORDABLE) kept.pop_back();
            }
        }
        plan.assign(s, kept);
    }
}

Orders repair(const Instance& instance, const Orders& orders, Homes homes) {
    const AbsencePrices prices = exact_prices(instance);
    const MoveLimit limit = exact_limit(instance, std::move(homes));
    RouteEditor editor(instance, Pruning::Quick);
    WorkingPlan plan(instance, editor, prices, limit);
    keep_what_works(plan, editor, orders);
    Rng rng(0);  // nothing is left to chance
    Recreate(instance, editor, prices, limit).complete(plan, rng);
    return plan.orders();
}

}  // namespace fieldops
