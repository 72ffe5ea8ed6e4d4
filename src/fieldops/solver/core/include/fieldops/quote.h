// Where a new visit would fit into running routes, window by window.
#pragma once

#include "fieldops/risk.h"
#include "fieldops/route.h"

#include <array>

namespace fieldops {

//! What one shift is doing: its route, and an instance with room for one more visit. Never changed, so threads may share it.
class RunningRoute {
public:
    //! `instance` has one technician and one shift, `order` serves all its visits.
    RunningRoute(const Instance& instance, Technician technician, std::vector<VisitIdx> order);

    const Instance& instance() const { return instance_; }  // with room
    const Shift& shift() const { return instance_.shift(0); }
    const Technician& technician() const { return technician_; }
    const Route& route() const { return route_; }
    const Route& empty() const { return empty_; }
    Seconds travel() const { return travel_; }
    int num_places() const { return instance_.num_places() - 1; }
    VisitIdx room() const { return instance_.num_visits() - 1; }
    //! Whether the route keeps every hard rule; one that does not takes no further visit.
    bool is_sound() const { return route_.cost < UNAFFORDABLE; }

private:
    Instance instance_;
    Technician technician_;
    Route route_, empty_;
    Seconds travel_;  // with detours to breaks
};

//! What a customer says about the technician of one route.
struct Standing {
    bool allowed = true;
    bool preferred = true;
};

//! The cheapest place on one route.
struct Slot {
    std::int32_t route = NONE;
    std::int32_t position = NONE;
    Cost cost;
    Seconds start, finish, slack, extra_travel;
};

//! Why a route has no place: the first of these that is so.
enum class Refusal : std::uint8_t { NotAllowed, Skill, OutsideShift, Full, Unsound };
inline constexpr std::size_t NUM_REFUSALS = 5;

struct WindowQuote {
    std::vector<Slot> slots;                        // by rising cost, then by route
    std::array<std::int32_t, NUM_REFUSALS> refusals{};  // routes per reason
};

/**
 * Cheapest place for a new visit on every route, exact under every rule, for each of some windows.
 *
 * @param visit        With its own windows; its place is ignored. `demands` tells skills, service and what somebody else
 *                     than a preferred technician costs; its sets of people are ignored.
 * @param connections  The places of route 0, then those of route 1, and so on.
 * @param standings    One per route.
 * @param windows      Service starts in the asked one and in one of the visit's own.
 */
std::vector<WindowQuote> quote(std::span<const RunningRoute* const> routes, const Visit& visit, const Demands& demands,
                               const Connections& connections, std::span<const Standing> standings,
                               std::span<const Window> windows);

//! A place on one route that a quote has found, taken for a moment.
struct Booking {
    std::int32_t position = NONE;
    Window window;   // asked for, as in the quote
    Seconds latest;  // the promise is kept by whoever starts by then
    Factor service;  // how uncertain the new visit is
    std::uint64_t key = 0;
};

//! In how many of 1,000 scenarios a new visit would start in time on a route; `noise` is of the visits that are there.
std::int32_t kept_permille(const RunningRoute& running, const Visit& visit, Seconds nominal, const Connections& own,
                           const Booking& booking, Noise noise, std::size_t scenarios, std::uint64_t seed);

}  // namespace fieldops
