#include "fieldops/search.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace fieldops {

namespace {

constexpr int NEIGHBORS = 250;
//! Cheapest absence on the walk, unless it is really cheaper; in units of the typical cost of one visit.
constexpr double LEAST_WALK_PRICE = 2.0;
constexpr std::int64_t CLOCK_EVERY = 8;
//! Routes go to the pool while the walk is within this share of the best walk cost.
constexpr double POOL_NEAR_BEST = 0.03;

double as_double(Cost cost) { return static_cast<double>(cost.value); }

}  // namespace

Search::Search(const Instance& instance, std::uint64_t seed, const Parameters& parameters, std::size_t pool_capacity, Homes homes)
    : instance_(instance),
      parameters_(parameters),
      rng_(seed),
      editor_(instance, Pruning::Quick),
      prices_(exact_prices(instance)),
      limit_(exact_limit(instance, std::move(homes))),
      neighbors_(instance, NEIGHBORS),
      ruin_(instance, neighbors_, parameters_),
      ejection_(instance, editor_, prices_),
      pool_(instance, pool_capacity),
      differs_from_best_(static_cast<std::size_t>(instance.num_shifts()), 1),
      is_candidate_(static_cast<std::size_t>(instance.num_visits()), 0) {
    plan_ = std::make_unique<WorkingPlan>(instance, editor_, prices_, limit_);
    recreate_ = std::make_unique<Recreate>(instance, editor_, prices_, limit_);
}

void Search::load(const Orders& orders, bool strict) {
    for (ShiftIdx s = 0; s < plan_->num_routes(); ++s) plan_->remove(s, std::vector<VisitIdx>(plan_->route(s).visits));
    if (strict) {
        for (ShiftIdx s = 0; s < plan_->num_routes(); ++s) plan_->assign(s, orders[static_cast<std::size_t>(s)]);
    } else {
        keep_what_works(*plan_, editor_, orders);
    }
    plan_->commit();
}

void Search::construct(const Orders* start) {
    if (start != nullptr) load(*start, false);
    candidates_ = plan_->absent();
    recreate_->run(*plan_, candidates_, rng_, 0.0);
    plan_->commit();
    note_best();
    price_absence();
}

void Search::price_absence() {
    const auto served = static_cast<std::int64_t>(instance_.num_visits()) - static_cast<std::int64_t>(plan_->absent().size());
    typical_ = Cost{served > 0 ? std::max<std::int64_t>(1, (plan_->routes_cost() - plan_->idle_cost()).value / served) : 1};
    std::vector<double> prices;
    for (VisitIdx v = 0; v < instance_.num_visits(); ++v)
        if (!instance_.visit(v).mandatory) prices.push_back(as_double(prices_.exact[static_cast<std::size_t>(v)]));
    // The price that nine visits in ten do not exceed: one overdue emergency must not make all others worthless.
    double dear = 0.0;
    if (!prices.empty()) {
        const auto ninth = prices.begin() + static_cast<std::ptrdiff_t>(prices.size() * 9 / 10);
        std::nth_element(prices.begin(), ninth, prices.end());
        dear = *ninth;
    }
    // Prices in the range of ordinary costs are walked on as they are; prices far above only say what is more important.
    const double unit = as_double(typical_);
    const double scale = dear > parameters_.weights_from * unit ? parameters_.weight_price * unit / dear : 1.0;
    const double most = 2.0 * std::max(scale * dear, parameters_.weight_price * unit);
    for (VisitIdx v = 0; v < instance_.num_visits(); ++v) {
        const auto at = static_cast<std::size_t>(v);
        const double exact = as_double(prices_.exact[at]);
        const double least = std::min(exact, LEAST_WALK_PRICE * unit);
        const double price = instance_.visit(v).mandatory ? 2.0 * most : std::clamp(scale * exact, least, most);
        prices_.walk[at] = Cost{static_cast<std::int64_t>(price)};
    }
    limit_.walk = Cost{std::min(limit_.exact.value, static_cast<std::int64_t>(parameters_.weight_price * unit))};
    const Orders orders = plan_->orders();
    plan_ = std::make_unique<WorkingPlan>(instance_, editor_, prices_, limit_);
    load(orders, true);
    best_walk_ = plan_->walk_cost();
}

bool Search::offer(const Orders& orders) {
    const Orders before = plan_->orders();
    load(orders, false);
    std::fill(differs_from_best_.begin(), differs_from_best_.end(), std::uint8_t{1});
    if (try_best()) return true;
    load(before, true);
    return false;
}

void Search::note_best() {
    best_exact_ = plan_->exact_cost();
    best_.resize(static_cast<std::size_t>(plan_->num_routes()));
    for (ShiftIdx s = 0; s < plan_->num_routes(); ++s) {
        const auto at = static_cast<std::size_t>(s);
        if (differs_from_best_[at] == 0) continue;
        differs_from_best_[at] = 0;
        best_[at] = plan_->route(s).visits;
        pool_.add(plan_->route(s));
    }
    const auto is_mandatory = [&](VisitIdx v) { return instance_.visit(v).mandatory; };
    const auto missing = std::count_if(plan_->absent().begin(), plan_->absent().end(), is_mandatory);
    shown_cost_.store((best_exact_ - mandatory_price(instance_) * missing - limit_.exact * plan_->excess()).value,
                      std::memory_order_relaxed);
    shown_excess_.store(plan_->excess(), std::memory_order_relaxed);
    shown_mandatory_.store(static_cast<int>(missing), std::memory_order_relaxed);
    shown_unassigned_.store(static_cast<int>(plan_->absent().size()), std::memory_order_relaxed);
}

