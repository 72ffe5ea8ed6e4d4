// The problem as the core sees it: checked by Python, then never changed.
#pragma once

#include "fieldops/units.h"

#include <cassert>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace fieldops {

inline constexpr int MAX_BREAKS = 8;

struct Window {
    Seconds earliest;
    Seconds latest;
    bool operator==(const Window&) const = default;
};

struct Break {
    Seconds earliest;
    Seconds latest;
    Seconds duration;
    PlaceIdx place = NONE;
    bool paid = true;
    bool has_place() const { return place != NONE; }
    bool operator==(const Break&) const = default;
};

struct Shift {
    TechnicianIdx technician = NONE;
    int profile = 0;
    PlaceIdx start_place = NONE;
    PlaceIdx end_place = NONE;  // NONE: the day ends at the last visit
    Seconds earliest_start, regular_end, hard_end;
    std::vector<Break> breaks;
    PerSecond work_rate, overtime_rate, travel_rate;
    PerMeter distance_rate;
    Cost fixed;
    std::int64_t max_visits = FAR;
    Seconds max_travel = NEVER;
    Seconds max_work = NEVER;
    std::int64_t load_capacity = FAR;
    bool underway = false;  // on the clock at the start place from earliest_start on, with visits or without

    int num_breaks() const { return static_cast<int>(breaks.size()); }
    //! Whether what the route costs or may last depends on when work begins and ends.
    bool counts_work() const { return !work_rate.is_zero() || max_work != NEVER; }
    //! Whether leaving later is worth money or needed for a cap.
    bool compresses_work() const { return !underway && counts_work(); }
    bool operator==(const Shift&) const = default;
};

struct Visit {
    PlaceIdx place = NONE;
    Window span;  // from the first window's earliest to the last one's latest
    std::vector<Window> windows;
    Seconds promised_latest = NEVER;
    PerSecond lateness_rate;
    Window preferred{ALWAYS_TOO_LATE, NEVER};
    Cost preferred_miss;
    Window told{ALWAYS_TOO_LATE, NEVER};
    Cost told_miss;
    TechnicianIdx baseline = NONE;  // technician the customer was told of
    Cost reassigned;                // by anybody else
    Seconds due = NEVER;
    PerSecond due_rate;
    Cost unassigned;  // with the SLA cost of never being done
    bool mandatory = false;
    std::int64_t sequence = NONE;  // NONE: no pinned rank
    std::int64_t load = 0;

    //! Earliest start of service at or after `ready`, or NEVER.
    Seconds earliest_start(Seconds ready) const {
        if (ready <= span.earliest) return span.earliest;
        if (ready > span.latest) return NEVER;
        if (windows.size() == 1) return ready;
        for (const Window& window : windows)
            if (ready <= window.latest) return max(ready, window.earliest);
        return NEVER;
    }

    //! Latest start of service at or before `bound`, or ALWAYS_TOO_LATE.
    Seconds latest_start(Seconds bound) const {
        if (bound >= span.latest) return span.latest;
        if (bound < span.earliest) return ALWAYS_TOO_LATE;
        if (windows.size() == 1) return bound;
        for (std::size_t i = windows.size(); i-- > 0;)
            if (windows[i].earliest <= bound) return min(bound, windows[i].latest);
        return ALWAYS_TOO_LATE;
    }

    //! Cost of starting at `start`, which depends on time alone: lateness and SLA, rising in time.
    Cost delay_cost(Seconds start, Seconds service) const {
        Cost cost{};
        if (start > promised_latest) cost += lateness_rate * (start - promised_latest);
        if (start + service > due) cost += due_rate * (start + service - due);
        return cost;
    }

    //! Latest start that costs neither lateness nor SLA.
    Seconds calm_latest(Seconds service) const {
        const Seconds promise = lateness_rate.is_zero() ? NEVER : promised_latest;
        return due_rate.is_zero() || due == NEVER ? promise : min(promise, due - service);
    }

    Cost preference_cost(Seconds start) const {
        return start < preferred.earliest || start > preferred.latest ? preferred_miss : Cost{};
    }
    Cost told_cost(Seconds start) const { return start < told.earliest || start > told.latest ? told_miss : Cost{}; }
    //! The most that starting outside the windows people wish for or were told can cost.
    Cost most_missed() const { return preferred_miss + told_miss; }
    Cost reassigned_cost(TechnicianIdx who) const { return baseline == NONE || who == baseline ? Cost{} : reassigned; }

    bool is_time_priced() const {
        return (promised_latest != NEVER && !lateness_rate.is_zero()) || (due != NEVER && !due_rate.is_zero()) ||
               most_missed() != Cost{};
    }
};

struct Technician {
    std::int64_t duration_permille = 1000;
    std::vector<std::int64_t> skill_levels;
};

//! What a visit asks of people; kept apart from what the time model needs.
struct Demands {
    std::vector<std::int64_t> required_levels;
    std::optional<std::vector<TechnicianIdx>> allowed;
    std::vector<TechnicianIdx> forbidden;
    std::vector<TechnicianIdx> preferred;
    Cost other_technician;
    Seconds service;
};

