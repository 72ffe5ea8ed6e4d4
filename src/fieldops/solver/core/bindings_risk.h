// The part of the door between Python and the core that is about risk.
#pragma once

#include "fieldops/risk.h"

#include <nanobind/nanobind.h>

//! Read a fieldops.solver.Visit; an unassigned one is late until the horizon.
fieldops::Visit read_visit(nanobind::handle object, fieldops::Seconds horizon);
//! Read a fieldops.solver.risk.Noise; it must be of so many visits and shifts.
fieldops::Noise read_noise(nanobind::handle object, std::size_t visits, std::size_t shifts);
void bind_risk(nanobind::module_& m);
