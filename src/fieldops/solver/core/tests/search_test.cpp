// Whole searches on random days with every rule, under asserts and sanitizers: what they say of their plans is true.
#include "check.h"
#include "days.h"

#include "fieldops/search.h"

#include <algorithm>
#include <thread>

using namespace fieldops;
using namespace fieldops::checks;

namespace {

//! Cost of a plan as the referee would add it up: routes as simulated, absent visits at their price.
Cost add_up(const Instance& instance, const Orders& orders) {
    Cost cost{};
    RouteEditor editor(instance, Pruning::Safe);
    std::vector<int> served(static_cast<std::size_t>(instance.num_visits()), 0);
    CHECK_EQUAL(static_cast<std::size_t>(instance.num_shifts()), orders.size());
    for (ShiftIdx shift = 0; shift < instance.num_shifts(); ++shift) {
        Route route = editor.empty_route(shift);
        editor.assign(route, orders[static_cast<std::size_t>(shift)]);
        CHECK(route.cost < UNAFFORDABLE);
        cost += route.cost;
        for (const VisitIdx v : route.visits) ++served[static_cast<std::size_t>(v)];
    }
    for (VisitIdx v = 0; v < instance.num_visits(); ++v) {
        const int times = served[static_cast<std::size_t>(v)];
        CHECK(times <= 1);
        if (times == 0) cost += instance.visit(v).unassigned;
    }
    return cost;
}

//! Visits that are not with the technician they were with, of those that were with one.
int count_away(const Instance& instance, const Orders& orders, const std::vector<TechnicianIdx>& homes) {
    int away = 0;
    for (VisitIdx v = 0; v < instance.num_visits(); ++v) {
        const TechnicianIdx home = homes[static_cast<std::size_t>(v)];
        if (home == NONE) continue;
        bool is_home = false;
        for (ShiftIdx shift = 0; shift < instance.num_shifts(); ++shift) {
            const auto& visits = orders[static_cast<std::size_t>(shift)];
            const bool serves = std::find(visits.begin(), visits.end(), v) != visits.end();
            is_home = is_home || (serves && instance.shift(shift).technician == home);
        }
        away += is_home ? 0 : 1;
    }
    return away;
}

Homes homes_of(const Instance& instance, const Orders& orders, int most_moved) {
    Homes homes{std::vector<TechnicianIdx>(static_cast<std::size_t>(instance.num_visits()), NONE), most_moved};
    for (ShiftIdx shift = 0; shift < instance.num_shifts(); ++shift)
        for (const VisitIdx v : orders[static_cast<std::size_t>(shift)])
            homes.of[static_cast<std::size_t>(v)] = instance.shift(shift).technician;
    return homes;
}

int count_absent(const Instance& instance, const Orders& orders, bool mandatory) {
    std::vector<std::uint8_t> absent(static_cast<std::size_t>(instance.num_visits()), 1);
    for (const auto& visits : orders)
        for (const VisitIdx v : visits) absent[static_cast<std::size_t>(v)] = 0;
    int count = 0;
    for (VisitIdx v = 0; v < instance.num_visits(); ++v)
        count += absent[static_cast<std::size_t>(v)] != 0 && (!mandatory || instance.visit(v).mandatory) ? 1 : 0;
    return count;
}

void check_books(const Instance& instance, const Search& search) {
    CHECK_EQUAL(add_up(instance, search.best()).value, search.best_cost());
    CHECK_EQUAL(count_absent(instance, search.best(), false), search.best_unassigned());
    CHECK_EQUAL(count_absent(instance, search.best(), true), search.best_mandatory_unassigned());
}

bool is_no_better(const Search& search, int mandatory, std::int64_t cost) {
    return search.best_mandatory_unassigned() < mandatory ||
           (search.best_mandatory_unassigned() == mandatory && search.best_cost() <= cost);
}

}  // namespace

