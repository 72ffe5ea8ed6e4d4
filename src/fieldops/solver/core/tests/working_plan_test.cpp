// The plan the search walks on: what it counts is true, and the way back leads exactly back.
#include "check.h"
#include "days.h"

#include "fieldops/working_plan.h"

#include <algorithm>

using namespace fieldops;
using namespace fieldops::checks;

namespace {

//! All that makes up a plan, without the order in which it remembers absent visits.
struct Picture {
    Orders orders;
    std::vector<VisitIdx> absent;
    std::vector<Cost> route_costs;
    std::vector<std::uint64_t> stamps;
    Cost exact, walk, routes;
    bool operator==(const Picture&) const = default;
};

Picture picture(const WorkingPlan& plan) {
    Picture now{plan.orders(), plan.absent(), {}, {}, plan.exact_cost(), plan.walk_cost(), plan.routes_cost()};
    std::sort(now.absent.begin(), now.absent.end());
    for (ShiftIdx shift = 0; shift < plan.num_routes(); ++shift) {
        now.route_costs.push_back(plan.route(shift).cost);
        now.stamps.push_back(plan.route(shift).stamp);
    }
    return now;
}

//! Everything the plan counts, counted again.
void check_books(const Instance& instance, const AbsencePrices& prices, const MoveLimit& limit, const WorkingPlan& plan) {
    std::vector<ShiftIdx> where(static_cast<std::size_t>(instance.num_visits()), NONE);
    Cost routes{}, exact{}, walk{};
    Scheduler scheduler(instance);
    for (ShiftIdx shift = 0; shift < plan.num_routes(); ++shift) {
        for (const VisitIdx v : plan.route(shift).visits) {
            CHECK_EQUAL(NONE, where[static_cast<std::size_t>(v)]);
            where[static_cast<std::size_t>(v)] = shift;
        }
        routes += scheduler.cost(instance.shift(shift), plan.route(shift).visits);
    }
    std::size_t absent = 0;
    int away = 0;
    for (VisitIdx v = 0; v < instance.num_visits(); ++v) {
        const auto at = static_cast<std::size_t>(v);
        CHECK_EQUAL(where[at], plan.shift_of(v));
        CHECK_EQUAL(where[at] == NONE, plan.is_absent(v));
        CHECK_EQUAL(where[at] == NONE ? 1 : 0, std::count(plan.absent().begin(), plan.absent().end(), v));
        const TechnicianIdx home = limit.home_of(v);
        if (home != NONE && (where[at] == NONE || instance.shift(where[at]).technician != home)) ++away;
        if (where[at] != NONE) continue;
        ++absent;
        exact += prices.exact[at];
        walk += prices.walk[at];
    }
    CHECK_EQUAL(absent, plan.absent().size());
    CHECK_EQUAL(routes.value, plan.routes_cost().value);
    const int excess = std::max(0, away - limit.most);
    CHECK_EQUAL(excess, plan.excess());
    CHECK_EQUAL((routes + exact + limit.exact * excess).value, plan.exact_cost().value);
    CHECK_EQUAL((routes + walk + limit.walk * excess).value, plan.walk_cost().value);
}

//! One random change that keeps every route feasible; false when the dice found none.
bool change(const Instance& instance, RouteEditor& editor, WorkingPlan& plan, Rng& rng) {
    const auto shift = static_cast<ShiftIdx>(rng.below(static_cast<std::size_t>(instance.num_shifts())));
    const auto v = static_cast<VisitIdx>(rng.below(static_cast<std::size_t>(instance.num_visits())));
    const Route& route = plan.route(shift);
    switch (rng.below(4)) {
        case 0: {
            const Insertion best = editor.best_insertion(route, v);
            if (!plan.is_absent(v) || best.delta == UNAFFORDABLE) return false;
            plan.insert(shift, v, best.position);
            return true;
        }
        case 1: {
            if (!plan.is_absent(v) || route.size() == 0) return false;
            const int from = rng.between(0, route.size() - 1), to = rng.between(from + 1, route.size());
            Route trial = route;
            const auto tail = trial.visits.erase(trial.visits.begin() + from, trial.visits.begin() + to);
            trial.visits.insert(tail, v);
            editor.refresh(trial);
            if (trial.cost == UNAFFORDABLE) return false;
            plan.replace(shift, from, to, v);
            return true;
        }
        case 2: {
            std::vector<VisitIdx> gone;
            for (const VisitIdx served : route.visits)
                if (rng.chance(0.5)) gone.push_back(served);
            plan.remove(shift, gone);
            return !gone.empty();
        }
        default: {
            std::vector<VisitIdx> order;
            for (const VisitIdx candidate : random_order(instance, rng, 4))
                if (plan.is_absent(candidate) || plan.shift_of(candidate) == shift) order.push_back(candidate);
            Route trial = editor.empty_route(shift);
            editor.assign(trial, order);
            if (trial.cost == UNAFFORDABLE) return false;
            plan.assign(shift, order);
            return true;
        }
    }
}

}  // namespace

