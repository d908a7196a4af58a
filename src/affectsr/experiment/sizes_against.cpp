#include "affectsr/experiment/sizes_against.h"

#include <array>

#include "affectsr/experiment/paired.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

namespace {

std::vector<Column> columns() {
    return {{"size", "size", -1},
            {"n", "n", -1},
            {"left_out", "left out", -1},
            {"accuracy_a", "accuracy a", 4},
            {"accuracy_b", "accuracy b", 4},
            {"accuracy_difference", "b − a", 4},
            {"accuracy_difference_low", "95 % from", 4},
            {"accuracy_difference_high", "to", 4},
            {"only_a", "only a right", -1},
            {"only_b", "only b right", -1},
            {"mcnemar_p", "McNemar p", 4},
            {"same_label", "same label", -1},
            {"ece_a", "ECE a", 4},
            {"ece_b", "ECE b", 4},
            {"ece_difference", "b − a", 4},
            {"ece_difference_low", "95 % from", 4},
            {"ece_difference_high", "to", 4}};
}

Table recall_of(const std::string& model) {
    Table table{"recall by class, " + model, {{"size", "size", -1}}};
    for (const Emotion emotion : seven_emotions())
        table.columns.push_back({model + ".by_class." + name_of(emotion) + ".recall", name_of(emotion), 3});
    return table;
}

std::string who(const Json& model) {
    std::string text;
    for (const auto& [key, value] : model.items())
        text += (text.empty() ? "" : ", ") + key + " " + (value.is_string() ? value.get<std::string>() : value.dump());
    return text;
}

Json about(const SizesOptions& options, const SizesReader& reader) {
    return {{"network", options.classifier},
            {"file", options.classifier_model.empty() ? options.classifier : options.classifier_model},
            {"sha256", reader.model_sha256},
            {"head", reader.head},
            {"views", options.views}};
}

}  // namespace

Report sizes_against_report(const Dataset& dataset, const LookAll& a, const LookAll& b, const SizesOptions& options,
                            const Json& models, Provenance made_by, const JudgeProgress& progress, std::stop_token stop,
                            const FaceSink& face_sink) {
    const std::array readers{a, b};
    const Judgement judgement = judge_sizes(dataset, readers, options, progress, std::move(stop));
    Report report = begun_report(dataset, options, judgement, std::move(made_by));
    report.title += ", against another";
    report.facts["models"] = models;
    for (const char* name : {"a", "b"}) report.notes.push_back(std::string(name) + ": " + who(models.at(name)));
    report.notes.push_back(
        "both read the same faces: differences are b − a, with their 95 % bootstrap interval over faces; an interval "
        "that holds 0, or a McNemar p above .05, may be chance");
    const std::size_t sizes = options.sizes.size();
    for (std::size_t i = 0; i < sizes; ++i) {
        Json row{{"size", options.sizes[i]}, {"left_out", judgement.left_out.total()}};
        row.update(paired_figures(judgement.verdicts[i], judgement.verdicts[sizes + i], options.seed));
        report.rows.push_back(std::move(row));
    }
    report.tables = {{"", columns()}, recall_of("a"), recall_of("b")};
    for (std::size_t v = 0; face_sink && v < judgement.verdicts.size(); ++v) {
        for (const Verdict& verdict : judgement.verdicts[v]) {
            Json row = face_row(options.sizes[v % sizes], dataset.info(verdict.sample), verdict);
            row["model"] = v < sizes ? "a" : "b";
            face_sink(row);
        }
    }
    return report;
}

Report evaluate_sizes_against(const Dataset& dataset, const SizesOptions& options, const std::string& command,
                              const JudgeProgress& progress, std::stop_token stop, const FaceSink& face_sink) {
    SizesOptions other = options;
    other.classifier_model = find_model(options.against).string();
    other.classifier = ModelFile::open(other.classifier_model, false).card.network;
    if (options.against_views > 0) other.views = options.against_views;
    const SizesReader a = open_sizes_reader(options, dataset.card().name),
                      b = open_sizes_reader(other, dataset.card().name);
    return sizes_against_report(
        dataset, [&](std::span<const FaceCrop> crops) { return a.pipeline.look_all(crops); },
        [&](std::span<const FaceCrop> crops) { return b.pipeline.look_all(crops); }, options,
        {{"a", about(options, a)}, {"b", about(other, b)}}, provenance_of(options, a, command), progress,
        std::move(stop), face_sink);
}

}  // namespace affectsr
