// The second part of a table: whether a face is read better once it is restored.
#include <array>
#include <optional>

#include "affectsr/base/error.h"
#include "affectsr/experiment/paired.h"
#include "affectsr/experiment/sizes.h"
#include "affectsr/experiment/table_ground.h"
#include "affectsr/pipeline/restoration.h"
#include "affectsr/restore/catalog.h"

namespace affectsr {

namespace {

/// One restorer before one reader on one data set at one size.
struct Trial {
    const TableData& data;
    const Dataset& faces;
    int size;
    std::string reader, reader_item;
    const TableEntrant& entrant;
    std::string title() const {
        return data.name + ", " + std::to_string(size) + " px, " + reader + " after " + entrant.name;
    }
    std::string name() const {
        return "read_" + slug_of(data.name) + "_" + std::to_string(size) + "px_" + slug_of(reader) + "_" +
               slug_of(entrant.name);
    }
};

/// The party of one restorer and one reader. The restorer makes what it makes: faces of any size.
struct Readers {
    RestorationParty party;
    std::string head;
    const Classifier& reader() const { return *party.judges.front().classifier; }
};

std::vector<Look> read(const Readers& readers, std::span<const Image> pictures, std::span<const FaceCrop> crops) {
    std::vector<float> sizes_px;
    for (const FaceCrop& crop : crops) sizes_px.push_back(static_cast<float>(crop.pixels.width));
    std::vector<Look> looks;
    for (Expression& expression : readers.reader().classify_all(pictures, readers.head, sizes_px))
        looks.emplace_back().expression = std::move(expression);
    return looks;
}

/// A restorer of a table makes faces of kRestoredPx; here it may make faces of any size, so it joins the party later.
Readers readers_of(const Trial& trial, const std::string& file, const RestorationOptions& options) {
    Readers readers{restoration_party(options), ""};
    const std::string& network = trial.entrant.restorer->network;
    RestorerUnderTest& restorer = readers.party.restorers.front();
    restorer.restorer = load_restorer(network, file, options.precision, kRestoredPx);
    restorer.name = network;
    const Json sha256 = about_model(trial.entrant, file).at("model_sha256");
    restorer.model_sha256 = sha256.is_string() ? sha256.get<std::string>() : "";
    readers.head = head_for("", "label", trial.faces.card().name, readers.reader().heads());
    return readers;
}

/// As the classifier alone sees a small face: it enlarges it by bicubic.
std::vector<Look> read_directly(const Readers& readers, std::span<const FaceCrop> crops) {
    std::vector<Image> pictures;
    for (const FaceCrop& crop : crops) pictures.push_back(crop.pixels);
    return read(readers, pictures, crops);
}

std::vector<Look> read_restored(const Readers& readers, std::span<const FaceCrop> crops, double least_score) {
    const Restorer& restorer = *readers.party.restorers.front().restorer;
    const PointFinder points(readers.party.landmarker, least_score);
    std::vector<Image> pictures;
    std::vector<std::string> reasons;
    for (Restored& restored : restore_checked(restorer, crops, kRestoredPx, &points)) {
        pictures.push_back(std::move(restored.picture));
        reasons.push_back(std::move(restored.reason));
    }
    std::vector<Look> looks = read(readers, pictures, crops);
    for (std::size_t i = 0; i < looks.size(); ++i) looks[i].restorer_reason = std::move(reasons[i]);
    return looks;
}

class Expressions {
 public:
    Expressions(const TableRun& run, TableResult& result) : run_(run), result_(result) {}

    /// False: a stop was asked for.
    bool add_row(const Trial& trial) {
        Json row{{"data", trial.data.name},
                 {"reader", trial.reader},
                 {"restorer", trial.entrant.name},
                 {"size", trial.size},
                 {"error", nullptr}};
        try {
            const std::optional<Json> made = kept_or_measured(trial);
            if (!made) return false;
            row.update(*made);
        } catch (const ModelError& error) {
            row["error"] = error.what();
            tell_missing(result_, trial.entrant.name + ": " + error.what());
        }
        result_.expressions.push_back(std::move(row));
        return true;
    }

