// The exact evaluator: when everything of a route happens and what it costs (docs/concepts.md is the definition).
#pragma once

#include "fieldops/leg.h"

#include <array>
#include <span>
#include <vector>

namespace fieldops {

//! Where each break is taken: -1 before leaving, 0..n on a leg, n + 1 after the day.
using Placement = std::array<std::int16_t, MAX_BREAKS>;

struct StopTimes {
    VisitIdx visit = NONE;
    Seconds arrival, start, finish, departure, wait, slack;
};

struct BreakTimes {
    int leg = 0;
    Seconds start;
};

struct RouteCosts {
    Cost lateness, sla, preference, technician, churn, work, overtime, travel, distance, fixed;
    Cost total() const {
        return lateness + sla + preference + technician + churn + work + overtime + travel + distance + fixed;
    }
};

struct Timetable {
    Seconds departure, end, travel, work, overtime;
    Meters distance;
    std::vector<StopTimes> stops;
    std::vector<BreakTimes> breaks;
    RouteCosts costs;
};

/**
 * Evaluates routes under the time model. Holds scratch memory only: one per thread, any route.
 *
 * Who may serve a visit, pinned ranks and load are not judged here (see Route): they do not depend on time.
 * Without visits a route costs nothing and has no times, unless its shift is under way.
 */
class Scheduler {
public:
    explicit Scheduler(const Instance& instance) : instance_(instance) {}

    /**
     * Exact cost of serving `order` on `shift`; UNAFFORDABLE when times or caps do not allow it. O(n) for short break lists.
     *
     * May also answer UNAFFORDABLE, early, for a route that costs `limit` or more.
     */
    Cost cost(const Shift& shift, std::span<const VisitIdx> order, Cost limit = UNAFFORDABLE);

    //! What of the last cost asked for is owed to when things happen: delays, windows missed, overtime.
    Cost trouble() const { return trouble_; }

    //! What one stop of a route that works says, and all its driving.
    struct Glance {
        Seconds start, finish, slack, travel;
    };
    Glance glance(const Shift& shift, std::span<const VisitIdx> order, int position);

    //! Everything about the route; nullopt when times or caps do not allow it.
    std::optional<Timetable> timetable(const Shift& shift, std::span<const VisitIdx> order);

private:
    struct Label {
        Seconds time;
        Cost cost;
        Placement legs;
    };
    struct Choice {
        Placement legs{};
        int before = -1;  // breaks taken before leaving; -1: no placement works
        Cost cost = UNAFFORDABLE;
        Seconds end;
        Seconds leave;  // earliest departure
    };

    PlaceIdx node_place(const Shift& shift, std::span<const VisitIdx> order, int node) const;
    BreakRun run_on_leg(const Shift& shift, const Placement& legs, int leg) const;
    bool leave_after(const Shift& shift, int before, Seconds& leave) const;
    //! Placements whose cost that depends on time reaches `limit` are not worth looking at.
    Choice choose_placement(const Shift& shift, std::span<const VisitIdx> order, Cost limit);
    void choose_from(const Shift& shift, std::span<const VisitIdx> order, int before, Seconds leave, Cost limit, Choice& best);
    void add_label(std::vector<Label>& labels, const Label& candidate) const;
    //! Fill starts_ and end_ for a departure; false when a rule breaks.
    bool simulate(const Shift& shift, std::span<const VisitIdx> order, const Placement& legs, Seconds leave);
    //! Latest departure of rule 2, given the early schedule in starts_ and end_.
    Seconds latest_departure(const Shift& shift, std::span<const VisitIdx> order, const Placement& legs);
    bool schedule(const Shift& shift, std::span<const VisitIdx> order, Cost limit, Placement& legs, Seconds& departure);
    Seconds unpaid_on_clock(const Shift& shift, std::span<const VisitIdx> order, const Placement& legs) const;
    void detail_leg(const Shift& shift, std::span<const VisitIdx> order, const Placement& legs, int leg, Timetable& table) const;
    //! Latest start of every stop from the last one down to `position` that breaks no hard rule later on.
    void fill_latest_starts(const Shift& shift, std::span<const VisitIdx> order, const Placement& legs, Seconds departure,
                            int position);
    //! Travel and cost of driving to breaks that have a place.
    Detour detours(const Shift& shift, std::span<const VisitIdx> order, const Placement& legs) const;

    const Instance& instance_;
    std::vector<Seconds> starts_, latest_starts_;
    Seconds end_;
    Cost trouble_;
    using Front = std::array<std::vector<Label>, MAX_BREAKS + 1>;  // labels per number of breaks taken
    std::array<Front, 2> fronts_;
};

}  // namespace fieldops
