#include "affectsr/experiment/training_log.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

#include "affectsr/base/error.h"
#include "affectsr/base/fields.h"
#include "affectsr/experiment/page.h"

namespace affectsr {

namespace {

constexpr const char* kEnding = ".log.jsonl";
constexpr double kNotThere = std::numeric_limits<double>::quiet_NaN();

void add_numbers(const Json& value, const std::string& place, std::size_t line, TrainingLog& log) {
    if (value.is_object()) {
        for (const auto& [key, inside] : value.items())
            add_numbers(inside, place.empty() ? key : place + "." + key, line, log);
    } else if (value.is_number()) {
        std::vector<double>& values = log.figures[place];
        values.resize(line, kNotThere);
        values.push_back(value.get<double>());
    }
}

/// "validation.expression.25" → "validation.expression", 25; other places stay, with −1.
std::pair<std::string, int> without_size(const std::string& place) {
    const std::size_t dot = place.rfind('.');
    const std::string last = dot == std::string::npos ? "" : place.substr(dot + 1);
    const bool size =
        !last.empty() && std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
    return size && last.size() < 9 ? std::pair{place.substr(0, dot), std::stoi(last)} : std::pair{place, -1};
}

/// The order of the plots.
int rank(const std::string& figure) {
    if (figure == "loss") return 0;
    if (figure.starts_with("validation")) return 1;
    if (figure.starts_with("losses")) return 2;
    return 3;
}

std::string epoch_text(double epoch) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", epoch);
    return text;
}

/// So many digits that the smallest value has two of its own.
int digits_for(const LinePlot& plot) {
    double least = std::numeric_limits<double>::infinity();
    for (const PlotLine& line : plot.lines)
        for (const double value : line.values)
            if (std::isfinite(value) && value != 0) least = std::min(least, std::abs(value));
    return std::isfinite(least) ? std::clamp(1 - static_cast<int>(std::floor(std::log10(least))), 0, 8) : 2;
}

}  // namespace

TrainingLog read_training_log(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw InputError("cannot_open", file.string() + " cannot be opened");
    TrainingLog log;
    log.name = file.filename().string();
    if (log.name.ends_with(kEnding)) log.name.resize(log.name.size() - std::string(kEnding).size());
    std::size_t number = 0;
    for (std::string line; std::getline(stream, line); ++number) {
        const bool cut_off = stream.eof();  // its newline is not there
        const Json told = Json::parse(line, nullptr, /*allow_exceptions=*/false);
        if (told.is_discarded() && cut_off) break;
        if (!told.is_object() || !told.contains("epoch") || !told["epoch"].is_number())
            throw InputError("not_a_training_log", file.string() + " line " + std::to_string(number + 1) +
                                                       ": is no line of a training's log, an object with \"epoch\"");
        add_numbers(told, "", log.epochs.size(), log);
        log.epochs.push_back(told["epoch"].get<double>());
    }
    if (log.epochs.empty()) throw InputError("not_a_training_log", file.string() + " has no line of a training's log");
    log.figures.erase("epoch");
    for (auto& [place, values] : log.figures) values.resize(log.epochs.size(), kNotThere);
    return log;
}

std::string training_page(std::span<const TrainingLog> logs) {
    Page page("Trainings");
    const auto longest = std::max_element(logs.begin(), logs.end(), [](const TrainingLog& a, const TrainingLog& b) {
        return a.epochs.size() < b.epochs.size();
    });
    AFFECTSR_EXPECT(longest != logs.end(), "a training to show");
    std::vector<std::string> steps;
    for (const double epoch : longest->epochs) steps.push_back(epoch_text(epoch));
    std::map<std::pair<int, std::string>, LinePlot> plots;
    for (const TrainingLog& log : logs) {
        std::map<std::pair<std::string, int>, const std::vector<double>*> by_size;  // figures, the largest size first
        for (const auto& [place, values] : log.figures) {
            const auto [figure, size] = without_size(place);
            by_size[{figure, -size}] = &values;
        }
        for (const auto& [of, values] : by_size) {
            const auto& [figure, size] = of;
            LinePlot& plot = plots[{rank(figure), figure}];
            plot.title = figure, plot.steps = steps;
            std::vector<double> all = *values;
            all.resize(steps.size(), kNotThere);
            plot.lines.push_back({log.name + (size > 0 ? "" : ", " + std::to_string(-size) + " px"), std::move(all)});
        }
    }
    for (auto& [key, plot] : plots) {
        plot.digits = digits_for(plot);
        page.lines(plot, "By epochs done, line by line of the log.");
    }
    return page.html();
}

}  // namespace affectsr
