#include "affectsr/experiment/restoration.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/engine/threads.h"
#include "affectsr/experiment/middle_face.h"
#include "affectsr/experiment/restoration_tally.h"
#include "affectsr/experiment/sizes.h"
#include "affectsr/face/align.h"
#include "affectsr/face/mesh.h"
#include "affectsr/image/degrade.h"
#include "affectsr/image/resize.h"
#include "affectsr/pipeline/restoration.h"
#include "affectsr/plan/precision.h"
#include "affectsr/restore/catalog.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

namespace {

RestorerUnderTest restorer_under_test(const std::string& item, const RestorationOptions& options) {
    const auto [name, file] = name_and_file(item);
    RestorerUnderTest one{item, "", load_restorer(name, file, options.precision, kRestoredPx, options.scale)};
    const RestorerNeeds needs = one.restorer->needs();
    const int input_px = needs.input_px > 0 ? needs.input_px : kRestoredPx / options.scale;
    const int output_px = needs.scale > 0 ? needs.scale * input_px : needs.output_px;
    const bool of_its_own_size = needs.scale == 0 && output_px > kRestoredPx;  // reduced before it is compared
    if (output_px != kRestoredPx && !of_its_own_size)
        throw UsageError("the restorer " + item + " makes pictures of " + std::to_string(output_px) + " px of " +
                         std::to_string(input_px) + "; --scale " + std::to_string(options.scale) + " asks for " +
                         std::to_string(kRestoredPx) + ": name one of that scale");
    one.model_sha256 = one.restorer->model_sha256();
    return one;
}

/// The points of a face of a picture; none where there is no face or the landmarker is not sure of it.
Landmarks sure_points(const RestorationParty& party, const Image& picture, const std::optional<Face>& face,
                      double least_score) {
    if (!face) return {};
    LandmarkedFace found = party.landmarker->locate_in(picture, *face);
    if (double{found.face_score} < least_score || !(eye_distance(found.landmarks_in_crop) > 0)) return {};
    return std::move(found.landmarks_in_crop);
}

/// The small face as a restorer is given it.
FaceCrop small_face(const Image& hr, int scale) {
    FaceCrop crop;
    Degradation small;
    small.size_px = kRestoredPx / scale;
    std::mt19937_64 unused;  // a reduction has nothing random
    crop.pixels = degrade(hr, small, unused);
    crop.face_in_photo_px = static_cast<float>(crop.pixels.width);
    return crop;
}

/// Every face goes through here, before all restorers and judges.
class RestorationRound {
 public:
    RestorationRound(const RestorationParty& party, const RestorationOptions& options, const RestorationSink& sink)
        : tallies(party.restorers.size(), RestorationTally(options, party.judges.size())),
          party_(party),
          options_(options),
          sink_(sink),
          points_(party.landmarker, options.landmark_threshold) {}

    /// Throws InputError (`too_small`) for a picture under kRestoredPx.
    void see(const Image& picture, std::size_t number) {
        const Image hr = cut_whole(picture, kRestoredPx).pixels;
        if (hr.width < kRestoredPx)
            throw InputError("too_small", "the middle square of the picture is " + std::to_string(hr.width) +
                                              " px; the originals of this experiment have " +
                                              std::to_string(kRestoredPx));
        const std::vector<Image> restored = restore(small_face(hr, options_.scale), number);
        const std::optional<Face> face = middle_face(hr, *party_.detector);
        const Landmarks mesh = sure_points(party_, hr, face, options_.least_score);
        for (std::size_t i = 0; i < restored.size(); ++i) {
            Landmarks moved;
            // Whether the restored one still looks like a face is not asked: then its points are far off, and count.
            if (!mesh.empty()) moved = party_.landmarker->locate_in(restored[i], *face).landmarks_in_crop;
            Judged judged;
            judged.hr = &hr, judged.sr = &restored[i];
            if (!mesh.empty()) judged.mesh_in_hr = &mesh, judged.mesh_in_sr = &moved;
            tallies[i].add_picture(judged);
        }
        read(hr, restored);
        if (party_.features) look_at_features(hr, restored);
        if (sink_) sink_(number, hr, restored);
    }

    std::vector<RestorationTally> tallies;  ///< one for each restorer

