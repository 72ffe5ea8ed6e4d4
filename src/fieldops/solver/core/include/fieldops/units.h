// Strong types for the quantities of the core: adding seconds to money does not compile.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace fieldops {

template <class Tag>
struct Quantity {
    std::int64_t value = 0;

    constexpr Quantity() = default;
    constexpr explicit Quantity(std::int64_t v) : value(v) {}

    constexpr auto operator<=>(const Quantity&) const = default;
    constexpr Quantity operator+(Quantity o) const { return Quantity{value + o.value}; }
    constexpr Quantity operator-(Quantity o) const { return Quantity{value - o.value}; }
    constexpr Quantity operator-() const { return Quantity{-value}; }
    constexpr Quantity operator*(std::int64_t k) const { return Quantity{value * k}; }
    constexpr Quantity& operator+=(Quantity o) { value += o.value; return *this; }
    constexpr Quantity& operator-=(Quantity o) { value -= o.value; return *this; }
};

using Seconds = Quantity<struct SecondsTag>;
using Meters = Quantity<struct MetersTag>;
//! Money in cost units: 18,000 are one cent (see fieldops/units.py).
using Cost = Quantity<struct CostTag>;

//! Price of one second or meter, in cost units.
template <class Unit>
struct Rate {
    std::int64_t units = 0;
    constexpr Cost operator*(Unit amount) const { return Cost{units * amount.value}; }
    constexpr bool is_zero() const { return units == 0; }
    constexpr bool operator==(const Rate&) const = default;
};
using PerSecond = Rate<Seconds>;
using PerMeter = Rate<Meters>;

//! Later (or dearer) than anything real, yet far from overflow when a few are added.
inline constexpr std::int64_t FAR = std::int64_t{1} << 60;
inline constexpr Seconds NEVER{FAR};
inline constexpr Seconds ALWAYS_TOO_LATE{-FAR};
inline constexpr Cost UNAFFORDABLE{FAR};

using VisitIdx = std::int32_t;
using ShiftIdx = std::int32_t;
using PlaceIdx = std::int32_t;
using TechnicianIdx = std::int32_t;
inline constexpr std::int32_t NONE = -1;

constexpr Seconds max(Seconds a, Seconds b) { return a < b ? b : a; }
constexpr Seconds min(Seconds a, Seconds b) { return b < a ? b : a; }

}  // namespace fieldops
