#include "affectsr/experiment/table_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace affectsr {

namespace {

/// The value at "a.b"; null if a step is missing.
Json at(const Json& row, const std::string& key) {
    const std::size_t dot = key.find('.');
    const std::string first = key.substr(0, dot);
    if (!row.is_object() || !row.contains(first)) return {};
    return dot == std::string::npos ? row.at(first) : at(row.at(first), key.substr(dot + 1));
}

std::string interval_text(const Json& row, const std::string& key, int digits) {
    const Json low = at(row, key + "_low"), high = at(row, key + "_high");
    if (!low.is_number() || !high.is_number()) return "–";
    return figure_text(low, digits) + " to " + figure_text(high, digits);
}

/// "12k steps, 9 min" of a training, as far as its card tells.
std::string training_text(const Json& row) {
    const Json steps = at(row, "training_steps"), seconds = at(row, "training_seconds");
    std::string text = steps.is_number() ? steps.dump() + " steps" : "";
    if (seconds.is_number()) text += (text.empty() ? "" : ", ") + figure_text(seconds.get<double>() / 60, 0) + " min";
    return text.empty() ? "–" : text;
}

/// "LFW val, 4×" and the restorer.
std::vector<std::string> who(const Json& row) {
    return {at(row, "data").get<std::string>() + ", " + at(row, "scale").dump() + "×",
            at(row, "restorer").get<std::string>()};
}

template <class... Texts>
std::vector<std::string> extended(std::vector<std::string> cells, const Texts&... more) {
    (cells.push_back(more), ...);
    return cells;
}

bool any(const std::vector<Json>& rows, const std::string& key) {
    return std::any_of(rows.begin(), rows.end(), [&](const Json& row) { return at(row, key).is_number(); });
}

PageTable fidelity(const TableResult& result) {
    PageTable table{"Fidelity",
                    {"faces", "restorer", "training", "n", "PSNR Y", "gain", "95 %", "PSNR RGB", "SSIM Y", "shift",
                     "fell back", "ms a face"},
                    {},
                    {}};
    const bool lpips = any(result.rows, "lpips"), like = any(result.rows, "lpips_like");
    if (lpips) table.head.emplace_back("LPIPS");
    if (like) table.head.emplace_back("LPIPS-like");
    for (const Json& row : result.rows) {
        std::vector<std::string> cells =
            extended(who(row), training_text(row), figure_text(at(row, "n"), 0), figure_text(at(row, "psnr_y"), 2),
                     figure_text(at(row, "psnr_y_gain"), 2), interval_text(row, "psnr_y_gain", 2),
                     figure_text(at(row, "psnr_rgb"), 2), figure_text(at(row, "ssim_y"), 4),
                     figure_text(at(row, "landmark_shift"), 4), figure_text(at(row, "fell_back"), 0),
                     figure_text(at(row, "ms_per_face"), 1));
        if (lpips) cells.push_back(figure_text(at(row, "lpips"), 4));
        if (like) cells.push_back(figure_text(at(row, "lpips_like"), 4));
        table.rows.push_back(std::move(cells));
    }
    return table;
}

PageTable judged(const TableResult& result, std::size_t judge) {
    const std::string key = "judge" + std::to_string(judge + 1) + ".";
    PageTable table{"The expression, judged by " + result.judges[judge],
                    {"faces", "restorer", "n", "ECM", "L_H", "L_conf", "flips", "95 %"},
                    {},
                    {}};
    for (const Json& row : result.rows)
        table.rows.push_back(extended(who(row), figure_text(at(row, "n"), 0), figure_text(at(row, key + "ecm"), 2),
                                      figure_text(at(row, key + "l_h"), 2), figure_text(at(row, key + "l_conf"), 4),
                                      figure_text(at(row, key + "flip_rate"), 3),
                                      interval_text(row, key + "flip_rate", 3)));
    return table;
}

/// "30.12 ± 0.05" of numbers: their mean and sample deviation.
std::string spread_text(const std::vector<double>& values, int digits) {
    if (values.empty()) return "–";
    double sum = 0, squares = 0;
    for (const double value : values) sum += value;
    const double mean = sum / static_cast<double>(values.size());
    for (const double value : values) squares += (value - mean) * (value - mean);
    std::string text = figure_text(mean, digits);
    if (values.size() > 1)
        text += " ± " + figure_text(std::sqrt(squares / static_cast<double>(values.size() - 1)), digits);
    return text;
}

/// Rows of several trainings of one restorer, which end in " #1" and so on.
PageTable trainings(const TableResult& result) {
    PageTable table{"Means over trainings, ± their deviation", {"faces", "restorer", "trainings", "gain"}, {}, {}};
    for (const std::string& judge : result.judges) {
        table.head.push_back("ECM, " + judge);
        table.head.push_back("flips, " + judge);
    }
    std::vector<std::pair<std::vector<std::string>, std::vector<const Json*>>> groups;
    for (const Json& row : result.rows) {
        std::vector<std::string> name = who(row);
        const std::size_t number = name[1].rfind(" #");
        if (number == std::string::npos) continue;
        name[1].resize(number);
        if (groups.empty() || groups.back().first != name) groups.push_back({name, {}});
        groups.back().second.push_back(&row);
    }
    for (const auto& [name, rows] : groups) {
        const auto values = [&rows = rows](const std::string& key) {
            std::vector<double> numbers;
            for (const Json* row : rows)
                if (at(*row, key).is_number()) numbers.push_back(at(*row, key).get<double>());
            return numbers;
        };
        std::vector<std::string> cells =
            extended(name, std::to_string(values("psnr_y").size()), spread_text(values("psnr_y_gain"), 2));
        for (std::size_t j = 0; j < result.judges.size(); ++j) {
            const std::string key = "judge" + std::to_string(j + 1) + ".";
            cells.push_back(spread_text(values(key + "ecm"), 2));
            cells.push_back(spread_text(values(key + "flip_rate"), 3));
        }
        table.rows.push_back(std::move(cells));
    }
    return table;
}

PageTable expressions(const TableResult& result) {
    PageTable table{"Accuracy of the expression, read directly and restored first",
                    {"faces", "reader", "size", "restored by", "n", "directly", "restored", "difference", "95 %",
                     "McNemar p", "balanced, directly", "balanced, restored"},
                    {},
                    {}};
    for (const Json& row : result.expressions)
        if (at(row, "error").is_null())  // what is missing is told above the tables, once
            table.rows.push_back(
                {at(row, "data"), at(row, "reader"), at(row, "size").dump() + " px", at(row, "restorer"),
                 figure_text(at(row, "n"), 0), figure_text(at(row, "accuracy_a"), 3),
                 figure_text(at(row, "accuracy_b"), 3), figure_text(at(row, "accuracy_difference"), 3),
                 interval_text(row, "accuracy_difference", 3), figure_text(at(row, "mcnemar_p"), 4),
                 figure_text(at(row, "a.balanced_accuracy"), 3), figure_text(at(row, "b.balanced_accuracy"), 3)});
    return table;
}

/// Large, small, restored: what each step costs or gives.
PageTable phases(const TableResult& result) {
    PageTable table{"Three phases: read large, read small, restored and read",
                    {"faces", "reader", "size", "restored by", "large", "small", "restored", "p large to small",
                     "p small to restored", "macro-F1 large", "small", "restored", "flips by reducing",
                     "flips by restoring", "flips in the end", "ms a face"},
                    {},
                    {}};
    for (const Json& row : result.expressions)
        if (row.contains("original"))
            table.rows.push_back(
                {at(row, "data"), at(row, "reader"), at(row, "size").dump() + " px", at(row, "restorer"),
                 figure_text(at(row, "original.accuracy"), 3), figure_text(at(row, "accuracy_a"), 3),
                 figure_text(at(row, "accuracy_b"), 3), figure_text(at(row, "reducing_p"), 4),
                 figure_text(at(row, "mcnemar_p"), 4), figure_text(at(row, "original.macro_f1"), 3),
                 figure_text(at(row, "a.macro_f1"), 3), figure_text(at(row, "b.macro_f1"), 3),
                 figure_text(at(row, "flips_by_reducing.rate"), 3), figure_text(at(row, "flips_by_restoring.rate"), 3),
                 figure_text(at(row, "flips_in_the_end.rate"), 3), figure_text(at(row, "restoring_ms_per_face"), 1)});
    return table;
}

// A pipe or a newline would end the cell of a Markdown table.
std::string markdown_cell(const std::string& text) {
    std::string safe;
    for (const char c : text) {
        if (c == '|') safe += '\\';
        safe += c == '\n' || c == '\r' ? ' ' : c;
    }
    return safe;
}

std::string markdown_of(const PageTable& table) {
    std::string text = "## " + table.caption + "\n\n|", rule = "|";
    for (const std::string& head : table.head) text += " " + markdown_cell(head) + " |", rule += " ---: |";
    text += "\n" + rule + "\n";
    for (const std::vector<std::string>& row : table.rows) {
        text += "|";
        for (const std::string& cell : row) text += " " + markdown_cell(cell) + " |";
        text += "\n";
    }
    return text + "\n";
}

std::string csv_cell(const Json& value) {
    if (value.is_null()) return "";
    std::string text =
        value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    for (std::size_t i = 0; (i = text.find('"', i)) != std::string::npos; i += 2) text.insert(i, 1, '"');
    return "\"" + text + "\"";
}

/// Keys of figures, dots reaching inside, in the order in which rows have them first.
void add_keys(const Json& row, const std::string& before, std::vector<std::string>& keys) {
    for (const auto& [name, value] : row.items()) {
        const std::string key = before + name;
        if (name == "made_by" || name == "a" || name == "b" || name == "original" || value.is_array())
            continue;  // accounts and details
        if (value.is_object())
            add_keys(value, key + ".", keys);
        else if (std::find(keys.begin(), keys.end(), key) == keys.end())
            keys.push_back(key);
    }
}

}  // namespace

