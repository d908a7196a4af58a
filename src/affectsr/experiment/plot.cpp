#include "affectsr/experiment/plot.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "affectsr/base/error.h"
#include "affectsr/experiment/page.h"

namespace affectsr {

namespace {

// Sizes in the SVG's own units, CSS pixels where it is shown at its full width.
constexpr double kRow = 26, kTop = 34, kBottom = 34, kLabels = 250, kAxis = 340, kValues = 210, kGap = 12, kDot = 4.5;
constexpr double kWidth = kLabels + kAxis + kValues + 2 * kGap;
constexpr std::size_t kMostLetters = 28;  // of a label; the row's title has all
constexpr int kMostMarks = 6;
constexpr const char* kBlue = "#0072b2";  // seen by the colour-blind, on light and dark
// Okabe & Ito 2008, their black as the page's own colour of text.
constexpr std::array kColours{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                              "#e69f00", "#56b4e9", "#b8a800", "currentColor"};
constexpr double kLineHeight = 280, kLineLeft = 56, kLineAxis = 460, kLegend = 330;
constexpr std::size_t kMostStepNames = 10;

std::string fixed(double number, int digits) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, number);
    // −0.00 is no other number than 0.00.
    const std::string plain(text);
    return plain.find_first_of("123456789") == std::string::npos && plain.front() == '-' ? plain.substr(1) : plain;
}

std::string place(double number) {
    return fixed(number, 1);
}

bool has_interval(const PlotPoint& point) {
    return std::isfinite(point.low) && std::isfinite(point.high);
}

std::string value_text(const PlotPoint& point, int digits) {
    if (!std::isfinite(point.value)) return "–";
    std::string text = fixed(point.value, digits);
    if (has_interval(point)) text += " (" + fixed(point.low, digits) + " to " + fixed(point.high, digits) + ")";
    return text;
}

/// The first letters of a text; UTF-8 letters stay whole.
std::string shortened(const std::string& text) {
    std::size_t letters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
        if (++letters > kMostLetters) return text.substr(0, i) + "…";
    }
    return text;
}

struct Span {
    double low, high;
};

/// All that is known of these, with some room; nothing if no value is known.
std::optional<Span> with_room(std::vector<double> values, int digits) {
    std::erase_if(values, [](double value) { return !std::isfinite(value); });
    if (values.empty()) return std::nullopt;
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const double room = *high > *low ? 0.06 * (*high - *low) : std::max(std::abs(*high) * 0.1, std::pow(10, -digits));
    return Span{*low - room, *high + room};
}

/// What the axis has to show; nothing if no value is known.
std::optional<Span> shown(const DotPlot& plot) {
    std::vector<double> values;
    for (const PlotPoint& point : plot.points) values.insert(values.end(), {point.value, point.low, point.high});
    const bool known = std::any_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
    if (known) values.push_back(plot.reference);
    return with_room(std::move(values), plot.digits);
}

/// The beginning of an SVG element: its size, what is read to who cannot see it, its title.
std::string svg_head(double width, double height, const std::string& read, const std::string& title) {
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 " + place(width) + " " +
           place(height) + "\" width=\"" + place(width) + "\" height=\"" + place(height) +
           "\" style=\"max-width:100%;height:auto\" font-size=\"13\" fill=\"currentColor\" aria-label=\"" +
           escaped_html(read) + "\">\n<text x=\"0\" y=\"16\" font-weight=\"600\">" + escaped_html(title) + "</text>\n";
}

double x_of(double value, const Span& span) {
    return kLabels + kGap + kAxis * (value - span.low) / (span.high - span.low);
}

std::string line(double x1, double y1, double x2, double y2, const std::string& more) {
    return "<line x1=\"" + place(x1) + "\" y1=\"" + place(y1) + "\" x2=\"" + place(x2) + "\" y2=\"" + place(y2) +
           "\" " + more + "/>";
}

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
    return "<text x=\"" + place(x) + "\" y=\"" + place(y) + "\" text-anchor=\"" + anchor + "\">" + escaped_html(text) +
           "</text>";
}

std::string axis(const Span& span, double bottom, double reference) {
    const std::vector<double> marks = axis_marks(span.low, span.high, kMostMarks);
    const double step = marks.size() > 1 ? marks[1] - marks[0] : 1;
    const int digits = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
    std::string svg;
    for (const double mark : marks) {
        const double x = x_of(mark, span);
        svg += line(x, kTop - 6, x, bottom, "stroke=\"currentColor\" stroke-opacity=\"0.15\"");
        svg += text_at(x, bottom + 18, "middle", fixed(mark, digits));
    }
    if (std::isfinite(reference)) {
        const double x = x_of(reference, span);
        svg += line(x, kTop - 6, x, bottom, "stroke=\"currentColor\" stroke-opacity=\"0.6\" stroke-dasharray=\"4 3\"");
    }
    return svg + "\n";
}

std::string row(const DotPlot& plot, std::size_t i, const std::optional<Span>& span) {
    const PlotPoint& point = plot.points[i];
    const double y = kTop + kRow * (static_cast<double>(i) + 0.5);
    const std::string value = value_text(point, plot.digits);
    std::string svg = "<g><title>" + escaped_html(point.label + ": " + value) + "</title>";
    svg += text_at(kLabels, y + 4.5, "end", shortened(point.label));
    svg += text_at(kLabels + kAxis + 2 * kGap, y + 4.5, "start", value);
    if (span && std::isfinite(point.value)) {
        const std::string stroke = std::string("stroke=\"") + kBlue + "\" stroke-width=\"2\"";
        if (has_interval(point)) {
            const double left = x_of(point.low, *span), right = x_of(point.high, *span);
            svg += line(left, y, right, y, stroke) + line(left, y - 5, left, y + 5, stroke) +
                   line(right, y - 5, right, y + 5, stroke);
        }
        svg += "<circle cx=\"" + place(x_of(point.value, *span)) + "\" cy=\"" + place(y) + "\" r=\"" + place(kDot) +
               "\" fill=\"" + kBlue + "\"/>";
    }
    return svg + "</g>\n";
}

}  // namespace

