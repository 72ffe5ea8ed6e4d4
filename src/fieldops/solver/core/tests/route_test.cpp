// What a route remembers about itself, against simulating everything anew.
#include "check.h"
#include "days.h"

#include "fieldops/route.h"

#include <algorithm>

using namespace fieldops;
using namespace fieldops::checks;

namespace {

//! The rules the scheduler does not judge: who, how many, how much, in which order.
bool keeps_rules(const Instance& instance, const Shift& shift, const std::vector<VisitIdx>& order) {
    std::int64_t load = 0, rank = NONE;
    for (const VisitIdx v : order) {
        const Visit& visit = instance.visit(v);
        load += visit.load;
        if (!instance.eligible(shift, v)) return false;
        if (visit.sequence != NONE && visit.sequence < rank) return false;
        if (visit.sequence != NONE) rank = visit.sequence;
    }
    return load <= shift.load_capacity && static_cast<std::int64_t>(order.size()) <= shift.max_visits;
}

Cost simulated(const Instance& instance, const std::vector<VisitIdx>& order) {
    const Shift& shift = instance.shift(0);
    return keeps_rules(instance, shift, order) ? Scheduler(instance).cost(shift, order) : UNAFFORDABLE;
}

//! `order` with `v` in place of the visits [from, to).
std::vector<VisitIdx> replaced(std::vector<VisitIdx> order, int from, int to, VisitIdx v) {
    const auto tail = order.erase(order.begin() + from, order.begin() + to);
    order.insert(tail, v);
    return order;
}

//! A feasible route of a random day, and a visit that is not on it.
struct Case {
    Instance instance;
    RouteEditor editor;
    Route route;
    VisitIdx visit = 0;

    Case(Rng& rng, Travel travel, Pruning pruning)
        : instance(random_day(rng, 6, 1, travel)), editor(instance, pruning), route(editor.empty_route(0)) {
        for (const VisitIdx v : random_order(instance, rng, 5)) {
            if (v == visit) continue;
            editor.insert(route, v, rng.between(0, route.size()));
            if (route.cost < UNAFFORDABLE) continue;
            std::vector<VisitIdx> shorter = route.visits;
            std::erase(shorter, v);
            editor.assign(route, shorter);
            if (route.cost == UNAFFORDABLE) editor.assign(route, {});  // worked only with the visit: a way around
        }
    }

    //! Least cost added by the visit, every position simulated; UNAFFORDABLE when it fits nowhere.
    Cost least_insertion() const {
        Cost least = UNAFFORDABLE;
        for (int position = 0; position <= route.size(); ++position) {
            const Cost cost = simulated(instance, replaced(route.visits, position, position, visit));
            if (cost < UNAFFORDABLE) least = std::min(least, cost - route.cost);
        }
        return least;
    }
};

}  // namespace

TEST(a_route_costs_what_simulating_it_costs) {
    Rng rng(5);
    int feasible = 0;
    for (int round = 0; round < 3'000; ++round) {
        const Instance instance = random_day(rng, 6, 1, alternate(round));
        RouteEditor editor(instance, Pruning::Safe);
        Route route = editor.empty_route(0);
        editor.assign(route, random_order(instance, rng, 4));
        CHECK_EQUAL(simulated(instance, route.visits).value, route.cost.value);
        feasible += route.cost < UNAFFORDABLE && route.size() > 0 ? 1 : 0;
    }
    CHECK(feasible > 300);
}

TEST(the_best_insertion_is_the_best_of_every_position) {
    Rng rng(6);
    int possible = 0, refused = 0;
    for (int round = 0; round < 4'000; ++round) {
        Case one(rng, alternate(round), Pruning::Safe);
        const Cost least = one.least_insertion();
        const Cost limit = cents(rng.between(0, 5));
        const Insertion cheap = one.editor.best_insertion(one.route, one.visit, limit);
        CHECK_EQUAL((least < limit ? least : UNAFFORDABLE).value, cheap.delta.value);
        // Whoever asks again with another limit can rely on what was learned.
        if (cheap.position == NONE) CHECK(limit <= one.editor.least_delta() && one.editor.least_delta() <= least);
        const Insertion best = one.editor.best_insertion(one.route, one.visit);
        CHECK_EQUAL(least.value, best.delta.value);
        ++(least < UNAFFORDABLE ? possible : refused);
        if (best.delta == UNAFFORDABLE) continue;
        const Cost before = one.route.cost;
        one.editor.insert(one.route, one.visit, best.position);
        CHECK_EQUAL((before + best.delta).value, one.route.cost.value);
    }
    CHECK(possible > 300);
    CHECK(refused > 300);
}