 private:
    std::optional<Json> kept_or_measured(const Trial& trial) {
        const std::string file =
            trial.entrant.file.empty() ? "" : find_table_model(trial.entrant.file, run_.places).string();
        RestorationOptions options;
        options.judges = {trial.reader_item};
        options.precision = run_.recipe.precision;
        options.seed = run_.recipe.seed;
        options.limit = trial.data.limit;
        options.split = trial.data.split;
        options.dataset = trial.data.dataset;
        const Readers readers = readers_of(trial, file, options);
        const TableJudges judges{{trial.reader}, {trial.reader_item}};
        Json key = made_of({trial.data, trial.faces, options.scale, judges}, options, readers.party);
        key["size"] = trial.size;
        std::optional<Json> row = run_.kept.find(trial.name(), key);
        if (row) return with_failures(std::move(*row));
        row = measured(trial, readers, options);
        if (!row) return row;
        (*row)["model"] = about_model(trial.entrant, file).at("model");
        (*row)["model_sha256"] = readers.party.restorers.front().model_sha256;
        (*row)["reader_sha256"] = readers.party.judges.front().model_sha256;
        run_.kept.keep(trial.name(), key, *row);
        return with_failures(std::move(*row));
    }

    Json with_failures(Json row) {
        for (const Json& input : row.at("failed_inputs"))
            result_.failed.push_back({input.at(0), input.at(1), input.at(2), input.at(3)});
        row.erase("failed_inputs");
        return row;
    }

    /// Nothing: a stop was asked for.
    std::optional<Json> measured(const Trial& trial, const Readers& readers, const RestorationOptions& options) {
        const std::array<LookAll, 2> ways{
            [&](std::span<const FaceCrop> crops) { return read_directly(readers, crops); },
            [&](std::span<const FaceCrop> crops) { return read_restored(readers, crops, options.landmark_threshold); }};
        SizesOptions sizes;
        sizes.sizes = {trial.size};
        sizes.split = trial.data.split;
        sizes.limit = trial.data.limit;
        sizes.threads = run_.threads;
        sizes.seed = run_.recipe.seed;
        const JudgeProgress progress = [&](std::size_t done, std::size_t total, std::size_t failed) {
            if (run_.progress) run_.progress(trial.title(), done, total, failed);
        };
        const Judgement judgement = judge_sizes(trial.faces, ways, sizes, progress, run_.stop);
        if (judgement.interrupted) {
            result_.interrupted = true;
            return std::nullopt;
        }
        Json row = paired_figures(judgement.verdicts.at(0), judgement.verdicts.at(1), run_.recipe.seed);
        row["left_out"] = judgement.left_out.total();
        row["failed_inputs"] = Json::array();
        for (const FailedInput& input : failed_inputs(trial.faces, judgement))
            row["failed_inputs"].push_back({input.path, input.row, input.code, input.message});
        return row;
    }

    const TableRun& run_;
    TableResult& result_;
};

}  // namespace

void add_expressions(const TableRun& run, TableResult& result) {
    const TableExpressions& asked = run.recipe.expressions;
    if (asked.data.empty()) return;
    const TableJudges readers = table_judges(asked.readers, run.places, result.missing);
    Expressions expressions(run, result);
    for (const TableData& data : asked.data) {
        std::unique_ptr<Dataset> faces;
        try {
            faces = open_table_data(data, run.places);
        } catch (const InputError& error) {
            tell_missing(result, data.name + ": " + error.what());
            continue;
        }
        for (std::size_t r = 0; r < readers.names.size(); ++r)
            for (const int size : asked.sizes)
                for (const TableEntrant& entrant : entrants(asked.restorers, size))
                    if (!expressions.add_row({data, *faces, size, readers.names[r], readers.items[r], entrant})) return;
    }
}

}  // namespace affectsr
