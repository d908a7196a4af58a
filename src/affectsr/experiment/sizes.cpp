#include "affectsr/experiment/sizes.h"

#include <algorithm>

#include "affectsr/data/catalog.h"
#include "affectsr/experiment/figures.h"
#include "affectsr/net/model_file.h"
#include "affectsr/net/precision.h"

namespace affectsr {

namespace {

constexpr const char* kProtocol =
    "the whole picture (the middle square of one that is not square) is reduced to size x size px by MATLAB bicubic "
    "and "
    "rounded to 8 bits, restored, and read once; a picture that is not larger than the size is taken as it is";

std::vector<Column> overview_columns() {
    return {{"size", "size", -1},
            {"n", "n", -1},
            {"left_out", "left out", -1},
            {"accuracy", "accuracy", 3},
            {"accuracy_low", "95 % from", 3},
            {"accuracy_high", "to", 3},
            {"macro_f1", "macro-F1", 3},
            {"balanced_accuracy", "balanced", 3},
            {"ece", "ECE", 3},
            {"mean_confidence", "confidence", 3},
            {"coverage", "coverage", 3},
            {"accuracy_found", "accuracy of found", 3},
            {"failed", "failed", -1}};
}

Table class_table(const std::string& measure, const std::vector<std::string>& names) {
    Table table{measure + " by class", {{"size", "size", -1}}};
    for (const std::string& name : names) table.columns.push_back({"by_class." + name + "." + measure, name, 3});
    return table;
}

Matrix confusion_table(const Json& row, const std::vector<std::string>& truths, std::vector<std::string> answers) {
    Matrix matrix;
    matrix.title = "Confusion at " + row.at("size").dump() + " px (rows: truth, columns: answer)";
    matrix.cells = row.at("confusion").get<std::vector<std::vector<std::int64_t>>>();
    for (std::size_t t = 0; t < matrix.cells.size(); ++t) {
        matrix.rows.push_back(truths.at(t));
        matrix.cells[t].push_back(row.at("unanswered").at(t).get<std::int64_t>());
    }
    answers.push_back("none");
    matrix.columns = std::move(answers);
    return matrix;
}

std::vector<std::string> first_names(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.emplace_back(name_of(static_cast<Emotion>(i)));
    return names;
}

Json row_of(int size, const std::vector<Verdict>& verdicts, const LeftOut& left_out, std::uint64_t seed) {
    Json row = {{"size", size}, {"left_out", left_out.total()}};
    row.update(figures_of(verdicts, seed));
    row["not_reduced"] = std::count_if(verdicts.begin(), verdicts.end(),
                                       [&](const Verdict& v) { return !v.failed && v.side_px < size; });
    return row;
}

void lay_out(Report& report, const SizesOptions& options, const LeftOut& left_out) {
    const Json& confusion = report.rows.front().at("confusion");
    const std::vector<std::string> truths = first_names(confusion.size()),
                                   answers = first_names(confusion.at(0).size());
    report.facts["labels"] = {{"truths", truths}, {"answers", answers}};
    report.facts["left_out"] = {{"unlabelled", left_out.unlabelled}, {"no_majority", left_out.no_majority}};
    report.tables = {{"", overview_columns()}, class_table("recall", truths), class_table("precision", answers)};
    for (const Json& row : report.rows) report.matrices.push_back(confusion_table(row, truths, answers));
    report.notes = {
        "accuracy is over all n faces: one without an answer or whose picture cannot be read is a miss",
        "truth: " + std::string(options.truth == "votes" ? "the majority of the FER+ votes" : "the list's label") +
            "; left out for want of it: " + std::to_string(left_out.unlabelled) + " without, " +
            std::to_string(left_out.no_majority) + " without a majority for an emotion"};
    if (options.limit > 0) {
        report.notes.push_back("at most " + std::to_string(options.limit) +
                               " faces were judged, spread evenly over the list: the whole split may differ");
    }
    if (truths.size() > answers.size()) {
        report.notes.push_back("contempt is a truth that no class can answer: a miss, with a row of its own");
    }
}

// The hash of the classifier's weights; empty for one that has no file (its Pipeline was built without one).
std::string weights_sha256(const SizesOptions& options) {
    try {
        const std::string& name = options.classifier_model.empty() ? options.classifier : options.classifier_model;
        return ModelFile::open(find_model(name), false).card.sha256;
    } catch (const ModelError& error) {
        if (error.code() == "no_such_model") return "";
        throw;
    }
}

PipelineOptions pipeline_options(const SizesOptions& options) {
    PipelineOptions wanted;
    wanted.already_cropped = true;
    wanted.restorer = options.restorer;
    wanted.restorer_model = options.restorer_model;
    wanted.classifier = options.classifier;
    wanted.classifier_model = options.classifier_model;
    wanted.head = options.head;
    wanted.precision = options.precision;
    return wanted;
}

}  // namespace

std::string head_for(const std::string& wanted, const std::string& truth, const std::string& dataset_name,
                     std::span<const std::string> heads) {
    const std::string named = wanted.empty() && truth == "label" ? dataset_name : wanted;
    if (named.empty() || std::find(heads.begin(), heads.end(), named) != heads.end()) return named;
    if (wanted.empty()) return "";
    std::string known;
    for (const std::string& head : heads) known += (known.empty() ? "" : ", ") + head;
    throw UsageError("the classifier has no head \"" + wanted + "\"; known are: " + known, "unknown_head");
}

Report sizes_report(const Dataset& dataset, const LookAll& look, const SizesOptions& options, Provenance made_by,
                    const JudgeProgress& progress, std::stop_token stop) {
    if (options.sizes.empty()) throw UsageError("\"sizes\" must name a size, for example 48,24,16,12,8");
    std::vector<Degradation> degradations(options.sizes.size());
    for (std::size_t i = 0; i < degradations.size(); ++i) {
        detail::check_range("sizes", options.sizes[i], {1, 1024});
        degradations[i].size_px = options.sizes[i];
    }
    const Judgement judgement = judge(dataset, degradations, look,
                                      {.truth = options.truth,
                                       .limit = options.limit,
                                       .batch = options.batch,
                                       .threads = options.threads,
                                       .seed = options.seed},
                                      progress, stop);
    if (judgement.faces == 0) {
        throw UsageError("no row of \"" + dataset.card().name + "\" (split \"" + options.split + "\") has " +
                             (options.truth == "votes" ? "FER+ votes with a majority; try --truth label"
                                                       : "a label; name another split or --truth votes"),
                         "no_truth");
    }
    Report report;
    report.title = "Accuracy by face size: " + dataset.card().name + " " + options.split + ", " + options.classifier +
                   " after " + options.restorer;
    report.made_by = std::move(made_by);
    report.made_by.dataset = dataset.card().name;
    report.made_by.dataset_sha256 = dataset.card().sha256;
    report.made_by.split = options.split;
    report.made_by.seed = options.seed;
    report.made_by.protocol = kProtocol;
    report.interrupted = judgement.interrupted;
    for (std::size_t i = 0; i < options.sizes.size(); ++i) {
        report.rows.push_back(row_of(options.sizes[i], judgement.verdicts[i], judgement.left_out, options.seed));
    }
    lay_out(report, options, judgement.left_out);
    return report;
}

Report evaluate_sizes(const SizesOptions& asked, const std::string& command, const JudgeProgress& progress,
                      std::stop_token stop) {
    SizesOptions options = asked;
    options.precision = name_of(precision_from(asked.precision));  // the report tells what "auto" came to here
    DatasetOptions where;
    where.root = options.data;
    where.split = options.split;
    const std::unique_ptr<Dataset> dataset = open_dataset(options.dataset, to_json(where));
    PipelineOptions wanted = pipeline_options(options);
    wanted.head.clear();  // the heads are known once it is built
    auto pipeline = std::make_unique<Pipeline>(wanted);
    const std::vector<std::string> heads = pipeline->classifier().heads();
    wanted.head = head_for(options.head, options.truth, dataset->card().name, heads);
    if (!wanted.head.empty() && wanted.head != heads.front()) pipeline = std::make_unique<Pipeline>(wanted);

    Provenance made_by = provenance_now(command);
    made_by.model = options.classifier;
    made_by.model_sha256 = weights_sha256(options);
    made_by.options = to_json(options);
    made_by.options["head"] = wanted.head.empty() && !heads.empty() ? heads.front() : wanted.head;
    const LookAll look = [&](std::span<const FaceCrop> crops) { return pipeline->look_all(crops); };
    return sizes_report(*dataset, look, options, std::move(made_by), progress, stop);
}

}  // namespace affectsr
