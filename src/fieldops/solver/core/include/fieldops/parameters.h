// The settings of the search and the names of its operators.
#pragma once

#include <cstdint>

namespace fieldops {

//! Settings of the search, tuned together on Solomon, Gehring & Homberger (200), the city days and the sample city.
struct Parameters {
    double mean_removed = 14.0;      // SISR's c-bar
    double max_string = 10.0;        // SISR's L-max
    double split_string = 0.5;       // share of strings removed with a preserved middle
    double split_grow = 0.01;        // SISR's beta: chance to spare one more visit in the middle
    double blink = 0.01;             // chance that recreate overlooks a route
    int max_offered_absent = 10;     // absent visits near the ruin that are offered together with the removed ones
    double whole_shift = 0.05;       // share of ruins that empty one shift
    double time_band = 0.05;         // share of ruins that clear nearby visits of one time of the day
    double trouble = 0.0;            // share of ruins that begin on a route in trouble (see Route), the more of it the likelier
    double ejection = 0.10;          // share of iterations that force an absent visit in
    double start_temperature = 2.0;  // in units of the typical cost of one visit
    double end_temperature = 0.03;
    double weights_from = 60.0;      // absences dearer than this many typical visits are weights, not money: they are scaled
    double weight_price = 10.0;      // so that the dearest costs this many typical visits on the walk
};

//! What can change a plan in one iteration.
enum class Operator : std::uint8_t { Strings, WholeShift, TimeBand, Ejection, Count };

}  // namespace fieldops
