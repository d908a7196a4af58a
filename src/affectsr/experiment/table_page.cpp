#include "affectsr/experiment/table_page.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>

#include "affectsr/experiment/table_text.h"
#include "affectsr/image/degrade.h"

namespace affectsr {

namespace {

constexpr int kShownPx = 128;

double number_at(const Json& row, const std::string& key) {
    return row.contains(key) && row.at(key).is_number() ? row.at(key).get<double>()
                                                        : std::numeric_limits<double>::quiet_NaN();
}

PlotPoint point_of(const std::string& label, const Json& row, const std::string& key) {
    return {label, number_at(row, key), number_at(row, key + "_low"), number_at(row, key + "_high")};
}

/// Rows of one data set at one scale.
std::vector<const Json*> rows_of(const TableResult& result, const std::string& data, int scale) {
    std::vector<const Json*> rows;
    for (const Json& row : result.rows)
        if (row.at("data") == data && row.at("scale") == scale) rows.push_back(&row);
    return rows;
}

void plot_restorers(Page& page, const TableResult& result, const std::vector<const Json*>& rows) {
    DotPlot gain{"Gain over bicubic in dB of PSNR Y", 2, {}, 0};
    for (const Json* row : rows) gain.points.push_back(point_of(row->at("restorer"), *row, "psnr_y_gain"));
    page.plot(gain, "Mean over faces with its 95 % bootstrap interval; more is better.");
    for (std::size_t j = 0; j < result.judges.size(); ++j) {
        const std::string judge = "judge" + std::to_string(j + 1);
        DotPlot flips{"Share of faces whose label flips, judged by " + result.judges[j], 3, {}, 0};
        DotPlot ecm{"ECM, judged by " + result.judges[j], 2, {}, NAN};
        for (const Json* row : rows) {
            const Json read = row->contains(judge) ? row->at(judge) : Json::object();
            flips.points.push_back(point_of(row->at("restorer"), read, "flip_rate"));
            ecm.points.push_back(point_of(row->at("restorer"), read, "ecm"));
        }
        page.plot(flips, "With 95 % bootstrap intervals; fewer is better.");
        page.plot(ecm, "Lower is better; compare within this plot only.");
    }
}

void show_strip(Page& page, const TableStrip& strip) {
    for (const TableFace& face : strip.faces) {
        if (face.original.empty()) continue;
        Degradation small;
        small.size_px = face.original.width / strip.scale;
        std::mt19937_64 unused;  // a reduction has nothing random
        std::vector<PagePicture> shown{{degrade(face.original, small, unused), "small face", kShownPx}};
        for (std::size_t i = 0; i < face.restored.size(); ++i)
            shown.push_back({face.restored[i], face.restorers[i], kShownPx});
        shown.push_back({face.original, "original", kShownPx});
        page.pictures(shown, "Face " + std::to_string(face.face) + " of " + strip.data + ", " +
                                 std::to_string(strip.scale) + "×");
    }
}

void plot_expressions(Page& page, const TableResult& result) {
    std::vector<std::pair<std::string, DotPlot>> plots;  // by data set and reader
    for (const Json& row : result.expressions) {
        const std::string where =
            row.at("data").get<std::string>() + ", read by " + row.at("reader").get<std::string>();
        if (plots.empty() || plots.back().first != where)
            plots.push_back({where, {"Accuracy, restored first minus read directly: " + where, 3, {}, 0}});
        const std::string label = row.at("size").dump() + " px, " + row.at("restorer").get<std::string>();
        plots.back().second.points.push_back(point_of(label, row, "accuracy_difference"));
    }
    for (const auto& [where, plot] : plots)
        page.plot(plot,
                  "Right of the dashed line restoring first helps, left of it the face is read better as it is; "
                  "95 % bootstrap intervals over faces.");
}

/// Rows truths that were seen, columns answers.
PageTable confusion_of(const std::string& caption, const Json& figures) {
    PageTable table{caption, {"shown \\ read"}, {}, {}};
    const Json& counts = figures.at("confusion");
    const std::size_t answers = counts.empty() ? 0 : counts.front().size();
    for (std::size_t a = 0; a < answers; ++a) table.head.emplace_back(name_of(static_cast<Emotion>(a)));
    table.head.emplace_back("no answer");
    for (std::size_t t = 0; t < counts.size(); ++t) {
        std::vector<std::string> cells{std::string(name_of(static_cast<Emotion>(t)))};
        std::int64_t total = figures.at("unanswered").at(t).get<std::int64_t>();
        for (const Json& count : counts.at(t)) {
            total += count.get<std::int64_t>();
            cells.push_back(count.dump());
        }
        cells.push_back(figures.at("unanswered").at(t).dump());
        if (total > 0) table.rows.push_back(std::move(cells));
    }
    return table;
}

/// Of every reader the faces as large as they are, and, where they are smallest, before and after each restorer.
void show_confusions(Page& page, const TableResult& result) {
    std::map<std::string, int> smallest;
    for (const Json& row : result.expressions) {
        if (!row.contains("original")) continue;
        const int size = row.at("size");
        const auto [known, first] = smallest.try_emplace(row.at("data"), size);
        if (!first) known->second = std::min(known->second, size);
    }
    if (smallest.empty()) return;
    page.heading(2, "Which expressions are taken for which");
    std::set<std::string> shown;
    for (const Json& row : result.expressions) {
        if (!row.contains("original") || row.at("size") != smallest.at(row.at("data"))) continue;
        const std::string who = row.at("data").get<std::string>() + ", " + row.at("reader").get<std::string>();
        const std::string size = row.at("size").dump() + " px";
        if (shown.insert(who).second) {
            page.table(confusion_of(who + ", as large as they are", row.at("original")));
            page.table(confusion_of(who + ", " + size, row.at("a")));
        }
        page.table(
            confusion_of(who + ", " + size + " restored by " + row.at("restorer").get<std::string>(), row.at("b")));
    }
}

/// Every way from a small face to an answer: a reader directly, and after each restorer.
LinePlot roads_of(const TableResult& result, const std::string& data) {
    LinePlot plot{"Accuracy by size of the face: " + data, 2, {}, {}};
    std::map<std::pair<std::string, std::string>, double> accuracy;  // by road and step
    std::vector<std::string> roads;
    const auto tell = [&](const std::string& road, const std::string& step, double value) {
        if (std::find(roads.begin(), roads.end(), road) == roads.end()) roads.push_back(road);
        if (std::find(plot.steps.begin(), plot.steps.end(), step) == plot.steps.end()) plot.steps.push_back(step);
        accuracy[{road, step}] = value;
    };
    for (const Json& row : result.expressions) {
        if (row.at("data") != data) continue;
        const std::string reader = row.at("reader"), step = row.at("size").dump() + " px";
        tell(reader, step, number_at(row, "accuracy_a"));
        if (row.at("restorer") != "bicubic")  // which is what a reader does by itself
            tell(reader + " after " + row.at("restorer").get<std::string>(), step, number_at(row, "accuracy_b"));
    }
    for (const std::string& road : roads) {
        plot.lines.push_back({road, {}});
        for (const std::string& step : plot.steps) {
            const auto found = accuracy.find({road, step});
            plot.lines.back().values.push_back(found == accuracy.end() ? std::numeric_limits<double>::quiet_NaN()
                                                                       : found->second);
        }
    }
    return plot;
}

}  // namespace

std::string table_page(const TableRecipe& recipe, const TableResult& result) {
    Page page(recipe.title);
    if (result.interrupted) page.warning("Interrupted: rows are missing. The same command goes on.");
    for (const std::string& sentence : result.missing) page.warning("Missing: " + sentence);
    if (!result.failed.empty()) page.warning(failure_count(result.failed));
    page.list(notes_of(recipe, result));
    for (const PageTable& table : tables_of(result)) page.table(table);
    for (const TableData& data : recipe.data)
        for (const int scale : recipe.scales) {
            const std::vector<const Json*> rows = rows_of(result, data.name, scale);
            if (rows.empty()) continue;
            page.heading(2, data.name + ", " + std::to_string(scale) + "×");
            plot_restorers(page, result, rows);
            for (const TableStrip& strip : result.strips)
                if (strip.data == data.name && strip.scale == scale) show_strip(page, strip);
        }
    if (!result.expressions.empty()) {
        page.heading(2, "Does restoring first help?");
        std::set<std::string> shown;
        for (const Json& row : result.expressions) {
            const std::string data = row.at("data");
            if (shown.insert(data).second)
                page.lines(roads_of(result, data),
                           "Every road from a small face to an answer, over all labelled faces.");
        }
        plot_expressions(page, result);
        show_confusions(page, result);
    }
    page.heading(2, "How it was made");
    PageTable made{"", {"", ""}, {}, {}};
    const Json account = to_json(result.made_by);
    for (const auto& [key, value] : account.items())
        made.rows.push_back({key, value.is_string() ? value.get<std::string>() : value.dump()});
    page.table(made);
    return page.html();
}

}  // namespace affectsr
