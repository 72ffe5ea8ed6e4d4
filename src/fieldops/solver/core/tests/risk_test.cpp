// Risk on random days: without noise it is the timetable, and whatever rule a route breaks, it is driven to its end.
#include "check.h"
#include "days.h"

#include "fieldops/risk.h"

#include <algorithm>
#include <numeric>

using namespace fieldops;
using namespace fieldops::checks;

namespace {

constexpr int QUANTILES[] = {100, 500, 900};

Noise noise_of(const Instance& instance, double sigma, double spread) {
    Noise noise;
    const auto visits = static_cast<std::size_t>(instance.num_visits()), shifts = static_cast<std::size_t>(instance.num_shifts());
    noise.service.assign(visits, {1.0, sigma});
    noise.pace.assign(shifts, {1.0, sigma});
    noise.travel = {{s(0), {1.0, sigma}}, {s(60), {1.0, 2 * sigma}}};
    noise.day_sigma = sigma;
    noise.free_spread.assign(shifts, spread);
    for (ShiftIdx shift = 0; shift < instance.num_shifts(); ++shift) noise.free_from.push_back(instance.shift(shift).earliest_start - s(5));
    noise.visit_keys.resize(visits);
    noise.shift_keys.resize(shifts);
    std::iota(noise.visit_keys.begin(), noise.visit_keys.end(), 0);
    std::iota(noise.shift_keys.begin(), noise.shift_keys.end(), 0);
    return noise;
}

}  // namespace

TEST(a_day_without_noise_is_the_timetable) {
    Rng rng(1);
    for (int round = 0; round < 300; ++round) {
        const Instance instance = random_day(rng, 5, 2, alternate(round));
        const std::vector<VisitIdx> order = random_order(instance, rng, 5);
        const Noise noise = noise_of(instance, 0.0, 0.0);
        RiskSimulator simulator(instance, noise, 3, 0);
        Scheduler scheduler(instance);
        for (ShiftIdx shift = 0; shift < instance.num_shifts() && !order.empty(); ++shift) {
            const RouteRisk risk = simulator.route(shift, order, QUANTILES);
            CHECK_EQUAL(order.size(), risk.stops.size());
            const std::optional<Timetable> table = scheduler.timetable(instance.shift(shift), order);
            if (!table) continue;
            CHECK_EQUAL(table->end.value, risk.end);
            for (std::size_t i = 0; i < order.size(); ++i) {
                CHECK_EQUAL(table->stops[i].start.value, risk.stops[i].start);
                CHECK_EQUAL(table->stops[i].finish.value, risk.stops[i].finish);
                for (const std::int64_t arrival : risk.stops[i].arrivals) CHECK_EQUAL(table->stops[i].arrival.value, arrival);
            }
        }
    }
}

TEST(whatever_a_route_breaks_it_is_driven_to_its_end) {
    Rng rng(2);
    for (int round = 0; round < 100; ++round) {
        const Instance instance = random_day(rng, 5, 2, alternate(round));
        const std::vector<VisitIdx> order = random_order(instance, rng, 5);
        if (order.empty()) continue;
        const Noise noise = noise_of(instance, 0.5, 10.0);
        RiskSimulator simulator(instance, noise, 50, static_cast<std::uint64_t>(round));
        for (ShiftIdx shift = 0; shift < instance.num_shifts(); ++shift) {
            const RouteRisk risk = simulator.route(shift, order, QUANTILES);
            std::int64_t before = instance.shift(shift).earliest_start.value - 5;
            for (std::size_t i = 0; i < order.size(); ++i) {
                const StopRisk& stop = risk.stops[i];
                CHECK(std::is_sorted(stop.arrivals.begin(), stop.arrivals.end()));
                CHECK(before <= stop.start && stop.start <= stop.finish);
                CHECK_EQUAL(instance.visit(order[i]).promised_latest == NEVER, stop.kept_permille == NONE);
                CHECK(stop.kept_permille <= 1000);
                const Seconds promised = instance.visit(order[i]).promised_latest;
                if (promised != NEVER) CHECK_EQUAL(stop.kept_permille, simulator.kept_permille(shift, order, i, promised));
                before = stop.finish;
            }
            CHECK(before <= risk.end);
        }
    }
}
