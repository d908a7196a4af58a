// Fits a model's temperatures by size on faces that it did not learn from (docs/adr/0016).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/experiment/judge.h"
#include "affectsr/experiment/report.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

struct CalibrateOptions {
    std::filesystem::path data;
    std::string dataset;
    std::string split;
    std::string truth = "label";
    std::string head;
    std::vector<int> sizes = {48, 24, 16, 12, 8};
    std::vector<int> views = {1, 2};
    std::string shape = "line";
    std::string restorer = "bicubic";
    std::string restorer_model;
    std::string precision = "auto";
    int least_faces = 200;
    int least_of_class = 2;
    int batch = 64;
    int threads = 0;

    void fields(auto&& f) {
        f("data", data, "folder that the recipe's data sets lie in; with --dataset that data set's folder");
        f("dataset", dataset,
          "what kind of data set it is that the model did not learn from; default: the faces that its training held "
          "out");
        f("split", split, "which part of --dataset; empty: all");
        f("truth", truth, "with --dataset, what counts as right: the list's label, or the majority of the FER+ votes",
          OneOf{{"label", "votes"}});
        f("head", head,
          "which head is calibrated; default: all that learned from held-out faces, or as in `evaluate sizes`");
        f("sizes", sizes, "sides that the faces are reduced to, in pixels", Range{1, 1024});
        f("views", views, "numbers of views that get temperatures", Range{1, 2});
        f("shape", shape,
          "line: linear over log2 of the size, fitted to all sizes together; points: every size for itself",
          OneOf{{"line", "points"}});
        f("restorer", restorer, "who makes a face clear before it is read");
        f("restorer_model", restorer_model, "its ModelFile, if it is a network; default: models/RESTORER.safetensors");
        f("precision", precision, "number format of the networks; auto: bf16 if native",
          OneOf{{"auto", "f32", "bf16"}});
        f("least_faces", least_faces, "refuse to fit a temperature to fewer faces", Range{1, 1e9});
        f("least_of_class", least_of_class, "refuse to fit where a class has fewer faces", Range{0, 1e9});
        f("batch", batch, "faces per pass through the networks", Range{1, 4096});
        f("threads", threads, "judging threads; 0: as many as the machine has", Range{0, 1024});
    }
};

/// A model with its new temperatures, and the account of them.
struct Calibrated {
    ModelFile model;  ///< tensors as they were; card.heads.HEAD.temperatures and card.figures.calibration are new
    Report report;    ///< a row per head, number of views and size
};

/// Reads the faces that `model` (called `where` in messages) did not learn from at every size, and fits temperatures
/// for every head and number of views, as `options.shape` says (one size alone is a point). Temperatures of other heads
/// and views stay as they are. Rows: head, views, size, n, unused (faces without an answer or with a truth that no
/// class is), temperature_before, temperature, accuracy, nll_before, nll, ece_before, ece; over all faces of a size
/// together, whatever source they come from. The expected calibration errors under card.figures.evaluation are set to
/// null: they are of the old temperatures. Of an interrupted run the report says so and the model is as it was. Throws
/// as held_out_faces, Pipeline and judge; InputError (`too_few_faces`) naming the head and the class; UsageError for
/// unknown heads and for sizes or views named twice.
Calibrated calibrate(const ModelFile& model, const std::string& where, const CalibrateOptions& options,
                     const std::string& command, const JudgeProgress& progress = {}, std::stop_token stop = {});

}  // namespace affectsr
