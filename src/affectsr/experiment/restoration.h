// The experiment `evaluate restoration`: what restorers make of faces, and of their expressions (docs/evaluation.md).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/data/dataset.h"
#include "affectsr/detect/detector.h"
#include "affectsr/detect/landmarker.h"
#include "affectsr/experiment/expression_judge.h"
#include "affectsr/experiment/picture_features.h"
#include "affectsr/experiment/report.h"
#include "affectsr/metric/ecm.h"
#include "affectsr/pipeline/point_finder.h"
#include "affectsr/restore/restorer.h"

namespace affectsr {

struct RestorationOptions {
    std::string dataset = "manifest";
    std::filesystem::path data;
    std::string split = "val";
    int scale = 4;
    std::vector<std::string> restorers = {"bicubic"};
    std::vector<std::string> judges = {"small_net"};
    std::string landmarker = "landmark_net", detector = "small_face_net";
    double least_score = 0.5;
    double landmark_threshold = kSurePoints;
    std::string features;
    std::filesystem::path feature_heads;
    int border_px = 0;
    EcmOptions ecm;
    std::string precision = "auto";
    int limit = 0;
    int threads = 1;
    std::uint64_t seed = 1;

    void fields(auto&& f) {
        f("dataset", dataset, "what kind of data set it is");
        f("data", data, "folder of the data set");
        f("split", split, "which part, as the data set spells it; empty: all");
        f("scale", scale, "faces of 128 px are reduced so many times and restored", Range{2, 16});
        f("restorer", restorers, "who restores, as NAME or NAME=MODEL_FILE; several are compared on the same faces");
        f("judge", judges,
          "who reads the expressions, as NAME, NAME=MODEL_FILE or MODEL_FILE; never a network that a restorer learned "
          "from");
        f("landmarker", landmarker, "who says where the points of a face lie");
        f("detector", detector, "who finds the face whose points are looked for");
        f("least_score", least_score, "points count of originals with at least this face score", Range{0, 1});
        f("landmark_threshold", landmark_threshold,
          "a restorer does without the points of a small face that the landmarker is less sure of", Range{0, 1});
        f("features", features,
          "whose features perceptual distances look at, as NETWORK=FILE: alex, vgg, squeeze or squeezenet10 with its "
          "published weights; empty: none");
        f("feature_heads", feature_heads,
          "LPIPS v0.1's linear heads of that network; without them every channel counts alike, which is not LPIPS");
        f("border_px", border_px, "pixels that PSNR and SSIM leave out on every side", Range{0, 56});
        f("ecm_bins", ecm.bins, "equal bins of ECM's histograms", Range{1, 1000});
        f("ecm_histogram", ecm.histogram, "how ECM scales counts", OneOf{{"density", "share", "count"}});
        f("ecm_logarithm", ecm.logarithm, "ECM's logarithm", OneOf{{"natural", "decimal"}});
        f("ecm_entropy", ecm.entropy, "ECM's unit of entropy", OneOf{{"nats", "bits"}});
        f("precision", precision, "number format of restorers and judges; auto: bf16 if native",
          OneOf{{"auto", "f32", "bf16"}});
        f("limit", limit, "take the first so many faces; 0: all", Range{0, 1e9});
        f("threads", threads, "cores that one call may use", Range{1, 1024});
        f("seed", seed, "of the bootstrap interval");
    }
};

/// Side of the originals and of the restored faces, in pixels: the literature's.
inline constexpr int kRestoredPx = 128;

/// A restorer under test.
struct RestorerUnderTest {
    std::string name, model_sha256;  ///< no hash: it has no weights
    std::unique_ptr<const Restorer> restorer;
};

/// Everyone who has a part in the experiment.
struct RestorationParty {
    std::vector<RestorerUnderTest> restorers;
    std::vector<ExpressionJudge> judges;
    std::unique_ptr<const Detector> detector;
    std::shared_ptr<const Landmarker> landmarker;
    std::unique_ptr<const PictureFeatures> features;  ///< null: no perceptual distance is measured
};

/// Those that the options name. Throws UsageError for none, one named twice, an unknown one, or a restorer that does
/// not make faces of kRestoredPx at this scale (larger ones of its own size are reduced before they are compared);
/// ModelError as load_restorer and load_classifier.
RestorationParty restoration_party(const RestorationOptions& options);

/// Given every face: its index in the data set, the original, and what each restorer of the party made of it.
using RestorationSink = std::function<void(std::size_t face, const Image& hr, std::span<const Image> restored)>;

/// Given after every face: how many are done, of how many, how many failed.
using RestorationProgress = std::function<void(std::size_t done, std::size_t total, std::size_t failed)>;

/// Rows for every restorer and judge: {"restorer", "judge", "scale", "n", "psnr_y", "psnr_rgb", "ssim_y", "ecm", "l_h",
/// "l_conf", "flip_rate", "flip_rate_low", "flip_rate_high", "flips", "flip_labels", "landmark_shift", "landmark_n",
/// "lpips", "lpips_like", "frechet_distance", "fell_back", "ms_per_face"}. "lpips" is measured with heads, "lpips_like"
/// without them; "frechet_distance" over the last layer's means. "flips" has rows by the label on the original and
/// columns by that on the restored face; "landmark_n" counts the faces with points; "fell_back" those that the restorer
/// refused, restored by bicubic; "ms_per_face" is the time of one face alone, restorers in turns. A restorer that needs
/// landmarks gets those that a PointFinder finds on the small face, never those of the original. Measures that are not
/// defined are null. Pictures that cannot be read, and those under kRestoredPx (`too_small`), are the report's failed
/// inputs. Throws UsageError for a scale that does not divide kRestoredPx and a data set without faces, and what the
/// party throws.
Report restoration_report(const Dataset& dataset, const RestorationParty& party, const RestorationOptions& options,
                          Provenance made_by, const RestorationProgress& progress = {}, std::stop_token stop = {},
                          const RestorationSink& sink = {});

}  // namespace affectsr
