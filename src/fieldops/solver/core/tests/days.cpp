#include "days.h"

#include "fieldops/scheduler.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <utility>

namespace fieldops::checks {

namespace {

constexpr int LAST = 120;

std::vector<Window> random_windows(Rng& rng) {
    if (rng.chance(0.5)) return {{s(rng.between(0, 30)), s(rng.between(60, LAST))}};
    std::vector<int> bounds;
    for (int i = rng.between(1, 3); i > 0; --i) bounds.insert(bounds.end(), {rng.between(0, LAST), rng.between(0, LAST)});
    std::sort(bounds.begin(), bounds.end());
    std::vector<Window> windows;
    for (std::size_t i = 0; i < bounds.size(); i += 2)
        if (windows.empty() || s(bounds[i]) > windows.back().latest) windows.push_back({s(bounds[i]), s(bounds[i + 1])});
    return windows;
}

Visit random_visit(Rng& rng, int num_places, int num_technicians) {
    Visit visit;
    visit.place = rng.between(0, num_places - 1);
    visit.windows = random_windows(rng);
    if (rng.chance(0.5)) visit.promised_latest = s(rng.between(-5, LAST));
    visit.lateness_rate = {rng.between(0, 3) * 300};
    if (rng.chance(0.3)) {
        const int earliest = rng.between(-10, LAST);
        visit.preferred = {s(earliest), s(earliest + rng.between(0, 40))};
        visit.preferred_miss = cents(rng.between(0, 2));
    }
    if (rng.chance(0.3)) {
        const int earliest = rng.between(-10, LAST);
        visit.told = {s(earliest), s(earliest + rng.between(0, 40))};
        visit.told_miss = cents(rng.between(0, 2));
    }
    if (rng.chance(0.3)) visit.baseline = rng.between(0, num_technicians - 1);
    visit.reassigned = cents(rng.between(0, 2));
    if (rng.chance(0.5)) visit.due = s(rng.between(-5, LAST + 20));
    visit.due_rate = {rng.between(0, 100) * 5};
    visit.unassigned = cents(rng.between(0, 50));
    visit.mandatory = rng.chance(0.2);
    if (rng.chance(0.25)) visit.sequence = rng.between(0, 2);
    visit.load = rng.between(0, 3);
    return visit;
}

Demands random_demands(Rng& rng, int num_technicians) {
    Demands demands;
    const bool restricted = rng.chance(0.2);
    demands.required_levels = {restricted ? rng.between(0, 2) : 0};
    const TechnicianIdx somebody = rng.between(0, num_technicians - 1);
    if (restricted && rng.chance(0.5)) demands.allowed = {somebody};
    if (restricted && rng.chance(0.5)) demands.forbidden = {rng.between(0, num_technicians - 1)};
    if (rng.chance(0.5)) demands.preferred = {somebody};
    demands.other_technician = cents(rng.between(0, 2));
    demands.service = s(rng.between(0, 15));
    return demands;
}

std::vector<Break> random_breaks(Rng& rng, int num_places) {
    std::vector<Break> breaks;
    int free_from = 0;
    for (int i = rng.between(0, 3); i > 0; --i) {
        const int kind = rng.between(0, 3);
        const int earliest = rng.between(std::max(0, free_from - 10), free_from + 50);
        const int latest = std::max(free_from, earliest + (kind < 2 ? rng.between(0, 40) : 0));
        Break taken{s(kind < 2 ? earliest : latest), s(latest), s(rng.between(1, 15))};
        taken.paid = rng.chance(0.5);
        if (kind == 3) taken.place = rng.between(0, num_places - 1);
        free_from = std::max(free_from, static_cast<int>((taken.earliest + taken.duration).value));
        breaks.push_back(taken);
    }
    return breaks;
}

Shift random_shift(Rng& rng, int num_places, TechnicianIdx technician, int num_profiles) {
    Shift shift;
    shift.technician = technician;
    shift.profile = rng.between(0, num_profiles - 1);
    shift.start_place = rng.between(0, num_places - 1);
    if (rng.chance(0.7)) shift.end_place = rng.between(0, num_places - 1);
    const int begin = rng.between(0, 30), regular = rng.between(begin, LAST);
    shift.earliest_start = s(begin);
    shift.regular_end = s(regular);
    shift.hard_end = s(rng.between(std::max(regular, 60), LAST + 40));
    shift.breaks = random_breaks(rng, num_places);
    shift.work_rate = {rng.chance(0.5) ? 150 : 0};
    shift.overtime_rate = {rng.chance(0.5) ? 225 : 0};
    shift.travel_rate = {rng.between(0, 60) * 5};
    shift.distance_rate = {rng.between(0, 20) * 18};
    shift.fixed = cents(rng.between(0, 3));
    if (rng.chance(0.25)) {
        shift.max_visits = rng.between(0, 5);
        if (rng.chance(0.5)) shift.max_travel = s(rng.between(0, 60));
        if (rng.chance(0.5)) shift.max_work = s(rng.between(20, LAST));
        if (rng.chance(0.5)) shift.load_capacity = rng.between(0, 10);
    }
    shift.underway = rng.chance(0.3);
    return shift;
}

void add_matrix(Rng& rng, int num_places, Travel travel, std::vector<std::int32_t>& travel_s,
                std::vector<std::int32_t>& distance_m) {
    std::vector<std::pair<int, int>> points;
    for (int place = 0; place < num_places; ++place) points.emplace_back(rng.between(0, 6), rng.between(0, 6));
    for (const auto& [x, y] : points)
        for (const auto& [to_x, to_y] : points) {
            int drive = std::abs(x - to_x) + std::abs(y - to_y);
            if (travel == Travel::Rough) drive = rng.between(0, 12);
            if (travel == Travel::Shortcuts) drive = rng.chance(0.3) ? 200 : rng.between(0, 3);
            travel_s.push_back(drive);
            // Roads are not as long as they take time, but on a map there are no shortcuts in meters either.
            distance_m.push_back(travel == Travel::Map ? 3 * drive : drive * 7 % 31);
        }
}

}  // namespace

Visit visit_at(PlaceIdx place) {
    Visit visit;
    visit.place = place;
    visit.windows = {{s(0), DAY}};
    visit.mandatory = true;
    return visit;
}

Break pause(std::int64_t earliest, std::int64_t latest, std::int64_t duration) { return {s(earliest), s(latest), s(duration)}; }

Shift whole_day() {
    Shift shift;
    shift.technician = 0;
    shift.start_place = shift.end_place = 0;
    shift.regular_end = shift.hard_end = DAY;
    return shift;
}

Instance line_day(std::vector<Shift> shifts, std::vector<Visit> visits, std::int64_t service) {
    int places = 1;
    for (const Visit& visit : visits) places = std::max(places, visit.place + 1);
    for (const Shift& shift : shifts) {
        places = std::max({places, shift.start_place + 1, shift.end_place + 1});
        for (const Break& taken : shift.breaks) places = std::max(places, taken.place + 1);
    }
    std::vector<std::int32_t> travel;
    for (int from = 0; from < places; ++from)
        for (int to = 0; to < places; ++to) travel.push_back(600 * std::abs(from - to));
    Demands anybody;
    anybody.service = s(service);
    const std::vector<Demands> demands(visits.size(), anybody);
    return Instance(1, places, travel, travel, {Technician{}}, std::move(shifts), std::move(visits), demands);
}

Instance random_day(Rng& rng, int num_visits, int num_shifts, Travel travel) {
    const int num_places = rng.between(1, 5), num_profiles = rng.between(1, 2);
    // Fewer technicians than shifts now and then: a person may work twice, and people may be alike.
    const int num_technicians = rng.between(std::max(1, num_shifts - 1), std::max(1, num_shifts));
    std::vector<std::int32_t> travel_s, distance_m;
    for (int profile = 0; profile < num_profiles; ++profile) add_matrix(rng, num_places, travel, travel_s, distance_m);
    std::vector<Technician> technicians;
    for (int t = 0; t < num_technicians; ++t)
        technicians.push_back({rng.chance(0.5) ? 1'000 : rng.between(800, 1'300), {rng.between(0, 2)}});
    std::vector<Shift> shifts;
    for (int i = 0; i < num_shifts; ++i) {
        const auto who = static_cast<TechnicianIdx>(i % num_technicians);
        shifts.push_back(i > 0 && rng.chance(0.2) ? shifts.back() : random_shift(rng, num_places, who, num_profiles));
    }
    // Whoever is under way can go home: nothing else gets past the validation.
    const Instance deserted(num_profiles, num_places, travel_s, distance_m, technicians, shifts, {}, {});
    for (Shift& shift : shifts) shift.underway = shift.underway && Scheduler(deserted).cost(shift, {}) < UNAFFORDABLE;
    std::vector<Visit> visits;
    std::vector<Demands> demands;
    for (int v = 0; v < num_visits; ++v) {
        visits.push_back(random_visit(rng, num_places, num_technicians));
        demands.push_back(random_demands(rng, num_technicians));
    }
    return Instance(num_profiles, num_places, travel_s, distance_m, technicians, std::move(shifts), std::move(visits), demands);
}

