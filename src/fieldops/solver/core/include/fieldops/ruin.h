// Ruin: take visits off their routes, so that they can be put back better.
#pragma once

#include "fieldops/neighbors.h"
#include "fieldops/parameters.h"
#include "fieldops/rng.h"
#include "fieldops/working_plan.h"

namespace fieldops {

//! Ruins: take visits off their routes so that recreate finds them absent. `seed` is the visit the ruin grows around.
class Ruin {
public:
    Ruin(const Instance& instance, const Neighbors& neighbors, const Parameters& parameters)
        : instance_(instance), neighbors_(neighbors), parameters_(parameters), ruined_(static_cast<std::size_t>(instance.num_shifts()), 0) {}

    //! Adjacent string removal: Christiaens, Vanden Berghe (2020), Slack induction by string removals, Transportation
    //! Science 54(2), doi 10.1287/trsc.2019.0914.
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

}  // namespace fieldops
