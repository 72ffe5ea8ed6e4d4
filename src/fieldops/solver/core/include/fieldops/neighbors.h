// Which visits are near which: the geography the ruin operators walk along.
#pragma once

#include "fieldops/instance.h"

namespace fieldops {

//! For every visit the nearest others by travel there and back, nearest first, itself excluded; at most `limit` of them.
class Neighbors {
public:
    Neighbors(const Instance& instance, int limit);
    std::span<const VisitIdx> of(VisitIdx v) const {
        return std::span(near_).subspan(static_cast<std::size_t>(v) * width_, width_);
    }

private:
    std::size_t width_;
    std::vector<VisitIdx> near_;
};

}  // namespace fieldops
