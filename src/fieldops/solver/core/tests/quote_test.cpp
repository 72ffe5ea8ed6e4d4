// Quotes for a visit that is not there yet, against simulating every place of it on the whole instance.
#include "check.h"
#include "days.h"

#include "fieldops/quote.h"

#include <algorithm>

using namespace fieldops;
using namespace fieldops::checks;

namespace {

constexpr Window ALWAYS{s(-1'000), s(100'000)};

//! Travel between one place and all others, kept for as long as it is looked at.
struct Legs {
    std::vector<std::int32_t> travel_to, distance_to, travel_from, distance_from;

    void add(const Instance& instance, PlaceIdx here) {
        const Shift& shift = instance.shift(0);
        for (PlaceIdx place = 0; place < instance.num_places(); ++place) {
            const Instance::Way way = instance.ways_between(shift, here)[place].out, back = instance.ways_between(shift, here)[place].in;
            travel_to.push_back(back.travel);
            distance_to.push_back(back.distance);
            travel_from.push_back(way.travel);
            distance_from.push_back(way.distance);
        }
    }
    Connections view() const { return {travel_to, distance_to, travel_from, distance_from}; }
};

//! Asks on which terms visit `v` of an instance would join `order`, which is without it.
struct Question {
    const Instance& instance;
    std::vector<VisitIdx> order;
    VisitIdx v;
    RunningRoute running{instance, Technician{}, order};

    std::vector<WindowQuote> ask(const std::vector<Window>& windows) const {
        const Shift& shift = instance.shift(0);
        Demands demands;
        demands.service = instance.service(shift, v);
        demands.other_technician = instance.technician_cost(shift, v);
        Legs legs;
        legs.add(instance, instance.visit(v).place);
        const RunningRoute* const routes[] = {&running};
        const Standing standings[] = {{instance.eligible(shift, v), false}};
        return quote(routes, instance.visit(v), demands, legs.view(), standings, windows);
    }

    //! Cost added by the cheapest place, every one simulated; UNAFFORDABLE when there is none.
    Cost least() const {
        RouteEditor editor(instance, Pruning::Safe);
        Route route = editor.empty_route(0);
        Cost best = UNAFFORDABLE;
        for (std::size_t pos = 0; pos <= order.size(); ++pos) {
            std::vector<VisitIdx> longer = order;
            longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(pos), v);
            editor.assign(route, longer);
            best = std::min(best, route.cost);
        }
        return best == UNAFFORDABLE ? best : best - running.route().cost;
    }
};

}  // namespace

TEST(an_instance_with_room_is_otherwise_the_same) {
    Rng rng(3);
    for (int round = 0; round < 200; ++round) {
        const Instance day = random_day(rng, 4, 1);
        const Instance wider = day.with_room();
        CHECK_EQUAL(day.num_visits() + 1, wider.num_visits());
        const Shift& shift = day.shift(0);
        for (PlaceIdx from = 0; from < day.num_places(); ++from)
            for (PlaceIdx to = 0; to < day.num_places(); ++to) {
                CHECK(day.travel(shift, from, to) == wider.travel(shift, from, to));
                CHECK(day.distance(shift, from, to) == wider.distance(shift, from, to));
            }
        CHECK(!wider.eligible(shift, day.num_visits()));
    }
}

TEST(a_quote_is_the_cheapest_place_of_all) {
    Rng rng(5);
    int fitting = 0;
    for (int round = 0; round < 4'000; ++round) {
        const Instance day = random_day(rng, 5, 1, alternate(round));
        std::vector<VisitIdx> order = random_order(day, rng, 4);
        std::erase(order, 4);
        const Question question{day, order, 4};
        if (!question.running.is_sound()) continue;
        const Cost least = question.least();
        const WindowQuote answer = question.ask({ALWAYS}).front();
        CHECK_EQUAL(least < UNAFFORDABLE, answer.slots.size());
        if (answer.slots.empty()) continue;
        ++fitting;
        const Slot& slot = answer.slots.front();
        CHECK_EQUAL(least.value, slot.cost.value);
        const Visit& visit = day.visit(4);
        CHECK(visit.earliest_start(slot.start) == slot.start && slot.slack >= s(0));
        CHECK(visit.earliest_start(slot.start + slot.slack) < NEVER);
    }
    CHECK(fitting > 300);
}

TEST(every_window_is_answered_as_if_it_were_the_only_one) {
    Rng rng(7);
    for (int round = 0; round < 1'000; ++round) {
        const Instance day = random_day(rng, 5, 1, alternate(round));
        std::vector<VisitIdx> order = random_order(day, rng, 4);
        std::erase(order, 4);
        const Question question{day, order, 4};
        const std::vector<Window> windows = {{s(0), s(40)}, {s(41), s(80)}, ALWAYS, {s(20), s(20)}};
        const std::vector<WindowQuote> together = question.ask(windows);
        for (std::size_t w = 0; w < windows.size(); ++w) {
            const WindowQuote alone = question.ask({windows[w]}).front();
            CHECK(alone.refusals == together[w].refusals);
            CHECK_EQUAL(alone.slots.size(), together[w].slots.size());
            if (alone.slots.empty() || together[w].slots.empty()) continue;
            const Slot &one = alone.slots.front(), &other = together[w].slots.front();
            CHECK(one.cost == other.cost && one.position == other.position && one.start == other.start);
            CHECK(one.slack == other.slack && one.extra_travel == other.extra_travel);
            CHECK(one.start >= windows[w].earliest && one.start + one.slack <= windows[w].latest);
        }
    }
}

TEST(routes_are_refused_for_the_first_reason_that_holds) {
    Shift two_visits = whole_day();
    two_visits.max_visits = 2;
    Visit never = visit_at(1);
    never.windows = {{s(0), s(10)}};
    const Instance day = line_day({two_visits}, {visit_at(1), visit_at(2), visit_at(3), never});
    const Question free{day, {0}, 2}, full{day, {0, 1}, 2}, unsound{day, {3}, 2};
    const auto count = [](const Question& question, Window window, Refusal why) {
        return question.ask({window}).front().refusals[static_cast<std::size_t>(why)];
    };
    CHECK_EQUAL(1, free.ask({ALWAYS}).front().slots.size());
    CHECK_EQUAL(1, count(full, ALWAYS, Refusal::Full));
    CHECK_EQUAL(1, count(unsound, ALWAYS, Refusal::Unsound));
    // 1,000 s of service and 1,800 s of way home: nobody starts so late.
    CHECK_EQUAL(1, count(free, {DAY - s(2'000), DAY}, Refusal::OutsideShift));
    CHECK_EQUAL(1, count(unsound, {DAY - s(2'000), DAY}, Refusal::OutsideShift));
}
