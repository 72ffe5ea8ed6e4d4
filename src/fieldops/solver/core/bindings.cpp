// The door between Python and the core: reads the instance once, releases the GIL in everything long.
#include "bindings_risk.h"

#include "fieldops/quote.h"
#include "fieldops/search.h"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>

namespace nb = nanobind;
using namespace fieldops;

namespace {

using Matrix = nb::ndarray<const std::int32_t, nb::ndim<3>, nb::c_contig, nb::device::cpu>;

// Rates arrive in cents; see fieldops/units.py for the exact unit.
constexpr std::int64_t UNITS_PER_CENT = 18'000;
constexpr std::int64_t PER_HOUR_SECOND = UNITS_PER_CENT / 3'600;
constexpr std::int64_t PER_MINUTE_SECOND = UNITS_PER_CENT / 60;
constexpr std::int64_t PER_KM_METER = UNITS_PER_CENT / 1'000;

template <class T = std::int64_t>
T get(nb::handle object, const char* name) { return nb::cast<T>(object.attr(name)); }

template <class T = std::int64_t>
T get_or(nb::handle object, const char* name, T otherwise) {
    const nb::object value = object.attr(name);
    return value.is_none() ? otherwise : nb::cast<T>(value);
}

std::span<const std::int32_t> flatten(const Matrix& matrix) { return {matrix.data(), matrix.size()}; }

std::vector<TechnicianIdx> people(nb::handle set) {
    std::vector<TechnicianIdx> who;
    for (nb::handle one : set) who.push_back(nb::cast<TechnicianIdx>(one));
    return who;
}

Window window(nb::handle pair) {
    const auto [earliest, latest] = nb::cast<std::tuple<std::int64_t, std::int64_t>>(pair);
    return {Seconds{earliest}, Seconds{latest}};
}

Break read_break(nb::handle pause) {
    return {Seconds{get(pause, "earliest")}, Seconds{get(pause, "latest")}, Seconds{get(pause, "duration")},
            get_or<PlaceIdx>(pause, "place", NONE), get<bool>(pause, "paid")};
}

Shift read_shift(nb::handle object) {
    Shift shift;
    shift.technician = get<TechnicianIdx>(object, "technician");
    shift.profile = get<int>(object, "profile");
    shift.start_place = get<PlaceIdx>(object, "start_place");
    shift.end_place = get_or<PlaceIdx>(object, "end_place", NONE);
    shift.earliest_start = Seconds{get(object, "earliest_start")};
    shift.regular_end = Seconds{get(object, "regular_end")};
    shift.hard_end = Seconds{get(object, "hard_end")};
    for (nb::handle pause : object.attr("breaks")) shift.breaks.push_back(read_break(pause));
    shift.work_rate = {get(object, "cost_per_work_hour") * PER_HOUR_SECOND};
    shift.overtime_rate = {get(object, "cost_per_overtime_hour") * PER_HOUR_SECOND};
    shift.travel_rate = {get(object, "cost_per_travel_hour") * PER_HOUR_SECOND};
    shift.distance_rate = {get(object, "cost_per_km") * PER_KM_METER};
    shift.fixed = Cost{get(object, "fixed_cost") * UNITS_PER_CENT};
    shift.max_visits = get_or(object, "max_visits", FAR);
    shift.max_travel = Seconds{get_or(object, "max_travel_s", FAR)};
    shift.max_work = Seconds{get_or(object, "max_work_s", FAR)};
    shift.load_capacity = get_or(object, "load_capacity", FAR);
    shift.underway = get<bool>(object, "underway");
    return shift;
}

}  // namespace

