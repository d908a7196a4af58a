#include "affectsr/cli/compare.h"

#include <unistd.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "affectsr/base/log.h"
#include "affectsr/cli/compare_text.h"
#include "affectsr/cli/csv.h"
#include "affectsr/cli/in_order.h"
#include "affectsr/cli/picture_pairs.h"
#include "affectsr/cli/report_output.h"
#include "affectsr/engine/threads.h"
#include "affectsr/experiment/compare_page.h"
#include "affectsr/experiment/compare_report.h"
#include "affectsr/image/codec.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/machine.h"
#include "affectsr/program/progress.h"

namespace affectsr::cli {

const char* const kCompareExamples =
    R"(  affectsr compare party.jpg party_gfpgan.png                      each face, before and after
  affectsr compare photos/ restored/ --report drift.html           folders, matched by name; a page with the worst
  affectsr compare photos/ restored/ --judge small_net,other.safetensors --format json
  affectsr compare faces/ restored/ --already-cropped --max-flip 0.05 && echo kept)";

namespace {

struct HowToCompare {
    std::string format = "auto";
    std::filesystem::path output, report, pairs;
    double max_flip = 1;
    bool overwrite = false;
    int threads = 0;
    bool csv_safe = false, quiet = false;

    void fields(auto&& f) {
        f("format", format, "how the results are written; auto: by the ending of --output, else text",
          OneOf{{"auto", "text", "json", "jsonl", "csv", "markdown"}});
        f("output", output, "file for the results; default: stdout");
        f("report", report, "HTML file with the figures and the worst pairs side by side, for people");
        f("max_flip", max_flip,
          "exit code 3 if the share of faces whose label is another one exceeds this by any judge; 1: never",
          Range{0, 1});
        f("pairs", pairs, "CSV file with the columns before,after: which pictures of the two folders belong together");
        f("overwrite", overwrite, "replace existing files, each once the new one is finished");
        f("threads", threads, "pairs worked on at once; 0: as many as the machine has cores", Range{0, 1024});
        f("csv_safe", csv_safe, "csv: an apostrophe before cells that a spreadsheet would run as a formula");
        f("quiet", quiet, "no progress, only errors");
    }
};

struct CompareSettings {
    std::filesystem::path before, after;
    HowToCompare how;
    CompareOptions options;
};

std::string format_of(const HowToCompare& how) {
    const auto by_ending = [&how]() -> std::string {
        const std::string ending = how.output.extension().string();
        for (const char* format : {"json", "jsonl", "csv"})
            if (ending == std::string(".") + format) return format;
        return ending == ".md" ? "markdown" : "text";
    };
    const std::string format = how.format == "auto" ? by_ending() : how.format;
    if (how.csv_safe && format != "csv") throw UsageError("--csv-safe needs rows as csv; these are " + format);
    return format;
}

/// What nothing may be written onto.
InputFiles what_is_read(const CompareSettings& settings, const std::vector<PicturePair>& pairs) {
    InputFiles files;
    for (const PicturePair& pair : pairs) {
        files.add(pair.before);
        files.add(pair.after);
    }
    const CompareOptions& options = settings.options;
    for (const std::string& judge : options.judges) files.add(name_and_file(judge).second, "a model of this run");
    for (const std::string& model : options.judges) files.add(model, "a model of this run");
    for (const std::string& model : {options.detector_model, options.landmarker_model})
        files.add(model, "a model of this run");
    files.add(settings.how.pairs, "the list of pairs");
    return files;
}

/// Writes what came of each pair as soon as it is there, where the format lets it.
class RowWriter {
 public:
    RowWriter(Output& output, std::string format, bool csv_safe)
        : output_(output), format_(std::move(format)), csv_safe_(csv_safe) {}
    void write(const std::vector<Json>& rows) {
        if (format_ == "text") output_.write(compared_text(rows));
        if (format_ != "jsonl") return;
        for (const Json& row : rows) output_.write(row.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    }
    /// What is written once all rows are known.
    void end(const Report& report, const std::vector<Json>& rows) {
        if (format_ == "json" || format_ == "markdown") output_.write(written(report, format_));
        if (format_ == "csv") output_.write(csv_safe_ ? safe_csv(rows) : compared_faces_csv(rows));
        if (format_ == "text") output_.write("\n" + summary(report));
    }

 private:
    static std::string safe_csv(std::vector<Json> rows) {
        for (Json& row : rows) row = safe_in_spreadsheets(std::move(row));
        return compared_faces_csv(rows);
    }

    static std::string summary(const Report& report) {
        std::string text;
        for (const Json& row : report.rows) {
            text += row.at("judge").get<std::string>() + ": ";
            const auto count = [&](const char* key) { return std::to_string(row.at(key).get<std::int64_t>()); };
            text += count("faces") + " faces compared, " + count("kept") + " kept, " + count("drifted") + " drifted, " +
                    count("changed") + " changed, " + count("undetermined") + " undetermined; " + count("flip_count") +
                    " flips";
            char rate[96] = "";
            if (row.at("flip_rate").is_number())
                std::snprintf(rate, sizeof rate, ", flip rate %.3f (95 %% %.3f to %.3f)",
                              row.at("flip_rate").get<double>(), row.at("flip_rate_low").get<double>(),
                              row.at("flip_rate_high").get<double>());
            text += rate;
            if (row.at("ecm").is_number()) {
                std::snprintf(rate, sizeof rate, ", ECM %.2f (L_H %.2f, L_conf %.4f)", row.at("ecm").get<double>(),
                              row.at("l_h").get<double>(), row.at("l_conf").get<double>());
                text += rate;
            }
            text += "\n";
        }
        return text;
    }

    Output& output_;
    std::string format_;
    bool csv_safe_;
};

/// One pair, read and compared; std::nullopt with a code and a message where that failed.
struct ComparedPair {
    std::vector<ComparedFace> faces;
    std::string error_code, error_message;
};

ComparedPair compared(const PicturePair& pair, const CompareParty& party, const CompareOptions& options) {
    if (!pair.error_code.empty()) return {{}, pair.error_code, pair.error_message};
    try {
        const Image before = read_image(pair.before), after = read_image(pair.after);
        return {compare_faces(before, after, pair.after.string(), party, options), "", ""};
    } catch (const InputError& error) {
        return {{}, error.code(), error.what()};
    }
}

/// What --max-flip says; empty: it is kept to. Where no face could be read before, nothing was shown.
std::string broken_limit(const Report& report, double max_flip) {
    if (max_flip >= 1) return "";
    for (const Json& row : report.rows) {
        const std::string judge = row.at("judge").get<std::string>();
        const Json& rate = row.at("flip_rate");
        char text[160];
        if (!rate.is_number()) return "no face could be read by " + judge + " before: --max-flip cannot be judged";
        if (rate.get<double>() <= max_flip) continue;
        std::snprintf(text, sizeof text, ": flip rate %.4f (%lld flips, 95 %% %.3f to %.3f) exceeds --max-flip %g",
                      rate.get<double>(), static_cast<long long>(row.at("flip_count").get<std::int64_t>()),
                      row.at("flip_rate_low").get<double>(), row.at("flip_rate_high").get<double>(), max_flip);
        return judge + text;
    }
    return "";
}

/// Compares the pairs, several at once, and writes their rows in order; how many were done.
std::size_t compare_all(const CompareSettings& settings, const std::vector<PicturePair>& pairs,
                        const CompareParty& party, FaceComparison& comparison, RowWriter& writer, const Call& call) {
    const HowToCompare& how = settings.how;
    const bool on_terminal = how.output.empty() && isatty(STDOUT_FILENO) == 1;
    Progress progress("compare", static_cast<std::int64_t>(pairs.size()), !how.quiet && stderr_is_lively());
    std::int64_t failed = 0;
    const int cores = how.threads > 0 ? how.threads : usable_cores();
    const int threads = static_cast<int>(std::clamp<std::size_t>(pairs.size(), 1, static_cast<std::size_t>(cores)));
    return in_order(pairs.size(), threads, call.stop.token(), [&](std::size_t i) -> Delivery {
        set_threads(std::max(1, cores / threads));
        auto answered = std::make_shared<ComparedPair>(compared(pairs[i], party, settings.options));
        return [&, i, answered] {
            const std::string before = pairs[i].before.string(), after = pairs[i].after.string();
            if (on_terminal) progress.hide();
            if (answered->error_code.empty()) {
                writer.write(comparison.add(before, after, std::move(answered->faces)));
            } else {
                writer.write({comparison.add_failed(before, after, answered->error_code, answered->error_message)});
                ++failed;
            }
            progress.update(static_cast<std::int64_t>(i) + 1, std::to_string(failed) + " failed");
        };
    });
}

int compare(const CompareSettings& settings, const Call& call) {
    const HowToCompare& how = settings.how;
    const std::vector<PicturePair> pairs = how.pairs.empty() ? pictures_of(settings.before, settings.after)
                                                             : listed_pairs(how.pairs, settings.before, settings.after);
    InputFiles files = what_is_read(settings, pairs);
    const auto output = how.output.empty() ? std::make_unique<Output>() : opened(how.output, how.overwrite, files);
    const auto page = how.report.empty() ? nullptr : opened(how.report, how.overwrite, files);
    const CompareParty party = compare_party(settings.options);

    FaceComparison comparison(party, settings.options);
    RowWriter writer(*output, format_of(how), how.csv_safe);
    const bool interrupted = compare_all(settings, pairs, party, comparison, writer, call) < pairs.size();
    const Report report = comparison.report(provenance_now(call.typed), interrupted);
    const std::string limit = broken_limit(report, how.max_flip);
    writer.end(report, comparison.rows());
    end(*output, interrupted);
    if (page) {
        page->write(comparison_page(report, comparison.worst(), limit));
        end(*page, interrupted);
    }
    tell_failures(report.failed);
    if (!limit.empty()) log(LogLevel::error, limit);
    if (interrupted) return call.stop.exit_code();
    return report.failed.empty() && limit.empty() ? 0 : 3;
}

}  // namespace

Action declare_compare(CLI::App& command) {
    const auto settings = std::make_shared<CompareSettings>();
    command.add_option("BEFORE", settings->before, "a picture, or a folder of pictures")->required();
    command.add_option("AFTER", settings->after, "what was made of it, or of them")->required();
    add_flags(command, list_fields(settings->how), "Results", {{"output", "o"}, {"quiet", "q"}});
    add_flags(command, list_fields(settings->options), "Comparison");
    return [settings](const Call& call) { return compare(*settings, call); };
}

}  // namespace affectsr::cli