TEST(the_books_are_right_after_every_change_and_the_way_back_restores_everything) {
    Rng rng(8);
    int changes = 0, returns = 0;
    for (int round = 0; round < 150; ++round) {
        const Instance instance = random_day(rng, 8, 3, alternate(round));
        const AbsencePrices prices = random_prices(instance, rng);
        const MoveLimit limit = random_limit(instance, rng);
        RouteEditor editor(instance, Pruning::Safe);
        WorkingPlan plan(instance, editor, prices, limit);
        check_books(instance, prices, limit, plan);
        for (int step = 0; step < 12; ++step) {
            const Picture before = picture(plan);
            CHECK(plan.touched().empty());
            for (int i = rng.between(1, 8); i > 0; --i) {
                changes += change(instance, editor, plan, rng) ? 1 : 0;
                check_books(instance, prices, limit, plan);
            }
            if (rng.chance(0.5)) {
                plan.commit();
                CHECK(plan.touched().empty());
                continue;
            }
            returns += picture(plan) == before ? 0 : 1;
            plan.roll_back();
            check_books(instance, prices, limit, plan);
            CHECK(picture(plan) == before);
        }
    }
    CHECK(changes > 1'000);
    CHECK(returns > 200);
}

TEST(touched_shifts_are_listed_once) {
    const Instance instance = line_day({whole_day(), whole_day()}, {visit_at(1), visit_at(2), visit_at(3)});
    RouteEditor editor(instance, Pruning::Safe);
    const AbsencePrices prices{std::vector<Cost>(3, cents(1)), std::vector<Cost>(3, cents(1))};
    const MoveLimit limit;
    WorkingPlan plan(instance, editor, prices, limit);
    plan.insert(1, 0, 0);
    plan.insert(1, 1, 1);
    CHECK((plan.touched() == std::vector<ShiftIdx>{1}));
    plan.commit();
    plan.assign(0, {2});
    plan.remove(1, {0, 1});
    CHECK((plan.touched() == std::vector<ShiftIdx>{0, 1}));
    plan.roll_back();
    CHECK((plan.orders() == Orders{{}, {0, 1}}));
}

//! Where the triangle inequality does not hold, a day may work only because of a visit that is a way around.
TEST(a_route_that_fails_without_a_visit_is_shortened_until_it_works) {
    // One way around: 0-1-2-3-0. Everything else takes longer than the day.
    const std::vector<std::int32_t> travel = {0, 1, 90, 90, /**/ 90, 0, 1, 90, /**/ 90, 90, 0, 1, /**/ 1, 90, 90, 0};
    Shift shift = whole_day();
    shift.regular_end = shift.hard_end = s(50);
    const Instance instance(1, 4, travel, travel, {Technician{}}, {shift}, {visit_at(1), visit_at(2), visit_at(3)},
                            std::vector<Demands>(3));
    RouteEditor editor(instance, Pruning::Safe);
    const AbsencePrices prices{std::vector<Cost>(3, cents(1)), std::vector<Cost>(3, cents(1))};
    const MoveLimit limit;
    WorkingPlan plan(instance, editor, prices, limit);
    plan.assign(0, {0, 1, 2});
    plan.commit();
    plan.remove(0, {0});
    CHECK(plan.route(0).visits.empty());
    CHECK_EQUAL(3, plan.absent().size());
    check_books(instance, prices, limit, plan);
    plan.roll_back();
    CHECK((plan.orders() == Orders{{0, 1, 2}}));
    check_books(instance, prices, limit, plan);
}
