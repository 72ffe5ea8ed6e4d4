#include "fieldops/working_plan.h"

#include <algorithm>
#include <utility>

namespace fieldops {

WorkingPlan::WorkingPlan(const Instance& instance, RouteEditor& editor, const AbsencePrices& prices, const MoveLimit& limit)
    : instance_(instance),
      editor_(editor),
      prices_(prices),
      limit_(limit),
      shift_of_(static_cast<std::size_t>(instance.num_visits()), NONE),
      absent_pos_(static_cast<std::size_t>(instance.num_visits()), NONE),
      is_touched_(static_cast<std::size_t>(instance.num_shifts()), 0) {
    for (ShiftIdx s = 0; s < instance.num_shifts(); ++s) {
        routes_.push_back(editor.empty_route(s));
        idle_cost_ += routes_.back().cost;
    }
    routes_cost_ = idle_cost_;
    for (VisitIdx v = 0; v < instance.num_visits(); ++v) make_absent(v);
}

void WorkingPlan::make_absent(VisitIdx v) {
    const auto at = static_cast<std::size_t>(v);
    if (shift_of_[at] != NONE && is_away(v, shift_of_[at])) --elsewhere_;
    missing_ += has_home(v) ? 1 : 0;
    shift_of_[at] = NONE;
    absent_pos_[at] = static_cast<int>(absent_.size());
    absent_.push_back(v);
    absent_exact_ += prices_.exact[at];
    absent_walk_ += prices_.walk[at];
}

void WorkingPlan::place(VisitIdx v, ShiftIdx s) {
    const auto at = static_cast<std::size_t>(v);
    if (shift_of_[at] == NONE) {
        const auto pos = static_cast<std::size_t>(absent_pos_[at]);
        absent_[pos] = absent_.back();
        absent_pos_[static_cast<std::size_t>(absent_[pos])] = static_cast<int>(pos);
        absent_.pop_back();
        absent_exact_ -= prices_.exact[at];
        absent_walk_ -= prices_.walk[at];
        missing_ -= has_home(v) ? 1 : 0;
    } else if (is_away(v, shift_of_[at])) {
        --elsewhere_;
    }
    shift_of_[at] = s;
    if (is_away(v, s)) ++elsewhere_;
}

Route& WorkingPlan::open(ShiftIdx s) {
    Route& route = routes_[static_cast<std::size_t>(s)];
    if (is_touched_[static_cast<std::size_t>(s)] == 0) {
        is_touched_[static_cast<std::size_t>(s)] = 1;
        touched_.push_back(s);
        if (saved_.size() < touched_.size()) saved_.emplace_back();
        saved_[touched_.size() - 1] = route;
    }
    routes_cost_ -= route.cost;
    return route;
}

void WorkingPlan::insert(ShiftIdx s, VisitIdx v, int position) {
    Route& route = open(s);
    editor_.insert(route, v, position);
    assert(route.cost < UNAFFORDABLE);
    routes_cost_ += route.cost;
    place(v, s);
}

void WorkingPlan::replace(ShiftIdx s, int from, int to, VisitIdx v) {
    Route& route = open(s);
    const auto head = route.visits.begin() + from, tail = route.visits.begin() + to;
    for (auto it = head; it != tail; ++it) make_absent(*it);
    route.visits.insert(route.visits.erase(head, tail), v);
    editor_.refresh(route);
    assert(route.cost < UNAFFORDABLE);
    routes_cost_ += route.cost;
    place(v, s);
}

void WorkingPlan::assign(ShiftIdx s, std::vector<VisitIdx> visits) {
    Route& route = open(s);
    for (const VisitIdx v : route.visits) make_absent(v);
    for (const VisitIdx v : visits) {
        assert(is_absent(v));
        place(v, s);
    }
    editor_.assign(route, std::move(visits));
    assert(route.cost < UNAFFORDABLE);
    routes_cost_ += route.cost;
}

void WorkingPlan::remove(ShiftIdx s, const std::vector<VisitIdx>& gone) {
    Route& route = open(s);
    for (const VisitIdx v : gone) make_absent(v);
    std::erase_if(route.visits, [&](VisitIdx v) { return shift_of_[static_cast<std::size_t>(v)] == NONE; });
    editor_.refresh(route);
    // Where travel breaks the triangle inequality a shorter route can be late; shorten it until it is not.
    while (route.cost == UNAFFORDABLE) {
        make_absent(route.visits.back());
        route.visits.pop_back();
        editor_.refresh(route);
    }
    routes_cost_ += route.cost;
}

void WorkingPlan::commit() {
    for (const ShiftIdx s : touched_) is_touched_[static_cast<std::size_t>(s)] = 0;
    touched_.clear();
}

void WorkingPlan::roll_back() {
    for (const ShiftIdx s : touched_) {
        Route& route = routes_[static_cast<std::size_t>(s)];
        routes_cost_ -= route.cost;
        for (const VisitIdx v : route.visits) make_absent(v);
    }
    for (std::size_t i = 0; i < touched_.size(); ++i) {
        Route& route = routes_[static_cast<std::size_t>(touched_[i])];
        std::swap(route, saved_[i]);
        routes_cost_ += route.cost;
        for (const VisitIdx v : route.visits) place(v, touched_[i]);
    }
    commit();
}

Orders WorkingPlan::orders() const {
    Orders orders;
    for (const Route& route : routes_) orders.push_back(route.visits);
    return orders;
}

}  // namespace fieldops
