// The second part of a table: whether a face is read better once it is restored.
#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "affectsr/base/error.h"
#include "affectsr/experiment/aligned_anew.h"
#include "affectsr/experiment/figures.h"
#include "affectsr/experiment/paired.h"
#include "affectsr/experiment/sizes.h"
#include "affectsr/experiment/table_ground.h"
#include "affectsr/pipeline/restoration.h"
#include "affectsr/restore/catalog.h"

namespace affectsr {

namespace {

constexpr int kAsLargeAsTheyAre = 1024;  // pictures that are not larger are taken as they are

/// What a restorer made of the faces of one data set at one size, kept for the readers that follow: to restore a face
/// takes longer than to read it. What kMostBytes have no room for is restored again for each. Safe to use from several
/// threads.
class RestoredOnce {
 public:
    /// `framing`: what they are aligned to by points of the small face; null: they stay as they are.
    std::vector<Restored> of(const Restorer& restorer, std::span<const FaceCrop> crops, const PointFinder& points,
                             const CropTemplate* framing) {
        std::vector<Restored> all(crops.size());
        std::vector<std::size_t> others;  // not known yet
        {
            const std::lock_guard guard(lock_);
            for (std::size_t i = 0; i < crops.size(); ++i) {
                if (const auto known = made_.find(key_of(crops[i])); known != made_.end())
                    all[i] = known->second;
                else
                    others.push_back(i);
            }
        }
        if (others.empty()) return all;
        std::vector<FaceCrop> small;
        for (const std::size_t i : others) small.push_back(crops[i]);
        using Clock = std::chrono::steady_clock;
        const auto start = Clock::now();
        std::vector<Restored> restored = restore_checked(restorer, small, kRestoredPx, &points);
        if (framing) align_anew(restored, small, points, *framing);
        const double spent_s = std::chrono::duration<double>(Clock::now() - start).count();
        const std::lock_guard guard(lock_);
        spent_s_ += spent_s;
        restored_ += others.size();
        for (std::size_t k = 0; k < others.size(); ++k) {
            keep(small[k], restored[k]);
            all[others[k]] = std::move(restored[k]);
        }
        return all;
    }

    double ms_per_face() const {
        const std::lock_guard guard(lock_);
        return restored_ == 0 ? 0 : 1000 * spent_s_ / static_cast<double>(restored_);
    }

 private:
    static constexpr std::size_t kMostBytes = std::size_t{512} << 20;

    static std::string key_of(const FaceCrop& crop) {
        const auto& bytes = crop.pixels.rgb;
        return {bytes.begin(), bytes.end()};
    }

    void keep(const FaceCrop& crop, const Restored& restored) {
        const std::size_t bytes = crop.pixels.rgb.size() + restored.picture.rgb.size();
        if (bytes_ + bytes > kMostBytes) return;
        if (made_.emplace(key_of(crop), restored).second) bytes_ += bytes;
    }

    mutable std::mutex lock_;
    std::unordered_map<std::string, Restored> made_;  ///< by the small face's pixels
    std::size_t bytes_ = 0, restored_ = 0;
    double spent_s_ = 0;
};

/// One restorer before one reader on one data set at one size.
struct Trial {
    const TableData& data;
    const Dataset& faces;
    int size;
    std::string reader, reader_item;
    const TableEntrant& entrant;
    RestoredOnce& restored;
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

std::vector<Look> read_restored(const Readers& readers, std::span<const FaceCrop> crops, double least_score,
                                const Trial& trial) {
    const std::string& aligned_to = trial.entrant.restorer->aligned_to;
    const CropTemplate* const framing = aligned_to.empty() ? nullptr : &crop_template(aligned_to);
    const PointFinder points(readers.party.landmarker, least_score);
    std::vector<Image> pictures;
    std::vector<std::string> reasons;
    for (Restored& one : trial.restored.of(*readers.party.restorers.front().restorer, crops, points, framing)) {
        pictures.push_back(std::move(one.picture));
        reasons.push_back(std::move(one.reason));
    }
    std::vector<Look> looks = read(readers, pictures, crops);
    for (std::size_t i = 0; i < looks.size(); ++i) looks[i].restorer_reason = std::move(reasons[i]);
    return looks;
}

class Expressions {
 public:
    Expressions(const TableRun& run, TableResult& result) : run_(run), result_(result) {}

