#include "fieldops/quote.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace fieldops {

namespace {

Connections part_of(const Connections& all, std::size_t first, std::size_t count) {
    return {all.travel_to.subspan(first, count), all.distance_to.subspan(first, count), all.travel_from.subspan(first, count),
            all.distance_from.subspan(first, count)};
}

std::vector<Window> cut(const std::vector<Window>& own, const Window& asked) {
    std::vector<Window> both;
    for (const Window& window : own) {
        const Window overlap{max(window.earliest, asked.earliest), min(window.latest, asked.latest)};
        if (overlap.earliest <= overlap.latest) both.push_back(overlap);
    }
    return both;
}

bool has_skills(const Technician& technician, const std::vector<std::int64_t>& required) {
    for (std::size_t skill = 0; skill < required.size(); ++skill)
        if (technician.skill_levels[skill] < required[skill]) return false;
    return true;
}

//! Whether a technician who is already there could do the whole service within the shift.
bool has_hours(const Shift& shift, const std::vector<Window>& windows, Seconds service) {
    return std::any_of(windows.begin(), windows.end(), [&](const Window& window) {
        return max(window.earliest, shift.earliest_start) <= min(window.latest, shift.hard_end - service);
    });
}

/**
 * One route with the visit in its room.
 *
 * The room is filled in a copy of the route's instance, which is small; the memory of the copy is used again and again.
 */
class Trial {
public:
    Trial(const RunningRoute& running, const Instance& filled)
        : running_(running), shift_(filled.shift(0)), editor_(filled, Pruning::Safe) {}

    std::optional<Slot> slot() {
        if (!running_.is_sound()) return std::nullopt;
        const Insertion best = editor_.best_insertion(running_.route(), running_.room());
        if (best.position == NONE) return std::nullopt;
        const std::vector<VisitIdx>& visits = running_.route().visits;
        order_.assign(visits.begin(), visits.begin() + best.position);
        order_.push_back(running_.room());
        order_.insert(order_.end(), visits.begin() + best.position, visits.end());
        const Scheduler::Glance seen = editor_.scheduler().glance(shift_, order_, best.position);
        return Slot{NONE, best.position, best.delta, seen.start, seen.finish, seen.slack, seen.travel - running_.travel()};
    }

    Refusal refusal() {
        if (!fits_alone()) return Refusal::OutsideShift;
        return running_.is_sound() ? Refusal::Full : Refusal::Unsound;
    }

private:
    bool fits_alone() {
        const VisitIdx v = running_.room();
        if (shift_.max_visits < 1 || editor_.instance().visit(v).load > shift_.load_capacity) return false;
        if (!editor_.fits_between(running_.empty(), 0, v, 1)) return false;
        const bool capped = shift_.max_travel != NEVER || shift_.max_work != NEVER;
        return !capped || editor_.best_insertion(running_.empty(), v).position != NONE;
    }

    const RunningRoute& running_;
    const Shift& shift_;
    RouteEditor editor_;
    std::vector<VisitIdx> order_;
};

}  // namespace

RunningRoute::RunningRoute(const Instance& instance, Technician technician, std::vector<VisitIdx> order)
    : instance_(instance.with_room()), technician_(std::move(technician)) {
    RouteEditor editor(instance_, Pruning::Safe);
    empty_ = editor.empty_route(0);
    route_ = empty_;
    editor.assign(route_, std::move(order));
    if (is_sound() && (route_.size() > 0 || shift().underway)) travel_ = editor.scheduler().glance(shift(), route_.visits, 0).travel;
}

std::vector<WindowQuote> quote(std::span<const RunningRoute* const> routes, const Visit& visit, const Demands& demands,
                               const Connections& connections, std::span<const Standing> standings,
                               std::span<const Window> windows) {
    std::vector<WindowQuote> quotes(windows.size());
    std::vector<std::vector<Window>> starts;
    for (const Window& window : windows) starts.push_back(cut(visit.windows, window));
    const auto refuse = [&](std::size_t window, Refusal why) { ++quotes[window].refusals[static_cast<std::size_t>(why)]; };

    std::optional<Instance> filled;
    std::size_t first = 0;
    for (std::size_t r = 0; r < routes.size(); ++r) {
        const RunningRoute& running = *routes[r];
        const auto count = static_cast<std::size_t>(running.num_places());
        const Connections own = part_of(connections, std::exchange(first, first + count), count);
        if (!standings[r].allowed || !has_skills(running.technician(), demands.required_levels)) {
            const Refusal why = standings[r].allowed ? Refusal::Skill : Refusal::NotAllowed;
            for (std::size_t w = 0; w < windows.size(); ++w) refuse(w, why);
            continue;
        }
        const Seconds service = paced(demands.service, running.technician());
        std::optional<Trial> trial;
        for (std::size_t w = 0; w < windows.size(); ++w) {
            if (!has_hours(running.shift(), starts[w], service)) {
                refuse(w, Refusal::OutsideShift);
                continue;
            }
            if (!trial) {
                filled = running.instance();
                filled->fill_room(visit, service, standings[r].preferred ? Cost{} : demands.other_technician, own);
                trial.emplace(running, *filled);
            }
            filled->set_room_windows(starts[w]);
            if (std::optional<Slot> slot = trial->slot()) {
                slot->route = static_cast<std::int32_t>(r);
                quotes[w].slots.push_back(*slot);
            } else {
                refuse(w, trial->refusal());
            }
        }
    }
    for (WindowQuote& one : quotes)
        std::sort(one.slots.begin(), one.slots.end(),
                  [](const Slot& a, const Slot& b) { return std::tie(a.cost, a.route) < std::tie(b.cost, b.route); });
    return quotes;
}

std::int32_t kept_permille(const RunningRoute& running, const Visit& visit, Seconds nominal, const Connections& own,
                           const Booking& booking, Noise noise, std::size_t scenarios, std::uint64_t seed) {
    Instance filled = running.instance();
    filled.fill_room(visit, paced(nominal, running.technician()), Cost{}, own);
    filled.set_room_windows(cut(visit.windows, booking.window));
    noise.service.push_back(booking.service);
    noise.visit_keys.push_back(booking.key);
    std::vector<VisitIdx> order = running.route().visits;
    order.insert(order.begin() + booking.position, running.room());
    RiskSimulator simulator(filled, noise, scenarios, seed);
    return simulator.kept_permille(0, order, static_cast<std::size_t>(booking.position), booking.latest);
}

}  // namespace fieldops
