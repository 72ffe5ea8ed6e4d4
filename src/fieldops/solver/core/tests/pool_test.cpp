// The routes kept for recombination.
#include "check.h"
#include "days.h"

#include "fieldops/pool.h"

#include <algorithm>

using namespace fieldops;
using namespace fieldops::checks;

namespace {

//! Three visits along the road, two shifts that are alike and a third with an open end; driving costs a cent a second.
struct Road {
    Instance instance;
    RouteEditor editor;
    Road() : instance(line_day(shifts(), {visit_at(1), visit_at(2), visit_at(3)})), editor(instance, Pruning::Safe) {}
    static std::vector<Shift> shifts() {
        Shift shift = whole_day();
        shift.travel_rate = CENT_PER_SECOND;
        Shift open = shift;
        open.end_place = NONE;
        return {shift, shift, open};
    }
    Route route(ShiftIdx shift, std::vector<VisitIdx> visits) {
        Route made = editor.empty_route(shift);
        editor.assign(made, std::move(visits));
        return made;
    }
};

}  // namespace

TEST(of_the_same_visits_only_the_cheapest_order_is_kept) {
    Road road;
    Pool pool(road.instance, 10);
    pool.add(road.route(2, {1, 0, 2}));  // 1,200 + 600 + 1,200 s
    pool.add(road.route(2, {0, 1, 2}));  // 1,800 s
    pool.add(road.route(2, {2, 1, 0}));  // 3,000 s
    CHECK_EQUAL(1, pool.columns().size());
    CHECK((pool.columns()[0].visits == std::vector<VisitIdx>{0, 1, 2}));
    CHECK(pool.columns()[0].cost == cents(1'800));
}

TEST(shifts_of_one_class_share_their_routes) {
    Road road;
    Pool pool(road.instance, 10);
    pool.add(road.route(0, {0, 1}));
    pool.add(road.route(1, {0, 1}));
    CHECK_EQUAL(1, pool.columns().size());
    pool.add(road.route(2, {0, 1}));
    CHECK_EQUAL(2, pool.columns().size());
    CHECK_EQUAL(road.instance.shift_class(2), pool.columns()[1].shift_class);
}

TEST(empty_routes_are_not_kept_and_a_pool_without_room_keeps_nothing) {
    Road road;
    Pool pool(road.instance, 10), none(road.instance, 0);
    pool.add(road.route(0, {}));
    none.add(road.route(0, {0}));
    CHECK(pool.columns().empty());
    CHECK(none.columns().empty());
}

TEST(the_oldest_route_makes_room) {
    Road road;
    Pool pool(road.instance, 2);
    for (const VisitIdx v : {0, 1, 2}) pool.add(road.route(0, {v}));
    std::vector<VisitIdx> kept;
    for (const Pool::Column& column : pool.columns()) kept.push_back(column.visits.front());
    std::sort(kept.begin(), kept.end());
    CHECK((kept == std::vector<VisitIdx>{1, 2}));
    pool.add(road.route(0, {0}));  // forgotten, so it is new again and the next oldest goes
    CHECK_EQUAL(2, pool.columns().size());
    const auto is_second = [](const Pool::Column& column) { return column.visits.front() == 1; };
    CHECK(std::none_of(pool.columns().begin(), pool.columns().end(), is_second));
}
