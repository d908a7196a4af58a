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
    std::vector<std::string> classes;
    std::string classifier = "small_net";
    std::string classifier_model;
    std::string head;
    std::string restorer = "bicubic";
    std::string restorer_model;
    std::string precision = "auto";
    int views = 1;
    std::string against;
    int against_views = 0;
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
        f("classes", classes,
          "expressions, by name: faces of others are left out, and the answer is the likeliest of these; none: all");
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
        f("against", against,
          "a second model, by name or file, that reads the same faces; the report then compares the two");
        f("against_views", against_views, "its views, where they are others; 0: as --views", Range{0, 2});
        f("limit", limit, "judge this many faces only, spread evenly over the list; 0: all", Range{0, 1e9});
        f("batch", batch, "faces per pass through the networks", Range{1, 4096});
        f("threads", threads, "judging threads; 0: as many as the machine has", Range{0, 1024});
        f("seed", seed, "of the bootstrap interval");
    }
};

/// The expressions of these names. Throws UsageError (`unknown_class`) for a word that names none.
std::vector<Emotion> classes_named(std::span<const std::string> words);

/// The head that answers for this truth: `wanted` if given; for labels the head named after the data set (in any case;
/// the folder form of a data set has the labels of its list form), where the network has one; else "", the answering
/// head. Throws UsageError if `wanted` is not among `heads`.
std::string head_for(const std::string& wanted, const std::string& truth, const std::string& dataset_name,
                     std::span<const std::string> heads);

/// What of a data set could not be read: folders and links that could not be entered, then pictures in the list's
/// order.
std::vector<FailedInput> failed_inputs(const Dataset& dataset, const Judgement& judgement);

/// Given one face under one size, as a row (docs/evaluation.md): size by size, faces in the list's order.
using FaceSink = std::function<void(const Json& row)>;

/// What a verdict on a face is as a row.
Json face_row(int size, const SampleInfo& info, const Verdict& verdict);

/// Who reads in this experiment.
struct SizesReader {
    Pipeline pipeline;
    std::string head;             ///< that answers, by name
    std::string model_sha256;     ///< of the classifier's file; empty: it has none
    std::string restorer_sha256;  ///< of the restorer's
};
/// The reader that the options name, for a data set of this name. Throws as Pipeline and head_for.
SizesReader open_sizes_reader(const SizesOptions& options, const std::string& dataset_name);

/// The same faces at all sizes of the options before every reader. Throws as judge(), and UsageError if no size is
/// given or one twice, or no row of the data set has the truth asked for (`no_truth`).
Judgement judge_sizes(const Dataset& dataset, std::span<const LookAll> readers, const SizesOptions& options,
                      const JudgeProgress& progress, std::stop_token stop);

/// A report without rows and tables: the provenance with the data set filled in, the failed inputs, how many faces
/// there are, and the notes that hold for every reader.
Report begun_report(const Dataset& dataset, const SizesOptions& options, const Judgement& judgement,
                    Provenance made_by);

/// The hash of a model file, found by `file` or, if that is empty, by `name`; "" if there is none. Throws ModelError as
/// ModelFile::open.
std::string weights_sha256(const std::string& name, const std::string& file);

/// The account of a run of the experiment by this reader; the report's options tell the head and the precision used.
Provenance provenance_of(const SizesOptions& options, const SizesReader& reader, const std::string& command);

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

/// The whole experiment of one reader on it: opens the pipeline and judges. `against` is not looked at
/// (sizes_against.h). `command` is what the user typed. Throws as Pipeline and sizes_report().
Report evaluate_sizes(const Dataset& dataset, const SizesOptions& options, const std::string& command,
                      const JudgeProgress& progress = {}, std::stop_token stop = {}, const FaceSink& face_sink = {});

}  // namespace affectsr
