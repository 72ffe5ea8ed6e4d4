// Good routes met on the way, to be recombined by set partitioning.
#pragma once

#include "fieldops/working_plan.h"

#include <unordered_map>

namespace fieldops {

/**
 * Routes keyed by (shift class, set of visits); of each key the cheapest order is kept.
 *
 * The visit set is identified by the exclusive or of one random 64-bit word per visit (Zobrist hashing); two sets that
 * collide would only cost one of the two columns. When full, the oldest route makes room.
 */
class Pool {
public:
    struct Column {
        int shift_class = NONE;
        Cost cost;
        std::vector<VisitIdx> visits;
        std::uint64_t key = 0;
    };

    Pool(const Instance& instance, std::size_t capacity);
    void add(const Route& route);
    const std::vector<Column>& columns() const { return columns_; }

private:
    const Instance& instance_;
    std::size_t capacity_;
    std::size_t oldest_ = 0;
    std::vector<std::uint64_t> words_;
    std::vector<Column> columns_;
    std::unordered_map<std::uint64_t, std::size_t> index_;
};

}  // namespace fieldops