 private:
    std::vector<Image> restore(const FaceCrop& small, std::size_t number) {
        using Clock = std::chrono::steady_clock;
        std::vector<Image> pictures(party_.restorers.size());
        for (std::size_t turn = 0; turn < pictures.size(); ++turn) {
            const std::size_t at = (turn + number) % pictures.size();
            const Restorer& restorer = *party_.restorers[at].restorer;
            const Clock::time_point start = Clock::now();
            Restored restored = restore_checked(restorer, std::span(&small, 1), kRestoredPx, &points_).front();
            tallies[at].add_time(std::chrono::duration<double>(Clock::now() - start).count(),
                                 !restored.reason.empty() && !did_without_landmarks(restored.reason));
            const bool compared_as_it_is = restored.picture.width == kRestoredPx;
            pictures[at] = compared_as_it_is ? std::move(restored.picture)
                                             : resize(restored.picture, {kRestoredPx, kRestoredPx}, Filter::bicubic);
        }
        return pictures;
    }

    void look_at_features(const Image& hr, const std::vector<Image>& restored) {
        const PictureFeatures& features = *party_.features;
        const PictureFeatures::Layers of_hr = features.see(hr);
        const std::vector<float> hr_means = features.means(of_hr);
        for (std::size_t i = 0; i < restored.size(); ++i) {
            const PictureFeatures::Layers of_sr = features.see(restored[i]);
            const std::vector<float> sr_means = features.means(of_sr);
            Judged judged;
            judged.features_of_hr = hr_means, judged.features_of_sr = sr_means;
            tallies[i].add_features(features.distance(of_hr, of_sr), judged);
        }
    }

    /// Original and restored faces before every judge, in one pass, so that all are read alike.
    void read(const Image& hr, const std::vector<Image>& restored) {
        std::vector<Image> pictures{hr};
        pictures.insert(pictures.end(), restored.begin(), restored.end());
        for (std::size_t j = 0; j < party_.judges.size(); ++j) {
            const std::vector<Expression> answers = party_.judges[j].classifier->classify_all(pictures);
            for (std::size_t i = 0; i < restored.size(); ++i)
                tallies[i].add_reading(j, answers.at(0), answers.at(i + 1));
        }
    }

    const RestorationParty& party_;
    const RestorationOptions& options_;
    const RestorationSink& sink_;
    const PointFinder points_;
};

void tell_how(Provenance& made_by, const DatasetCard& card, const RestorationOptions& options) {
    made_by.dataset = card.name;
    made_by.dataset_sha256 = card.sha256;
    made_by.dataset_listed = card.listed;
    made_by.dataset_skipped = card.skipped;
    made_by.dataset_unreadable = static_cast<std::int64_t>(card.unreadable.size());
    made_by.split = options.split;
    made_by.precision_asked = options.precision;
    made_by.precision = name_of(used_precision(precision_from(options.precision)));
    made_by.seed = options.seed;
    made_by.options = to_json(options);
    made_by.protocol =
        "the middle square of each picture, reduced to 128 px if it is larger, is the original; it is reduced by the "
        "scale by MATLAB bicubic and rounded to 8 bits, restored face by face, restorers in turns, and both are read "
        "by every judge at the size that it looks at";
}

void lay_out_restoration(Report& report, const RestorationOptions& options) {
    report.tables = {{"",
                      {{"restorer", "restorer"},
                       {"judge", "judge"},
                       {"scale", "scale"},
                       {"n", "faces"},
                       {"psnr_y", "PSNR Y", 2},
                       {"psnr_rgb", "PSNR RGB", 2},
                       {"ssim_y", "SSIM Y", 4},
                       {"ecm", "ECM", 2},
                       {"l_h", "L_H", 2},
                       {"l_conf", "L_conf", 4},
                       {"flip_rate", "flips", 3},
                       {"flip_rate_low", "95 % from", 3},
                       {"flip_rate_high", "to", 3},
                       {"landmark_shift", "shift", 4},
                       {"landmark_n", "of faces"},
                       {"lpips", "LPIPS", 4},
                       {"lpips_like", "LPIPS-like", 4},
                       {"frechet_distance", "Fréchet", 1},
                       {"fell_back", "fell back"},
                       {"ms_per_face", "ms a face", 2}}}};
    for (const Json& row : report.rows) {
        if (row.at("flips").is_null()) continue;
        Matrix matrix;
        matrix.title = "Labels by " + row.at("judge").get<std::string>() + " after " +
                       row.at("restorer").get<std::string>() + " (rows: original, columns: restored)";
        matrix.rows = matrix.columns = row.at("flip_labels").get<std::vector<std::string>>();
        matrix.cells = row.at("flips").get<std::vector<std::vector<std::int64_t>>>();
        report.matrices.push_back(std::move(matrix));
    }
    report.notes = {
        "PSNR and SSIM: Y of BT.601 (16-235, not rounded) or RGB, " + std::to_string(options.border_px) +
            " px left out on every side; means over faces",
        "ECM = " + Json(options.ecm.alpha).dump() + " L_H + " + (options.ecm.logarithm == "decimal" ? "log10" : "ln") +
            "(L_conf), lower is better: " + std::to_string(options.ecm.bins) +
            " bins of confidence on [0, 1], histograms as " + options.ecm.histogram + ", entropies in " +
            options.ecm.entropy + ", L_conf at least " + Json(options.ecm.epsilon).dump() +
            "; L_H grows as faces get fewer, so compare equal numbers of faces",
        "a face flips if the judge's label on the restored face is another than on the original",
        "a shift is the mean distance of 478 points from those of the original over the distance of its outer eye "
        "corners; of faces whose original the landmarker is sure of"};
    if (options.features.empty()) return;
    const std::string network = options.features.substr(0, options.features.find('='));
    report.notes.push_back((options.feature_heads.empty()
                                ? "LPIPS-like: LPIPS's distance without learned heads over the features of " + network
                                : "LPIPS v0.1 over " + network) +
                           "; Fréchet: over the means of its last layer, which is not FID; it falls as faces get more");
}

}  // namespace

