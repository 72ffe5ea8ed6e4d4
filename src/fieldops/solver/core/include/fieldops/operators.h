// The moves of the search: ruin, ejection, recreate.
#pragma once

#include "fieldops/neighbors.h"
#include "fieldops/rng.h"
#include "fieldops/working_plan.h"

namespace fieldops {

struct Parameters {
    double mean_removed = 14.0;      // SISR's c-bar
    double max_string = 10.0;        // SISR's L-max
    double split_string = 0.5;       // share of strings removed with a preserved middle
    double split_grow = 0.01;        // SISR's beta: chance to spare one more visit in the middle
    double blink = 0.01;             // chance that recreate overlooks a route
    int max_offered_absent = 10;     // absent visits near the ruin that are offered together with the removed ones
    double whole_shift = 0.05;       // share of ruins that empty one shift and thin its neighbors
    double time_band = 0.05;         // share of ruins that clear nearby visits of one time of the day
    double ejection = 0.10;          // share of iterations that force an absent visit in
    double start_temperature = 2.0;  // in units of the typical cost of one visit
    double end_temperature = 0.03;
    double weights_from = 60.0;      // absences dearer than this many typical visits are weights, not money: they are scaled
    double weight_price = 10.0;      // so that the dearest costs this many typical visits on the walk
};

enum class Operator : std::uint8_t { Strings, WholeShift, TimeBand, Ejection, Count };

//! Ruins: take visits off their routes so that recreate finds them absent. `seed` is the visit the ruin grows around.
class Ruin {
public:
    Ruin(const Instance& instance, const Neighbors& neighbors, const Parameters& parameters)
        : instance_(instance), neighbors_(neighbors), parameters_(parameters), ruined_(static_cast<std::size_t>(instance.num_shifts()), 0) {}

    //! Adjacent string removal: Christiaens, Vanden Berghe (2020), doi 10.1287/trsc.2019.0914, section 5.1.
    void strings(WorkingPlan& plan, VisitIdx seed, Rng& rng);
    //! Empty the route of `seed`, so that its visits can spread out and a new route can form.
    void whole_shift(WorkingPlan& plan, VisitIdx seed, Rng& rng);
    //! Remove nearby visits served around the same time as `seed` could be: they can trade places.
    void time_band(WorkingPlan& plan, VisitIdx seed, Rng& rng);

    //! Visits the last ruin took off.
    const std::vector<VisitIdx>& removed() const { return removed_; }
    void clear() { removed_.clear(); }

private:
    void take(WorkingPlan& plan, ShiftIdx s);

    const Instance& instance_;
    const Neighbors& neighbors_;
    const Parameters& parameters_;
    std::vector<VisitIdx> removed_;
    std::vector<VisitIdx> gone_;
    std::vector<std::uint8_t> ruined_;
    std::vector<ShiftIdx> ruined_shifts_;
};

//! Remembers the best insertion of every visit into every route as long as the route does not change; places dearer than
//! the visit's absence do not count.
class InsertionCache {
public:
    InsertionCache(const Instance& instance, RouteEditor& editor, const AbsencePrices& prices)
        : editor_(editor), prices_(prices), width_(static_cast<std::size_t>(instance.num_shifts())),
          entries_(static_cast<std::size_t>(instance.num_visits()) * width_) {}
    const Insertion& best(const Route& route, VisitIdx v) {
        Entry& entry = entries_[static_cast<std::size_t>(v) * width_ + static_cast<std::size_t>(route.shift)];
        if (entry.stamp != route.stamp) entry = {route.stamp, editor_.best_insertion(route, v, prices_.exact[static_cast<std::size_t>(v)])};
        return entry.insertion;
    }

private:
    struct Entry {
        std::uint64_t stamp = 0;
        Insertion insertion;
    };
    RouteEditor& editor_;
    const AbsencePrices& prices_;
    std::size_t width_;
    std::vector<Entry> entries_;
};

//! Greedy insertion with blinks in one of several orders.
class Recreate {
public:
    Recreate(const Instance& instance, RouteEditor& editor, const AbsencePrices& prices, const Parameters& parameters);
    //! Insert what is cheaper in than out at walk prices.
    void run(WorkingPlan& plan, std::vector<VisitIdx>& visits, Rng& rng, double blink);
    //! Insert all that is cheaper in than out at exact prices, dearest absence first.
    void complete(WorkingPlan& plan, Rng& rng);

private:
    void sort(std::vector<VisitIdx>& visits, Rng& rng);
    void insert_cheapest(WorkingPlan& plan, VisitIdx v, Cost price, Rng& rng, double blink);

    const Instance& instance_;
    const AbsencePrices& prices_;
    InsertionCache cache_;
    std::vector<std::vector<ShiftIdx>> shifts_for_;  // shifts whose technician may serve the visit
    std::vector<std::int64_t> width_, first_, last_, far_;
    std::vector<std::uint8_t> empty_seen_;
    std::vector<VisitIdx> left_;
};

//! Forces an absent visit in, pushing out the visits that are in its way.
class Ejection {
public:
    Ejection(const Instance& instance, RouteEditor& editor, const AbsencePrices& prices);
    //! True when `v` was placed; the ejected visits are absent afterwards and listed in `ejected`.
    bool run(WorkingPlan& plan, VisitIdx v, Rng& rng);
    const std::vector<VisitIdx>& ejected() const { return ejected_; }
    void clear() { ejected_.clear(); }

private:
    const Instance& instance_;
    RouteEditor& editor_;
    const AbsencePrices& prices_;
    std::vector<std::vector<ShiftIdx>> shifts_for_;
    std::vector<VisitIdx> ejected_;
};

//! Shifts per visit whose technician may serve it and whose period touches one of its windows.
std::vector<std::vector<ShiftIdx>> eligible_shifts(const Instance& instance);

}  // namespace fieldops