TEST(a_search_tells_the_truth_about_its_best_plan_and_never_loses_it) {
    Rng rng(9);
    std::array<std::int64_t, static_cast<std::size_t>(Operator::Count)> used{}, improved{};
    for (int round = 0; round < 40; ++round) {
        const Instance instance = random_day(rng, rng.between(2, 14), rng.between(1, 4), alternate(round));
        Parameters parameters;
        parameters.whole_shift = parameters.time_band = 0.2;
        parameters.ejection = 0.3;
        parameters.trouble = rng.chance(0.5) ? 0.5 : 0.0;
        Search search(instance, rng.next(), parameters, 50);
        search.construct(nullptr);
        check_books(instance, search);
        for (int call = 0; call < 4; ++call) {
            const int mandatory = search.best_mandatory_unassigned();
            const std::int64_t cost = search.best_cost();
            search.run({0.25 * call, 0.25 * (call + 1), 0.0, 75});
            check_books(instance, search);
            CHECK(is_no_better(search, mandatory, cost));
        }
        CHECK_EQUAL(300, search.iterations());
        RouteEditor editor(instance, Pruning::Safe);
        for (const Pool::Column& column : search.pool().columns()) {
            ShiftIdx shift = 0;
            while (instance.shift_class(shift) != column.shift_class) ++shift;
            Route route = editor.empty_route(shift);
            editor.assign(route, column.visits);
            CHECK_EQUAL(route.cost.value, column.cost.value);
        }
        std::int64_t total = 0;
        for (std::size_t op = 0; op < used.size(); ++op) {
            const OperatorCount count = search.count(static_cast<Operator>(op));
            CHECK(0 <= count.improved && count.improved <= count.used);
            used[op] += count.used;
            improved[op] += count.improved;
            total += count.used;
        }
        CHECK_EQUAL(300, total);
    }
    for (const std::int64_t times : used) CHECK(times > 0);
    CHECK(std::count(improved.begin(), improved.end(), 0) <= 1);
}

