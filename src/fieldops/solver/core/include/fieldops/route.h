// A route with what is needed to judge a change to it in constant time.
#pragma once

#include "fieldops/scheduler.h"

namespace fieldops {

/**
 * The visits of one shift in order, with cached bounds.
 *
 * Nodes are 0 (start place), 1..n (visits), n + 1 (end). State s means: the first s breaks have been taken.
 * `early` is the earliest time to be free at a node, `late` the latest time to be ready at it so that the rest of the
 * day still works. The `calm_` pair is the same for days without any lateness, SLA cost or overtime; it is kept only for
 * routes that are such days.
 */
struct Route {
    ShiftIdx shift = NONE;
    std::vector<VisitIdx> visits;
    Cost cost;                // exact; without the visits left out
    Cost steady;              // the part of it that does not depend on time: direct driving, people, fixed cost
    Cost trouble;             // the part of it that is owed to delays, windows missed and overtime
    Cost reducible;           // the most that a longer route could save of the rest (see Pruning)
    Seconds travel;           // without detours to breaks
    std::int64_t load = 0;
    std::uint64_t stamp = 0;  // changes whenever the content does
    bool simulated = false;   // an insertion must be simulated to know its cost
    bool priced = false;      // lateness, SLA or overtime could cost something
    bool is_calm = false;     // but nothing does: cost == steady
    bool has_sequence = false;
    std::vector<Seconds> early, late, calm_early, calm_late;
    std::vector<PlaceIdx> places;      // of every node; the last is NONE when the end is open
    std::vector<Cost> leg_costs;       // direct driving from node i to node i + 1; none where nobody drives
    std::vector<Seconds> leg_travels;

    int size() const { return static_cast<int>(visits.size()); }
    int end_node() const { return size() + 1; }
};

struct Insertion {
    Cost delta = UNAFFORDABLE;
    int position = NONE;  // visits before the new one
};

/**
 * What may be assumed of a longer route when looking for the cheapest insertion.
 *
 * Safe: nothing, the result is exact. Quick: that it is never earlier, so that its lateness, SLA and overtime cost no less;
 * true where travel keeps the triangle inequality.
 */
enum class Pruning : std::uint8_t { Safe, Quick };

//! Judges and changes routes. Holds scratch memory only.
class RouteEditor {
public:
    explicit RouteEditor(const Instance& instance, Pruning pruning);

    Route empty_route(ShiftIdx shift);
    //! Recompute everything after `visits` changed. An UNAFFORDABLE cost marks a route that breaks a rule.
    void refresh(Route& route);

    //! Cheapest feasible place for `v` that costs less than `limit`.
    Insertion best_insertion(const Route& route, VisitIdx v, Cost limit = UNAFFORDABLE);
    //! What every place costs at least; known after a call of best_insertion that found none.
    Cost least_delta() const { return least_delta_; }
    //! Exact cost of the route with `v` in place of visits [from, to); UNAFFORDABLE when it does not work.
    Cost cost_replacing(const Route& route, int from, int to, VisitIdx v, Cost limit = UNAFFORDABLE);
    //! Whether `v` fits in time between nodes `before` and `after` (after > before), O(1).
    bool fits_between(const Route& route, int before, VisitIdx v, int after) const;

    void insert(Route& route, VisitIdx v, int position);
    void assign(Route& route, std::vector<VisitIdx> visits);

    const Instance& instance() const { return instance_; }
    Scheduler& scheduler() { return scheduler_; }
    //! Whether the pinned rank of `v` allows it between the visits before `from` and those from `to` on.
    bool rank_allows(const Route& route, int from, int to, VisitIdx v) const;

private:
    //! What a visit needs between two nodes; looked up once, asked about in several ways.
    struct Gap {
        int before;
        int after;
        Seconds there;   // travel from node `before` to the visit
        Seconds onward;  // and from it to node `after`
    };
    bool passes(const Route& route, const Gap& gap, VisitIdx v, bool calm) const;
    bool keeps_static_rules(const Route& route) const;
    void fill_early(const Route& route, bool calm, std::vector<Seconds>& early) const;
    void fill_late(const Route& route, bool calm, std::vector<Seconds>& late) const;

    const Instance& instance_;
    Pruning pruning_;
    Scheduler scheduler_;
    std::vector<VisitIdx> order_;
    std::vector<std::uint8_t> shift_simulated_, shift_has_detours_;
    std::uint64_t stamps_ = 0;
    Cost least_delta_;
};

}  // namespace fieldops
