// A comparison as a page that people open, send and print.
#pragma once

#include <span>
#include <string>

#include "affectsr/experiment/compare_report.h"
#include "affectsr/experiment/page.h"

namespace affectsr {

/// The figures of every judge, flips by label, the worst pairs side by side, what vanished or could not be compared,
/// and how it was made. One HTML file (Page); the names of files stand in it as text. `gate`: what --max-flip said of
/// it; empty: nothing. Thread-safe.
std::string comparison_page(const Report& report, std::span<const WorstPair> worst, const std::string& gate = "");

}  // namespace affectsr