TEST(the_default_parameters_search_as_soundly) {
    Rng rng(10);
    for (int round = 0; round < 15; ++round) {
        const Instance instance = random_day(rng, 20, 4);
        Search search(instance, rng.next(), Parameters{}, 1'000);
        search.construct(nullptr);
        search.run({0.0, 1.0, 0.0, 400});
        check_books(instance, search);
    }
}

TEST(the_same_seed_walks_the_same_way) {
    Rng rng(11);
    for (int round = 0; round < 10; ++round) {
        const Instance instance = random_day(rng, 10, 3);
        Search one(instance, 5, Parameters{}, 100), other(instance, 5, Parameters{}, 100);
        for (Search* search : {&one, &other}) {
            search->construct(nullptr);
            search->run({0.0, 1.0, 0.0, 200});
        }
        CHECK(one.best() == other.best());
        CHECK_EQUAL(one.pool().columns().size(), other.pool().columns().size());
    }
}

TEST(a_start_is_kept_as_far_as_it_works) {
    Rng rng(12);
    for (int round = 0; round < 30; ++round) {
        const Instance instance = random_day(rng, 8, 2);
        Search first(instance, 1, Parameters{}, 0);
        first.construct(nullptr);
        first.run({0.0, 1.0, 0.0, 100});
        const Orders good = first.best();
        Search warm(instance, 2, Parameters{}, 0);
        warm.construct(&good);
        check_books(instance, warm);
        // Nonsense: everything on one shift, in any order.
        Orders nonsense(2);
        nonsense[0] = random_order(instance, rng, 8);
        Search cold(instance, 3, Parameters{}, 0);
        cold.construct(&nonsense);
        check_books(instance, cold);
    }
}

TEST(no_more_visits_change_hands_than_allowed) {
    Rng rng(14);
    int moved = 0;
    for (int round = 0; round < 60; ++round) {
        const Instance instance = random_day(rng, rng.between(4, 12), rng.between(2, 4), alternate(round));
        Search first(instance, rng.next(), Parameters{}, 0);
        first.construct(nullptr);
        const Orders given = first.best();
        const Homes homes = homes_of(instance, given, rng.between(0, 3));
        Search search(instance, rng.next(), Parameters{}, 50, homes);
        search.construct(&given);
        search.run({0.0, 1.0, 0.0, 200});
        check_books(instance, search);
        const int away = count_away(instance, search.best(), homes.of);
        CHECK_EQUAL(std::max(0, away - homes.most_moved), search.best_excess());
        // What was given works, so nobody has to move but for a visit that must be served.
        CHECK(search.best_excess() == 0 || search.best_mandatory_unassigned() < first.best_mandatory_unassigned());
        CHECK(is_no_better(search, first.best_mandatory_unassigned(), first.best_cost()));
        moved += away;
    }
    CHECK(moved > 10);
}

TEST(an_excess_that_cannot_be_avoided_is_told) {
    // The day has ended for the one who had both visits; the limit is one.
    Shift over = whole_day(), other = whole_day();
    over.hard_end = over.regular_end = s(0);
    other.technician = 1;
    const Visit visit = visit_at(1);
    Demands anybody;
    const std::vector<std::int32_t> travel = {0, 600, 600, 0};
    const Instance instance(1, 2, travel, travel, {Technician{}, Technician{}}, {over, other}, {visit, visit}, {anybody, anybody});
    const Orders given = {{0, 1}, {}};
    Search search(instance, 1, Parameters{}, 10, homes_of(instance, given, 1));
    search.construct(&given);
    search.run({0.0, 1.0, 0.0, 50});
    CHECK_EQUAL(1, search.best_excess());
    CHECK_EQUAL(0, search.best_mandatory_unassigned());
    check_books(instance, search);
}

TEST(a_repair_keeps_what_works_and_the_rest_goes_where_it_is_cheapest) {
    // Visit 1 must be begun by 2,500: after visit 0 (600 + 1,000 + 600) that works, after visits 0 and 2 (3,200) not.
    Shift shift = whole_day(), other = whole_day();
    shift.travel_rate = other.travel_rate = CENT_PER_SECOND;
    Visit urgent = visit_at(2);
    urgent.windows = {{s(0), s(2'500)}};
    const Instance instance = line_day({shift, other}, {visit_at(1), urgent, visit_at(1)});
    CHECK((repair(instance, {{0, 1, 2}, {}}, {}) == Orders{{0, 1, 2}, {}}));
    // Before both of them or in between it is 1,200 s more to drive, on the other route 2,400: the first place is taken.
    CHECK((repair(instance, {{0, 2, 1}, {}}, {}) == Orders{{1, 0, 2}, {}}));
}

TEST(only_a_cheaper_plan_is_taken_over) {
    Shift shift = whole_day();
    shift.travel_rate = CENT_PER_SECOND;
    shift.end_place = NONE;
    const Instance instance = line_day({shift}, {visit_at(1), visit_at(2)});
    const Orders good = {{0, 1}}, poor = {{1, 0}};
    Search search(instance, 1, Parameters{}, 10);
    search.construct(&poor);
    CHECK_EQUAL(cents(1'800).value, search.best_cost());
    CHECK(search.offer(good));
    CHECK_EQUAL(cents(1'200).value, search.best_cost());
    CHECK(!search.offer(good));
    CHECK(!search.offer(poor));
    CHECK(search.best() == good);
    search.run({0.0, 1.0, 0.0, 50});
    check_books(instance, search);
}

TEST(a_search_can_be_stopped_from_another_thread_and_watched_meanwhile) {
    Rng rng(13);
    const Instance instance = random_day(rng, 20, 4);
    Search search(instance, 1, Parameters{}, 100);
    search.construct(nullptr);
    std::thread worker([&] { search.run({0.0, 1.0, 60.0, -1}); });
    std::int64_t cost = search.best_cost();
    while (search.iterations() < 200) {
        CHECK(search.best_mandatory_unassigned() >= 0 && search.best_unassigned() >= 0);
        cost = search.best_cost();
    }
    search.stop();
    worker.join();
    check_books(instance, search);
    CHECK(cost != FAR);
}

TEST(without_visits_or_shifts_there_is_nothing_to_search) {
    const Instance no_visits = line_day({whole_day()}, {}), no_shifts = line_day({}, {visit_at(0)});
    for (const Instance* instance : {&no_visits, &no_shifts}) {
        Search search(*instance, 1, Parameters{}, 10);
        search.construct(nullptr);
        search.run({0.0, 1.0, 0.0, 10});
        CHECK_EQUAL(0, search.iterations());
        CHECK_EQUAL(instance->num_visits(), search.best_unassigned());
    }
}

TEST(no_budget_is_no_iteration) {
    const Instance instance = line_day({whole_day()}, {visit_at(1)});
    Search search(instance, 1, Parameters{}, 10);
    search.construct(nullptr);
    search.run({0.0, 1.0, 0.0, 0});
    CHECK_EQUAL(0, search.iterations());
    check_books(instance, search);
}
