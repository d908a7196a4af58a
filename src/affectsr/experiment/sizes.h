// The experiment `evaluate sizes`: how well the same faces are read at ever smaller sizes (docs/evaluation.md).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/experiment/judge.h"
#include "affectsr/experiment/report.h"

namespace affectsr {

struct SizesOptions {
    std::string dataset = "manifest";
    std::filesystem::path data;
    std::string split;
    std::vector<int> sizes = {48, 24, 16, 12, 8};
    std::string truth = "label";
    std::string classifier = "small_net";
    std::string classifier_model;
    std::string head;
    std::string restorer = "bicubic";
    std::string restorer_model;
    std::string precision = "auto";
    int views = 1;
    int limit = 0;
    int batch = 64;
    int threads = 0;
    std::uint64_t seed = 1;

    void fields(auto&& f) {
        f("dataset", dataset, "what kind of data set it is");
        f("data", data, "folder of the data set");
        f("split", split, "which part, as the data set spells it; empty: all");
        f("sizes", sizes, "sides that the faces are reduced to, in pixels", Range{1, 1024});
        f("truth", truth, "what counts as right: the list's label, or the majority of the FER+ votes",
          OneOf{{"label", "votes"}});
        f("classifier", classifier, "who reads the expression");
        f("classifier_model", classifier_model, "its ModelFile; default: models/CLASSIFIER.safetensors");
        f("head", head,
          "which head answers; default: for labels the one named after the data set, else the answering one");
        f("restorer", restorer, "who makes a face clear before it is read");
        f("restorer_model", restorer_model, "its ModelFile, if it is a network; default: models/RESTORER.safetensors");
        f("precision", precision, "number format of the networks; auto: bf16 if native",
          OneOf{{"auto", "f32", "bf16"}});
        f("views", views, "how often a face is read; 1: as it is, 2: also mirrored, the answer is their mean",
          Range{1, 2});
        f("limit", limit, "judge this many faces only, spread evenly over the list; 0: all", Range{0, 1e9});
        f("batch", batch, "faces per pass through the networks", Range{1, 4096});
        f("threads", threads, "judging threads; 0: as many as the machine has", Range{0, 1024});
        f("seed", seed, "of the bootstrap interval");
    }
};

/// The head that answers for this truth: `wanted` if given; for labels the head named after the data set (in any case;
/// the folder form of a data set has the labels of its list form), where the network has one; else "", the answering
/// head. Throws UsageError if `wanted` is not among `heads`.
std::string head_for(const std::string& wanted, const std::string& truth, const std::string& dataset_name,
                     std::span<const std::string> heads);

/// Given one face under one size, as a row (docs/evaluation.md): size by size, faces in the list's order.
using FaceSink = std::function<void(const Json& row)>;

/// The rows of the experiment, one per size in the order asked. Each has "size", "left_out" (rows of the list without
/// this truth), "not_reduced" (pictures under `size` px, taken as they are) and the keys of figures_of(). Pictures that
/// could not be read, and folders of the data set that could not be entered, are the report's failed inputs. `made_by`
/// goes into the report with the data set's name, hash, counts and split filled in. `face_sink` is given every verdict
/// once all are known. Throws as judge(), and UsageError if no size is given or no row of the data set has the truth
/// asked for.
Report sizes_report(const Dataset& dataset, const LookAll& look, const SizesOptions& options, Provenance made_by,
                    const JudgeProgress& progress = {}, std::stop_token stop = {}, const FaceSink& face_sink = {});

/// The data set that the options name. Throws as open_dataset.
std::unique_ptr<Dataset> open_dataset_of(const SizesOptions& options);

/// The whole experiment on it: opens the pipeline and judges. `command` is what the user typed. Throws as Pipeline and
/// sizes_report().
Report evaluate_sizes(const Dataset& dataset, const SizesOptions& options, const std::string& command,
                      const JudgeProgress& progress = {}, std::stop_token stop = {}, const FaceSink& face_sink = {});

}  // namespace affectsr
