#include "fieldops/leg.h"

namespace fieldops {

namespace {

const Break& break_at(const Shift& shift, int pos) { return shift.breaks[static_cast<std::size_t>(pos)]; }

//! Place the technician drives to next when `pos` is the next break to take: that of the first placed one, or `to`.
PlaceIdx next_target(const Shift& shift, int pos, int end, PlaceIdx to) {
    for (; pos < end; ++pos)
        if (break_at(shift, pos).has_place()) return break_at(shift, pos).place;
    return to;
}

}  // namespace

Seconds leg_ready_with_breaks(const Instance& instance, const Shift& shift, PlaceIdx from, Seconds time, PlaceIdx to,
                              BreakRun breaks, Seconds direct) {
    const int end = breaks.first + breaks.count;
    const PlaceIdx target = next_target(shift, breaks.first, end, to);
    Seconds remaining = target == to ? direct : instance.travel(shift, from, target);
    for (int pos = breaks.first; pos < end; ++pos) {
        const Break& pause = break_at(shift, pos);
        if (pause.has_place()) {
            if (time + remaining > pause.earliest) return NEVER;
            time = pause.earliest + pause.duration;
            remaining = instance.travel(shift, pause.place, next_target(shift, pos + 1, end, to));
        } else {
            const Seconds start = max(time, pause.earliest);
            if (start > pause.latest) return NEVER;
            remaining -= min(remaining, start - time);
            time = start + pause.duration;
        }
    }
    return time + remaining;
}

Seconds leg_latest(const Instance& instance, const Shift& shift, PlaceIdx from, PlaceIdx to, BreakRun breaks,
                   Seconds ready_by) {
    if (breaks.count == 0) return ready_by - instance.travel(shift, from, to);
    const int end = breaks.first + breaks.count;
    // The part up to the first placed break decides; what follows that break does not depend on when we leave.
    int part_end = breaks.first;
    while (part_end < end && !break_at(shift, part_end).has_place()) ++part_end;
    PlaceIdx target = to;
    if (part_end < end) {
        const Break& placed = break_at(shift, part_end);
        const BreakRun rest{part_end + 1, end - part_end - 1};
        if (leg_ready(instance, shift, placed.place, placed.earliest + placed.duration, to, rest) > ready_by)
            return ALWAYS_TOO_LATE;
        target = placed.place;
        ready_by = placed.earliest;
    }
    // With breaks j of this part: ready = max(leave + travel + sum of durations, max over j of earliest_j + durations
    // from j on), and break j starts at max(leave + durations before j, max over i <= j of earliest_i + durations i..j-1).
    Seconds latest = NEVER;
    Seconds before{};         // durations of the breaks so far
    Seconds forced = ALWAYS_TOO_LATE;  // earliest end of the breaks so far, whenever we leave
    for (int pos = breaks.first; pos < part_end; ++pos) {
        const Break& pause = break_at(shift, pos);
        if (forced > pause.latest) return ALWAYS_TOO_LATE;
        latest = min(latest, pause.latest - before);
        forced = max(forced, pause.earliest) + pause.duration;
        before += pause.duration;
    }
    if (forced > ready_by) return ALWAYS_TOO_LATE;
    return min(latest, ready_by - instance.travel(shift, from, target) - before);
}

Detour detour_of(const Instance& instance, const Shift& shift, PlaceIdx from, PlaceIdx to, BreakRun breaks) {
    Detour detour;
    PlaceIdx at = from;
    bool any = false;
    for (int pos = breaks.first; pos < breaks.first + breaks.count; ++pos) {
        const Break& pause = break_at(shift, pos);
        if (!pause.has_place()) continue;
        detour.cost += instance.drive_cost(shift, at, pause.place);
        detour.travel += instance.travel(shift, at, pause.place);
        at = pause.place;
        any = true;
    }
    if (!any) return detour;
    detour.cost += instance.drive_cost(shift, at, to) - instance.drive_cost(shift, from, to);
    detour.travel += instance.travel(shift, at, to) - instance.travel(shift, from, to);
    return detour;
}

}  // namespace fieldops
