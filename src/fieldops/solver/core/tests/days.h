// Input for the core's own tests: hand-made days on a line, and random days with every rule in play.
#pragma once

#include "fieldops/instance.h"
#include "fieldops/rng.h"
#include "fieldops/working_plan.h"

#include <vector>

namespace fieldops::checks {

inline constexpr Seconds DAY{36'000};
//! A cent per second: 18,000 cost units.
inline constexpr PerSecond CENT_PER_SECOND{18'000};

constexpr Seconds s(std::int64_t value) { return Seconds{value}; }
constexpr Cost cents(std::int64_t value) { return Cost{value * 18'000}; }

//! A visit of 1,000 s at `place`, at any time of the day, that must be served.
Visit visit_at(PlaceIdx place);
//! A break without a place.
Break pause(std::int64_t earliest, std::int64_t latest, std::int64_t duration);
//! The whole day from home to home, at no cost.
Shift whole_day();
//! Places 600 s apart on a line, as many as are needed; one technician; every visit takes `service` seconds.
Instance line_day(std::vector<Shift> shifts, std::vector<Visit> visits, std::int64_t service = 1'000);

//! How places lie: on a map; anyhow, every way of its own length; or with ways longer than a day beside short ones around.
enum class Travel { Map, Rough, Shortcuts };

//! A random day of 120 s with drives of up to 12 s, so that bounds are met exactly and rules collide.
Instance random_day(Rng& rng, int num_visits, int num_shifts, Travel travel = Travel::Rough);
//! Mostly rough, every third one with shortcuts.
constexpr Travel alternate(int round) { return round % 3 == 0 ? Travel::Shortcuts : Travel::Rough; }
//! Some of the visits, in any order.
std::vector<VisitIdx> random_order(const Instance& instance, Rng& rng, int most);
//! Some visits with somebody, most of them eligible, and a limit that is often passed; now and then none at all.
MoveLimit random_limit(const Instance& instance, Rng& rng);
//! Prices of leaving visits out, for plans made by hand; the walk's are half the exact ones.
AbsencePrices random_prices(const Instance& instance, Rng& rng);

}  // namespace fieldops::checks
