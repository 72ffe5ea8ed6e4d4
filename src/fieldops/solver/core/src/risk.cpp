#include "fieldops/risk.h"

#include "fieldops/rng.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fieldops {

namespace {

enum Stream : std::uint64_t { SERVICE = 1, TRAVEL, HOMEWARD, DAY, FREE, PACE };

std::uint64_t mixed(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

//! A standard normal number. The middle of each of 2^53 cells: never 0 nor 1.
double normal(Rng& rng) { return normal_quantile((static_cast<double>(rng.next() >> 11) + 0.5) * 0x1.0p-53); }

double mean(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
    const double center = mean(values);
    const double sum = std::accumulate(values.begin(), values.end(), 0.0,
                                       [=](double so_far, double value) { return so_far + (value - center) * (value - center); });
    return std::sqrt(sum / static_cast<double>(values.size()));
}

//! Start of service: when the windows begin binds, when the last one ends does not.
double possible_start(const Visit& visit, double ready) {
    for (const Window& window : visit.windows)
        if (ready <= static_cast<double>(window.latest.value)) return std::max(ready, static_cast<double>(window.earliest.value));
    return ready;
}

//! The shift for finding a place for its breaks when its rules cannot be kept: nothing ends.
Shift patient(Shift shift) {
    shift.hard_end = shift.max_travel = shift.max_work = NEVER;
    for (Break& pause : shift.breaks) {
        pause.latest = NEVER;
        pause.place = NONE;
    }
    return shift;
}

}  // namespace

// Wichura (1988), Algorithm AS 241: The percentage points of the normal distribution, Applied Statistics 37(3),
// doi 10.2307/2347330, routine PPND7: rational approximations about the middle and in two parts of the tails.
double normal_quantile(double p) {
    const double q = p - 0.5;
    if (std::abs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
               (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0);
    }
    double r = std::sqrt(-std::log(q < 0.0 ? p : 1.0 - p));
    double z;
    if (r <= 5.0) {
        r -= 1.6;
        z = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
            ((0.12021132975 * r + 0.73700164250) * r + 1.0);
    } else {
        r -= 5.0;
        z = (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150) /
            ((0.012258202635 * r + 0.24197894225) * r + 1.0);
    }
    return q < 0.0 ? -z : z;
}

RiskSimulator::RiskSimulator(const Instance& instance, const Noise& noise, std::size_t scenarios, std::uint64_t seed)
    : instance_(instance), noise_(noise), scenarios_(scenarios), seed_(seed), scheduler_(instance) {
    for (std::vector<double>* buffer : {&day_, &pace_, &clock_, &arrivals_, &factors_}) buffer->resize(scenarios);
    draw_factors(stream(DAY, 0), {1.0, noise.day_sigma});
    day_.swap(factors_);
}

std::uint64_t RiskSimulator::stream(std::uint64_t kind, std::uint64_t key) const {
    return mixed(mixed(seed_ + kind * 0x9e3779b97f4a7c15ULL) + key);
}

void RiskSimulator::draw_factors(std::uint64_t stream, const Factor& factor) {
    if (factor.sigma <= 0.0) {
        std::fill(factors_.begin(), factors_.end(), factor.mean);
        return;
    }
    Rng rng(stream);
    const double median = factor.mean * std::exp(-0.5 * factor.sigma * factor.sigma);
    for (double& one : factors_) one = normal(rng);
    for (double& one : factors_) one = median * std::exp(factor.sigma * one);
}

RiskSimulator::Outline RiskSimulator::outline(const Shift& shift, std::span<const VisitIdx> order) {
    std::optional<Timetable> table = scheduler_.timetable(shift, order);
    if (!table) {
        if (!patient_) patient_ = instance_.without_window_ends();
        table = Scheduler(*patient_).timetable(patient(shift), order);
        assert(table);
    }
    Outline found;
    found.departure = table->departure;
    for (const BreakTimes& pause : table->breaks) found.break_legs.push_back(pause.leg);
    found.leg_begins.push_back(table->departure);
    for (const StopTimes& stop : table->stops) found.leg_begins.push_back(stop.finish);
    return found;
}

void RiskSimulator::set_off(ShiftIdx shift, Seconds departure) {
    const auto s = static_cast<std::size_t>(shift);
    draw_factors(stream(PACE, noise_.shift_keys[s]), noise_.pace[s]);
    pace_.swap(factors_);
    const double planned = static_cast<double>(departure.value), spread = noise_.free_spread[s];
    if (spread <= 0.0) {
        std::fill(clock_.begin(), clock_.end(), planned);
        return;
    }
    const Seconds earliest = instance_.shift(shift).earliest_start;
    const auto from = static_cast<double>(noise_.free_from[s].value);
    // What is left until then is lognormal, with the mean and the deviation given.
    const double left = std::max(static_cast<double>(earliest.value) - from, 1.0), ratio = spread / left;
    draw_factors(stream(FREE, noise_.shift_keys[s]), {1.0, std::sqrt(std::log1p(ratio * ratio))});
    // Who is to leave at once leaves when free, be it sooner than expected; who is to wait waits.
    const double not_before = departure > earliest ? planned : from;
    for (std::size_t i = 0; i < scenarios_; ++i) clock_[i] = std::max(not_before, from + left * factors_[i]);
}

void RiskSimulator::drive(const Shift& shift, const Leg& leg) {
    draw_factors(leg.stream, leg.factor);
    for (std::size_t i = 0; i < scenarios_; ++i) factors_[i] *= day_[i];
    if (leg.num_breaks > 0) return drive_with_breaks(shift, leg);
    const auto travel = static_cast<double>(instance_.travel(shift, leg.from, leg.to).value);
    for (std::size_t i = 0; i < scenarios_; ++i) clock_[i] += travel * factors_[i];
    arrivals_ = clock_;
}

// As in docs/concepts.md, Breaks; the leg is a chain of parts between the breaks that have a place.
void RiskSimulator::drive_with_breaks(const Shift& shift, const Leg& leg) {
    const std::span<const Break> breaks(shift.breaks.data() + leg.first_break, static_cast<std::size_t>(leg.num_breaks));
    const auto nominal = [&](PlaceIdx from, std::size_t next) {
        for (; next < breaks.size(); ++next)
            if (breaks[next].has_place()) return static_cast<double>(instance_.travel(shift, from, breaks[next].place).value);
        return static_cast<double>(instance_.travel(shift, from, leg.to).value);
    };
    for (std::size_t i = 0; i < scenarios_; ++i) {
        double clock = clock_[i], arrival = clock, remaining = nominal(leg.from, 0) * factors_[i];
        for (std::size_t next = 0; next < breaks.size(); ++next) {
            const Break& pause = breaks[next];
            const double there = pause.has_place() ? clock + remaining : clock;
            const double start = std::max(there, static_cast<double>(pause.earliest.value));
            const double driven = std::min(remaining, start - clock);
            if (driven > 0.0) arrival = clock + driven;
            remaining = pause.has_place() ? nominal(pause.place, next + 1) * factors_[i] : remaining - driven;
            clock = start + static_cast<double>(pause.duration.value);
        }
        if (remaining > 0.0) arrival = clock + remaining;
        arrivals_[i] = arrival;
        clock_[i] = clock + remaining;
    }
}

RiskSimulator::Leg RiskSimulator::leg_of(const Shift& shift, const Outline& outline, std::span<const VisitIdx> order,
                                         std::size_t number) const {
    Leg leg{};
    const auto& legs = outline.break_legs;
    const auto first = std::lower_bound(legs.begin(), legs.end(), static_cast<int>(number));
    const auto last = std::upper_bound(first, legs.end(), static_cast<int>(number));
    leg.first_break = static_cast<int>(first - legs.begin());
    leg.num_breaks = static_cast<int>(last - first);
    leg.from = number == 0 ? shift.start_place : instance_.visit(order[number - 1]).place;
    leg.to = number == order.size() ? shift.end_place : instance_.visit(order[number]).place;
    for (const TravelStep& step : noise_.travel)
        if (step.from <= outline.leg_begins[number]) leg.factor = step.factor;
    return leg;
}

void RiskSimulator::reach(ShiftIdx shift_idx, const Outline& outline, std::span<const VisitIdx> order, std::size_t position) {
    const Shift& shift = instance_.shift(shift_idx);
    const Visit& visit = instance_.visit(order[position]);
    Leg leg = leg_of(shift, outline, order, position);
    leg.stream = stream(TRAVEL, noise_.visit_keys[static_cast<std::size_t>(order[position])]);
    drive(shift, leg);
    for (double& clock : clock_) clock = possible_start(visit, clock);
}

void RiskSimulator::serve(ShiftIdx shift, VisitIdx visit) {
    const auto v = static_cast<std::size_t>(visit);
    const auto service = static_cast<double>(instance_.service(instance_.shift(shift), visit).value);
    draw_factors(stream(SERVICE, noise_.visit_keys[v]), noise_.service[v]);
    for (std::size_t i = 0; i < scenarios_; ++i) clock_[i] += service * pace_[i] * factors_[i];
}

std::int32_t RiskSimulator::share_by(Seconds latest) const {
    const auto bound = static_cast<double>(latest.value);
    const auto kept = static_cast<std::size_t>(std::count_if(clock_.begin(), clock_.end(), [=](double start) { return start <= bound; }));
    return static_cast<std::int32_t>((kept * 1000 + scenarios_ / 2) / scenarios_);
}

RouteRisk RiskSimulator::route(ShiftIdx shift_idx, std::span<const VisitIdx> order, std::span<const int> quantiles) {
    const Shift& shift = instance_.shift(shift_idx);
    const Outline planned = outline(shift, order);
    RouteRisk risk{shift_idx, {}, 0, 0};
    set_off(shift_idx, planned.departure);
    for (std::size_t position = 0; position < order.size(); ++position) {
        reach(shift_idx, planned, order, position);
        StopRisk stop;
        stop.visit = order[position];
        stop.start = std::llround(mean(clock_));
        const Seconds promised = instance_.visit(stop.visit).promised_latest;
        if (promised != NEVER) stop.kept_permille = share_by(promised);
        ordered_ = arrivals_;
        auto from = ordered_.begin();
        for (const int permille : quantiles) {  // rising, so that each is looked for behind the one before
            const std::size_t rank = (static_cast<std::size_t>(permille) * scenarios_ + 999) / 1000;
            const auto nth = ordered_.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
            std::nth_element(from, nth, ordered_.end());
            stop.arrivals.push_back(std::llround(*nth));
            from = nth;
        }
        serve(shift_idx, stop.visit);
        stop.finish = std::llround(mean(clock_));
        risk.stops.push_back(std::move(stop));
    }
    Leg home = leg_of(shift, planned, order, order.size());
    home.stream = stream(HOMEWARD, noise_.shift_keys[static_cast<std::size_t>(shift_idx)]);
    drive(shift, home);
    risk.end = std::llround(mean(clock_));
    risk.end_spread = std::llround(deviation(clock_));
    return risk;
}

std::int32_t RiskSimulator::kept_permille(ShiftIdx shift_idx, std::span<const VisitIdx> order, std::size_t position,
                                          Seconds latest) {
    const Outline planned = outline(instance_.shift(shift_idx), order);
    set_off(shift_idx, planned.departure);
    for (std::size_t before = 0; before < position; ++before) {
        reach(shift_idx, planned, order, before);
        serve(shift_idx, order[before]);
    }
    reach(shift_idx, planned, order, position);
    return share_by(latest);
}

}  // namespace fieldops
