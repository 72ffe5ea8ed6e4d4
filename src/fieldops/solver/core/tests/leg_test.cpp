// One leg: driving and breaks between two services.
#include "check.h"
#include "days.h"

#include "fieldops/leg.h"

using namespace fieldops;
using namespace fieldops::checks;

namespace {

//! Places 0, 1, 2 lie 600 s apart; the shift has these breaks.
struct Leg {
    Instance instance;
    explicit Leg(std::vector<Break> breaks) : instance(line_day({with(std::move(breaks))}, {visit_at(1), visit_at(2)})) {}
    static Shift with(std::vector<Break> breaks) {
        Shift shift = whole_day();
        shift.breaks = std::move(breaks);
        return shift;
    }
    int count() const { return instance.shift(0).num_breaks(); }
    std::int64_t ready(PlaceIdx from, std::int64_t time, PlaceIdx to) const {
        return leg_ready(instance, instance.shift(0), from, s(time), to, {0, count()}).value;
    }
    std::int64_t latest(PlaceIdx from, PlaceIdx to, std::int64_t ready_by) const {
        return leg_latest(instance, instance.shift(0), from, to, {0, count()}, s(ready_by)).value;
    }
};

Break at_place(std::int64_t begin, std::int64_t duration, PlaceIdx place) {
    Break taken = pause(begin, begin, duration);
    taken.place = place;
    return taken;
}

}  // namespace

TEST(without_breaks_a_leg_takes_the_drive) {
    const Leg leg({});
    CHECK_EQUAL(1'300, leg.ready(0, 100, 2));
    CHECK_EQUAL(100, leg.latest(0, 2, 1'300));
    CHECK_EQUAL(100, leg.ready(0, 100, NONE));
}

TEST(a_break_without_a_place_is_taken_wherever_its_time_comes) {
    const Leg leg({pause(300, 900, 100)});
    CHECK_EQUAL(700, leg.ready(0, 0, 1));      // drives 300, pauses until 400, drives 300
    CHECK_EQUAL(1'100, leg.ready(0, 400, 1));  // its time has come: pauses until 500, then drives
    CHECK_EQUAL(400, leg.ready(0, -400, 1));   // there at 200, waits, pauses until 400
    CHECK_EQUAL(1'600, leg.ready(0, 900, 1));  // the last moment
    CHECK_EQUAL(NEVER.value, leg.ready(0, 901, 1));
    CHECK_EQUAL(0, leg.latest(0, 1, 700));
    CHECK_EQUAL(900, leg.latest(0, 1, 5'000));
    CHECK_EQUAL(-300, leg.latest(0, 1, 400));
    CHECK_EQUAL(ALWAYS_TOO_LATE.value, leg.latest(0, 1, 399));  // the break is over at 400 at best
}

TEST(a_break_with_a_place_is_driven_to_and_the_rest_begins_there) {
    const Leg leg({at_place(1'000, 100, 2)});
    CHECK_EQUAL(1'700, leg.ready(0, -200, 1));  // at 2 by 1,000, free at 1,100, 600 s back to 1
    CHECK_EQUAL(NEVER.value, leg.ready(0, -199, 1));
    CHECK_EQUAL(1'100, leg.ready(0, -200, NONE));
    CHECK_EQUAL(-200, leg.latest(0, 1, 1'700));
    CHECK_EQUAL(ALWAYS_TOO_LATE.value, leg.latest(0, 1, 1'699));
}

TEST(a_break_before_the_one_with_a_place_interrupts_the_drive_there) {
    const Leg leg({pause(300, 400, 100), at_place(1'500, 100, 2)});
    CHECK_EQUAL(2'200, leg.ready(0, 0, 1));     // 300 driven, break until 400, 900 left: there at 1,300
    CHECK_EQUAL(2'200, leg.ready(0, 200, 1));   // there at 1,500 sharp
    CHECK_EQUAL(NEVER.value, leg.ready(0, 201, 1));
    CHECK_EQUAL(200, leg.latest(0, 1, 2'200));
}

TEST(only_detours_cost_more_than_the_direct_way) {
    Shift shift = Leg::with({pause(0, 900, 1), at_place(1'000, 100, 2), at_place(5'000, 100, 0)});
    shift.travel_rate = CENT_PER_SECOND;
    const Instance instance = line_day({shift}, {visit_at(1)});
    const auto longer = [&](PlaceIdx from, PlaceIdx to, BreakRun run) {
        const Detour detour = detour_of(instance, shift, from, to, run);
        CHECK(detour.cost == cents(detour.travel.value));
        return detour.travel.value;
    };
    CHECK_EQUAL(0, longer(0, 1, {0, 1}));
    CHECK_EQUAL(1'200, longer(0, 1, {0, 2}));   // 0-2-1 instead of 0-1
    CHECK_EQUAL(2'400, longer(0, 1, {0, 3}));   // 0-2-0-1
    CHECK_EQUAL(600, longer(1, NONE, {1, 1}));  // an open day still drives to its break
}

//! The bounds the search prunes with are the exact inverse of the simulation, at every second.
TEST(the_latest_departure_is_the_last_one_that_is_in_time) {
    Rng rng(1);
    for (int round = 0; round < 400; ++round) {
        const Instance instance = random_day(rng, 1, 1, alternate(round));
        const Shift& shift = instance.shift(0);
        const int first = rng.between(0, shift.num_breaks());
        const BreakRun run{first, rng.between(0, shift.num_breaks() - first)};
        const PlaceIdx from = shift.start_place, to = rng.chance(0.2) ? NONE : instance.visit(0).place;
        const Seconds ready_by = s(rng.between(0, 200));
        const Seconds latest = leg_latest(instance, shift, from, to, run, ready_by);
        for (int time = -250; time <= 250; ++time)
            CHECK_EQUAL(leg_ready(instance, shift, from, s(time), to, run) <= ready_by, s(time) <= latest);
    }
}