//! What the search uses: on a map it never overlooks a place, and is exact but for preferred windows and overtime.
TEST(a_quick_insertion_works_wherever_one_does) {
    Rng rng(14);
    int exact = 0;
    for (int round = 0; round < 4'000; ++round) {
        Case one(rng, Travel::Map, Pruning::Quick);
        const Cost least = one.least_insertion(), before = one.route.cost;
        const Insertion quick = one.editor.best_insertion(one.route, one.visit);
        CHECK_EQUAL(least < UNAFFORDABLE, quick.delta < UNAFFORDABLE);
        if (quick.delta == UNAFFORDABLE) continue;
        one.editor.insert(one.route, one.visit, quick.position);
        CHECK(one.route.cost < UNAFFORDABLE);
        const auto wishes = [&](VisitIdx v) { return one.instance.visit(v).preferred_miss != Cost{}; };
        if (std::any_of(one.route.visits.begin(), one.route.visits.end(), wishes)) continue;
        if (!one.instance.shift(0).overtime_rate.is_zero()) continue;
        ++exact;
        CHECK_EQUAL((before + least).value, one.route.cost.value);
        CHECK_EQUAL(least.value, quick.delta.value);
    }
    CHECK(exact > 100);
}

TEST(a_replacement_is_judged_before_it_is_tried_and_never_wrongly_refused) {
    Rng rng(7);
    int possible = 0;
    for (int round = 0; round < 2'000; ++round) {
        Case one(rng, alternate(round), Pruning::Safe);
        if (!one.instance.eligible(one.instance.shift(0), one.visit)) continue;
        for (int from = 0; from < one.route.size(); ++from)
            for (int to = from + 1; to <= one.route.size(); ++to) {
                const std::vector<VisitIdx> order = replaced(one.route.visits, from, to, one.visit);
                const Cost cost = Scheduler(one.instance).cost(one.instance.shift(0), order);
                CHECK_EQUAL(cost.value, one.editor.cost_replacing(one.route, from, to, one.visit).value);
                if (cost == UNAFFORDABLE) continue;
                ++possible;
                CHECK(one.editor.fits_between(one.route, from, one.visit, to + 1));
            }
    }
    CHECK(possible > 500);
}

TEST(ranks_may_be_equal_but_never_fall) {
    std::vector<Visit> visits;
    for (const std::int64_t rank : {std::int64_t{1}, std::int64_t{NONE}, std::int64_t{3}, std::int64_t{2}, std::int64_t{1}}) {
        visits.push_back(visit_at(1));
        visits.back().sequence = rank;
    }
    const Instance instance = line_day({whole_day()}, visits);
    RouteEditor editor(instance, Pruning::Safe);
    Route route = editor.empty_route(0);
    editor.assign(route, {0, 1, 2});
    const auto allowed = [&](int from, int to, VisitIdx v) { return editor.rank_allows(route, from, to, v); };
    CHECK(!allowed(0, 0, 3));
    CHECK(allowed(1, 1, 3));
    CHECK(allowed(2, 2, 3));
    CHECK(!allowed(3, 3, 3));
    CHECK(allowed(0, 0, 4));
    CHECK(allowed(0, 1, 3));  // in place of rank 1
    CHECK(allowed(2, 3, 4));  // in place of rank 3
    editor.assign(route, {2, 0});
    CHECK(route.cost == UNAFFORDABLE);
}

TEST(every_change_of_a_route_changes_its_stamp) {
    const Instance instance = line_day({whole_day(), whole_day()}, {visit_at(1), visit_at(2)});
    RouteEditor editor(instance, Pruning::Safe);
    Route one = editor.empty_route(0), other = editor.empty_route(1);
    CHECK(one.stamp != other.stamp);
    const std::uint64_t before = one.stamp;
    editor.insert(one, 0, 0);
    CHECK(one.stamp != before && one.stamp != other.stamp);
}
