// The evaluator, by hand on a line (600 s from place to place, 1,000 s of service) and against itself on random days.
#include "check.h"
#include "days.h"

#include "fieldops/scheduler.h"

using namespace fieldops;
using namespace fieldops::checks;

namespace {

Timetable timetable(const Instance& instance, std::vector<VisitIdx> order) {
    Scheduler scheduler(instance);
    const auto table = scheduler.timetable(instance.shift(0), order);
    CHECK(table.has_value());
    return table.value_or(Timetable{});
}

bool is_feasible(const Instance& instance, std::vector<VisitIdx> order) {
    return Scheduler(instance).cost(instance.shift(0), order) < UNAFFORDABLE;
}

Visit within(PlaceIdx place, std::int64_t earliest, std::int64_t latest) {
    Visit visit = visit_at(place);
    visit.windows = {{s(earliest), s(latest)}};
    return visit;
}

}  // namespace

TEST(early_arrival_waits_for_the_window) {
    const Timetable day = timetable(line_day({whole_day()}, {visit_at(1), within(2, 5'000, 6'000)}), {0, 1});
    CHECK_EQUAL(0, day.departure.value);
    CHECK_EQUAL(600, day.stops[0].start.value);
    CHECK_EQUAL(2'200, day.stops[1].arrival.value);
    CHECK_EQUAL(2'800, day.stops[1].wait.value);
    CHECK_EQUAL(5'000, day.stops[1].start.value);
    CHECK_EQUAL(7'200, day.end.value);
    CHECK_EQUAL(3'800, day.stops[0].slack.value);  // start by 6,000 - 600 - 1,000 = 4,400
    CHECK_EQUAL(1'000, day.stops[1].slack.value);
}

TEST(a_window_missed_by_a_second_is_missed) {
    CHECK(is_feasible(line_day({whole_day()}, {visit_at(1), within(2, 0, 2'200)}), {0, 1}));
    CHECK(!is_feasible(line_day({whole_day()}, {visit_at(1), within(2, 0, 2'199)}), {0, 1}));
}

TEST(who_is_paid_by_the_hour_leaves_as_late_as_the_day_allows) {
    Shift shift = whole_day();
    shift.work_rate = CENT_PER_SECOND;
    const Timetable day = timetable(line_day({shift}, {visit_at(1), within(2, 5'000, 6'000)}), {0, 1});
    CHECK_EQUAL(2'800, day.departure.value);  // 5,000 - 600 - 1,000 - 600
    CHECK_EQUAL(4'400, day.work.value);
    CHECK(day.costs.work == cents(4'400));
}

TEST(who_is_paid_by_the_day_keeps_the_buffer_for_the_customers) {
    const Timetable day = timetable(line_day({whole_day()}, {within(1, 5'000, 6'000), visit_at(2)}), {0, 1});
    CHECK_EQUAL(4'400, day.departure.value);  // nobody is served later
    CHECK_EQUAL(0, day.stops[0].wait.value);
}

TEST(overtime_begins_at_the_regular_end) {
    Shift shift = whole_day();
    shift.regular_end = s(2'000);
    shift.hard_end = s(2'200);
    shift.overtime_rate = CENT_PER_SECOND;
    const Timetable day = timetable(line_day({shift}, {visit_at(1)}), {0});
    CHECK_EQUAL(200, day.overtime.value);
    CHECK(day.costs.total() == cents(200));
    shift.hard_end = s(2'199);
    CHECK(!is_feasible(line_day({shift}, {visit_at(1)}), {0}));
}

TEST(broken_promises_and_due_times_cost_by_their_length) {
    Visit visit = visit_at(1);
    visit.promised_latest = s(500);
    visit.lateness_rate = CENT_PER_SECOND;
    visit.due = s(1'400);
    visit.due_rate = CENT_PER_SECOND;
    visit.preferred = {s(0), s(599)};
    visit.preferred_miss = cents(7);
    const Timetable day = timetable(line_day({whole_day()}, {visit}), {0});
    CHECK(day.costs.lateness == cents(100));
    CHECK(day.costs.sla == cents(200));  // finished at 1,600
    CHECK(day.costs.preference == cents(7));
}

TEST(a_lunch_that_is_not_spanned_is_taken_off_the_clock) {
    Shift shift = whole_day();
    shift.breaks = {pause(10'000, 12'000, 1'800)};
    const Timetable early = timetable(line_day({shift}, {visit_at(1)}), {0});
    CHECK_EQUAL(2, early.breaks[0].leg);  // home at 2,200
    CHECK_EQUAL(10'000, early.breaks[0].start.value);
    const Timetable late = timetable(line_day({shift}, {within(1, 20'000, 21'000)}), {0});
    CHECK_EQUAL(-1, late.breaks[0].leg);
}

TEST(a_lunch_inside_the_day_is_taken_between_services) {
    Shift shift = whole_day();
    shift.breaks = {pause(1'000, 2'000, 1'800)};
    const Timetable day = timetable(line_day({shift}, {visit_at(1), within(2, 0, 9'000)}), {0, 1});
    CHECK_EQUAL(1, day.breaks[0].leg);
    CHECK_EQUAL(1'600, day.breaks[0].start.value);  // when the first service is over
    CHECK_EQUAL(4'000, day.stops[1].start.value);
    CHECK_EQUAL(3'400, day.stops[0].departure.value);
}

TEST(a_lunch_at_the_customers_door_is_no_waiting) {
    Shift shift = whole_day();
    shift.breaks = {pause(3'000, 3'500, 1'800)};
    const Timetable day = timetable(line_day({shift}, {visit_at(1), within(2, 5'000, 9'000)}), {0, 1});
    CHECK_EQUAL(3'000, day.breaks[0].start.value);
    CHECK_EQUAL(2'200, day.stops[1].arrival.value);
    CHECK_EQUAL(1'000, day.stops[1].wait.value);  // 5,000 - 2,200 - 1,800
}

TEST(of_equally_good_moments_for_a_break_the_latest_is_taken) {
    Shift shift = whole_day();
    shift.breaks = {pause(1'600, 8'000, 600)};
    const std::vector<Visit> visits = {within(1, 600, 600), within(1, 5'000, 5'000), within(1, 9'000, 9'000)};
    const Timetable day = timetable(line_day({shift}, visits), {0, 1, 2});
    CHECK_EQUAL(2, day.breaks[0].leg);
    CHECK_EQUAL(6'000, day.breaks[0].start.value);
}

TEST(an_open_day_ends_with_the_last_service) {
    Shift shift = whole_day();
    shift.end_place = NONE;
    shift.travel_rate = CENT_PER_SECOND;
    const Timetable day = timetable(line_day({shift}, {visit_at(1), visit_at(2)}), {0, 1});
    CHECK_EQUAL(3'200, day.end.value);
    CHECK(day.costs.total() == cents(1'200));
}

TEST(caps_on_travel_and_work_are_met_exactly_or_not_at_all) {
    Shift shift = whole_day();
    shift.max_travel = s(2'400);
    shift.max_work = s(4'400);
    CHECK(is_feasible(line_day({shift}, {visit_at(1), visit_at(2)}), {0, 1}));
    shift.max_travel = s(2'399);
    CHECK(!is_feasible(line_day({shift}, {visit_at(1), visit_at(2)}), {0, 1}));
    shift.max_travel = NEVER;
    shift.max_work = s(4'399);
    CHECK(!is_feasible(line_day({shift}, {visit_at(1), visit_at(2)}), {0, 1}));
}

TEST(a_shift_that_serves_nobody_costs_nothing) {
    Shift shift = whole_day();
    shift.fixed = cents(100);
    const Instance instance = line_day({shift}, {visit_at(1)});
    CHECK(Scheduler(instance).cost(instance.shift(0), {}) == Cost{});
    CHECK(timetable(instance, {0}).costs.total() == cents(100));
}

TEST(what_was_told_costs_when_it_changes) {
    Visit visit = visit_at(1);
    visit.told = {s(0), s(599)};
    visit.told_miss = cents(5);
    visit.baseline = 0;
    visit.reassigned = cents(15);
    Shift shift = whole_day(), other = whole_day();
    other.technician = 1;
    const std::vector<std::int32_t> travel = {0, 600, 600, 0};
    const Instance instance(1, 2, travel, travel, {Technician{}, Technician{}}, {shift, other}, {visit}, {Demands{}});
    Scheduler scheduler(instance);
    CHECK(scheduler.timetable(instance.shift(0), std::vector<VisitIdx>{0})->costs.churn == cents(5));  // starts at 600
    const auto table = scheduler.timetable(instance.shift(1), std::vector<VisitIdx>{0});
    CHECK(table->costs.churn == cents(20));
    CHECK(table->costs.technician == Cost{});
    CHECK(scheduler.cost(instance.shift(1), std::vector<VisitIdx>{0}) == cents(20));
}

TEST(paid_time_is_compressed_only_as_far_as_the_customer_was_told) {
    Shift shift = whole_day();
    shift.work_rate = CENT_PER_SECOND;
    Visit told = visit_at(1);
    told.told = {s(0), s(2'000)};
    const Timetable day = timetable(line_day({shift}, {told, within(2, 5'000, 6'000)}), {0, 1});
    CHECK_EQUAL(1'400, day.departure.value);  // there at 2,000; without having told anything it would be 2,800
}

TEST(a_shift_under_way_is_on_the_clock_from_its_start_and_drives_home_without_visits) {
    Shift shift = whole_day();
    shift.start_place = 2;
    shift.earliest_start = s(1'000);
    shift.regular_end = s(2'000);
    shift.work_rate = CENT_PER_SECOND;
    shift.overtime_rate = {2 * CENT_PER_SECOND.units};
    shift.fixed = cents(7);
    shift.underway = true;
    const Instance instance = line_day({shift}, {within(2, 5'000, 6'000)});
    const Timetable home = timetable(instance, {});
    CHECK_EQUAL(1'000, home.departure.value);
    CHECK_EQUAL(2'200, home.end.value);
    CHECK(home.costs.total() == cents(1'000 + 2 * 200 + 7));
    CHECK(Scheduler(instance).cost(instance.shift(0), {}) == home.costs.total());
    // He waits for the visit on the clock, 1,000 to 2,000 at the work rate; then until 5,000 + 1,000 + 1,200 as overtime.
    const Timetable day = timetable(instance, {0});
    CHECK_EQUAL(1'000, day.departure.value);
    CHECK(day.costs.total() == cents(1'000 + 2 * 5'200 + 7));
}

TEST(nobody_is_off_the_clock_before_a_day_under_way) {
    Shift shift = whole_day();
    shift.underway = true;
    shift.breaks = {pause(0, 2'000, 1'800)};
    const Timetable day = timetable(line_day({shift}, {within(1, 5'000, 9'000)}), {0});
    CHECK_EQUAL(0, day.breaks[0].leg);
    CHECK_EQUAL(0, day.breaks[0].start.value);
    shift.underway = false;
    CHECK_EQUAL(-1, timetable(line_day({shift}, {within(1, 5'000, 9'000)}), {0}).breaks[0].leg);
}

//! The search sees only the cost, people only the timetable.
TEST(the_fast_cost_is_the_sum_of_the_timetable) {
    Rng rng(4);
    int feasible = 0;
    for (int round = 0; round < 2'000; ++round) {
        const Instance instance = random_day(rng, 6, 1, alternate(round));
        const std::vector<VisitIdx> order = random_order(instance, rng, 5);
        if (order.empty() && !instance.shift(0).underway) continue;
        Scheduler scheduler(instance);
        const Cost cost = scheduler.cost(instance.shift(0), order);
        const auto table = scheduler.timetable(instance.shift(0), order);
        CHECK_EQUAL(cost < UNAFFORDABLE, table.has_value());
        if (!table) continue;
        ++feasible;
        CHECK_EQUAL(table->costs.total().value, cost.value);
        const RouteCosts& costs = table->costs;
        Cost reassigned{};
        for (const VisitIdx v : order) reassigned += instance.visit(v).reassigned_cost(instance.shift(0).technician);
        const Cost trouble = costs.lateness + costs.sla + costs.preference + costs.churn - reassigned + costs.overtime;
        CHECK_EQUAL(trouble.value, scheduler.trouble().value);
        CHECK_EQUAL(order.size(), table->stops.size());
        CHECK_EQUAL(static_cast<std::size_t>(instance.shift(0).num_breaks()), table->breaks.size());
        CHECK(table->departure >= instance.shift(0).earliest_start && table->end <= instance.shift(0).hard_end);
        for (const StopTimes& stop : table->stops) {
            CHECK(stop.slack >= s(0) && stop.wait >= s(0) && stop.arrival <= stop.start);
            CHECK_EQUAL(stop.start.value, instance.visit(stop.visit).earliest_start(stop.start).value);
        }
    }
    CHECK(feasible > 200);
}
