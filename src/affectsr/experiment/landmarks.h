// The experiment `evaluate landmarks`: how far points of faces are off at ever smaller sizes (docs/evaluation.md).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/detect/landmarker.h"
#include "affectsr/experiment/report.h"

namespace affectsr {

struct LandmarksOptions {
    std::vector<std::string> labels, data;
    std::string dataset = "manifest";
    std::string split = "val";
    std::vector<std::string> landmarkers = {"landmark_net"};
    std::vector<int> sizes = {64, 48, 32, 24, 16, 12};
    double jitter = 0;
    double least_score = 0.5;
    int limit = 0;
    int threads = 1;
    std::uint64_t seed = 1;

    void fields(auto&& f) {
        f("labels", labels, "files of the true points, one for each data set (affectsr annotate landmarks)");
        f("data", data, "folders of the data sets, in the same order");
        f("dataset", dataset, "catalog name of the data sets");
        f("split", split, "which part of them, as they spell it; empty: all");
        f("landmarkers", landmarkers, "who looks for points, as NAME or NAME=MODEL_FILE");
        f("sizes", sizes, "sides of the crops in pixels", Range{8, 1024});
        f("jitter", jitter,
          "crops are moved by up to ± this share of their side, made smaller or larger by as much, and turned by up to "
          "± as many quarter turns; 0: framed by the true points",
          Range{0, 0.3});
        f("least_score", least_score, "faces of a lower face score count as refused", Range{0, 1});
        f("limit", limit, "take the first so many faces of each data set; 0: all", Range{0, 1e9});
        f("threads", threads, "cores that one call may use", Range{1, 1024});
        f("seed", seed, "of the jitter");
    }
};

/// A landmarker under test.
struct LandmarkerUnderTest {
    std::string name, model_sha256;
    std::unique_ptr<const Landmarker> landmarker;
};

/// Given after every face: how many are done, of how many, how many failed.
using LandmarksProgress = std::function<void(std::size_t done, std::size_t total, std::size_t failed)>;

/// The landmarkers that the options name. Throws as make_landmarker, and UsageError for none or one named twice.
std::vector<LandmarkerUnderTest> landmarkers_of(const LandmarksOptions& options);

/// Rows for every landmarker and size: {"landmarker", "size", "faces", "mean", "median", "over_tenth", "eyes", "brows",
/// "lips", "refused", "expected", "rank_correlation", "ms"}. An error is the mean distance of a face's 478 points in
/// the picture plane over the distance of the outer eye corners (points 33 and 263) of the truth; "over_tenth" the
/// share of faces above .1; eyes (with irises), brows and lips the mean of those points; "refused" the share of faces
/// with a lower face score, which count in all the rest; "expected" the mean of what the landmarker expected its error
/// to be and "rank_correlation" Spearman's with what it was (null: it does not say); "ms" the time of one face alone,
/// landmarkers in turns. Pictures that cannot be read are the report's failed inputs. Throws UsageError for as many
/// labels as there are no folders, InputError as read_landmark_labels, labels_of and open_dataset.
Report landmarks_report(const std::vector<LandmarkerUnderTest>& landmarkers, const LandmarksOptions& options,
                        Provenance made_by, const LandmarksProgress& progress = {}, std::stop_token stop = {});

}  // namespace affectsr