    /// Nothing: a stop was asked for.
    std::optional<Json> row_of(const Trial& trial) {
        Json row{{"data", trial.data.name},
                 {"reader", trial.reader},
                 {"restorer", trial.entrant.name},
                 {"size", trial.size},
                 {"error", nullptr}};
        try {
            const std::optional<Json> made = kept_or_measured(trial);
            if (!made) return std::nullopt;
            row.update(*made);
        } catch (const ModelError& error) {
            row["error"] = error.what();
            tell_missing(result_, trial.entrant.name + ": " + error.what());
        }
        return row;
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
        key["originals"] = run_.recipe.expressions.originals;
        if (!trial.data.classes.empty()) key["classes"] = trial.data.classes;
        if (const std::string& framing = trial.entrant.restorer->aligned_to; !framing.empty())
            key["aligned_to"] = framing;
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

    SizesOptions sizes_of(const Trial& trial, int size) const {
        SizesOptions sizes;
        sizes.sizes = {size};
        sizes.split = trial.data.split;
        sizes.limit = trial.data.limit;
        sizes.classes = trial.data.classes;
        sizes.threads = run_.threads;
        sizes.seed = run_.recipe.seed;
        return sizes;
    }

    Judgement judged(const Trial& trial, const std::string& title, const LookAll& way, int size) {
        const JudgeProgress progress = [&](std::size_t done, std::size_t total, std::size_t failed) {
            if (run_.progress) run_.progress(title, done, total, failed);
        };
        Judgement judgement = judge_sizes(trial.faces, std::span(&way, 1), sizes_of(trial, size), progress, run_.stop);
        if (judgement.interrupted) result_.interrupted = true;
        return judgement;
    }

    /// What the reader says of the faces reduced to `size`, asked once for all restorers; null: a stop was asked for.
    const std::vector<Verdict>* read_once(const Trial& trial, const Readers& readers, int size) {
        const std::tuple key(&trial.data, trial.reader_item, size);
        if (const auto known = read_.find(key); known != read_.end()) return &known->second;
        const LookAll directly = [&](std::span<const FaceCrop> crops) { return read_directly(readers, crops); };
        const std::string how = size == kAsLargeAsTheyAre ? "as large as they are" : std::to_string(size) + " px";
        Judgement judgement = judged(trial, trial.data.name + ", " + how + ", " + trial.reader, directly, size);
        if (judgement.interrupted) return nullptr;
        return &(read_[key] = std::move(judgement.verdicts.at(0)));
    }

    /// Nothing: a stop was asked for.
    std::optional<Json> measured(const Trial& trial, const Readers& readers, const RestorationOptions& options) {
        const std::vector<Verdict>* const directly = read_once(trial, readers, trial.size);
        if (!directly) return std::nullopt;
        const LookAll after_restoring = [&](std::span<const FaceCrop> crops) {
            return read_restored(readers, crops, options.landmark_threshold, trial);
        };
        const Judgement judgement = judged(trial, trial.title(), after_restoring, trial.size);
        if (judgement.interrupted) return std::nullopt;
        const std::vector<Verdict>&small = *directly, &restored = judgement.verdicts.at(0);
        Json row = paired_figures(small, restored, run_.recipe.seed);
        row["flips_by_restoring"] = flips_between(small, restored);
        row["restoring_ms_per_face"] = trial.restored.ms_per_face();
        if (run_.recipe.expressions.originals) {
            const std::vector<Verdict>* const large = read_once(trial, readers, kAsLargeAsTheyAre);
            if (!large) return std::nullopt;
            row["original"] = figures_of(*large, run_.recipe.seed);
            row["reducing_p"] = mcnemar(*large, small);
            row["flips_by_reducing"] = flips_between(*large, small);
            row["flips_in_the_end"] = flips_between(*large, restored);
        }
        row["left_out"] = judgement.left_out.total();
        row["failed_inputs"] = Json::array();
        for (const FailedInput& input : failed_inputs(trial.faces, judgement))
            row["failed_inputs"].push_back({input.path, input.row, input.code, input.message});
        return row;
    }

    const TableRun& run_;
    TableResult& result_;
    std::map<std::tuple<const TableData*, std::string, int>, std::vector<Verdict>> read_;  ///< reader and size
};

/// The rows of one data set, measured restorer by restorer and told reader by reader. False: a stop was asked for.
bool add_rows(Expressions& expressions, const TableData& data, const Dataset& faces, const TableExpressions& asked,
              const TableJudges& readers, TableResult& result) {
    std::map<std::array<std::size_t, 3>, Json> rows;  // by reader, size and restorer
    const auto measure = [&] {
        for (std::size_t s = 0; s < asked.sizes.size(); ++s) {
            const std::vector<TableEntrant> all = entrants(asked.restorers, asked.sizes[s]);
            for (std::size_t e = 0; e < all.size(); ++e) {
                RestoredOnce restored;
                for (std::size_t r = 0; r < readers.names.size(); ++r) {
                    if (!is_before(*all[e].restorer, readers.listed[r])) continue;
                    std::optional<Json> row = expressions.row_of(
                        {data, faces, asked.sizes[s], readers.names[r], readers.items[r], all[e], restored});
                    if (!row) return false;
                    rows[{r, s, e}] = std::move(*row);
                }
            }
        }
        return true;
    };
    const bool whole = measure();
    for (auto& [place, row] : rows) result.expressions.push_back(std::move(row));
    return whole;
}

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
        if (!add_rows(expressions, data, *faces, asked, readers, result)) return;
    }
}

}  // namespace affectsr
