#include "affectsr/experiment/calibrate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "affectsr/classify/catalog.h"
#include "affectsr/data/catalog.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/experiment/held_out.h"
#include "affectsr/experiment/sizes.h"
#include "affectsr/experiment/temperature_fit.h"
#include "affectsr/plan/precision.h"
#include "affectsr/restore/catalog.h"

namespace affectsr {

namespace {

constexpr const char* kProtocol =
    "faces that the model did not learn from, whole (the middle square of one that is not square), are reduced to size "
    "x "
    "size px by MATLAB bicubic, rounded to 8 bits and restored; the logits of each head, number of views and size are "
    "divided by the temperature under which the truths are likeliest (shape line: linear over log2 of the size)";

/// The answers of one head in so many views at one size.
struct AnswerGroup {
    std::string head;
    int views = 1, size = 0;
    std::vector<RawAnswer> answers;
    std::int64_t unused = 0;
};

double rounded(double value) {
    return std::round(value * 1e4) / 1e4;
}

void expect_each_once(const char* name, const std::vector<int>& values) {
    if (values.empty()) throw UsageError(std::string("\"") + name + "\" names none");
    for (const int value : values)
        if (std::count(values.begin(), values.end(), value) > 1)
            throw UsageError(std::string("\"") + name + "\" names " + std::to_string(value) + " twice");
}

/// One fit after the other.
class Calibrating {
 public:
    Calibrating(const ModelFile& model, const std::string& where, const CalibrateOptions& options)
        : model_(model), where_(where), options_(options), raw_(model) {
        expect_each_once("sizes", options.sizes);
        expect_each_once("views", options.views);
        for (const int views : options.views)
            temperatures_of(model.card, views, where);  // told before anything is read
        for (auto& [head, about] : raw_.card.heads.items())
            if (about.is_object()) about.erase("temperatures");
        sources_ = sources();
    }
    Calibrated run(const std::string& command, const JudgeProgress& progress, const std::stop_token& stop);

 private:
    std::vector<HeldOutSource> sources() const;
    Pipeline reader(const std::string& head, int views) const;
    void read(const HeldOutSource& source, const HeadTruth& truth, const JudgeProgress& progress,
              const std::stop_token& stop);
    void take(const std::vector<Verdict>& verdicts, AnswerGroup& group);
    AnswerGroup& group_of(const std::string& head, int views, int size);
    void expect_enough(const AnswerGroup& group) const;
    void fit();
    Json row_of(const AnswerGroup& group, const TemperatureBySize& fitted) const;
    void fill_card(ModelCard& card) const;
    void lay_out(const std::string& command);

