#include "affectsr/experiment/sizes.h"

#include <algorithm>

#include "affectsr/base/text.h"
#include "affectsr/data/catalog.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/experiment/figures.h"
#include "affectsr/plan/precision.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

namespace {

std::string protocol(int views) {
    return std::string(
               "the whole picture (the middle square of one that is not square) is reduced to size x size px by MATLAB "
               "bicubic and rounded to 8 bits, restored, and read ") +
           (views == 1 ? "once" : "twice, as it is and mirrored, the answer being the mean of both") +
           "; a picture that is not larger than the size is taken as it is";
}

std::vector<Column> overview_columns() {
    return {{"size", "size", -1},
            {"n", "n", -1},
            {"left_out", "left out", -1},
            {"accuracy", "accuracy", 3},
            {"accuracy_low", "95 % from", 3},
            {"accuracy_high", "to", 3},
            {"macro_f1", "macro-F1", 3},
            {"macro_f1_classes", "of classes", -1},
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

std::string counted(std::size_t n, const std::string& one, const std::string& many) {
    return std::to_string(n) + " " + (n == 1 ? one : many);
}

std::string joined(const Json& names) {
    std::string text;
    for (const Json& name : names) text += (text.empty() ? "" : ", ") + name.get<std::string>();
    return text.empty() ? "none" : text;
}

// Says which classes the means are over, where that is not all of them.
void note_classes(Report& report, std::size_t answers) {
    std::string missing;
    for (const Json& row : report.rows) {
        const Json& seen = row.at("macro_f1_over");
        if (seen.size() == answers) continue;
        missing += "; at " + row.at("size").dump() + " px " + std::to_string(seen.size()) + " of " +
                   std::to_string(answers) + " (" + joined(seen) + ")";
    }
    if (!missing.empty()) {
        report.notes.push_back("macro-F1 is the mean over the classes that occur as a truth or an answer" + missing);
    }
    const Json& present = report.rows.front().at("balanced_accuracy_over");
    if (present.size() < answers) {
        report.notes.push_back(
            "balanced accuracy is the mean over the classes among the truths: " + std::to_string(present.size()) +
            " of " + std::to_string(answers) + " (" + joined(present) + ")");
    }
}

// Says what of the data set is in no figure, or in all of them as a miss.
void note_missing(Report& report, const DatasetCard& card, std::size_t failed_pictures) {
    if (card.skipped > 0) {
        report.notes.push_back("of the data set's rows (all splits), " + std::to_string(card.skipped) +
                               (card.listed > 0 ? " of " + std::to_string(card.listed) : "") +
                               " cannot be used and are in no figure");
    }
    if (!card.unreadable.empty()) {
        report.notes.push_back(counted(card.unreadable.size(), "folder or link", "folders or links") +
                               " of the data set could not be entered: the faces there are in no figure");
    }
    if (failed_pictures > 0) {
        report.notes.push_back(counted(failed_pictures, "picture", "pictures") + " could not be read: a miss each");
    }
}

void note_part(Report& report, const SizesOptions& options, const Judgement& judgement) {
    if (judgement.faces < judgement.with_truth) {
        report.notes.push_back("at most " + std::to_string(options.limit) + " faces were judged of " +
                               std::to_string(judgement.with_truth) +
                               ", spread evenly over the list: the whole split may differ");
    }
    if (judgement.interrupted) {
        report.notes.push_back("interrupted: " + std::to_string(judgement.verdicts.front().size()) + " of " +
                               counted(judgement.faces, "face", "faces") + " were finished");
    }
}

void tell_faces(const Dataset& dataset, const std::vector<int>& sizes, const Judgement& judgement,
                const FaceSink& face_sink) {
    for (std::size_t s = 0; face_sink && s < sizes.size(); ++s) {
        for (const Verdict& verdict : judgement.verdicts[s])
            face_sink(face_row(sizes[s], dataset.info(verdict.sample), verdict));
    }
}

void lay_out(Report& report) {
    const Json& confusion = report.rows.front().at("confusion");
    const std::vector<std::string> truths = first_names(confusion.size()),
                                   answers = first_names(confusion.at(0).size());
    report.facts["labels"] = {{"truths", truths}, {"answers", answers}};
    report.tables = {{"", overview_columns()}, class_table("recall", truths), class_table("precision", answers)};
    for (const Json& row : report.rows) report.matrices.push_back(confusion_table(row, truths, answers));
    note_classes(report, answers.size());
    if (truths.size() > answers.size()) {
        report.notes.push_back("contempt is a truth that no class can answer: a miss, with a row of its own");
    }
}

// The data set whose labels a data set has, as heads are named after it.
std::string labels_of(const std::string& dataset_name) {
    const std::string name = lower_case(dataset_name);
    return name == "fer2013_folders" ? "fer2013" : name;
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
    wanted.views = options.views;
    return wanted;
}

}  // namespace

Json face_row(int size, const SampleInfo& info, const Verdict& verdict) {
    const bool answered = !verdict.answer.empty();
    Json row = {{"size", size},
                {"path", info.path.string()},
                {"row", info.row > 0 ? Json(info.row) : Json()},
                {"status", verdict.failed ? "failed" : "ok"},
                {"truth", name_of(verdict.truth)},
                {"expression", nullptr},
                {"right", answered && verdict.answer.best() == verdict.truth},
                {"confidence", nullptr},
                {"probabilities", Json::object()},
                {"reason", verdict.reason.empty() ? Json() : Json(verdict.reason)},
                {"side_px", verdict.failed ? Json() : Json(verdict.side_px)}};
    if (!verdict.failed) row["expression"] = answered ? name_of(verdict.answer.best()) : "undetermined";
    if (answered) row["confidence"] = verdict.answer.confidence();
    for (std::size_t i = 0; i < verdict.answer.labels.size(); ++i)
        row["probabilities"][name_of(verdict.answer.labels[i])] = verdict.answer.probability[i];
    return row;
}

std::vector<FailedInput> failed_inputs(const Dataset& dataset, const Judgement& judgement) {
    std::vector<FailedInput> inputs;
    for (const Unreadable& place : dataset.card().unreadable) {
        const std::string path = place.path.string();
        inputs.push_back(
            {path, 0, "not_entered", path + ": " + place.reason + "; the faces there, if any, are in no figure"});
    }
    for (const FailedPicture& picture : judgement.failed) {
        const SampleInfo& info = dataset.info(picture.sample);
        inputs.push_back({info.path.string(), info.row, picture.code, picture.message});
    }
    return inputs;
}

std::vector<Emotion> classes_named(std::span<const std::string> words) {
    std::vector<Emotion> classes;
    for (const std::string& word : words) {
        const std::optional<Emotion> named = emotion_from(word);
        if (!named) throw UsageError("no expression is called \"" + word + "\"", "unknown_class");
        classes.push_back(*named);
    }
    return classes;
}

std::string head_for(const std::string& wanted, const std::string& truth, const std::string& dataset_name,
                     std::span<const std::string> heads) {
    if (wanted.empty()) {
        if (truth != "label") return "";
        const auto named = std::find_if(heads.begin(), heads.end(), [&](const std::string& head) {
            return lower_case(head) == labels_of(dataset_name);
        });
        return named == heads.end() ? "" : *named;
    }
    if (std::find(heads.begin(), heads.end(), wanted) != heads.end()) return wanted;
    std::string known;
    for (const std::string& head : heads) known += (known.empty() ? "" : ", ") + head;
    throw UsageError("the classifier has no head \"" + wanted + "\"; known are: " + known, "unknown_head");
}

Judgement judge_sizes(const Dataset& dataset, std::span<const LookAll> readers, const SizesOptions& options,
                      const JudgeProgress& progress, std::stop_token stop) {
    if (options.sizes.empty()) throw UsageError("\"sizes\" must name a size, for example 48,24,16,12,8");
    std::vector<Degradation> degradations(options.sizes.size());
    for (std::size_t i = 0; i < degradations.size(); ++i) {
        detail::check_range("sizes", options.sizes[i], {1, 1024});
        if (std::count(options.sizes.begin(), options.sizes.end(), options.sizes[i]) > 1)
            throw UsageError("\"sizes\" names " + std::to_string(options.sizes[i]) + " twice");
        degradations[i].size_px = options.sizes[i];
    }
    Judgement judgement = judge(dataset, degradations, readers,
                                {.truth = options.truth,
                                 .classes = classes_named(options.classes),
                                 .limit = options.limit,
                                 .batch = options.batch,
                                 .threads = options.threads,
                                 .seed = options.seed},
                                progress, std::move(stop));
    if (judgement.faces == 0) {
        throw UsageError("no row of \"" + dataset.card().name + "\" (split \"" + options.split + "\") has " +
                             (options.truth == "votes" ? "FER+ votes with a majority; try --truth label"
                                                       : "a label; name another split or --truth votes"),
                         "no_truth");
    }
    return judgement;
}

Report begun_report(const Dataset& dataset, const SizesOptions& options, const Judgement& judgement,
                    Provenance made_by) {
    const DatasetCard& card = dataset.card();
    const LeftOut& left_out = judgement.left_out;
    Report report;
    report.title = "Accuracy by face size: " + card.name + (options.split.empty() ? "" : " ") + options.split + ", " +
                   options.classifier + " after " + options.restorer;
    report.made_by = std::move(made_by);
    report.made_by.dataset = card.name;
    report.made_by.dataset_sha256 = card.sha256;
    report.made_by.dataset_listed = card.listed;
    report.made_by.dataset_skipped = card.skipped;
    report.made_by.dataset_unreadable = static_cast<std::int64_t>(card.unreadable.size());
    report.made_by.split = options.split;
    report.made_by.seed = options.seed;
    report.made_by.protocol = protocol(options.views);
    report.interrupted = judgement.interrupted;
    report.failed = failed_inputs(dataset, judgement);
    report.facts["faces"] = {{"with_truth", judgement.with_truth},
                             {"asked", judgement.faces},
                             {"judged", judgement.verdicts.front().size()}};
    report.facts["left_out"] = {{"unlabelled", left_out.unlabelled},
                                {"no_majority", left_out.no_majority},
                                {"other_class", left_out.other_class}};
    report.notes = {
        "accuracy is over all n faces: one without an answer or whose picture cannot be read is a miss",
        "truth: " + std::string(options.truth == "votes" ? "the majority of the FER+ votes" : "the list's label") +
            "; left out for want of it: " + std::to_string(left_out.unlabelled) + " without, " +
            std::to_string(left_out.no_majority) + " without a majority for an emotion"};
    if (!options.classes.empty()) {
        report.notes.push_back("only faces of " + joined(Json(options.classes)) + "; the answer is the likeliest of " +
                               "these (" + std::to_string(left_out.other_class) + " of other classes left out)");
    }
    if (options.views > 1 && options.against.empty()) {
        report.notes.push_back("every face was read in " + std::to_string(options.views) + " views (--views)");
    }
    note_missing(report, card, judgement.failed.size());
    note_part(report, options, judgement);
    return report;
}

Report sizes_report(const Dataset& dataset, const LookAll& look, const SizesOptions& options, Provenance made_by,
                    const JudgeProgress& progress, std::stop_token stop, const FaceSink& face_sink) {
    const Judgement judgement = judge_sizes(dataset, std::span(&look, 1), options, progress, std::move(stop));
    Report report = begun_report(dataset, options, judgement, std::move(made_by));
    for (std::size_t i = 0; i < options.sizes.size(); ++i) {
        report.rows.push_back(row_of(options.sizes[i], judgement.verdicts[i], judgement.left_out, options.seed));
    }
    lay_out(report);
    tell_faces(dataset, options.sizes, judgement, face_sink);
    return report;
}

std::string weights_sha256(const std::string& name, const std::string& file) {
    try {
        return ModelFile::open(find_model(file.empty() ? name : file), false).card.sha256;
    } catch (const ModelError& error) {
        if (error.code() == "no_such_model") return "";
        throw;
    }
}

std::unique_ptr<Dataset> open_dataset_of(const SizesOptions& options) {
    DatasetOptions where;
    where.root = options.data;
    where.split = options.split;
    return open_dataset(options.dataset, to_json(where));
}

SizesReader open_sizes_reader(const SizesOptions& options, const std::string& dataset_name) {
    PipelineOptions wanted = pipeline_options(options);
    wanted.head.clear();  // the heads are known once it is built
    auto pipeline = std::make_unique<Pipeline>(wanted);
    const std::vector<std::string> heads = pipeline->classifier().heads();
    wanted.head = head_for(options.head, options.truth, dataset_name, heads);
    if (!wanted.head.empty() && wanted.head != heads.front()) pipeline = std::make_unique<Pipeline>(wanted);
    const std::string restorer_sha256 = pipeline->restorer().model_sha256();
    return {std::move(*pipeline), wanted.head.empty() && !heads.empty() ? heads.front() : wanted.head,
            weights_sha256(options.classifier, options.classifier_model), restorer_sha256};
}

Provenance provenance_of(const SizesOptions& options, const SizesReader& reader, const std::string& command) {
    Provenance made_by = provenance_now(command);
    made_by.model = options.classifier;
    made_by.model_sha256 = reader.model_sha256;
    made_by.restorer = options.restorer;
    made_by.restorer_sha256 = reader.restorer_sha256;
    made_by.precision_asked = options.precision;
    made_by.precision = name_of(used_precision(precision_from(options.precision)));
    made_by.options = to_json(options);
    made_by.options["precision"] = made_by.precision;  // the report tells what was used
    made_by.options["head"] = reader.head;
    return made_by;
}

Report evaluate_sizes(const Dataset& dataset, const SizesOptions& options, const std::string& command,
                      const JudgeProgress& progress, std::stop_token stop, const FaceSink& face_sink) {
    const SizesReader reader = open_sizes_reader(options, dataset.card().name);
    const LookAll look = [&](std::span<const FaceCrop> crops) { return reader.pipeline.look_all(crops); };
    return sizes_report(dataset, look, options, provenance_of(options, reader, command), progress, std::move(stop),
                        face_sink);
}

}  // namespace affectsr