std::string figure_text(const Json& value, int digits) {
    if (!value.is_number() || !std::isfinite(value.get<double>())) return "–";
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value.get<double>());
    return text;
}

std::vector<PageTable> tables_of(const TableResult& result) {
    std::vector<PageTable> tables;
    if (!result.rows.empty()) {
        tables.push_back(fidelity(result));
        for (std::size_t j = 0; j < result.judges.size(); ++j) tables.push_back(judged(result, j));
        if (PageTable several = trainings(result); !several.rows.empty()) tables.push_back(std::move(several));
    }
    if (!result.expressions.empty()) tables.push_back(expressions(result));
    if (PageTable three = phases(result); !three.rows.empty()) tables.push_back(std::move(three));
    return tables;
}

std::vector<std::string> notes_of(const TableRecipe& recipe, const TableResult& result) {
    std::vector<std::string> notes;
    if (!result.rows.empty()) {
        notes = {
            "originals are the middle squares at 128 px, reduced by MATLAB's bicubic and rounded to 8 bits; "
            "intervals hold 95 of 100 bootstrap draws over faces",
            "PSNR and SSIM on Y of BT.601 (16-235) or RGB, " + std::to_string(recipe.border_px) +
                " px left out on every side; a gain is over bicubic on the same faces, paired",
            "ECM = 0.5 L_H + ln(L_conf), lower is better; it has no interval here, and compares within one judge and "
            "one number of faces only",
            "a face flips if the judge's label on the restored face is another than on the original; a shift is "
            "that of 478 points over the distance of the outer eye corners",
            "times are of one face alone, all restorers in turns on the same machine; training steps and time are "
            "those that the model's card tells"};
    }
    if (!result.expressions.empty())
        notes.emplace_back(
            "accuracy is over all labelled faces; directly: the reader enlarges the small face itself by bicubic; a "
            "difference is restored minus direct on the same faces: above 0 restoring first helps, an interval that "
            "holds 0 may be chance");
    for (const TableData& data : recipe.expressions.data) {
        if (result.expressions.empty() || data.classes.empty()) continue;
        std::string names;
        for (const std::string& name : data.classes) names += (names.empty() ? "" : ", ") + name;
        notes.push_back("expressions of " + data.name + ": only faces of " + names +
                        "; the answer is the likeliest of these");
    }
    if (std::any_of(result.expressions.begin(), result.expressions.end(),
                    [](const Json& row) { return row.contains("original"); }))
        notes.emplace_back(
            "three phases: the faces as large as they are, reduced, and restored; p is McNemar's between two phases on "
            "the same faces; a flip is another label on the same face: by reducing (large to small), by restoring "
            "(small "
            "to restored), in the end (large to restored), whether or not any of them was right; times are the "
            "restorer's, on the threads that the command names");
    return notes;
}