    const ModelFile& model_;
    const std::string& where_;
    const CalibrateOptions& options_;
    ModelFile raw_;  ///< the model without temperatures
    std::vector<HeldOutSource> sources_;
    std::vector<AnswerGroup> groups_;
    std::map<std::string, std::map<int, TemperatureBySize>> fitted_;  ///< by head and views
    Json data_ = Json::array();                                       ///< what was read
    Report report_;
};

std::vector<HeldOutSource> Calibrating::sources() const {
    std::vector<HeldOutSource> sources;
    if (options_.dataset.empty()) {
        sources = held_out_faces(model_.card, options_.data, where_);
    } else {
        DatasetOptions part;
        part.root = options_.data;
        part.split = options_.split;
        HeldOutSource& named = sources.emplace_back();
        named.faces = open_dataset(options_.dataset, to_json(part));
        named.split = options_.split;
        const std::vector<std::string> heads = make_classifier(raw_, where_, options_.precision)->heads();
        const std::string head = head_for(options_.head, options_.truth, named.faces->card().name, heads);
        named.truths = {{head.empty() ? heads.front() : head, options_.truth}};
    }
    std::string known;
    bool any = options_.head.empty();
    for (HeldOutSource& source : sources) {
        for (const HeadTruth& truth : source.truths) {
            any = any || truth.head == options_.head;
            if (known.find(truth.head) == std::string::npos) known += (known.empty() ? "" : ", ") + truth.head;
        }
        std::erase_if(source.truths,
                      [&](const HeadTruth& t) { return !options_.head.empty() && t.head != options_.head; });
    }
    if (!any)
        throw UsageError(
            "the held-out faces have no truth for a head \"" + options_.head + "\"; they have one for " + known,
            "unknown_head");
    return sources;
}

Pipeline Calibrating::reader(const std::string& head, int views) const {
    PipelineOptions path;
    path.already_cropped = true;
    path.head = head;
    path.views = views;
    std::unique_ptr<Classifier> classifier = make_classifier(raw_, where_, options_.precision, views);
    std::unique_ptr<Restorer> restorer =
        load_restorer(options_.restorer, options_.restorer_model, options_.precision, classifier->needs().input_px);
    return Pipeline(path, nullptr, std::move(restorer), std::move(classifier));
}

AnswerGroup& Calibrating::group_of(const std::string& head, int views, int size) {
    for (AnswerGroup& group : groups_)
        if (group.head == head && group.views == views && group.size == size) return group;
    return groups_.emplace_back(AnswerGroup{head, views, size, {}, 0});
}

void Calibrating::take(const std::vector<Verdict>& verdicts, AnswerGroup& group) {
    for (const Verdict& verdict : verdicts) {
        const Expression& answer = verdict.answer;
        const auto truth = std::find(answer.labels.begin(), answer.labels.end(), verdict.truth);
        // A picture that is smaller than the size was not reduced to it: it is another size's.
        if (truth == answer.labels.end() || answer.labels.size() != kExpressionClasses ||
            verdict.side_px != group.size) {
            ++group.unused;
            continue;
        }
        RawAnswer& raw = group.answers.emplace_back();
        raw.truth = static_cast<int>(truth - answer.labels.begin());
        for (std::size_t c = 0; c < kExpressionClasses; ++c)
            raw.log_probability[c] = std::log(
                std::max(static_cast<double>(answer.probability[c]), double{std::numeric_limits<float>::min()}));
    }
}

void Calibrating::read(const HeldOutSource& source, const HeadTruth& truth, const JudgeProgress& progress,
                       const std::stop_token& stop) {
    std::vector<Degradation> degradations(options_.sizes.size());
    for (std::size_t i = 0; i < degradations.size(); ++i) degradations[i].size_px = options_.sizes[i];
    std::vector<Pipeline> pipelines;
    for (const int views : options_.views) pipelines.push_back(reader(truth.head, views));
    std::vector<LookAll> readers;
    for (const Pipeline& pipeline : pipelines)
        readers.emplace_back([&pipeline](std::span<const FaceCrop> crops) { return pipeline.look_all(crops); });
    const Judgement judgement =
        judge(*source.faces, degradations, readers,
              {.truth = truth.truth, .batch = options_.batch, .threads = options_.threads}, progress, stop);
    for (std::size_t v = 0; v < options_.views.size(); ++v)
        for (std::size_t s = 0; s < options_.sizes.size(); ++s)
            take(judgement.verdicts[v * options_.sizes.size() + s],
                 group_of(truth.head, options_.views[v], options_.sizes[s]));
    report_.interrupted = report_.interrupted || judgement.interrupted;
    for (FailedInput& failed : failed_inputs(*source.faces, judgement)) {
        const bool told = std::any_of(report_.failed.begin(), report_.failed.end(), [&](const FailedInput& other) {
            return other.path == failed.path && other.row == failed.row;
        });
        if (!told) report_.failed.push_back(std::move(failed));
    }
    data_.push_back({{"dataset", source.faces->card().name},
                     {"split", source.split},
                     {"dataset_sha256", source.faces->card().sha256},
                     {"head", truth.head},
                     {"truth", truth.truth},
                     {"faces", judgement.verdicts.front().size()}});
}

void Calibrating::expect_enough(const AnswerGroup& group) const {
    const auto refuse = [&](std::size_t faces, int least, const std::string& of_what, const char* flag) {
        throw InputError("too_few_faces", where_ + ": the head \"" + group.head + "\" has " + std::to_string(faces) +
                                              " faces" + of_what + " at " + std::to_string(group.size) +
                                              " px to be calibrated on, fewer than " + std::to_string(least) +
                                              "; name a larger data set that it did not learn from, or lower " + flag);
    };
    if (group.answers.size() < static_cast<std::size_t>(options_.least_faces))
        refuse(group.answers.size(), options_.least_faces, "", "--least-faces");
    for (const Emotion emotion : seven_emotions()) {
        const auto label = std::find(model_.card.labels.begin(), model_.card.labels.end(), name_of(emotion));
        const auto of_class = std::count_if(group.answers.begin(), group.answers.end(), [&](const RawAnswer& answer) {
            return answer.truth == label - model_.card.labels.begin();
        });
        if (of_class < options_.least_of_class)
            refuse(static_cast<std::size_t>(of_class), options_.least_of_class, std::string(" of ") + name_of(emotion),
                   "--least-of-class");
    }
}

void Calibrating::fit() {
    std::map<std::pair<std::string, int>, std::vector<const AnswerGroup*>> all;
    for (const AnswerGroup& group : groups_) all[{group.head, group.views}].push_back(&group);
    for (auto& [of, groups] : all) {
        std::vector<const AnswerGroup*> ascending = groups;
        std::sort(ascending.begin(), ascending.end(),
                  [](const AnswerGroup* a, const AnswerGroup* b) { return a->size < b->size; });
        std::vector<TemperatureBySize::Point> points;
        std::vector<SizedAnswers> sizes;
        for (const AnswerGroup* group : ascending) sizes.push_back({static_cast<double>(group->size), group->answers});
        if (options_.shape == "line" && sizes.size() > 1)
            points = fit_line(sizes);
        else
            for (const SizedAnswers& size : sizes) points.push_back({size.size_px, fit_temperature(size.answers)});
        for (TemperatureBySize::Point& point : points) point.temperature = rounded(point.temperature);
        const TemperatureBySize& fitted = fitted_[of.first][of.second] = TemperatureBySize(std::move(points));
        for (const AnswerGroup* group : groups) report_.rows.push_back(row_of(*group, fitted));
    }
}

Json Calibrating::row_of(const AnswerGroup& group, const TemperatureBySize& temperatures) const {
    const auto before = temperatures_of(model_.card, group.views, where_);
    const auto known = before.find(group.head);
    const double old = known == before.end() ? 1 : known->second.at(group.size);
    const double fitted = temperatures.at(group.size);
    return {{"head", group.head},
            {"views", group.views},
            {"size", group.size},
            {"n", group.answers.size()},
            {"unused", group.unused},
            {"temperature_before", rounded(old)},
            {"temperature", rounded(fitted)},
            {"accuracy", rounded(accuracy(group.answers))},
            {"nll_before", rounded(likelihood_loss(group.answers, old))},
            {"nll", rounded(likelihood_loss(group.answers, fitted))},
            {"ece_before", rounded(calibration_error(group.answers, old))},
            {"ece", rounded(calibration_error(group.answers, fitted))}};
}

void Calibrating::fill_card(ModelCard& card) const {
    Json calibrations = Json::array();
    for (Json earlier : card.figures.value("calibration", Json::array())) {
        Json kept = Json::array();
        for (const Json& row : earlier.value("rows", Json::array())) {
            const auto head = fitted_.find(row.value("head", ""));
            if (head == fitted_.end() || !head->second.contains(row.value("views", 0))) kept.push_back(row);
        }
        earlier["rows"] = kept;
        if (!kept.empty()) calibrations.push_back(std::move(earlier));
    }
    calibrations.push_back({{"data", data_},
                            {"commit", report_.made_by.commit},
                            {"command", report_.made_by.command},
                            {"shape", options_.shape},
                            {"restorer", options_.restorer},
                            {"precision", report_.made_by.precision},
                            {"rows", report_.rows}});
    if (options_.dataset.empty())
        calibrations.back()["held_out"] = {{"share", card.recipe["validation"]["share"]},
                                           {"seed", card.recipe["seed"]}};
    card.figures["calibration"] = std::move(calibrations);
    for (const auto& [head, by_views] : fitted_)
        for (const auto& [views, temperatures] : by_views)
            card.heads[head]["temperatures"][std::to_string(views)] = temperatures.json();
    if (!card.figures.contains("evaluation")) return;
    for (Json& evaluation : card.figures["evaluation"])
        for (Json& row : evaluation["rows"]) row["ece"] = nullptr;
}

void Calibrating::lay_out(const std::string& command) {
    report_.title = "Temperatures by face size: " + where_;
    report_.made_by = provenance_now(command);
    report_.made_by.model = model_.card.network;
    report_.made_by.model_sha256 = model_.card.sha256;
    report_.made_by.restorer = options_.restorer;
    report_.made_by.precision_asked = options_.precision;
    report_.made_by.precision = name_of(used_precision(precision_from(options_.precision)));
    report_.made_by.options = to_json(options_);
    report_.made_by.protocol = kProtocol;
    if (options_.dataset.empty()) report_.made_by.seed = model_.card.recipe["seed"].get<std::uint64_t>();
    report_.facts["data"] = data_;
    for (const Json& read : data_)
        report_.notes.push_back("head " + read["head"].get<std::string>() + ": " + read["faces"].dump() + " faces of " +
                                read["dataset"].get<std::string>() + " " + read["split"].get<std::string>() +
                                (options_.dataset.empty() ? ", held out by its training" : "") +
                                ", truth: " + read["truth"].get<std::string>());
    report_.tables = {{"",
                       {{"head", "head", -1},
                        {"views", "views", -1},
                        {"size", "size", -1},
                        {"n", "n", -1},
                        {"temperature_before", "T before", 3},
                        {"temperature", "T", 3},
                        {"accuracy", "accuracy", 3},
                        {"nll_before", "NLL before", 4},
                        {"nll", "NLL", 4},
                        {"ece_before", "ECE before", 4},
                        {"ece", "ECE", 4}}}};
}

Calibrated Calibrating::run(const std::string& command, const JudgeProgress& progress, const std::stop_token& stop) {
    std::size_t total = 0, before = 0, failed_before = 0;
    for (const HeldOutSource& source : sources_) total += source.faces->size() * source.truths.size();
    for (const HeldOutSource& source : sources_) {
        for (const HeadTruth& truth : source.truths) {
            if (source.faces->size() == 0 || stop.stop_requested()) continue;
            read(
                source, truth,
                [&](std::size_t done, std::size_t, std::size_t failed) {
                    if (progress) progress(before + done, total, failed_before + failed);
                },
                stop);
            before += source.faces->size();
            failed_before = report_.failed.size();
        }
    }
    report_.interrupted = report_.interrupted || stop.stop_requested();
    lay_out(command);
    Calibrated made{model_, {}};
    if (!report_.interrupted) {
        if (groups_.empty())
            throw InputError("too_few_faces", where_ +
                                                  ": there is no face to be calibrated on; name a data set that it "
                                                  "did not learn from: --dataset KIND --data FOLDER");
        for (const AnswerGroup& group : groups_) expect_enough(group);
        fit();
        fill_card(made.model.card);
    }
    made.report = std::move(report_);
    return made;
}

}  // namespace

Calibrated calibrate(const ModelFile& model, const std::string& where, const CalibrateOptions& options,
                     const std::string& command, const JudgeProgress& progress, std::stop_token stop) {
    return Calibrating(model, where, options).run(command, progress, stop);
}

}  // namespace affectsr
