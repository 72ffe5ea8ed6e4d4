// Windows, eligibility, classes of shifts, and the random numbers everything else draws.
#include "check.h"
#include "days.h"

#include "fieldops/neighbors.h"

#include <algorithm>

using namespace fieldops;
using namespace fieldops::checks;

TEST(starts_are_looked_up_in_all_windows) {
    Rng rng(2);
    for (int round = 0; round < 100; ++round) {
        const Instance instance = random_day(rng, 1, 1);
        const Visit& visit = instance.visit(0);
        const auto open = [&](int time) {
            return std::any_of(visit.windows.begin(), visit.windows.end(),
                               [&](const Window& w) { return w.earliest <= s(time) && s(time) <= w.latest; });
        };
        for (int bound = -5; bound <= 125; ++bound) {
            int after = bound, before = bound;
            while (after <= 130 && !open(after)) ++after;
            while (before >= -10 && !open(before)) --before;
            CHECK_EQUAL(after > 130 ? NEVER.value : after, visit.earliest_start(s(bound)).value);
            CHECK_EQUAL(before < -10 ? ALWAYS_TOO_LATE.value : before, visit.latest_start(s(bound)).value);
        }
    }
}

TEST(shifts_that_are_alike_in_everything_share_a_class) {
    Shift other_end = whole_day();
    other_end.end_place = NONE;
    Shift colleague = whole_day();
    colleague.technician = 1;
    Shift trainee = whole_day();
    trainee.technician = 2;
    const std::vector<Technician> technicians = {{1'000, {1}}, {1'000, {2}}, {1'000, {0}}};
    Demands skilled;
    skilled.required_levels = {1};
    const std::vector<std::int32_t> nowhere(1, 0);
    // Level 1 or 2 makes no difference to a visit that asks for 1; level 0 does.
    const std::vector<Shift> shifts = {whole_day(), other_end, colleague, trainee, whole_day()};
    const Instance instance(1, 1, nowhere, nowhere, technicians, shifts, {visit_at(0)}, {skilled});
    CHECK_EQUAL(3, instance.num_classes());
    CHECK_EQUAL(instance.shift_class(0), instance.shift_class(2));
    CHECK_EQUAL(instance.shift_class(0), instance.shift_class(4));
    CHECK(instance.shift_class(0) != instance.shift_class(1));
    CHECK(instance.shift_class(0) != instance.shift_class(3));
}

TEST(skills_and_people_decide_who_may_come) {
    const std::vector<std::int32_t> nowhere(1, 0);
    Shift other = whole_day();
    other.technician = 1;
    Demands skilled, chosen, banned, nobody;
    skilled.required_levels = {2};
    chosen.allowed = {0};
    banned.forbidden = {1};
    nobody.allowed = std::vector<TechnicianIdx>{};
    const Instance instance(1, 1, nowhere, nowhere, {{1'000, {1}}, {1'000, {2}}}, {whole_day(), other},
                            std::vector<Visit>(4, visit_at(0)), {skilled, chosen, banned, nobody});
    const bool wanted[4][2] = {{false, true}, {true, false}, {true, false}, {false, false}};
    for (VisitIdx v = 0; v < 4; ++v)
        for (ShiftIdx shift = 0; shift < 2; ++shift) CHECK_EQUAL(wanted[v][shift], instance.eligible(instance.shift(shift), v));
}

TEST(service_is_scaled_to_the_person_and_rounded_half_up) {
    Demands demands;
    demands.service = s(5);
    const std::vector<std::int32_t> nowhere(1, 0);
    Shift slow = whole_day();
    slow.technician = 1;
    const Instance instance(1, 1, nowhere, nowhere, {{900, {}}, {1'100, {}}}, {whole_day(), slow}, {visit_at(0)}, {demands});
    CHECK_EQUAL(5, instance.service(instance.shift(0), 0).value);  // 4.5
    CHECK_EQUAL(6, instance.service(instance.shift(1), 0).value);  // 5.5
}

TEST(neighbors_are_the_nearest_others_there_and_back) {
    const Instance instance = line_day({whole_day()}, {visit_at(0), visit_at(5), visit_at(1), visit_at(3)});
    const Neighbors near(instance, 2);
    const auto of = [&](VisitIdx v) { return std::vector<VisitIdx>(near.of(v).begin(), near.of(v).end()); };
    CHECK((of(0) == std::vector<VisitIdx>{2, 3}));
    CHECK((of(1) == std::vector<VisitIdx>{3, 2}));
    CHECK((of(3) == std::vector<VisitIdx>{1, 2}));  // as far either way: the lower number first
    CHECK_EQUAL(3, Neighbors(instance, 250).of(0).size());
    CHECK(Neighbors(line_day({whole_day()}, {visit_at(1)}), 250).of(0).empty());
}

//! First values of xoshiro256++ after seeding with splitmix64 from 0, by an independent implementation.
TEST(random_numbers_are_those_of_the_published_generator) {
    Rng rng(0);
    CHECK_EQUAL(0x53175d61490b23dfULL, rng.next());
    CHECK_EQUAL(0x61da6f3dc380d507ULL, rng.next());
    CHECK_EQUAL(0x5c0fdf91ec9a7bfcULL, rng.next());
}

TEST(random_numbers_keep_to_their_ranges) {
    Rng rng(3);
    std::vector<int> seen(7, 0);
    for (int i = 0; i < 7'000; ++i) {
        ++seen[rng.below(7)];
        const int between = rng.between(-2, 2);
        CHECK(between >= -2 && between <= 2);
        const double unit = rng.unit();
        CHECK(unit >= 0.0 && unit < 1.0);
    }
    // 1,000 each on average, 30 the standard deviation.
    CHECK(*std::min_element(seen.begin(), seen.end()) > 850);
    CHECK(!rng.chance(0.0));
    CHECK(rng.chance(1.0));
    std::vector<int> items = {1, 2, 3, 4, 5};
    rng.shuffle(items);
    CHECK(std::is_permutation(items.begin(), items.end(), std::vector<int>{1, 2, 3, 4, 5}.begin()));
}