std::string table_markdown(const TableRecipe& recipe, const TableResult& result) {
    std::string text = "# " + recipe.title + "\n\n";
    if (result.interrupted) text += "**Interrupted: rows are missing. The same command goes on.**\n\n";
    for (const std::string& sentence : result.missing) text += "- **Missing**: " + markdown_cell(sentence) + "\n";
    if (!result.failed.empty()) text += "- **" + failure_count(result.failed) + "**\n";
    for (const std::string& note : notes_of(recipe, result)) text += "- " + note + "\n";
    text += "\n";
    for (const PageTable& table : tables_of(result)) text += markdown_of(table);
    text += "## How it was made\n\n| | |\n| --- | --- |\n";
    const Json account = to_json(result.made_by);
    for (const auto& [key, value] : account.items())
        text +=
            "| " + key + " | " + markdown_cell(value.is_string() ? value.get<std::string>() : value.dump()) + " |\n";
    return text;
}

Json table_json(const TableRecipe& recipe, const TableResult& result) {
    Json failed = Json::array();
    for (const FailedInput& input : result.failed)
        failed.push_back({{"path", input.path}, {"row", input.row}, {"code", input.code}, {"message", input.message}});
    return {{"provenance", to_json(result.made_by)},
            {"title", recipe.title},
            {"interrupted", result.interrupted},
            {"missing", result.missing},
            {"failed_inputs", failed},
            {"rows", result.rows},
            {"expressions", result.expressions}};
}

std::string table_csv(const std::vector<Json>& rows) {
    std::vector<std::string> keys;
    for (const Json& row : rows) add_keys(row, "", keys);
    if (keys.empty()) return "";
    std::string text;
    for (const std::string& key : keys) text += (text.empty() ? "" : ",") + csv_cell(key);
    text += "\r\n";
    for (const Json& row : rows) {
        for (std::size_t i = 0; i < keys.size(); ++i) text += (i > 0 ? "," : "") + csv_cell(at(row, keys[i]));
        text += "\r\n";
    }
    return text;
}

}  // namespace affectsr
