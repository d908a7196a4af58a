// The first part of a table: restorers on the same faces.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/experiment/table_ground.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/encode.h"
#include "affectsr/metric/bootstrap.h"
#include "affectsr/metric/metric.h"
#include "affectsr/metric/psnr.h"

namespace affectsr {

namespace {

constexpr const char* kFloor = "bicubic";  // the network that gains are over
constexpr std::array kOfRestorer{"n",     "psnr_y",     "psnr_rgb",  "ssim_y",      "landmark_shift",  "landmark_n",
                                 "lpips", "lpips_like", "fell_back", "ms_per_face", "frechet_distance"};
constexpr std::array kOfJudge{"ecm",   "l_h",        "l_conf", "flip_rate", "flip_rate_low", "flip_rate_high",
                              "flips", "flip_labels"};

void save_picture(const std::filesystem::path& file, const Image& picture) {
    std::error_code failed;
    std::filesystem::create_directories(file.parent_path(), failed);
    if (failed)
        throw ResourceError("cannot_write",
                            "the folder " + file.parent_path().string() + " cannot be made: " + failed.message());
    const std::vector<std::uint8_t> bytes = encode_png(picture);
    write_file_atomically(file, bytes);
}

std::string original_file(std::size_t face) {
    return std::to_string(face) + "_original.png";
}
std::string restored_file(std::size_t face) {
    return std::to_string(face) + "_restored.png";
}

std::string item_of(const TableEntrant& entrant, const std::string& file) {
    return entrant.restorer->network + (file.empty() ? "" : "=" + file);
}

/// The row of a finished report on one restorer.
Json row_of(const Report& report, const std::vector<std::string>& judges) {
    Json row = Json::object();
    for (const char* key : kOfRestorer) row[key] = report.rows.front().at(key);
    for (std::size_t j = 0; j < judges.size(); ++j) {
        Json& judge = row["judge" + std::to_string(j + 1)];
        judge["name"] = judges[j];
        for (const char* key : kOfJudge) judge[key] = report.rows.at(j).at(key);
    }
    row["failed"] = Json::array();
    for (const FailedInput& input : report.failed)
        row["failed"].push_back({input.path, input.row, input.code, input.message});
    row["made_by"] = to_json(report.made_by);
    return row;
}

/// Differences of two rows' PSNR on the faces that both have; equal pictures, whose PSNR is no number, are left out.
std::vector<double> gains(const Json& row, const Json& floor) {
    std::vector<double> differences;
    if (row.at("faces") != floor.at("faces")) return differences;
    for (std::size_t i = 0; i < row.at("faces").size(); ++i) {
        const Json &of_row = row.at("psnr_y_of_faces").at(i), &of_floor = floor.at("psnr_y_of_faces").at(i);
        if (of_row.is_number() && of_floor.is_number())
            differences.push_back(of_row.get<double>() - of_floor.get<double>());
    }
    return differences;
}

/// Measures the restorers on one data set at one scale.
class Restorations {
 public:
    Restorations(const TableRun& run, const TableGround& ground, TableResult& result)
        : run_(run), ground_(ground), result_(result), shown_(ground.evenly(std::size_t(run.recipe.pictures))) {}

    void measure() {
        TableStrip strip{ground_.data.name, ground_.scale, {}};
        for (const std::size_t face : shown_) strip.faces.push_back({face, {}, {}, {}});
        for (const TableEntrant& entrant : entrants(run_.recipe.restorers, ground_.scale)) {
            if (!add_row(entrant, strip)) break;
        }
        add_gains();
        if (!result_.interrupted && run_.recipe.timed_faces > 0) add_times();
        for (Json& row : rows_)
            for (const char* raw : {"faces", "psnr_y_of_faces"}) row.erase(raw);
        result_.rows.insert(result_.rows.end(), rows_.begin(), rows_.end());
        if (!strip.faces.empty()) result_.strips.push_back(std::move(strip));
    }

 private:
    /// False: a stop was asked for.
    bool add_row(const TableEntrant& entrant, TableStrip& strip) {
        Json row{{"data", ground_.data.name}, {"scale", ground_.scale}, {"restorer", entrant.name}, {"error", nullptr}};
        std::string item;
        try {
            const std::string file = entrant.file.empty() ? "" : find_table_model(entrant.file, run_.places).string();
            row.update(about_model(entrant, file));
            const std::optional<Json> made = kept_or_measured(entrant, item_of(entrant, file));
            if (!made) return false;
            row.update(*made);
            item = item_of(entrant, file);
            add_pictures(entrant, strip);
        } catch (const ModelError& error) {
            row["error"] = error.what();
            tell_missing(result_, entrant.name + ": " + error.what());
        }
        rows_.push_back(std::move(row));
        items_.push_back(std::move(item));
        return true;
    }

    std::string file_name(const TableEntrant& entrant) const { return ground_.name() + "_" + slug_of(entrant.name); }

    /// Nothing: a stop was asked for.
    std::optional<Json> kept_or_measured(const TableEntrant& entrant, const std::string& item) {
        const RestorationOptions options = options_on(run_, ground_, {item});
        const RestorationParty party = restoration_party(options);
        const Json key = made_of(ground_, options, party);
        std::optional<Json> row = run_.kept.find(file_name(entrant), key);
        if (row && !has_pictures(entrant, *row)) row.reset();
        if (!row) {
            row = measured(entrant, party, options);
            if (!row) return row;
            run_.kept.keep(file_name(entrant), key, *row);
        }
        for (const Json& input : row->at("failed"))
            result_.failed.push_back({input.at(0), input.at(1), input.at(2), input.at(3)});
        row->erase("failed");
        return row;
    }

