#include "fieldops/pool.h"

#include "fieldops/rng.h"

namespace fieldops {

Pool::Pool(const Instance& instance, std::size_t capacity) : instance_(instance), capacity_(capacity) {
    Rng rng(0x706f6f6cULL);
    for (int i = 0; i < instance.num_visits() + instance.num_classes(); ++i) words_.push_back(rng.next());
}

void Pool::add(const Route& route) {
    if (route.visits.empty() || capacity_ == 0) return;
    const int shift_class = instance_.shift_class(route.shift);
    std::uint64_t key = words_[static_cast<std::size_t>(instance_.num_visits() + shift_class)];
    for (const VisitIdx v : route.visits) key ^= words_[static_cast<std::size_t>(v)];
    if (const auto found = index_.find(key); found != index_.end()) {
        Column& column = columns_[found->second];
        if (route.cost < column.cost) {
            column.cost = route.cost;
            column.visits = route.visits;
        }
        return;
    }
    if (columns_.size() < capacity_) {
        index_.emplace(key, columns_.size());
        columns_.push_back({shift_class, route.cost, route.visits, key});
        return;
    }
    index_.erase(columns_[oldest_].key);
    index_.emplace(key, oldest_);
    columns_[oldest_] = {shift_class, route.cost, route.visits, key};
    oldest_ = (oldest_ + 1) % capacity_;
}

}  // namespace fieldops
