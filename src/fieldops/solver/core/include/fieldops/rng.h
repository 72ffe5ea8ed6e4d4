// Random numbers that are the same on every platform for the same seed.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace fieldops {

/**
 * xoshiro256++ seeded by splitmix64.
 *
 * Blackman, Vigna (2021), Scrambled linear pseudorandom number generators, ACM TOMS 47(4), doi 10.1145/3460772.
 */
class Rng {
public:
    explicit Rng(std::uint64_t seed) {
        for (std::uint64_t& word : state_) {
            seed += 0x9e3779b97f4a7c15ULL;
            std::uint64_t z = seed;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
            word = z ^ (z >> 31);
        }
    }

    std::uint64_t next() {
        const std::uint64_t result = rotl(state_[0] + state_[3], 23) + state_[0];
        const std::uint64_t t = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = rotl(state_[3], 45);
        return result;
    }

    //! Uniform in [0, n); n > 0 and far below 2^32, so the bias of the multiply-shift is negligible.
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(((next() >> 32) * static_cast<std::uint64_t>(n)) >> 32); }
    //! Uniform in [low, high].
    int between(int low, int high) { return low + static_cast<int>(below(static_cast<std::size_t>(high - low + 1))); }
    //! Uniform in [0, 1).
    double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    bool chance(double probability) { return unit() < probability; }

    template <class T>
    void shuffle(std::vector<T>& items) {
        for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
    }

private:
    static std::uint64_t rotl(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace fieldops