Visit read_visit(nb::handle object, Seconds horizon) {
    Visit visit;
    visit.place = get<PlaceIdx>(object, "place");
    for (nb::handle pair : object.attr("windows")) visit.windows.push_back(window(pair));
    visit.promised_latest = Seconds{get_or(object, "promised_latest", FAR)};
    visit.lateness_rate = {get(object, "lateness_cents_per_minute") * PER_MINUTE_SECOND};
    if (!object.attr("preferred").is_none()) {
        visit.preferred = window(object.attr("preferred"));
        visit.preferred_miss = Cost{get(object, "preferred_miss_cents") * UNITS_PER_CENT};
    }
    if (!object.attr("told").is_none()) {
        visit.told = window(object.attr("told"));
        visit.told_miss = Cost{get(object, "told_miss_cents") * UNITS_PER_CENT};
    }
    visit.baseline = get_or<TechnicianIdx>(object, "baseline_technician", NONE);
    visit.reassigned = Cost{get(object, "reassigned_cents") * UNITS_PER_CENT};
    visit.due = Seconds{get_or(object, "due", FAR)};
    visit.due_rate = {get(object, "due_cents_per_hour") * PER_HOUR_SECOND};
    visit.unassigned = Cost{get(object, "unassigned_cents") * UNITS_PER_CENT};
    if (visit.due < horizon) visit.unassigned += visit.due_rate * (horizon - visit.due);
    visit.mandatory = get<bool>(object, "mandatory");
    visit.sequence = get_or(object, "sequence", std::int64_t{NONE});
    visit.load = get(object, "load");
    return visit;
}