RestorationParty restoration_party(const RestorationOptions& options) {
    expect_each_once("restorer", options.restorers);
    expect_each_once("judge", options.judges);
    if (kRestoredPx % options.scale != 0)
        throw UsageError("\"scale\" must divide " + std::to_string(kRestoredPx) + "; got " +
                         std::to_string(options.scale));
    RestorationParty party;
    for (const std::string& item : options.restorers) party.restorers.push_back(restorer_under_test(item, options));
    for (const std::string& item : options.judges) party.judges.push_back(expression_judge(item, options.precision));
    party.detector = make_detector(options.detector);
    party.landmarker = make_landmarker(options.landmarker);
    if (!options.features.empty()) {
        const auto [network, file] = name_and_file(options.features);
        if (file.empty()) throw UsageError("\"features\" names no file of weights; write " + network + "=FILE");
        party.features = std::make_unique<PictureFeatures>(network, file, options.feature_heads, kRestoredPx);
    } else if (!options.feature_heads.empty()) {
        throw UsageError("\"feature_heads\" are heads of a network; name it with its weights: --features NETWORK=FILE");
    }
    return party;
}

Report restoration_report(const Dataset& dataset, const RestorationParty& party, const RestorationOptions& options,
                          Provenance made_by, const RestorationProgress& progress, std::stop_token stop,
                          const RestorationSink& sink) {
    const DatasetCard& card = dataset.card();
    const std::size_t asked = options.limit > 0 ? static_cast<std::size_t>(options.limit) : dataset.size();
    const std::size_t total = std::min(asked, dataset.size());
    if (total == 0) throw UsageError("\"" + card.name + "\" has no faces in the split \"" + options.split + "\"");
    set_threads(options.threads);
    RestorationRound round(party, options, sink);
    Report report;
    report.failed = failed_inputs(dataset, {});  // folders that could not be entered
    std::size_t done = 0;
    while (done < total && !stop.stop_requested()) {
        try {
            round.see(dataset.at(done).picture, done);
        } catch (const InputError& error) {
            const SampleInfo& info = dataset.info(done);
            report.failed.push_back({info.path.string(), info.row, error.code(), error.what()});
        }
        ++done;
        if (progress) progress(done, total, report.failed.size());
    }
    report.title = "Restored faces: " + card.name + " " + options.split + ", " + std::to_string(options.scale) + "×";
    report.interrupted = done < total;
    report.made_by = std::move(made_by);
    tell_how(report.made_by, card, options);
    for (std::size_t i = 0; i < party.restorers.size(); ++i) {
        const RestorerUnderTest& one = party.restorers[i];
        report.facts["models"][one.name] = one.model_sha256.empty() ? Json() : Json(one.model_sha256);
        for (std::size_t j = 0; j < party.judges.size(); ++j) {
            const ExpressionJudge& judge = party.judges[j];
            report.facts["judges"][judge.name] = judge.model_sha256.empty() ? Json() : Json(judge.model_sha256);
            Json row{{"restorer", one.name}, {"judge", judge.name}};
            row.update(round.tallies[i].row(j));
            report.rows.push_back(std::move(row));
        }
    }
    lay_out_restoration(report, options);
    return report;
}

}  // namespace affectsr
