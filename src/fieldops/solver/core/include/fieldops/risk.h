// What may become of routes when work and travel take other times than planned (docs/solver.md, Risk).
#pragma once

#include "fieldops/scheduler.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fieldops {

//! A lognormal factor: its mean, and the standard deviation of its logarithm.
struct Factor {
    double mean = 1.0;
    double sigma = 0.0;
};

//! The factor of travel from some instant on.
struct TravelStep {
    Seconds from;
    Factor factor;
};

/**
 * How uncertain a day is.
 *
 * Keys name the random numbers of a visit or shift: the same seed and key mean the same luck, on whichever route.
 */
struct Noise {
    std::vector<Factor> service;      // per visit
    std::vector<Factor> pace;         // per shift: one factor of the time on site of everything it serves
    std::vector<TravelStep> travel;   // rising; a leg has that of the instant at which it begins as planned
    double day_sigma = 0.0;           // of one factor of mean 1 for all travel of a scenario
    std::vector<double> free_spread;  // per shift: standard deviation, seconds, of when the technician is free
    std::vector<Seconds> free_from;   // per shift: not before; what is left from then on is lognormal
    std::vector<std::uint64_t> visit_keys, shift_keys;
};

struct StopRisk {
    VisitIdx visit = NONE;
    std::int32_t kept_permille = NONE;  // NONE: nothing is promised
    std::vector<std::int64_t> arrivals;  // one per quantile asked for, seconds
    std::int64_t start = 0, finish = 0;  // means, seconds
};

struct RouteRisk {
    ShiftIdx shift = NONE;
    std::vector<StopRisk> stops;
    std::int64_t end = 0, end_spread = 0;  // mean and standard deviation, seconds
};

/**
 * Simulates routes forward under seeded scenarios; all scenarios of a stop at once.
 *
 * Breaks stay on the leg the plan has them on, and the technician sets off as planned. Nothing is too late: after the last
 * window of a visit, the latest start of a break or the hard end, everything is done all the same, only late.
 */
class RiskSimulator {
public:
    RiskSimulator(const Instance& instance, const Noise& noise, std::size_t scenarios, std::uint64_t seed);

    //! Quantiles of the arrival are given in permille, by nearest rank.
    RouteRisk route(ShiftIdx shift, std::span<const VisitIdx> order, std::span<const int> quantiles);
    //! In how many of 1,000 scenarios the stop at `position` starts by `latest`.
    std::int32_t kept_permille(ShiftIdx shift, std::span<const VisitIdx> order, std::size_t position, Seconds latest);

private:
    struct Leg {
        PlaceIdx from, to;
        int first_break, num_breaks;
        Factor factor;
        std::uint64_t stream;
    };
    struct Outline {
        Seconds departure;
        std::vector<int> break_legs;
        std::vector<Seconds> leg_begins;
    };

    std::uint64_t stream(std::uint64_t kind, std::uint64_t key) const;
    Outline outline(const Shift& shift, std::span<const VisitIdx> order);
    //! Fill clock_ with the instants at which the technician sets off, and pace_ with how fast they work.
    void set_off(ShiftIdx shift, Seconds departure);
    void drive(const Shift& shift, const Leg& leg);
    void drive_with_breaks(const Shift& shift, const Leg& leg);
    Leg leg_of(const Shift& shift, const Outline& outline, std::span<const VisitIdx> order, std::size_t number) const;
    //! Drive to one stop: arrivals_ and, once started, clock_ hold its arrival and start.
    void reach(ShiftIdx shift, const Outline& outline, std::span<const VisitIdx> order, std::size_t position);
    void serve(ShiftIdx shift, VisitIdx visit);
    std::int32_t share_by(Seconds latest) const;
    //! Fill factors_.
    void draw_factors(std::uint64_t stream, const Factor& factor);

    const Instance& instance_;
    const Noise& noise_;
    std::size_t scenarios_;
    std::uint64_t seed_;
    Scheduler scheduler_;
    std::optional<Instance> patient_;  // without window ends, for routes that break a rule
    std::vector<double> day_, pace_, clock_, arrivals_, factors_, ordered_;
};

//! Inverse of the standard normal distribution function, for 0 < p < 1, to seven decimals.
double normal_quantile(double p);

}  // namespace fieldops
