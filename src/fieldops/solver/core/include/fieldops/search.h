// Ruin and recreate under simulated annealing, resumable, with the best plan always at hand.
#pragma once

#include "fieldops/ejection.h"
#include "fieldops/pool.h"
#include "fieldops/recreate.h"
#include "fieldops/repair.h"
#include "fieldops/ruin.h"

#include <atomic>
#include <memory>

namespace fieldops {

//! How far a call of Search::run goes: until `to` of the whole search, measured in seconds or in iterations.
struct Budget {
    double from = 0.0;  // share of the whole search already done, sets the temperature
    double to = 1.0;
    double seconds = 0.0;          // for this call; 0: no time limit
    std::int64_t iterations = -1;  // for this call; -1: no limit
};

struct OperatorCount {
    std::int64_t used = 0;
    std::int64_t improved = 0;
};

/**
 * One search on one thread.
 *
 * The walk starts from a greedy plan. Each iteration ruins (or forces an absent visit in), recreates, and accepts by
 * simulated annealing on the walk cost; the best plan is judged by the exact cost. Deterministic by seed and iterations.
 */
class Search {
public:
    Search(const Instance& instance, std::uint64_t seed, const Parameters& parameters, std::size_t pool_capacity, Homes homes = {});

    //! Build the first plan; from `start` when given (visits that cannot stay where it puts them become absent).
    void construct(const Orders* start);
    void run(const Budget& budget);
    //! Take over another plan when it is cheaper than the best one; true when it was.
    bool offer(const Orders& orders);

    //! May be called from any thread while another one is in run().
    void stop() { stop_.store(true, std::memory_order_relaxed); }
    std::int64_t iterations() const { return iterations_.load(std::memory_order_relaxed); }
    std::int64_t best_cost() const { return shown_cost_.load(std::memory_order_relaxed); }
    int best_unassigned() const { return shown_unassigned_.load(std::memory_order_relaxed); }
    int best_mandatory_unassigned() const { return shown_mandatory_.load(std::memory_order_relaxed); }
    //! Visits away from home beyond the limit.
    int best_excess() const { return shown_excess_.load(std::memory_order_relaxed); }

    const Instance& instance() const { return instance_; }
    const Orders& best() const { return best_; }
    const Pool& pool() const { return pool_; }
    OperatorCount count(Operator op) const { return counts_[static_cast<std::size_t>(op)]; }

private:
    void price_absence();
    void load(const Orders& orders, bool strict);
    void step(double temperature);
    Operator disturb();
    VisitIdx pick_seed();
    void collect_candidates();
    void note_best();
    //! Complete a copy of the plan at exact prices and remember it when it is the best so far.
    bool try_best();

    const Instance& instance_;
    Parameters parameters_;
    Rng rng_;
    RouteEditor editor_;
    AbsencePrices prices_;
    MoveLimit limit_;
    Neighbors neighbors_;
    std::unique_ptr<WorkingPlan> plan_;
    Ruin ruin_;
    std::unique_ptr<Recreate> recreate_;
    Ejection ejection_;
    Pool pool_;
    Cost typical_;  // what one served visit costs in the first plan: the unit of temperatures

    Orders best_;
    Cost best_exact_ = UNAFFORDABLE, best_walk_ = UNAFFORDABLE;
    std::vector<std::uint8_t> differs_from_best_;
    std::vector<VisitIdx> candidates_;
    std::vector<std::uint8_t> is_candidate_;
    std::array<OperatorCount, static_cast<std::size_t>(Operator::Count)> counts_{};

    std::atomic<bool> stop_{false};
    std::atomic<std::int64_t> iterations_{0}, shown_cost_{FAR};
    std::atomic<int> shown_unassigned_{0}, shown_mandatory_{0}, shown_excess_{0};
};

}  // namespace fieldops