    bool has_pictures(const TableEntrant& entrant, const Json& row) const {
        return std::all_of(row.at("faces").begin(), row.at("faces").end(), [&](const Json& face) {
            const auto index = face.get<std::size_t>();
            return !shown_.contains(index) ||
                   (std::filesystem::exists(run_.kept.beside(file_name(entrant), original_file(index))) &&
                    std::filesystem::exists(run_.kept.beside(file_name(entrant), restored_file(index))));
        });
    }

    std::optional<Json> measured(const TableEntrant& entrant, const RestorationParty& party,
                                 const RestorationOptions& options) {
        PsnrOptions psnr;
        psnr.channels = "y";
        psnr.border_px = options.border_px;
        Json faces = Json::array(), ratios = Json::array();
        const auto sink = [&](std::size_t face, const Image& hr, std::span<const Image> restored) {
            faces.push_back(face);
            ratios.push_back(measure_to_json(psnr_db(hr, restored.front(), psnr)));
            if (!shown_.contains(face)) return;
            save_picture(run_.kept.beside(file_name(entrant), original_file(face)), hr);
            save_picture(run_.kept.beside(file_name(entrant), restored_file(face)), restored.front());
        };
        const auto progress = [&](std::size_t done, std::size_t total, std::size_t failed) {
            if (run_.progress) run_.progress(ground_.title() + ", " + entrant.name, done, total, failed);
        };
        const Report report =
            restoration_report(ground_.faces, party, options, provenance_now(run_.command), progress, run_.stop, sink);
        if (report.interrupted) {
            result_.interrupted = true;
            return std::nullopt;
        }
        Json row = row_of(report, ground_.judges.names);
        row["faces"] = std::move(faces);
        row["psnr_y_of_faces"] = std::move(ratios);
        return row;
    }

    void add_pictures(const TableEntrant& entrant, TableStrip& strip) const {
        for (TableFace& shown : strip.faces) {
            const std::filesystem::path restored = run_.kept.beside(file_name(entrant), restored_file(shown.face));
            if (!std::filesystem::exists(restored)) continue;  // the face could not be read
            if (shown.original.empty())
                shown.original = read_image(run_.kept.beside(file_name(entrant), original_file(shown.face)));
            shown.restorers.push_back(entrant.name);
            shown.restored.push_back(read_image(restored));
        }
    }

    void add_gains() {
        const auto floor = std::find_if(rows_.begin(), rows_.end(), [](const Json& row) {
            return row.contains("faces") && row.at("network") == kFloor;
        });
        if (floor == rows_.end()) return;
        const Json bicubic = *floor;
        for (Json& row : rows_) {
            if (!row.contains("faces")) continue;
            const std::vector<double> differences = gains(row, bicubic);
            double sum = 0;
            for (const double difference : differences) sum += difference;
            const Interval interval = bootstrap_mean(differences, run_.recipe.seed);
            row["psnr_y_gain"] = measure_to_json(sum / static_cast<double>(differences.size()));
            row["psnr_y_gain_low"] = measure_to_json(interval.low);
            row["psnr_y_gain_high"] = measure_to_json(interval.high);
        }
    }

    /// Times of all restorers in turns, which rows that were measured one after the other cannot tell.
    void add_times() {
        std::vector<std::string> items;
        for (const std::string& item : items_)
            if (!item.empty() && std::find(items.begin(), items.end(), item) == items.end()) items.push_back(item);
        if (items.empty()) return;
        RestorationOptions options = options_on(run_, ground_, items);
        options.judges.resize(1);
        options.features.clear();
        options.feature_heads.clear();
        options.limit = run_.recipe.timed_faces;
        const RestorationParty party = restoration_party(options);
        Json key = made_of(ground_, options, party);
        key["threads"] = options.threads;
        const std::string name = ground_.name() + "__times";
        std::optional<Json> times = run_.kept.find(name, key);
        if (!times) {
            const Report report =
                restoration_report(ground_.faces, party, options, provenance_now(run_.command), {}, run_.stop);
            if (report.interrupted) {
                result_.interrupted = true;
                return;
            }
            times = Json::array();
            for (const Json& row : report.rows) times->push_back(row.at("ms_per_face"));
            run_.kept.keep(name, key, *times);
        }
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const auto at = std::find(items.begin(), items.end(), items_[i]);
            if (at != items.end()) rows_[i]["ms_per_face"] = times->at(std::size_t(at - items.begin()));
        }
    }

    const TableRun& run_;
    const TableGround& ground_;
    TableResult& result_;
    std::set<std::size_t> shown_;
    std::vector<Json> rows_;
    std::vector<std::string> items_;  ///< of each row, NAME=FILE; empty: it could not be made
};

}  // namespace

void add_restorations(const TableRun& run, TableResult& result) {
    if (run.recipe.restorers.empty()) return;
    TableJudges judges = table_judges(run.recipe.judges, run.places, result.missing);
    add_features(run.recipe, run.places, judges, result.missing);
    result.judges = judges.names;
    if (judges.items.empty()) {
        result.missing.emplace_back("without a judge no restorer is measured");
        return;
    }
    for (const TableData& data : run.recipe.data) {
        std::unique_ptr<Dataset> faces;
        try {
            faces = open_table_data(data, run.places);
        } catch (const InputError& error) {
            tell_missing(result, data.name + ": " + error.what());
            continue;
        }
        for (const int scale : run.recipe.scales) {
            if (result.interrupted) return;
            const TableGround ground{data, *faces, scale, judges};
            Restorations(run, ground, result).measure();
        }
    }
}

}  // namespace affectsr
