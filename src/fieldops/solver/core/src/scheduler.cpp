#include "fieldops/scheduler.h"

#include <algorithm>
#include <tuple>

namespace fieldops {

PlaceIdx Scheduler::node_place(const Shift& shift, std::span<const VisitIdx> order, int node) const {
    if (node == 0) return shift.start_place;
    const auto n = static_cast<int>(order.size());
    if (node <= n) return instance_.visit(order[static_cast<std::size_t>(node - 1)]).place;
    return shift.end_place;
}

BreakRun Scheduler::run_on_leg(const Shift& shift, const Placement& legs, int leg) const {
    BreakRun run;
    for (int pos = 0; pos < shift.num_breaks(); ++pos) {
        const int at = legs[static_cast<std::size_t>(pos)];
        if (at < leg) run.first = pos + 1;
        if (at == leg) ++run.count;
    }
    return run;
}

bool Scheduler::leave_after(const Shift& shift, int before, Seconds& leave) const {
    if (before > 0 && shift.underway) return false;
    Seconds free = ALWAYS_TOO_LATE;
    for (int pos = 0; pos < before; ++pos) {
        const Break& pause = shift.breaks[static_cast<std::size_t>(pos)];
        const Seconds start = max(free, pause.earliest);
        if (pause.has_place() || start > pause.latest) return false;
        free = start + pause.duration;
    }
    leave = max(shift.earliest_start, free);
    return true;
}

void Scheduler::add_label(std::vector<Label>& labels, const Label& candidate) const {
    const auto beats = [](const Label& a, const Label& b) {
        return a.time <= b.time && a.cost <= b.cost && a.legs >= b.legs;
    };
    for (const Label& label : labels)
        if (beats(label, candidate)) return;
    std::erase_if(labels, [&](const Label& label) { return beats(candidate, label); });
    labels.push_back(candidate);
}

void Scheduler::choose_from(const Shift& shift, std::span<const VisitIdx> order, int before, Seconds leave, Cost limit,
                            Choice& best) {
    const int num_breaks = shift.num_breaks();
    const auto n = static_cast<int>(order.size());
    const auto clear = [&](Front& front) {
        for (int taken = 0; taken <= num_breaks; ++taken) front[static_cast<std::size_t>(taken)].clear();
    };
    clear(fronts_[0]);
    Label first{leave, Cost{}, {}};
    for (int pos = 0; pos < before; ++pos) first.legs[static_cast<std::size_t>(pos)] = -1;
    fronts_[0][static_cast<std::size_t>(before)].push_back(first);

    for (int leg = 0; leg <= n; ++leg) {
        const PlaceIdx from = node_place(shift, order, leg), to = node_place(shift, order, leg + 1);
        const Front& here = fronts_[static_cast<std::size_t>(leg % 2)];
        Front& there = fronts_[static_cast<std::size_t>((leg + 1) % 2)];
        clear(there);
        bool alive = false;
        for (int taken = before; taken <= num_breaks; ++taken) {
            for (const Label& label : here[static_cast<std::size_t>(taken)]) {
                Label next = label;
                for (int count = 0; taken + count <= num_breaks; ++count) {
                    if (count > 0) next.legs[static_cast<std::size_t>(taken + count - 1)] = static_cast<std::int16_t>(leg);
                    const BreakRun run{taken, count};
                    const Seconds ready = leg_ready(instance_, shift, from, label.time, to, run);
                    if (ready == NEVER) break;  // later breaks of the run come after one that is already missed
                    next.cost = label.cost + (count > 0 ? detour_of(instance_, shift, from, to, run).cost : Cost{});
                    if (leg < n) {
                        const VisitIdx v = order[static_cast<std::size_t>(leg)];
                        const Visit& visit = instance_.visit(v);
                        const Seconds service = instance_.service(shift, v);
                        const Seconds start = visit.earliest_start(ready);
                        if (start == NEVER) continue;
                        next.cost += visit.delay_cost(start, service);
                        next.time = start + service;
                        if (next.time > shift.hard_end || next.cost >= limit) continue;
                        add_label(there[static_cast<std::size_t>(taken + count)], next);
                        alive = true;
                        continue;
                    }
                    if (ready > shift.hard_end) continue;
                    bool owed = false;
                    Label whole = next;
                    for (int pos = taken + count; pos < num_breaks; ++pos) {
                        const Break& pause = shift.breaks[static_cast<std::size_t>(pos)];
                        owed = owed || pause.has_place() || ready > pause.latest;
                        whole.legs[static_cast<std::size_t>(pos)] = static_cast<std::int16_t>(n + 1);
                    }
                    if (owed) continue;
                    if (ready > shift.regular_end) whole.cost += shift.overtime_rate * (ready - shift.regular_end);
                    const auto rank = [](Cost cost, Seconds end, int early) { return std::tuple(cost, end, -early); };
                    const auto mine = rank(whole.cost, ready, before);
                    const auto theirs = rank(best.cost, best.end, best.before);
                    if (best.before < 0 || mine < theirs || (mine == theirs && whole.legs > best.legs))
                        best = Choice{whole.legs, before, whole.cost, ready, leave};
                }
            }
        }
        if (leg < n && !alive) return;
    }
}

Scheduler::Choice Scheduler::choose_placement(const Shift& shift, std::span<const VisitIdx> order, Cost limit) {
    Choice best;
    for (int before = shift.num_breaks(); before >= 0; --before) {
        Seconds leave;
        if (leave_after(shift, before, leave)) choose_from(shift, order, before, leave, limit, best);
    }
    return best;
}

bool Scheduler::simulate(const Shift& shift, std::span<const VisitIdx> order, const Placement& legs, Seconds leave) {
    const auto n = static_cast<int>(order.size());
    starts_.resize(order.size());
    PlaceIdx from = shift.start_place;
    Seconds time = leave;
    for (int leg = 0; leg < n; ++leg) {
        const VisitIdx v = order[static_cast<std::size_t>(leg)];
        const Visit& visit = instance_.visit(v);
        const BreakRun run = shift.breaks.empty() ? BreakRun{} : run_on_leg(shift, legs, leg);
        const Seconds ready = leg_ready(instance_, shift, from, time, visit.place, run);
        const Seconds start = visit.earliest_start(ready);
        if (start == NEVER) return false;
        starts_[static_cast<std::size_t>(leg)] = start;
        time = start + instance_.service(shift, v);
        from = visit.place;
    }
    const BreakRun run = shift.breaks.empty() ? BreakRun{} : run_on_leg(shift, legs, n);
    end_ = leg_ready(instance_, shift, from, time, shift.end_place, run);
    return end_ <= shift.hard_end;
}

Seconds Scheduler::latest_departure(const Shift& shift, std::span<const VisitIdx> order, const Placement& legs) {
    if (shift.underway) return shift.earliest_start;
    const auto n = static_cast<int>(order.size());
    Seconds ready_by = end_;
    if (shift.compresses_work()) {
        PlaceIdx to = node_place(shift, order, n + 1);
        for (int leg = n; leg > 0; --leg) {
            const auto stop = static_cast<std::size_t>(leg - 1);
            const Visit& visit = instance_.visit(order[stop]);
            const Seconds service = instance_.service(shift, order[stop]);
            const Seconds early = starts_[stop];
            const BreakRun run = shift.breaks.empty() ? BreakRun{} : run_on_leg(shift, legs, leg);
            Seconds bound = leg_latest(instance_, shift, visit.place, to, run, ready_by) - service;
            bound = min(bound, max(early, visit.promised_latest));
            bound = min(bound, max(early, visit.due - service));
            if (early <= visit.preferred.latest) bound = min(bound, visit.preferred.latest);
            if (early <= visit.told.latest) bound = min(bound, visit.told.latest);
            ready_by = visit.latest_start(bound);
            to = visit.place;
        }
    } else {
        ready_by = starts_.front();
    }
    const BreakRun run = shift.breaks.empty() ? BreakRun{} : run_on_leg(shift, legs, 0);
    return leg_latest(instance_, shift, shift.start_place, instance_.visit(order.front()).place, run, ready_by);
}

bool Scheduler::schedule(const Shift& shift, std::span<const VisitIdx> order, Cost limit, Placement& legs, Seconds& departure) {
    Seconds leave = shift.earliest_start;
    if (!shift.breaks.empty()) {
        const Choice choice = choose_placement(shift, order, limit);
        if (choice.before < 0) return false;
        legs = choice.legs;
        leave = choice.leave;
    }
    if (!simulate(shift, order, legs, leave)) return false;
    departure = latest_departure(shift, order, legs);
    assert(departure >= leave);
    // A salaried day starts no stop later, so only a compressed one changes its times.
    if (departure > leave && shift.compresses_work()) simulate(shift, order, legs, departure);
    return true;
}

Seconds Scheduler::unpaid_on_clock(const Shift& shift, std::span<const VisitIdx> order, const Placement& legs) const {
    Seconds unpaid{};
    for (int pos = 0; pos < shift.num_breaks(); ++pos) {
        const int leg = legs[static_cast<std::size_t>(pos)];
        const Break& pause = shift.breaks[static_cast<std::size_t>(pos)];
        if (!pause.paid && leg >= 0 && leg <= static_cast<int>(order.size())) unpaid += pause.duration;
    }
    return unpaid;
}

Detour Scheduler::detours(const Shift& shift, std::span<const VisitIdx> order, const Placement& legs) const {
    Detour sum;
    const auto n = static_cast<int>(order.size());
    for (int leg = 0; leg <= n && !shift.breaks.empty(); ++leg) {
        const BreakRun run = run_on_leg(shift, legs, leg);
        if (run.count == 0) continue;
        const Detour detour = detour_of(instance_, shift, node_place(shift, order, leg), node_place(shift, order, leg + 1), run);
        sum.cost += detour.cost;
        sum.travel += detour.travel;
    }
    return sum;
}

Cost Scheduler::cost(const Shift& shift, std::span<const VisitIdx> order, Cost limit) {
    trouble_ = Cost{};
    if (order.empty() && !shift.underway) return Cost{};
    Cost cost = shift.fixed;
    Seconds driven{};
    PlaceIdx from = shift.start_place;
    for (const VisitIdx v : order) {
        const PlaceIdx here = instance_.visit(v).place;
        cost += instance_.drive_cost(shift, from, here) + instance_.technician_cost(shift, v);
        driven += instance_.travel(shift, from, here);
        from = here;
    }
    cost += instance_.drive_cost(shift, from, shift.end_place);
    driven += instance_.travel(shift, from, shift.end_place);

    Placement legs{};
    Seconds departure;
    if (!schedule(shift, order, limit - cost, legs, departure)) return UNAFFORDABLE;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Visit& visit = instance_.visit(order[i]);
        trouble_ += visit.delay_cost(starts_[i], instance_.service(shift, order[i])) + visit.preference_cost(starts_[i]) +
                    visit.told_cost(starts_[i]);
    }
    trouble_ += shift.overtime_rate * max(Seconds{}, end_ - max(departure, shift.regular_end));
    const Detour detour = detours(shift, order, legs);
    cost += detour.cost;
    driven += detour.travel;
    if (driven > shift.max_travel) return UNAFFORDABLE;
    const Seconds unpaid = unpaid_on_clock(shift, order, legs);
    if (max(Seconds{}, end_ - departure - unpaid) > shift.max_work) return UNAFFORDABLE;
    cost += shift.work_rate * max(Seconds{}, min(end_, shift.regular_end) - departure - unpaid);
    return cost + trouble_;
}

}  // namespace fieldops
