// Ejection: force an absent visit in. String removal alone is weak when not everything fits.
#pragma once

#include "fieldops/rng.h"
#include "fieldops/working_plan.h"

namespace fieldops {

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
    std::vector<ShiftIdx> shifts_;
    std::vector<VisitIdx> ejected_;
};

}  // namespace fieldops