VisitIdx Search::pick_seed() {
    if (parameters_.trouble > 0.0 && rng_.chance(parameters_.trouble)) {
        const auto trouble_of = [&](ShiftIdx s) { return plan_->route(s).visits.empty() ? 0 : plan_->route(s).trouble.value; };
        std::int64_t all = 0;
        for (ShiftIdx s = 0; s < plan_->num_routes(); ++s) all += trouble_of(s);
        auto left = all > 0 ? static_cast<std::int64_t>(rng_.unit() * static_cast<double>(all)) : std::int64_t{-1};
        for (ShiftIdx s = 0; s < plan_->num_routes() && left >= 0; ++s) {
            left -= trouble_of(s);
            const auto& visits = plan_->route(s).visits;
            if (left < 0) return visits[rng_.below(visits.size())];
        }
    }
    return static_cast<VisitIdx>(rng_.below(static_cast<std::size_t>(instance_.num_visits())));
}

Operator Search::disturb() {
    ruin_.clear();
    ejection_.clear();
    const auto& absent = plan_->absent();
    if (!absent.empty() && rng_.chance(parameters_.ejection)) {
        const VisitIdx v = absent[rng_.below(absent.size())];
        if (ejection_.run(*plan_, v, rng_)) return Operator::Ejection;
    }
    const VisitIdx seed = pick_seed();
    const double kind = rng_.unit();
    if (kind < parameters_.whole_shift) {
        ruin_.whole_shift(*plan_, seed, rng_);
        return Operator::WholeShift;
    }
    if (kind < parameters_.whole_shift + parameters_.time_band) {
        ruin_.time_band(*plan_, seed, rng_);
        return Operator::TimeBand;
    }
    ruin_.strings(*plan_, seed, rng_);
    return Operator::Strings;
}

void Search::collect_candidates() {
    candidates_.clear();
    const auto offer_one = [&](VisitIdx v) {
        std::uint8_t& listed = is_candidate_[static_cast<std::size_t>(v)];
        if (listed != 0 || !plan_->is_absent(v)) return;
        listed = 1;
        candidates_.push_back(v);
    };
    for (const VisitIdx v : ruin_.removed()) offer_one(v);
    for (const VisitIdx v : ejection_.ejected()) offer_one(v);
    // Everything else that is absent: all of it when it is little, otherwise a sample.
    const auto& absent = plan_->absent();
    const auto limit = static_cast<std::size_t>(parameters_.max_offered_absent);
    if (absent.size() <= candidates_.size() + limit) {
        for (const VisitIdx v : absent) offer_one(v);
    } else {
        for (std::size_t i = 0; i < limit; ++i) offer_one(absent[rng_.below(absent.size())]);
    }
    for (const VisitIdx v : candidates_) is_candidate_[static_cast<std::size_t>(v)] = 0;
}

void Search::step(double temperature) {
    const Cost walk_before = plan_->walk_cost();
    const Operator op = disturb();
    collect_candidates();
    recreate_->run(*plan_, candidates_, rng_, parameters_.blink);

    OperatorCount& count = counts_[static_cast<std::size_t>(op)];
    ++count.used;
    const bool promising = plan_->walk_cost() < best_walk_ || plan_->exact_cost() < best_exact_;
    const double threshold = as_double(walk_before) - temperature * std::log(rng_.unit() + 1e-300);
    if (!promising && as_double(plan_->walk_cost()) >= threshold) {
        plan_->roll_back();
        return;
    }
    const bool near_best = as_double(plan_->walk_cost()) <= as_double(best_walk_) * (1.0 + POOL_NEAR_BEST);
    for (const ShiftIdx s : plan_->touched()) {
        differs_from_best_[static_cast<std::size_t>(s)] = 1;
        if (near_best) pool_.add(plan_->route(s));
    }
    plan_->commit();
    if (promising && try_best()) ++count.improved;
}

bool Search::try_best() {
    best_walk_ = std::min(best_walk_, plan_->walk_cost());
    recreate_->complete(*plan_, rng_);
    const bool better = plan_->exact_cost() < best_exact_;
    for (const ShiftIdx s : plan_->touched()) differs_from_best_[static_cast<std::size_t>(s)] = 1;
    if (better) note_best();
    for (const ShiftIdx s : plan_->touched()) differs_from_best_[static_cast<std::size_t>(s)] = 1;
    plan_->roll_back();
    return better;
}

void Search::run(const Budget& budget) {
    if (instance_.num_visits() == 0 || instance_.num_shifts() == 0) return;
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    const double hot = parameters_.start_temperature * as_double(typical_);
    const double ratio = parameters_.end_temperature / parameters_.start_temperature;
    double done = 0.0;  // share of this call
    double temperature = hot;
    for (std::int64_t i = 0; !stop_.load(std::memory_order_relaxed); ++i) {
        if (i % CLOCK_EVERY == 0) {
            if (budget.iterations >= 0) done = budget.iterations > 0 ? static_cast<double>(i) / static_cast<double>(budget.iterations) : 1.0;
            if (budget.seconds > 0.0) {
                const double elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
                done = std::max(done, elapsed / budget.seconds);
            }
            if (done >= 1.0) break;
            temperature = hot * std::pow(ratio, budget.from + (budget.to - budget.from) * done);
        }
        if (budget.iterations >= 0 && i >= budget.iterations) break;
        step(temperature);
        iterations_.fetch_add(1, std::memory_order_relaxed);
    }
}

}  // namespace fieldops
