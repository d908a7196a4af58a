// The experiment `evaluate table`: what a recipe asks for, measured row by row and kept on the way
// (docs/evaluation.md).
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/data/dataset.h"
#include "affectsr/experiment/kept_rows.h"
#include "affectsr/experiment/report.h"
#include "affectsr/experiment/table_recipe.h"
#include "affectsr/image/image.h"

namespace affectsr {

/// One face of a table, as everybody made it.
struct TableFace {
    std::size_t face = 0;  ///< its index in the data set
    Image original;
    std::vector<std::string> restorers;  ///< names of rows
    std::vector<Image> restored;         ///< in their order
};

/// Faces of one data set at one scale.
struct TableStrip {
    std::string data;
    int scale = 0;
    std::vector<TableFace> faces;
};

/// Everything that was measured.
struct TableResult {
    Provenance made_by;
    /// One for every data set, scale, restorer and training: {"data", "scale", "restorer", "network", "model",
    /// "model_sha256", "training_steps", "training_seconds", "error", "n", "psnr_y", "psnr_y_gain", "psnr_y_gain_low",
    /// "psnr_y_gain_high", "psnr_rgb", "ssim_y", "landmark_shift", "landmark_n", "lpips", "lpips_like",
    /// "frechet_distance", "fell_back", "ms_per_face", "judge1": {"name", "ecm", "l_h", "l_conf", "flip_rate",
    /// "flip_rate_low", "flip_rate_high", "flips", "flip_labels"}, "judge2": …, "made_by"}. A gain is over bicubic on
    /// the same faces, with its 95 % bootstrap interval. "error" is a sentence where the row could not be made, and
    /// everything after it is missing then.
    std::vector<Json> rows;
    /// One for every data set, reader, restorer, training and size: {"data", "reader", "restorer", "model", "size",
    /// "error"} and the keys of paired_figures(), a being the face read directly, b the restored one;
    /// "flips_by_restoring" (flips_between a and b) and "restoring_ms_per_face" (wall time of the restorer, on as many
    /// threads as judge). With the recipe's `originals` also "original" (figures_of the faces as large as they are),
    /// "reducing_p" (mcnemar of those and a), "flips_by_reducing" (of those and a), "flips_in_the_end" (of those and
    /// b).
    std::vector<Json> expressions;
    std::vector<std::string> judges;  ///< of "judge1", "judge2", …
    std::vector<TableStrip> strips;
    std::vector<FailedInput> failed;   ///< pictures that could not be read
    std::vector<std::string> missing;  ///< what could not be measured and why, a sentence each, none twice
    bool interrupted = false;          ///< rows that were not finished are not there
};

/// Given what is being measured, how many of its faces are done, of how many, how many failed.
using TableProgress =
    std::function<void(const std::string& what, std::size_t done, std::size_t total, std::size_t failed)>;

/// What the parts of a run share.
struct TableRun {
    const TableRecipe& recipe;
    const TablePlaces& places;
    TableProgress progress;
    std::stop_token stop;
    std::string command;
    int threads = 1;
    KeptRows kept;
};

/// Measures what the recipe asks for, and reads from `places.rows` what an earlier run measured of the same models,
/// judges, faces and settings. A model file or data set that is missing or cannot be used is a row with an "error" or a
/// sentence of `missing`, and the rest goes on. Throws UsageError for what the recipe cannot mean (an unknown network,
/// a restorer of another scale), ResourceError for the disk.
TableResult run_table(const TableRecipe& recipe, const TablePlaces& places, const std::string& command, int threads,
                      const TableProgress& progress = {}, std::stop_token stop = {});

/// The rows of a recipe's first part, strips included, added to `result`.
void add_restorations(const TableRun& run, TableResult& result);
/// Those of its second part.
void add_expressions(const TableRun& run, TableResult& result);

/// The data set that a recipe names. Throws as open_dataset.
std::unique_ptr<Dataset> open_table_data(const TableData& data, const TablePlaces& places);

/// A restorer in one of its trainings.
struct TableEntrant {
    const TableRestorer* restorer;
    std::string name;  ///< with the training's number where there are several
    std::string file;  ///< as the recipe names it; empty: none
};
/// Those of the restorers that take part at this scale or size, in the recipe's order.
std::vector<TableEntrant> entrants(const std::vector<TableRestorer>& restorers, int step);

/// {"network", "model", "model_sha256", "training_steps", "training_seconds"} of an entrant whose model file lies at
/// `file` (empty: it has none, or the default): from its card, null where the card does not tell.
Json about_model(const TableEntrant& entrant, const std::string& file);

}  // namespace affectsr