namespace {

Demands read_demands(nb::handle object) {
    Demands demands;
    demands.required_levels = get<std::vector<std::int64_t>>(object, "required_levels");
    if (!object.attr("allowed_technicians").is_none()) demands.allowed = people(object.attr("allowed_technicians"));
    demands.forbidden = people(object.attr("forbidden_technicians"));
    demands.preferred = people(object.attr("preferred_technicians"));
    demands.other_technician = Cost{get(object, "other_technician_cents") * UNITS_PER_CENT};
    demands.service = Seconds{get(object, "service_s")};
    return demands;
}

Technician read_technician(nb::handle object) {
    return {get(object, "duration_permille"), get<std::vector<std::int64_t>>(object, "skill_levels")};
}

Instance read_instance(nb::handle object) {
    const auto travel = nb::cast<Matrix>(object.attr("travel_s")), distance = nb::cast<Matrix>(object.attr("distance_m"));
    std::vector<Technician> technicians;
    for (nb::handle one : object.attr("technicians")) technicians.push_back(read_technician(one));
    std::vector<Shift> shifts;
    for (nb::handle one : object.attr("shifts")) shifts.push_back(read_shift(one));
    std::vector<Visit> visits;
    std::vector<Demands> demands;
    const Seconds horizon{get(object, "horizon_s")};
    for (nb::handle one : object.attr("visits")) {
        visits.push_back(read_visit(one, horizon));
        demands.push_back(read_demands(one));
    }
    return Instance(static_cast<int>(travel.shape(0)), static_cast<int>(travel.shape(1)), flatten(travel), flatten(distance),
                    technicians, std::move(shifts), std::move(visits), demands);
}

void check_order(const Instance& instance, ShiftIdx shift, const std::vector<VisitIdx>& order) {
    if (shift < 0 || shift >= instance.num_shifts()) throw nb::index_error("shift index out of range");
    std::vector<std::uint8_t> seen(static_cast<std::size_t>(instance.num_visits()), 0);
    for (const VisitIdx v : order) {
        if (v < 0 || v >= instance.num_visits()) throw nb::index_error("visit index out of range");
        if (seen[static_cast<std::size_t>(v)]++ != 0) throw nb::value_error("visit repeated in an order");
    }
}

void check_orders(const Instance& instance, const Orders& orders) {
    if (static_cast<int>(orders.size()) != instance.num_shifts()) throw nb::value_error("one order per shift expected");
    std::vector<VisitIdx> all;
    for (ShiftIdx s = 0; s < instance.num_shifts(); ++s) {
        check_order(instance, s, orders[static_cast<std::size_t>(s)]);
        all.insert(all.end(), orders[static_cast<std::size_t>(s)].begin(), orders[static_cast<std::size_t>(s)].end());
    }
    std::sort(all.begin(), all.end());
    if (std::adjacent_find(all.begin(), all.end()) != all.end()) throw nb::value_error("visit on two routes");
}

Route checked_route(const Instance& instance, RouteEditor& editor, ShiftIdx shift, const std::vector<VisitIdx>& order) {
    check_order(instance, shift, order);
    Route route = editor.empty_route(shift);
    editor.assign(route, order);
    return route;
}

std::optional<std::int64_t> route_cost(const Instance& instance, ShiftIdx shift, const std::vector<VisitIdx>& order) {
    RouteEditor editor(instance, Pruning::Safe);
    const Cost cost = checked_route(instance, editor, shift, order).cost;
    return cost == UNAFFORDABLE ? std::nullopt : std::optional(cost.value);
}

nb::object route_timetable(const Instance& instance, ShiftIdx shift, const std::vector<VisitIdx>& order) {
    RouteEditor editor(instance, Pruning::Safe);
    if (checked_route(instance, editor, shift, order).cost == UNAFFORDABLE) return nb::none();
    const std::optional<Timetable> table = editor.scheduler().timetable(instance.shift(shift), order);
    if (!table) throw std::logic_error("a route that costs something has no timetable");
    nb::list stops, breaks;
    for (const StopTimes& stop : table->stops)
        stops.append(nb::make_tuple(stop.visit, stop.arrival.value, stop.start.value, stop.finish.value, stop.departure.value,
                                    stop.wait.value, stop.slack.value));
    for (std::size_t pos = 0; pos < table->breaks.size(); ++pos)
        breaks.append(nb::make_tuple(pos, table->breaks[pos].leg, table->breaks[pos].start.value));
    const RouteCosts& c = table->costs;
    return nb::make_tuple(table->departure.value, table->end.value, table->travel.value, table->distance.value, table->work.value,
                          table->overtime.value,
                          nb::make_tuple(c.lateness.value, c.sla.value, c.preference.value, c.technician.value, c.churn.value,
                                         c.work.value, c.overtime.value, c.travel.value, c.distance.value, c.fixed.value),
                          stops, breaks);
}

using ShiftInsertion = std::tuple<ShiftIdx, int, std::int64_t>;

std::vector<ShiftInsertion> insertions(const Instance& instance, const Orders& orders, VisitIdx visit) {
    check_orders(instance, orders);
    if (visit < 0 || visit >= instance.num_visits()) throw nb::index_error("visit index out of range");
    for (const auto& order : orders)
        if (std::find(order.begin(), order.end(), visit) != order.end()) throw nb::value_error("visit is on a route already");
    nb::gil_scoped_release release;
    RouteEditor editor(instance, Pruning::Safe);
    std::vector<ShiftInsertion> found;
    for (ShiftIdx s = 0; s < instance.num_shifts(); ++s) {
        Route route = editor.empty_route(s);
        editor.assign(route, orders[static_cast<std::size_t>(s)]);
        if (route.cost == UNAFFORDABLE) continue;
        const Insertion best = editor.best_insertion(route, visit);
        if (best.delta < UNAFFORDABLE) found.emplace_back(s, best.position, best.delta.value);
    }
    return found;
}

void make_running_route(RunningRoute* self, nb::handle object, const std::vector<VisitIdx>& order) {
    const Instance instance = read_instance(object);
    const nb::object technicians = object.attr("technicians");
    if (nb::len(technicians) != 1 || instance.num_shifts() != 1) throw nb::value_error("one technician and one shift expected");
    check_order(instance, 0, order);
    if (static_cast<int>(order.size()) != instance.num_visits()) throw nb::value_error("a running route serves all its visits");
    new (self) RunningRoute(instance, read_technician(technicians[0]), order);
}

using Row = nb::ndarray<const std::int32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using SlotRow = std::tuple<std::int32_t, std::int32_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;
using QuoteRow = std::tuple<std::vector<SlotRow>, std::array<std::int32_t, NUM_REFUSALS>>;

std::vector<QuoteRow> quote_windows(const std::vector<const RunningRoute*>& routes, nb::handle object, const std::array<Row, 4>& legs,
                                    const std::vector<std::tuple<bool, bool>>& people,
                                    const std::vector<std::tuple<std::int64_t, std::int64_t>>& asked) {
    const Demands demands = read_demands(object);
    const Visit visit = read_visit(object, ALWAYS_TOO_LATE);  // what leaving it out costs is no question here
    std::size_t places = 0;
    for (const RunningRoute* running : routes) {
        if (running == nullptr) throw nb::value_error("a running route expected, not None");
        places += static_cast<std::size_t>(running->num_places());
        if (running->technician().skill_levels.size() != demands.required_levels.size()) throw nb::value_error("one level per skill expected");
    }
    const auto row = [&](std::size_t which) {
        if (legs[which].size() != places) throw nb::value_error("one entry per place expected");
        return std::span<const std::int32_t>(legs[which].data(), legs[which].size());
    };
    const Connections connections{row(0), row(1), row(2), row(3)};
    if (people.size() != routes.size()) throw nb::value_error("one standing per route expected");
    std::vector<Standing> standings;
    for (const auto& [allowed, preferred] : people) standings.push_back({allowed, preferred});
    std::vector<Window> windows;
    for (const auto& [earliest, latest] : asked) windows.push_back({Seconds{earliest}, Seconds{latest}});

    std::vector<QuoteRow> rows;
    nb::gil_scoped_release release;
    for (const WindowQuote& one : quote(routes, visit, demands, connections, standings, windows)) {
        std::vector<SlotRow> slots;
        for (const Slot& slot : one.slots)
            slots.emplace_back(slot.route, slot.position, slot.cost.value, slot.start.value, slot.finish.value, slot.slack.value,
                               slot.extra_travel.value);
        rows.emplace_back(std::move(slots), one.refusals);
    }
    return rows;
}

const std::vector<std::pair<std::string, double Parameters::*>> REAL_PARAMETERS = {
    {"mean_removed", &Parameters::mean_removed},
    {"max_string", &Parameters::max_string},
    {"split_string", &Parameters::split_string},
    {"split_grow", &Parameters::split_grow},
    {"blink", &Parameters::blink},
    {"whole_shift", &Parameters::whole_shift},
    {"time_band", &Parameters::time_band},
    {"trouble", &Parameters::trouble},
    {"ejection", &Parameters::ejection},
    {"start_temperature", &Parameters::start_temperature},
    {"end_temperature", &Parameters::end_temperature},
    {"weights_from", &Parameters::weights_from},
    {"weight_price", &Parameters::weight_price},
};

Homes read_homes(const Instance& instance, const std::optional<std::vector<TechnicianIdx>>& homes, int most_moved) {
    if (!homes) return {};
    if (static_cast<int>(homes->size()) != instance.num_visits()) throw nb::value_error("one home per visit expected");
    return {*homes, most_moved};
}

void make_search(Search* self, const Instance& instance, std::uint64_t seed, std::size_t pool_capacity,
                 const std::map<std::string, double>& overrides, const std::optional<std::vector<TechnicianIdx>>& homes,
                 int most_moved) {
    Parameters parameters;
    for (const auto& [name, value] : overrides) {
        const auto found = std::find_if(REAL_PARAMETERS.begin(), REAL_PARAMETERS.end(), [&](const auto& p) { return p.first == name; });
        if (found == REAL_PARAMETERS.end()) throw nb::value_error(("unknown search parameter: " + name).c_str());
        parameters.*(found->second) = value;
    }
    new (self) Search(instance, seed, parameters, pool_capacity, read_homes(instance, homes, most_moved));
}

std::map<std::string, std::tuple<std::int64_t, std::int64_t>> operator_counts(const Search& search) {
    const auto pair = [&](Operator op) { return std::tuple(search.count(op).used, search.count(op).improved); };
    return {{"strings", pair(Operator::Strings)},
            {"whole_shift", pair(Operator::WholeShift)},
            {"time_band", pair(Operator::TimeBand)},
            {"ejection", pair(Operator::Ejection)}};
}

}  // namespace

