// Runs every test, or those whose names contain the first argument.
#include "check.h"

#include <iostream>
#include <string_view>

namespace fieldops::checks {

std::vector<Test>& tests() {
    static std::vector<Test> all;
    return all;
}

int& failures() {
    static int count = 0;
    return count;
}

Registration::Registration(const char* name, void (*run)()) { tests().push_back({name, run}); }

void check(bool holds, Claim claim) {
    if (holds) return;
    ++failures();
    std::cerr << claim.file << ':' << claim.line << ": not true: " << claim.text << '\n';
}

void check_equal(std::int64_t expected, std::int64_t actual, Claim claim) {
    if (expected == actual) return;
    ++failures();
    std::cerr << claim.file << ':' << claim.line << ": " << claim.text << " is " << actual << ", not " << expected << '\n';
}

}  // namespace fieldops::checks

int main(int argc, char** argv) {
    using namespace fieldops::checks;
    const std::string_view wanted = argc > 1 ? argv[1] : "";
    int run = 0, failed = 0;
    for (const Test& test : tests()) {
        if (std::string_view(test.name).find(wanted) == std::string_view::npos) continue;
        const int before = failures();
        test.run();
        ++run;
        if (failures() == before) continue;
        ++failed;
        std::cerr << "FAILED " << test.name << '\n';
    }
    std::cout << run << " tests, " << failed << " failed\n";
    return failed > 0 || run == 0 ? 1 : 0;
}
