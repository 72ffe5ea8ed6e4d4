#include "bindings_risk.h"

#include "fieldops/quote.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <string>

namespace nb = nanobind;
using namespace fieldops;

namespace {

template <class T>
std::vector<T> column(nb::handle object, const char* name, std::size_t size) {
    using Array = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
    const auto array = nb::cast<Array>(object.attr(name));
    if (array.size() != size) throw nb::value_error((std::string(name) + ": one entry for each expected").c_str());
    return {array.data(), array.data() + size};
}

std::vector<Factor> factors(nb::handle object, const char* mean, const char* sigma, std::size_t size) {
    const std::vector<double> means = column<double>(object, mean, size), sigmas = column<double>(object, sigma, size);
    std::vector<Factor> found;
    for (std::size_t i = 0; i < size; ++i) found.push_back({means[i], sigmas[i]});
    return found;
}

using StopRow = std::tuple<VisitIdx, std::int32_t, std::vector<std::int64_t>, std::int64_t, std::int64_t>;
using RouteRow = std::tuple<ShiftIdx, std::vector<StopRow>, std::int64_t, std::int64_t>;

std::vector<RouteRow> risk(const Instance& instance, const std::vector<std::pair<ShiftIdx, std::vector<VisitIdx>>>& orders,
                           nb::handle object, std::size_t scenarios, std::uint64_t seed, const std::vector<int>& quantiles) {
    if (scenarios < 1) throw nb::value_error("at least one scenario expected");
    for (std::size_t i = 0; i < quantiles.size(); ++i)
        if (quantiles[i] < 0 || quantiles[i] > 1000 || (i > 0 && quantiles[i] < quantiles[i - 1]))
            throw nb::value_error("rising quantiles from 0 to 1000 expected");
    for (const auto& [shift, order] : orders) {
        if (shift < 0 || shift >= instance.num_shifts()) throw nb::index_error("shift index out of range");
        for (const VisitIdx v : order)
            if (v < 0 || v >= instance.num_visits()) throw nb::index_error("visit index out of range");
    }
    const Noise noise = read_noise(object, static_cast<std::size_t>(instance.num_visits()), static_cast<std::size_t>(instance.num_shifts()));
    std::vector<RouteRow> rows;
    nb::gil_scoped_release release;
    RiskSimulator simulator(instance, noise, scenarios, seed);
    for (const auto& [shift, order] : orders) {
        if (order.empty()) continue;
        RouteRisk route = simulator.route(shift, order, quantiles);
        std::vector<StopRow> stops;
        for (StopRisk& stop : route.stops)
            stops.emplace_back(stop.visit, stop.kept_permille, std::move(stop.arrivals), stop.start, stop.finish);
        rows.emplace_back(shift, std::move(stops), route.end, route.end_spread);
    }
    return rows;
}

using Row = nb::ndarray<const std::int32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using BookingRow = std::tuple<std::size_t, int, std::tuple<std::int64_t, std::int64_t>, std::int64_t, nb::object>;

std::vector<std::int32_t> kept_if_booked(const std::vector<const RunningRoute*>& routes, nb::handle object, const std::array<Row, 4>& legs,
                                         const std::vector<BookingRow>& bookings, std::tuple<double, double> service, std::uint64_t key,
                                         std::size_t scenarios, std::uint64_t seed) {
    if (scenarios < 1) throw nb::value_error("at least one scenario expected");
    const Visit visit = read_visit(object, ALWAYS_TOO_LATE);
    const Seconds nominal{nb::cast<std::int64_t>(object.attr("service_s"))};
    std::vector<std::size_t> firsts{0};
    for (const RunningRoute* running : routes) {
        if (running == nullptr) throw nb::value_error("a running route expected, not None");
        firsts.push_back(firsts.back() + static_cast<std::size_t>(running->num_places()));
    }
    for (const Row& row : legs)
        if (row.size() != firsts.back()) throw nb::value_error("one entry per place expected");
    std::vector<Booking> wanted;
    std::vector<Noise> noises;
    for (const auto& [route, position, window, latest, noise] : bookings) {
        if (route >= routes.size()) throw nb::index_error("route index out of range");
        const std::size_t visits = routes[route]->route().visits.size();
        if (position < 0 || static_cast<std::size_t>(position) > visits) throw nb::index_error("position out of range");
        const auto [from, to] = window;
        if (std::none_of(visit.windows.begin(), visit.windows.end(), [&](const Window& own) { return own.earliest.value <= to && from <= own.latest.value; }))
            throw nb::value_error("the window and those of the visit have no instant in common");
        wanted.push_back({position, {Seconds{from}, Seconds{to}}, Seconds{latest}, {std::get<0>(service), std::get<1>(service)}, key});
        noises.push_back(read_noise(noise, visits, 1));
    }
    std::vector<std::int32_t> kept;
    nb::gil_scoped_release release;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const std::size_t route = std::get<0>(bookings[i]), first = firsts[route], count = firsts[route + 1] - first;
        const auto part = [&](std::size_t which) { return std::span<const std::int32_t>(legs[which].data() + first, count); };
        kept.push_back(kept_permille(*routes[route], visit, nominal, {part(0), part(1), part(2), part(3)}, wanted[i],
                                     std::move(noises[i]), scenarios, seed));
    }
    return kept;
}

}  // namespace

Noise read_noise(nb::handle object, std::size_t visits, std::size_t shifts) {
    Noise noise;
    noise.service = factors(object, "service_mean", "service_sigma", visits);
    noise.pace = factors(object, "pace_mean", "pace_sigma", shifts);
    for (const auto& [from, mean, sigma] : nb::cast<std::vector<std::tuple<std::int64_t, double, double>>>(object.attr("travel_steps")))
        noise.travel.push_back({Seconds{from}, {mean, sigma}});
    noise.day_sigma = nb::cast<double>(object.attr("day_sigma"));
    noise.free_spread = column<double>(object, "free_spread_s", shifts);
    for (const std::int64_t from : column<std::int64_t>(object, "free_from_s", shifts)) noise.free_from.push_back(Seconds{from});
    noise.visit_keys = column<std::uint64_t>(object, "visit_keys", visits);
    noise.shift_keys = column<std::uint64_t>(object, "shift_keys", shifts);
    return noise;
}

void bind_risk(nb::module_& m) {
    m.def("risk", &risk, nb::arg("instance"), nb::arg("orders"), nb::arg("noise"), nb::arg("scenarios"), nb::arg("seed"),
          nb::arg("quantiles"),
          "Per route: shift, stops (visit, kept permille or -1, arrivals by quantile, mean start, mean finish), end, deviation.");
    m.def("kept_if_booked", &kept_if_booked, nb::arg("routes"), nb::arg("visit"), nb::arg("legs"), nb::arg("bookings"),
          nb::arg("service"), nb::arg("key"), nb::arg("scenarios"), nb::arg("seed"),
          "Per booking (route, position, window, latest, noise): scenarios of 1,000 in which the visit starts in time.");
    m.def("normal_quantile", &normal_quantile, nb::arg("p"), "Inverse of the standard normal distribution function.");
}