NB_MODULE(_core, m) {
    m.doc() = "Compiled search core of fieldops.";
    // Threads that are still at work when the interpreter ends keep what they hold; that is no leak to tell of.
    nb::set_leak_warnings(false);

    nb::class_<Instance>(m, "Instance", "The problem in the core's memory; made from a fieldops.solver.Instance.")
        .def("__init__", [](Instance* self, nb::handle object) { new (self) Instance(read_instance(object)); }, nb::arg("instance"))
        .def_prop_ro("num_classes", &Instance::num_classes, "Number of classes of interchangeable shifts.")
        .def("shift_class", [](const Instance& i, ShiftIdx s) {
            if (s < 0 || s >= i.num_shifts()) throw nb::index_error("shift index out of range");
            return i.shift_class(s);
        }, nb::arg("shift"), "Class of a shift.");

    m.def("route_cost", &route_cost, nb::arg("instance"), nb::arg("shift"), nb::arg("order"),
          "Exact cost of one route in cost units, or None when it breaks a hard rule.");
    m.def("route_timetable", &route_timetable, nb::arg("instance"), nb::arg("shift"), nb::arg("order"),
          nb::sig("def route_timetable(instance: Instance, shift: int, order: collections.abc.Sequence[int]) -> "
                  "tuple[int, int, int, int, int, int, tuple[int, int, int, int, int, int, int, int, int, int], "
                  "list[tuple[int, int, int, int, int, int, int]], list[tuple[int, int, int]]] | None"),
          "Departure, end, travel, distance, work, overtime, cost terms, stops and breaks of one route, or None.");
    m.def("insertions", &insertions, nb::arg("instance"), nb::arg("orders"), nb::arg("visit"),
          "Cheapest feasible insertion into every shift that has one: (shift, position, exact cost delta).");

    nb::class_<RunningRoute>(m, "RunningRoute", "A route of one shift with room for one more visit; threads may share it.")
        .def("__init__", &make_running_route, nb::arg("instance"), nb::arg("order"))
        .def_prop_ro("is_sound", &RunningRoute::is_sound, "Whether the route keeps every hard rule.");
    m.def("quote", &quote_windows, nb::arg("routes"), nb::arg("visit"), nb::arg("legs"), nb::arg("standings"), nb::arg("windows"),
          "Per window: slots (route, position, cost, start, finish, slack, extra travel), and routes without by reason.");

    bind_risk(m);

    m.def("repair", [](const Instance& instance, const Orders& orders, const std::optional<std::vector<TechnicianIdx>>& homes, int most_moved) {
        check_orders(instance, orders);
        const Homes limit = read_homes(instance, homes, most_moved);
        nb::gil_scoped_release release;
        return repair(instance, orders, limit);
    }, nb::arg("instance"), nb::arg("orders"), nb::arg("homes").none() = nb::none(), nb::arg("most_moved") = 0,
          "Visits per shift: what works of `orders`, and the rest where it is cheapest.");

    nb::class_<Search>(m, "Search", "One resumable search on one thread.")
        .def("__init__", &make_search, nb::arg("instance"), nb::arg("seed"), nb::arg("pool_capacity"),
             nb::arg("parameters") = std::map<std::string, double>{}, nb::arg("homes").none() = nb::none(), nb::arg("most_moved") = 0,
             nb::keep_alive<1, 2>(), "`homes`: technician per visit, -1 for none; more than `most_moved` with others are avoided.")
        .def("construct", [](Search& s, const std::optional<Orders>& start) {
            if (start) check_orders(s.instance(), *start);
            nb::gil_scoped_release release;
            s.construct(start ? &*start : nullptr);
        }, nb::arg("start").none() = nb::none(), "Build the first plan, keeping what works of `start`.")
        .def("run", [](Search& s, double from, double to, double seconds, std::int64_t iterations) {
            nb::gil_scoped_release release;
            s.run({from, to, seconds, iterations});
        }, nb::arg("from_share"), nb::arg("to_share"), nb::arg("seconds"), nb::arg("iterations"),
             "Search on; seconds 0 and iterations -1 mean no such limit. Releases the GIL.")
        .def("offer", [](Search& s, const Orders& orders) {
            check_orders(s.instance(), orders);
            nb::gil_scoped_release release;
            return s.offer(orders);
        }, nb::arg("orders"), "Take over a cheaper plan; False when it is not cheaper.")
        .def("stop", &Search::stop, "End run() soon; may be called from another thread.")
        .def_prop_ro("iterations", &Search::iterations, "Iterations done.")
        .def_prop_ro("best_cost", &Search::best_cost, "Exact cost of the best plan, mandatory visits left out at their plain cost.")
        .def_prop_ro("best_unassigned", &Search::best_unassigned, "Visits the best plan leaves out.")
        .def_prop_ro("best_excess", &Search::best_excess, "Visits away from home beyond the limit.")
        .def_prop_ro("best_mandatory_unassigned", &Search::best_mandatory_unassigned, "The mandatory ones among them.")
        .def("best", &Search::best, "Visits per shift of the best plan.")
        .def("pool", [](const Search& s) {
            std::vector<std::tuple<int, std::int64_t, std::vector<VisitIdx>>> columns;
            for (const Pool::Column& column : s.pool().columns())
                columns.emplace_back(column.shift_class, column.cost.value, column.visits);
            return columns;
        }, "Routes of the pool: (shift class, exact cost, visits).")
        .def("operator_counts", &operator_counts, "Per operator: times used, times it improved the best plan.");
}