//! Seconds of nominal service at a technician's pace, rounded half up.
inline Seconds paced(Seconds nominal, const Technician& technician) {
    return Seconds{(nominal.value * technician.duration_permille + 500) / 1000};
}

//! Travel between one place and others, in the order of those; seconds and meters.
struct Connections {
    std::span<const std::int32_t> travel_to, distance_to, travel_from, distance_from;
};

class Instance {
public:
    /**
     * Travel arrays are (profiles, places, places) in C order, seconds and meters, directed.
     * Everything has been validated by the caller.
     */
    Instance(int profiles, int places, std::span<const std::int32_t> travel, std::span<const std::int32_t> distance,
             const std::vector<Technician>& technicians, std::vector<Shift> shifts, std::vector<Visit> visits,
             const std::vector<Demands>& demands);

    /**
     * A copy with room for a visit that is not there yet: one more place and one more visit at it, both the last.
     * For instances of one technician and one shift.
     */
    Instance with_room() const;
    //! Put a visit into the room; `connections` lead to and from its place, in the profile of the shift.
    void fill_room(const Visit& visit, Seconds service, Cost technician_cost, const Connections& connections);
    //! Change the windows of the visit in the room; sorted, disjoint, at least one.
    void set_room_windows(const std::vector<Window>& windows);
    //! A copy in which no visit is ever too late: the last window of each has no end.
    Instance without_window_ends() const;

    int num_places() const { return places_; }
    int num_visits() const { return static_cast<int>(visits_.size()); }
    int num_shifts() const { return static_cast<int>(shifts_.size()); }
    int num_classes() const { return num_classes_; }

    const Visit& visit(VisitIdx v) const { assert(v >= 0 && v < num_visits()); return visits_[static_cast<std::size_t>(v)]; }
    const Shift& shift(ShiftIdx s) const { assert(s >= 0 && s < num_shifts()); return shifts_[static_cast<std::size_t>(s)]; }
    //! Shifts that are alike in everything share a class: swapping their routes changes nothing.
    int shift_class(ShiftIdx s) const { return class_of_[static_cast<std::size_t>(s)]; }

    // `to` may be NONE, the end of an open route: no way at all.
    Seconds travel(const Shift& shift, PlaceIdx from, PlaceIdx to) const {
        return to == NONE ? Seconds{} : Seconds{ways_[cell(shift, from, to)].out.travel};
    }
    Meters distance(const Shift& shift, PlaceIdx from, PlaceIdx to) const {
        return to == NONE ? Meters{} : Meters{ways_[cell(shift, from, to)].out.distance};
    }
    //! What driving one leg costs, time and distance together.
    Cost drive_cost(const Shift& shift, PlaceIdx from, PlaceIdx to) const {
        if (to == NONE) return Cost{};
        const Way way = ways_[cell(shift, from, to)].out;
        return shift.travel_rate * Seconds{way.travel} + shift.distance_rate * Meters{way.distance};
    }

    //! Time and distance of one directed pair side by side: most questions need both.
    struct Way {
        std::int32_t travel;
        std::int32_t distance;
    };
    struct BothWays {
        Way out;
        Way in;
    };
    //! The ways between one place and every other, side by side in memory.
    const BothWays* ways_between(const Shift& shift, PlaceIdx here) const { return &ways_[cell(shift, here, 0)]; }

    bool eligible(const Shift& shift, VisitIdx v) const { return eligible_[row(shift, v)] != 0; }
    //! Shifts whose technician may serve the visit and whose period leaves time for it in one of its windows.
    const std::vector<ShiftIdx>& shifts_for(VisitIdx v) const { return shifts_for_[static_cast<std::size_t>(v)]; }
    Seconds service(const Shift& shift, VisitIdx v) const { return Seconds{service_[row(shift, v)]}; }
    //! Cost of being served by somebody other than the preferred technicians, or than the one the customer was told of.
    Cost technician_cost(const Shift& shift, VisitIdx v) const { return technician_cost_[row(shift, v)]; }

private:
    std::size_t cell(const Shift& shift, PlaceIdx from, PlaceIdx to) const {
        assert(from >= 0 && from < places_ && to >= 0 && to < places_);
        return (static_cast<std::size_t>(shift.profile) * static_cast<std::size_t>(places_) + static_cast<std::size_t>(from)) *
                   static_cast<std::size_t>(places_) +
               static_cast<std::size_t>(to);
    }
    std::size_t row(const Shift& shift, VisitIdx v) const {
        assert(v >= 0 && v < num_visits());
        return static_cast<std::size_t>(shift.technician) * visits_.size() + static_cast<std::size_t>(v);
    }
    void rate_technicians(const std::vector<Technician>& technicians, const std::vector<Demands>& demands);
    void match_shifts();
    void classify_shifts(std::size_t num_technicians);

    int places_;
    std::vector<BothWays> ways_;
    std::vector<Shift> shifts_;
    std::vector<Visit> visits_;
    std::vector<std::uint8_t> eligible_;
    std::vector<std::int32_t> service_;
    std::vector<Cost> technician_cost_;
    std::vector<std::vector<ShiftIdx>> shifts_for_;
    std::vector<int> class_of_;
    int num_classes_ = 0;
};

}  // namespace fieldops
