#include "fieldops/route.h"

#include <algorithm>
#include <utility>

namespace fieldops {

namespace {

std::size_t slot(const Shift& shift, int node, int state) {
    return static_cast<std::size_t>(node) * static_cast<std::size_t>(shift.num_breaks() + 1) + static_cast<std::size_t>(state);
}

}  // namespace

RouteEditor::RouteEditor(const Instance& instance, Pruning pruning) : instance_(instance), pruning_(pruning), scheduler_(instance) {
    for (ShiftIdx s = 0; s < instance.num_shifts(); ++s) {
        const Shift& shift = instance.shift(s);
        const bool placed = std::any_of(shift.breaks.begin(), shift.breaks.end(), [](const Break& b) { return b.has_place(); });
        shift_has_detours_.push_back(placed);
        shift_simulated_.push_back(shift.counts_work() || placed || shift.earliest_start > shift.regular_end);
    }
}

Route RouteEditor::empty_route(ShiftIdx shift) {
    Route route;
    route.shift = shift;
    refresh(route);
    return route;
}

void RouteEditor::refresh(Route& route) {
    const Shift& shift = instance_.shift(route.shift);
    route.stamp = ++stamps_;
    route.load = 0;
    route.travel = Seconds{};
    route.has_sequence = false;
    route.simulated = shift_simulated_[static_cast<std::size_t>(route.shift)] != 0;
    route.priced = !shift.overtime_rate.is_zero() && shift.regular_end < shift.hard_end;
    route.steady = Cost{};
    Cost misses{};
    route.trouble = Cost{};
    route.places.assign(1, shift.start_place);
    for (const VisitIdx v : route.visits) {
        const Visit& visit = instance_.visit(v);
        route.load += visit.load;
        route.steady += instance_.technician_cost(shift, v);
        route.has_sequence = route.has_sequence || visit.sequence != NONE;
        route.simulated = route.simulated || visit.most_missed() != Cost{};
        misses += visit.most_missed();
        route.priced = route.priced || visit.is_time_priced();
        route.places.push_back(visit.place);
    }
    route.places.push_back(shift.end_place);
    route.leg_costs.clear();
    route.leg_travels.clear();
    const bool used = !route.visits.empty() || shift.underway;
    for (std::size_t leg = 0; leg + 1 < route.places.size() && used; ++leg) {
        route.leg_costs.push_back(instance_.drive_cost(shift, route.places[leg], route.places[leg + 1]));
        route.leg_travels.push_back(instance_.travel(shift, route.places[leg], route.places[leg + 1]));
        route.steady += route.leg_costs.back();
        route.travel += route.leg_travels.back();
    }
    fill_early(route, false, route.early);
    fill_late(route, false, route.late);
    if (!used) {
        route.cost = Cost{};
        route.is_calm = true;
    } else if (!keeps_static_rules(route)) {
        route.cost = UNAFFORDABLE;
        route.is_calm = false;
    } else {
        route.steady += shift.fixed;
        if (!route.simulated && !route.priced && route.travel <= shift.max_travel) {
            // Nothing here is priced by time, so feasibility is all that is left to see.
            bool works = false;
            for (int s = 0; s <= shift.num_breaks(); ++s)
                works = works || route.early[slot(shift, 0, s)] <= route.late[slot(shift, 0, s)];
            route.cost = works ? route.steady : UNAFFORDABLE;
        } else {
            route.cost = scheduler_.cost(shift, route.visits);
            route.trouble = scheduler_.trouble();
        }
        route.is_calm = route.cost == route.steady;
    }
    const Cost timed = route.cost - route.steady;
    route.reducible = pruning_ == Pruning::Safe || shift.compresses_work() ? timed : std::min(timed, misses);
    if (!route.simulated && route.is_calm) {
        fill_early(route, true, route.calm_early);
        fill_late(route, true, route.calm_late);
    }
}

bool RouteEditor::keeps_static_rules(const Route& route) const {
    const Shift& shift = instance_.shift(route.shift);
    if (route.size() > shift.max_visits || route.load > shift.load_capacity) return false;
    std::int64_t rank = NONE;
    for (const VisitIdx v : route.visits) {
        if (!instance_.eligible(shift, v)) return false;
        const std::int64_t next = instance_.visit(v).sequence;
        if (next == NONE) continue;
        if (next < rank) return false;
        rank = next;
    }
    return true;
}

void RouteEditor::fill_early(const Route& route, bool calm, std::vector<Seconds>& early) const {
    const Shift& shift = instance_.shift(route.shift);
    const int num_breaks = shift.num_breaks(), n = route.size();
    early.assign(slot(shift, n + 1, 0), NEVER);
    Seconds free = ALWAYS_TOO_LATE;
    for (int s = 0; s <= num_breaks; ++s) {
        early[slot(shift, 0, s)] = max(shift.earliest_start, free);
        if (s == num_breaks || shift.underway) break;
        const Break& pause = shift.breaks[static_cast<std::size_t>(s)];
        free = max(free, pause.earliest);
        if (pause.has_place() || free > pause.latest) break;
        free += pause.duration;
    }
    for (int node = 1; node <= n; ++node) {
        const VisitIdx v = route.visits[static_cast<std::size_t>(node - 1)];
        const Visit& visit = instance_.visit(v);
        const Seconds service = instance_.service(shift, v);
        const Seconds start_by = calm ? visit.calm_latest(service) : NEVER;
        const PlaceIdx from = route.places[static_cast<std::size_t>(node - 1)];
        for (int s = 0; s <= num_breaks; ++s) {
            const Seconds time = early[slot(shift, node - 1, s)];
            if (time >= NEVER) continue;
            for (int count = 0; s + count <= num_breaks; ++count) {
                const Seconds ready = leg_ready(instance_, shift, from, time, visit.place, {s, count});
                if (ready == NEVER) break;
                const Seconds start = visit.earliest_start(ready);
                if (start == NEVER || start > start_by) continue;
                Seconds& best = early[slot(shift, node, s + count)];
                best = min(best, start + service);
            }
        }
    }
}

void RouteEditor::fill_late(const Route& route, bool calm, std::vector<Seconds>& late) const {
    const Shift& shift = instance_.shift(route.shift);
    const int num_breaks = shift.num_breaks(), n = route.size();
    late.assign(slot(shift, n + 2, 0), ALWAYS_TOO_LATE);
    Seconds end = calm && !shift.overtime_rate.is_zero() ? shift.regular_end : shift.hard_end;
    for (int s = num_breaks; s >= 0; --s) {
        late[slot(shift, n + 1, s)] = end;
        if (s == 0) break;
        const Break& pause = shift.breaks[static_cast<std::size_t>(s - 1)];
        if (pause.has_place()) break;
        end = min(end, pause.latest);
    }
    for (int node = n; node >= 0; --node) {
        const PlaceIdx from = route.places[static_cast<std::size_t>(node)];
        const PlaceIdx to = route.places[static_cast<std::size_t>(node + 1)];
        for (int s = 0; s <= num_breaks; ++s) {
            Seconds free_by = ALWAYS_TOO_LATE;
            for (int count = 0; s + count <= num_breaks; ++count) {
                const Seconds ready_by = late[slot(shift, node + 1, s + count)];
                if (ready_by <= ALWAYS_TOO_LATE) continue;
                free_by = max(free_by, leg_latest(instance_, shift, from, to, {s, count}, ready_by));
            }
            if (node > 0 && free_by > ALWAYS_TOO_LATE) {
                const VisitIdx v = route.visits[static_cast<std::size_t>(node - 1)];
                const Visit& visit = instance_.visit(v);
                const Seconds service = instance_.service(shift, v);
                const Seconds start_by = free_by - service;
                free_by = visit.latest_start(calm ? min(start_by, visit.calm_latest(service)) : start_by);
            }
            late[slot(shift, node, s)] = free_by;
        }
    }
}

bool RouteEditor::fits_between(const Route& route, int before, VisitIdx v, int after) const {
    const Shift& shift = instance_.shift(route.shift);
    const PlaceIdx from = route.places[static_cast<std::size_t>(before)], to = route.places[static_cast<std::size_t>(after)];
    const PlaceIdx here = instance_.visit(v).place;
    return passes(route, {before, after, instance_.travel(shift, from, here), instance_.travel(shift, here, to)}, v, false);
}

bool RouteEditor::passes(const Route& route, const Gap& gap, VisitIdx v, bool calm) const {
    const std::vector<Seconds>& early = calm ? route.calm_early : route.early;
    const std::vector<Seconds>& late = calm ? route.calm_late : route.late;
    const Shift& shift = instance_.shift(route.shift);
    const Visit& visit = instance_.visit(v);
    const Seconds service = instance_.service(shift, v);
    const Seconds start_by = calm ? visit.calm_latest(service) : visit.span.latest;
    const int num_breaks = shift.num_breaks();
    if (num_breaks == 0) {
        const Seconds start = visit.earliest_start(early[static_cast<std::size_t>(gap.before)] + gap.there);
        return start <= start_by && start + service + gap.onward <= late[static_cast<std::size_t>(gap.after)];
    }
    const PlaceIdx from = route.places[static_cast<std::size_t>(gap.before)], to = route.places[static_cast<std::size_t>(gap.after)];
    for (int s = 0; s <= num_breaks; ++s) {
        const Seconds time = early[slot(shift, gap.before, s)];
        if (time >= NEVER) continue;
        for (int on_way = 0; s + on_way <= num_breaks; ++on_way) {
            const Seconds ready = leg_ready(instance_, shift, from, time, visit.place, {s, on_way}, gap.there);
            if (ready == NEVER) break;
            const Seconds start = visit.earliest_start(ready);
            if (start > start_by) continue;  // one more break may lie on a shorter way
            for (int on = 0; s + on_way + on <= num_breaks; ++on) {
                const Seconds ready_by = late[slot(shift, gap.after, s + on_way + on)];
                if (ready_by <= ALWAYS_TOO_LATE) continue;
                const Seconds there = leg_ready(instance_, shift, visit.place, start + service, to, {s + on_way, on}, gap.onward);
                if (there == NEVER) break;
                if (there <= ready_by) return true;
            }
        }
    }
    return false;
}

bool RouteEditor::rank_allows(const Route& route, int from, int to, VisitIdx v) const {
    const std::int64_t rank = instance_.visit(v).sequence;
    if (rank == NONE || !route.has_sequence) return true;
    for (int i = 0; i < route.size(); ++i) {
        if (i >= from && i < to) continue;
        const std::int64_t other = instance_.visit(route.visits[static_cast<std::size_t>(i)]).sequence;
        if (other != NONE && (i < from ? other > rank : other < rank)) return false;
    }
    return true;
}

Cost RouteEditor::cost_replacing(const Route& route, int from, int to, VisitIdx v, Cost limit) {
    const Shift& shift = instance_.shift(route.shift);
    const auto head = route.visits.begin() + from, tail = route.visits.begin() + to;
    order_.assign(route.visits.begin(), head);
    order_.push_back(v);
    order_.insert(order_.end(), tail, route.visits.end());
    return scheduler_.cost(shift, order_, limit);
}

Insertion RouteEditor::best_insertion(const Route& route, VisitIdx v, Cost limit) {
    const Shift& shift = instance_.shift(route.shift);
    const Visit& visit = instance_.visit(v);
    Insertion best;
    least_delta_ = UNAFFORDABLE;
    const int n = route.size();
    if (!instance_.eligible(shift, v) || n >= shift.max_visits || route.load + visit.load > shift.load_capacity) return best;
    if (visit.windows.back().latest < shift.earliest_start) return best;

    const bool used = !route.leg_costs.empty();
    const Cost steady = instance_.technician_cost(shift, v) + (used ? Cost{} : shift.fixed);
    const bool simulated = route.simulated || visit.most_missed() != Cost{} || !route.is_calm;
    const bool priced = route.priced || visit.is_time_priced();
    // The new cost is at least the new steady part, so a place whose steady part alone is too dear need not be looked at.
    const bool bounded = shift_has_detours_[static_cast<std::size_t>(route.shift)] == 0;
    const Seconds service = instance_.service(shift, v);
    const Seconds first_finish = visit.span.earliest + service;
    const int all_taken = shift.num_breaks();
    const Instance::BothWays* ways = instance_.ways_between(shift, visit.place);
    // Large matrices do not fit into the caches: ask for all ways at once instead of waiting for one after the other.
    for (const PlaceIdx place : route.places)
        if (place != NONE) __builtin_prefetch(ways + place);
    for (int before = 0; before <= n; ++before) {
        // No state is free earlier than state 0, none may be ready later than the one with all breaks taken: too late
        // for the visit here means too late everywhere after, too early means too early here. (The way by the place of
        // a break can be shorter than the direct one, so this needs breaks without places.)
        if (bounded && route.early[slot(shift, before, 0)] > visit.span.latest) break;
        if (bounded && route.late[slot(shift, before + 1, all_taken)] < first_finish) continue;
        const auto leg = static_cast<std::size_t>(before);
        const PlaceIdx from = route.places[leg], to = route.places[leg + 1];
        const Instance::Way in = ways[from].in, out = to == NONE ? Instance::Way{} : ways[to].out;
        const Gap gap{before, before + 1, Seconds{in.travel}, Seconds{out.travel}};
        Cost delta = steady + shift.travel_rate * (gap.there + gap.onward) +
                     shift.distance_rate * (Meters{in.distance} + Meters{out.distance});
        Seconds longer = gap.there + gap.onward;
        if (used) {
            delta -= route.leg_costs[leg];
            longer -= route.leg_travels[leg];
        }
        if (bounded) {
            const Seconds earliest = visit.earliest_start(route.early[slot(shift, before, 0)] + gap.there);
            if (earliest == NEVER || route.travel + longer > shift.max_travel) continue;
            const Cost least = delta + visit.delay_cost(earliest, service) - route.reducible;
            if (least >= std::min(limit, best.delta)) {
                least_delta_ = std::min(least_delta_, least);
                continue;
            }
        }
        if (!passes(route, gap, v, false)) continue;
        if (!rank_allows(route, before, before, v)) continue;
        if (simulated || (priced && !passes(route, gap, v, true))) {
            const Cost dearest = bounded ? route.cost + std::min(limit, best.delta) : UNAFFORDABLE;
            const Cost cost = cost_replacing(route, before, before, v, dearest);
            if (cost == UNAFFORDABLE) {
                if (bounded) least_delta_ = std::min(least_delta_, limit);  // or it does not work at all
                continue;
            }
            delta = cost - route.cost;
        }
        if (delta >= std::min(limit, best.delta)) {
            least_delta_ = std::min(least_delta_, delta);
            continue;
        }
        best = {delta, before};
    }
    return best;
}

void RouteEditor::insert(Route& route, VisitIdx v, int position) {
    route.visits.insert(route.visits.begin() + position, v);
    refresh(route);
}

void RouteEditor::assign(Route& route, std::vector<VisitIdx> visits) {
    route.visits = std::move(visits);
    refresh(route);
}

}  // namespace fieldops
