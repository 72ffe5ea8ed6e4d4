// Ejection: force an absent visit in. String removal alone is weak when not everything fits.
#pragma once

#include "fieldops/rng.h"
#include "fieldops/working_plan.h"

namespace fieldops {

//! Forces an absent visit in: by pushing out what is in its way, or where it fits but costs more than leaving it out.
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