std::vector<double> axis_marks(double low, double high, int most) {
    AFFECTSR_EXPECT(std::isfinite(low) && std::isfinite(high) && low < high && most >= 1, "an axis has a length");
    const double rough = (high - low) / most, power = std::pow(10, std::floor(std::log10(rough)));
    double step = 10 * power;
    for (const double times : {5.0, 2.0, 1.0})
        if (times * power >= rough * (1 - 1e-12)) step = times * power;
    std::vector<double> marks;
    for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) marks.push_back(i * step);
    return marks;
}

std::string svg_of(const DotPlot& plot) {
    const std::optional<Span> span = shown(plot);
    const double bottom = kTop + kRow * static_cast<double>(plot.points.size()), height = bottom + kBottom;
    std::string read = plot.title;
    for (const PlotPoint& point : plot.points) read += "; " + point.label + ": " + value_text(point, plot.digits);
    std::string svg = svg_head(kWidth, height, read, plot.title);
    if (span) svg += axis(*span, bottom, plot.reference);
    for (std::size_t i = 0; i < plot.points.size(); ++i) svg += row(plot, i, span);
    return svg + "</svg>\n";
}

namespace {

std::string stroke_of(std::size_t line) {
    const std::string dash = line / kColours.size() % 2 == 1 ? " stroke-dasharray=\"6 3\"" : "";
    return std::string("stroke=\"") + kColours[line % kColours.size()] + "\" stroke-width=\"2\"" + dash;
}

/// Horizontal marks with their values, and the steps below.
std::string line_axes(const LinePlot& plot, const Span& span, const std::vector<double>& x_of_step) {
    std::string svg;
    const double bottom = kTop + kLineHeight;
    for (const double mark : axis_marks(span.low, span.high, kMostMarks)) {
        const double y = bottom - kLineHeight * (mark - span.low) / (span.high - span.low);
        svg += line(kLineLeft, y, kLineLeft + kLineAxis, y, "stroke=\"currentColor\" stroke-opacity=\"0.15\"");
        svg += text_at(kLineLeft - 8, y + 4.5, "end", fixed(mark, plot.digits));
    }
    const std::size_t every = (plot.steps.size() + kMostStepNames - 1) / kMostStepNames;
    for (std::size_t i = 0; i < plot.steps.size(); i += every)
        svg += text_at(x_of_step[i], bottom + 18, "middle", plot.steps[i]);
    return svg + "\n";
}

std::string drawn_line(const LinePlot& plot, std::size_t i, const Span& span, const std::vector<double>& x_of_step) {
    const PlotLine& one = plot.lines[i];
    std::string svg = "<g><title>" + escaped_html(one.label) + "</title>";
    double last_x = NAN, last_y = NAN;
    for (std::size_t step = 0; step < one.values.size(); ++step) {
        const double x = x_of_step[step],
                     y = kTop + kLineHeight * (1 - (one.values[step] - span.low) / (span.high - span.low));
        if (std::isfinite(y)) {
            if (std::isfinite(last_y)) svg += line(last_x, last_y, x, y, stroke_of(i));
            svg += "<circle cx=\"" + place(x) + "\" cy=\"" + place(y) + "\" r=\"3\" fill=\"" +
                   kColours[i % kColours.size()] + "\"/>";
        }
        last_x = x, last_y = y;
    }
    return svg + "</g>\n";
}

}  // namespace

std::string svg_of_lines(const LinePlot& plot) {
    std::string read = plot.title;
    std::vector<double> values, x_of_step;
    for (const PlotLine& one : plot.lines) {
        AFFECTSR_EXPECT(one.values.size() == plot.steps.size(), "a line has a value for each step");
        read += "; " + one.label + ":";
        for (std::size_t step = 0; step < plot.steps.size(); ++step)
            read += " " + plot.steps[step] + " " + value_text({"", one.values[step]}, plot.digits) + ",";
        values.insert(values.end(), one.values.begin(), one.values.end());
    }
    for (std::size_t step = 0; step < plot.steps.size(); ++step)
        x_of_step.push_back(kLineLeft +
                            kLineAxis * (static_cast<double>(step) + 0.5) / static_cast<double>(plot.steps.size()));
    const double legend = kTop + 20 * static_cast<double>(plot.lines.size());
    const double height = std::max(kTop + kLineHeight + kBottom, legend);
    std::string svg = svg_head(kLineLeft + kLineAxis + kGap + kLegend, height, read, plot.title);
    const std::optional<Span> span = with_room(values, plot.digits);
    if (span) svg += line_axes(plot, *span, x_of_step);
    for (std::size_t i = 0; i < plot.lines.size(); ++i) {
        if (span) svg += drawn_line(plot, i, *span, x_of_step);
        const double x = kLineLeft + kLineAxis + 2 * kGap, y = kTop + 20 * static_cast<double>(i);
        svg += line(x, y, x + 26, y, stroke_of(i)) + text_at(x + 34, y + 4.5, "start", plot.lines[i].label);
    }
    return svg + "</svg>\n";
}

}  // namespace affectsr
