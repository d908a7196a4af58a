// A plot of values with their intervals, drawn as SVG that stands inside a page.
#pragma once

#include <cmath>
#include <string>
#include <vector>

namespace affectsr {

/// A row of a plot. NaN: not known.
struct PlotPoint {
    std::string label;
    double value = NAN;
    double low = NAN, high = NAN;  ///< of its interval; both or neither
};

/// Values side by side on one axis, a row each, from top to bottom.
struct DotPlot {
    std::string title;  ///< what is measured, with its unit
    int digits = 2;     ///< after the decimal point of values
    std::vector<PlotPoint> points;
    double reference = NAN;  ///< a line through all rows, such as 0
};

/// The plot as an SVG element: labels, dots, whiskers, values as text, an axis; it takes the page's colour of text and
/// loads nothing. Whatever it is given is shown as text. A reader who cannot see it is read its title and every row. A
/// row without a value says "–". Thread-safe.
std::string svg_of(const DotPlot& plot);

/// How a value goes with another, such as accuracy with the size of a face.
struct PlotLine {
    std::string label;
    std::vector<double> values;  ///< one for each of the plot's steps; NaN: not known, the line has a gap
};

/// Lines over steps in their order, each as far from the next; of many steps some are named.
struct LinePlot {
    std::string title;  ///< what is measured, with its unit
    int digits = 2;     ///< after the decimal point of values
    std::vector<std::string> steps;
    std::vector<PlotLine> lines;
};

/// The same of lines (svg_of), with a legend in the lines' colours and dashes: eight colours that the colour-blind tell
/// apart, then the same dashed. Throws Bug for a line that has not one value for each step.
std::string svg_of_lines(const LinePlot& plot);

/// Where an axis from `low` to `high` is marked: multiples of 1, 2 or 5 times a power of ten, at most `most` + 1 of
/// them. Throws Bug unless low < high, both finite, and most ≥ 1.
std::vector<double> axis_marks(double low, double high, int most);

}  // namespace affectsr
