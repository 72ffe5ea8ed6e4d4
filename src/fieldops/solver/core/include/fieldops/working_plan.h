// The plan the search walks on: routes, who is where, who is absent, and how to take the last step back.
#pragma once

#include "fieldops/route.h"

#include <algorithm>

namespace fieldops {

//! Visits per shift, in serving order; what goes in and out of the core.
using Orders = std::vector<std::vector<VisitIdx>>;

/**
 * Prices of leaving visits out.
 *
 * `exact` is what counts. `walk` is what the search is driven by: the same order of importance, but never so far above
 * the price of an ordinary insertion that leaving out one more visit for a while could not be accepted.
 */
struct AbsencePrices {
    std::vector<Cost> exact;
    std::vector<Cost> walk;
};

/**
 * How many visits may be with somebody else than now: on a day under way people get used to who comes.
 *
 * A visit is away when another technician serves it or nobody does. More than `most` are allowed only at a price each.
 */
struct MoveLimit {
    std::vector<TechnicianIdx> home;  // per visit; NONE: with nobody now. Empty: no limit at all
    int most = 0;
    Cost exact, walk;  // per visit away too many; as the prices of absence

    TechnicianIdx home_of(VisitIdx v) const { return home.empty() ? NONE : home[static_cast<std::size_t>(v)]; }
};

//! Dearer than all other visits together in any sensible problem, and so that all visits together do not overflow.
inline Cost mandatory_price(const Instance& instance) {
    const std::int64_t count = instance.num_visits() + 1;
    return Cost{std::min(std::int64_t{1} << 50, (std::int64_t{1} << 61) / count)};
}

//! Dearer than anything ordinary, yet all visits away together are cheaper than one mandatory visit left out.
inline Cost move_price(const Instance& instance) {
    return Cost{mandatory_price(instance).value / (instance.num_visits() + 1)};
}

class WorkingPlan {
public:
    WorkingPlan(const Instance& instance, RouteEditor& editor, const AbsencePrices& prices, const MoveLimit& limit);

    const Route& route(ShiftIdx s) const { return routes_[static_cast<std::size_t>(s)]; }
    int num_routes() const { return static_cast<int>(routes_.size()); }
    //! Shift that serves the visit, or NONE.
    ShiftIdx shift_of(VisitIdx v) const { return shift_of_[static_cast<std::size_t>(v)]; }
    bool is_absent(VisitIdx v) const { return shift_of(v) == NONE; }
    const std::vector<VisitIdx>& absent() const { return absent_; }

    Cost exact_cost() const { return routes_cost_ + absent_exact_ + limit_.exact * excess(); }
    Cost walk_cost() const { return routes_cost_ + absent_walk_ + limit_.walk * excess(); }
    Cost routes_cost() const { return routes_cost_; }
    //! What the routes cost without any visit: shifts under way drive home.
    Cost idle_cost() const { return idle_cost_; }

    //! Visits away from home beyond the limit.
    int excess() const { return std::max(0, elsewhere_ + missing_ - limit_.most); }
    //! Whether too many are away even if `pending` of the absent visits come home.
    bool is_used_up(int pending) const { return elsewhere_ + missing_ - pending > limit_.most; }
    //! Whether an absent visit would be away from home on this shift.
    bool is_away(VisitIdx v, ShiftIdx s) const {
        const TechnicianIdx home = limit_.home_of(v);
        return home != NONE && instance_.shift(s).technician != home;
    }
    bool has_home(VisitIdx v) const { return limit_.home_of(v) != NONE; }

    void insert(ShiftIdx s, VisitIdx v, int position);
    //! Replace the visits [from, to) of a route by `v`.
    void replace(ShiftIdx s, int from, int to, VisitIdx v);
    //! Set a whole route; visits that were on it and are not any more become absent.
    void assign(ShiftIdx s, std::vector<VisitIdx> visits);
    //! Take these visits off the route; they become absent.
    void remove(ShiftIdx s, const std::vector<VisitIdx>& gone);

    //! Forget the way back; the plan as it is becomes what `roll_back` returns to.
    void commit();
    void roll_back();
    //! Shifts whose routes changed since the last commit.
    const std::vector<ShiftIdx>& touched() const { return touched_; }

    Orders orders() const;

private:
    Route& open(ShiftIdx s);
    void place(VisitIdx v, ShiftIdx s);
    void make_absent(VisitIdx v);

    const Instance& instance_;
    RouteEditor& editor_;
    const AbsencePrices& prices_;
    const MoveLimit& limit_;
    std::vector<Route> routes_;
    std::vector<ShiftIdx> shift_of_;
    std::vector<VisitIdx> absent_;
    std::vector<int> absent_pos_;
    Cost routes_cost_, idle_cost_, absent_exact_, absent_walk_;
    int elsewhere_ = 0, missing_ = 0;  // visits with a home: on another technician, absent

    std::vector<ShiftIdx> touched_;
    std::vector<Route> saved_;  // parallel to touched_
    std::vector<std::uint8_t> is_touched_;
};

}  // namespace fieldops
