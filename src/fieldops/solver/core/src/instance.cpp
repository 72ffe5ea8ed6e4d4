#include "fieldops/instance.h"

#include <algorithm>
#include <utility>

namespace fieldops {

namespace {

bool contains(const std::vector<TechnicianIdx>& people, TechnicianIdx who) {
    return std::find(people.begin(), people.end(), who) != people.end();
}

bool is_eligible(const Technician& technician, TechnicianIdx idx, const Demands& demand) {
    if (demand.allowed && !contains(*demand.allowed, idx)) return false;
    if (contains(demand.forbidden, idx)) return false;
    for (std::size_t skill = 0; skill < demand.required_levels.size(); ++skill)
        if (technician.skill_levels[skill] < demand.required_levels[skill]) return false;
    return true;
}

}  // namespace

Instance::Instance([[maybe_unused]] int profiles, int places, std::span<const std::int32_t> travel,
                   std::span<const std::int32_t> distance, const std::vector<Technician>& technicians,
                   std::vector<Shift> shifts, std::vector<Visit> visits, const std::vector<Demands>& demands)
    : places_(places),
      shifts_(std::move(shifts)),
      visits_(std::move(visits)) {
    assert(travel.size() == static_cast<std::size_t>(profiles) * static_cast<std::size_t>(places) * static_cast<std::size_t>(places));
    assert(travel.size() == distance.size() && visits_.size() == demands.size());
    const auto size = static_cast<std::size_t>(places);
    ways_.resize(travel.size());
    for (std::size_t base = 0; base < ways_.size(); base += size * size)
        for (std::size_t i = 0; i < size; ++i)
            for (std::size_t j = 0; j < size; ++j) {
                const std::size_t there = base + i * size + j, back = base + j * size + i;
                ways_[there] = {{travel[there], distance[there]}, {travel[back], distance[back]}};
            }
    for (Visit& visit : visits_) visit.span = {visit.windows.front().earliest, visit.windows.back().latest};
    rate_technicians(technicians, demands);
    match_shifts();
    classify_shifts(technicians.size());
}

void Instance::rate_technicians(const std::vector<Technician>& technicians, const std::vector<Demands>& demands) {
    const std::size_t cells = technicians.size() * visits_.size();
    eligible_.reserve(cells);
    service_.reserve(cells);
    technician_cost_.reserve(cells);
    for (std::size_t t = 0; t < technicians.size(); ++t) {
        const auto who = static_cast<TechnicianIdx>(t);
        for (std::size_t v = 0; v < demands.size(); ++v) {
            const Demands& demand = demands[v];
            eligible_.push_back(is_eligible(technicians[t], who, demand) ? 1 : 0);
            service_.push_back(static_cast<std::int32_t>(paced(demand.service, technicians[t]).value));
            const bool wished = demand.preferred.empty() || contains(demand.preferred, who);
            technician_cost_.push_back((wished ? Cost{} : demand.other_technician) + visits_[v].reassigned_cost(who));
        }
    }
}

void Instance::match_shifts() {
    shifts_for_.resize(visits_.size());
    for (VisitIdx v = 0; v < num_visits(); ++v)
        for (ShiftIdx s = 0; s < num_shifts(); ++s) {
            const Shift& one = shift(s);
            if (eligible(one, v) && visit(v).earliest_start(one.earliest_start) + service(one, v) <= one.hard_end)
                shifts_for_[static_cast<std::size_t>(v)].push_back(s);
        }
}

void Instance::classify_shifts(std::size_t num_technicians) {
    const std::size_t n = visits_.size();
    // Technicians are alike when their whole rows are; the first alike one stands for all.
    std::vector<TechnicianIdx> alike(num_technicians);
    for (std::size_t t = 0; t < num_technicians; ++t) {
        std::size_t u = 0;
        for (; u < t; ++u) {
            const auto at = static_cast<std::ptrdiff_t>(t * n), bt = static_cast<std::ptrdiff_t>(u * n);
            const auto len = static_cast<std::ptrdiff_t>(n);
            if (alike[u] == static_cast<TechnicianIdx>(u) &&
                std::equal(eligible_.begin() + at, eligible_.begin() + at + len, eligible_.begin() + bt) &&
                std::equal(service_.begin() + at, service_.begin() + at + len, service_.begin() + bt) &&
                std::equal(technician_cost_.begin() + at, technician_cost_.begin() + at + len, technician_cost_.begin() + bt))
                break;
        }
        alike[t] = static_cast<TechnicianIdx>(u);
    }
    std::vector<Shift> seen;
    for (const Shift& shift : shifts_) {
        Shift key = shift;
        key.technician = alike[static_cast<std::size_t>(shift.technician)];
        const auto found = std::find(seen.begin(), seen.end(), key);
        class_of_.push_back(static_cast<int>(found - seen.begin()));
        if (found == seen.end()) seen.push_back(std::move(key));
    }
    num_classes_ = static_cast<int>(seen.size());
}

Instance Instance::without_window_ends() const {
    Instance copy = *this;
    for (Visit& visit : copy.visits_) visit.windows.back().latest = visit.span.latest = NEVER;
    return copy;
}

Instance Instance::with_room() const {
    assert(shifts_.size() == 1 && eligible_.size() == visits_.size());
    Instance wider = *this;
    const auto size = static_cast<std::size_t>(places_);
    wider.places_ = places_ + 1;
    wider.ways_.assign(ways_.size() / (size * size) * (size + 1) * (size + 1), {});
    for (std::size_t from = 0, row = 0; from < ways_.size(); from += size, ++row) {
        const std::size_t profile = row / size;  // each one has had its own row of room
        const auto to = static_cast<std::ptrdiff_t>(row * (size + 1) + profile * (size + 1));
        std::copy_n(ways_.begin() + static_cast<std::ptrdiff_t>(from), size, wider.ways_.begin() + to);
    }
    wider.visits_.emplace_back().place = places_;
    wider.eligible_.push_back(0);
    wider.service_.push_back(0);
    wider.technician_cost_.push_back({});
    wider.shifts_for_.emplace_back();
    return wider;
}

void Instance::fill_room(const Visit& visit, Seconds service, Cost technician_cost, const Connections& connections) {
    const Shift& only = shifts_.front();
    const PlaceIdx here = places_ - 1;
    for (PlaceIdx place = 0; place < here; ++place) {
        const auto pos = static_cast<std::size_t>(place);
        const Way to{connections.travel_to[pos], connections.distance_to[pos]};
        const Way from{connections.travel_from[pos], connections.distance_from[pos]};
        ways_[cell(only, place, here)] = {to, from};
        ways_[cell(only, here, place)] = {from, to};
    }
    visits_.back() = visit;
    visits_.back().place = here;
    eligible_.back() = 1;
    service_.back() = static_cast<std::int32_t>(service.value);
    technician_cost_.back() = technician_cost;
}

void Instance::set_room_windows(const std::vector<Window>& windows) {
    visits_.back().windows = windows;
    visits_.back().span = {windows.front().earliest, windows.back().latest};
}

}  // namespace fieldops
