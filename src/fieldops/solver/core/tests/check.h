// A test is a function with a sentence for a name that registers itself; a failed CHECK says so and the test goes on.
#pragma once

#include <cstdint>
#include <vector>

namespace fieldops::checks {

struct Test {
    const char* name;
    void (*run)();
};

struct Registration {
    Registration(const char* name, void (*run)());
};

struct Claim {
    const char* text;
    const char* file;
    int line;
};

std::vector<Test>& tests();
int& failures();
// Not in the macros: a thousand copies of the message would take long to compile.
void check(bool holds, Claim claim);
void check_equal(std::int64_t expected, std::int64_t actual, Claim claim);

}  // namespace fieldops::checks

#define TEST(name)                                                               \
    static void name();                                                          \
    static const fieldops::checks::Registration name##_registered{#name, &name}; \
    static void name()

#define CHECK(...) fieldops::checks::check(static_cast<bool>(__VA_ARGS__), {#__VA_ARGS__, __FILE__, __LINE__})

//! For whole numbers.
#define CHECK_EQUAL(expected, actual)                                                                      \
    fieldops::checks::check_equal(static_cast<std::int64_t>(expected), static_cast<std::int64_t>(actual), \
                                  {#actual, __FILE__, __LINE__})