std::vector<VisitIdx> random_order(const Instance& instance, Rng& rng, int most) {
    std::vector<VisitIdx> order(static_cast<std::size_t>(instance.num_visits()));
    std::iota(order.begin(), order.end(), 0);
    rng.shuffle(order);
    order.resize(static_cast<std::size_t>(rng.between(0, std::min(most, instance.num_visits()))));
    return order;
}

MoveLimit random_limit(const Instance& instance, Rng& rng) {
    MoveLimit limit;
    if (rng.chance(0.2)) return limit;
    for (VisitIdx v = 0; v < instance.num_visits(); ++v) {
        const auto s = static_cast<ShiftIdx>(rng.below(static_cast<std::size_t>(instance.num_shifts())));
        limit.home.push_back(rng.chance(0.7) ? instance.shift(s).technician : NONE);
    }
    limit.most = rng.between(0, 3);
    limit.exact = cents(1'000);
    limit.walk = cents(10);
    return limit;
}

AbsencePrices random_prices(const Instance& instance, Rng& rng) {
    AbsencePrices prices;
    for (VisitIdx v = 0; v < instance.num_visits(); ++v) {
        prices.exact.push_back(cents(rng.between(0, 100)));
        prices.walk.push_back(Cost{prices.exact.back().value / 2});
    }
    return prices;
}

}  // namespace fieldops::checks
