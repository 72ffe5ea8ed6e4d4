// The slow, complete form of the evaluator: every time of a route, for people and for the referee.
#include "fieldops/scheduler.h"

namespace fieldops {

void Scheduler::detail_leg(const Shift& shift, std::span<const VisitIdx> order, const Placement& legs, int leg,
                           Timetable& table) const {
    const auto n = static_cast<int>(order.size());
    const PlaceIdx to = node_place(shift, order, leg + 1);
    PlaceIdx at = node_place(shift, order, leg);
    Seconds time = leg == 0 ? table.departure : table.stops[static_cast<std::size_t>(leg - 1)].finish;
    const Seconds free = time;
    const BreakRun run = run_on_leg(shift, legs, leg);
    const int end = run.first + run.count;

    Seconds moved_at = NEVER;  // first instant of driving on this leg
    Seconds arrived = free;    // instant the driving was over
    Seconds paused{};          // breaks since `arrived`
    Seconds remaining{};
    const auto aim = [&](int from_pos) {
        PlaceIdx target = to;
        for (int pos = from_pos; pos < end; ++pos)
            if (shift.breaks[static_cast<std::size_t>(pos)].has_place()) {
                target = shift.breaks[static_cast<std::size_t>(pos)].place;
                break;
            }
        remaining = instance_.travel(shift, at, target);
        table.travel += remaining;
        table.distance += instance_.distance(shift, at, target);
        at = target;
    };
    const auto drive = [&](Seconds until) {
        const Seconds step = min(remaining, until - time);
        if (step <= Seconds{}) return;
        moved_at = min(moved_at, time);
        remaining -= step;
        arrived = time + step;
        paused = Seconds{};
    };
    aim(run.first);
    for (int pos = run.first; pos < end; ++pos) {
        const Break& pause = shift.breaks[static_cast<std::size_t>(pos)];
        if (pause.has_place()) {
            drive(NEVER);
            table.breaks.push_back({leg, pause.earliest});
            time = pause.earliest + pause.duration;
            paused += pause.duration;
            aim(pos + 1);
        } else {
            const Seconds start = max(time, pause.earliest);
            drive(start);
            table.breaks.push_back({leg, start});
            time = start + pause.duration;
            paused += pause.duration;
        }
    }
    const Seconds ready = time + remaining;
    drive(NEVER);
    if (leg > 0) {
        StopTimes& previous = table.stops[static_cast<std::size_t>(leg - 1)];
        previous.departure = moved_at == NEVER ? previous.finish : moved_at;
    }
    if (leg == n) {
        table.end = ready;
        return;
    }
    const VisitIdx v = order[static_cast<std::size_t>(leg)];
    StopTimes stop;
    stop.visit = v;
    stop.arrival = arrived;
    stop.start = instance_.visit(v).earliest_start(ready);
    stop.finish = stop.start + instance_.service(shift, v);
    stop.wait = stop.start - stop.arrival - paused;
    table.stops.push_back(stop);
}

void Scheduler::fill_latest_starts(const Shift& shift, std::span<const VisitIdx> order, const Placement& legs, Seconds departure,
                                   int position) {
    const auto n = static_cast<int>(order.size());
    Seconds ready_by = shift.hard_end;
    if (shift.max_work != NEVER) ready_by = min(ready_by, departure + shift.max_work + unpaid_on_clock(shift, order, legs));
    for (int pos = 0; pos < shift.num_breaks(); ++pos)
        if (legs[static_cast<std::size_t>(pos)] == n + 1) ready_by = min(ready_by, shift.breaks[static_cast<std::size_t>(pos)].latest);
    latest_starts_.resize(order.size());
    for (int leg = n; leg > position; --leg) {
        const VisitIdx v = order[static_cast<std::size_t>(leg - 1)];
        const Seconds bound = leg_latest(instance_, shift, node_place(shift, order, leg), node_place(shift, order, leg + 1),
                                         run_on_leg(shift, legs, leg), ready_by) -
                              instance_.service(shift, v);
        ready_by = instance_.visit(v).latest_start(bound);
        latest_starts_[static_cast<std::size_t>(leg - 1)] = ready_by;
    }
}

Scheduler::Glance Scheduler::glance(const Shift& shift, std::span<const VisitIdx> order, int position) {
    Placement legs{};
    Seconds departure;
    [[maybe_unused]] const bool works = schedule(shift, order, UNAFFORDABLE, legs, departure);
    assert(works);
    fill_latest_starts(shift, order, legs, departure, position);
    Seconds travel = detours(shift, order, legs).travel;
    for (int leg = 0; leg <= static_cast<int>(order.size()); ++leg)
        travel += instance_.travel(shift, node_place(shift, order, leg), node_place(shift, order, leg + 1));
    const auto pos = static_cast<std::size_t>(position);
    if (order.empty()) return {departure, departure, Seconds{}, travel};
    const Seconds start = starts_[pos];
    return {start, start + instance_.service(shift, order[pos]), latest_starts_[pos] - start, travel};
}

std::optional<Timetable> Scheduler::timetable(const Shift& shift, std::span<const VisitIdx> order) {
    Timetable table;
    if (order.empty() && !shift.underway) return table;
    Placement legs{};
    if (cost(shift, order) == UNAFFORDABLE || !schedule(shift, order, UNAFFORDABLE, legs, table.departure)) return std::nullopt;

    const auto n = static_cast<int>(order.size());
    Seconds free = ALWAYS_TOO_LATE;
    for (int pos = 0; pos < shift.num_breaks() && legs[static_cast<std::size_t>(pos)] < 0; ++pos) {
        const Break& pause = shift.breaks[static_cast<std::size_t>(pos)];
        const Seconds start = max(free, pause.earliest);
        table.breaks.push_back({-1, start});
        free = start + pause.duration;
    }
    for (int leg = 0; leg <= n; ++leg) detail_leg(shift, order, legs, leg, table);
    free = table.end;
    for (int pos = 0; pos < shift.num_breaks(); ++pos) {
        if (legs[static_cast<std::size_t>(pos)] != n + 1) continue;
        const Break& pause = shift.breaks[static_cast<std::size_t>(pos)];
        const Seconds start = max(free, pause.earliest);
        table.breaks.push_back({n + 1, start});
        free = start + pause.duration;
    }
    fill_latest_starts(shift, order, legs, table.departure, 0);
    for (std::size_t pos = 0; pos < order.size(); ++pos) table.stops[pos].slack = latest_starts_[pos] - table.stops[pos].start;

    const Seconds unpaid = unpaid_on_clock(shift, order, legs);
    table.work = max(Seconds{}, table.end - table.departure - unpaid);
    table.overtime = max(Seconds{}, table.end - max(table.departure, shift.regular_end));
    RouteCosts& costs = table.costs;
    costs.work = shift.work_rate * max(Seconds{}, min(table.end, shift.regular_end) - table.departure - unpaid);
    costs.overtime = shift.overtime_rate * table.overtime;
    costs.travel = shift.travel_rate * table.travel;
    costs.distance = shift.distance_rate * table.distance;
    costs.fixed = shift.fixed;
    for (const StopTimes& stop : table.stops) {
        const Visit& visit = instance_.visit(stop.visit);
        if (stop.start > visit.promised_latest) costs.lateness += visit.lateness_rate * (stop.start - visit.promised_latest);
        if (stop.finish > visit.due) costs.sla += visit.due_rate * (stop.finish - visit.due);
        costs.preference += visit.preference_cost(stop.start);
        const Cost reassigned = visit.reassigned_cost(shift.technician);
        costs.technician += instance_.technician_cost(shift, stop.visit) - reassigned;
        costs.churn += visit.told_cost(stop.start) + reassigned;
    }
    return table;
}

}  // namespace fieldops
