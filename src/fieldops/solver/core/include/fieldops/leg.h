// One leg of a route: driving from one place to the next, with the breaks taken on it (docs/concepts.md, Breaks).
#pragma once

#include "fieldops/instance.h"

namespace fieldops {

//! A run of consecutive breaks of a shift: `count` of them from position `first` on.
struct BreakRun {
    int first = 0;
    int count = 0;
};

// `to` is NONE on the last leg of an open route: it leads no further than the places of its breaks.

//! When the technician is ready at `to`, having been free at `from` at `time`; NEVER when a break cannot be taken.
//! `direct` is the travel from `from` to `to`, for callers that know it already.
Seconds leg_ready_with_breaks(const Instance& instance, const Shift& shift, PlaceIdx from, Seconds time, PlaceIdx to,
                              BreakRun breaks, Seconds direct);

inline Seconds leg_ready(const Instance& instance, const Shift& shift, PlaceIdx from, Seconds time, PlaceIdx to, BreakRun breaks,
                         Seconds direct) {
    if (breaks.count == 0) return time + direct;
    return leg_ready_with_breaks(instance, shift, from, time, to, breaks, direct);
}

inline Seconds leg_ready(const Instance& instance, const Shift& shift, PlaceIdx from, Seconds time, PlaceIdx to, BreakRun breaks) {
    return leg_ready(instance, shift, from, time, to, breaks, instance.travel(shift, from, to));
}

//! Latest time to be free at `from` so as to be ready at `to` by `ready_by`; ALWAYS_TOO_LATE when there is none.
Seconds leg_latest(const Instance& instance, const Shift& shift, PlaceIdx from, PlaceIdx to, BreakRun breaks,
                   Seconds ready_by);

//! What a leg takes beyond the direct way, because breaks with a place are driven to; may be negative where travel breaks
//! the triangle inequality.
struct Detour {
    Cost cost;
    Seconds travel;
};
Detour detour_of(const Instance& instance, const Shift& shift, PlaceIdx from, PlaceIdx to, BreakRun breaks);

}  // namespace fieldops
