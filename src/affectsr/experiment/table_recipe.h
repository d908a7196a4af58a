// A table of restorers as data: which faces, who restores, who judges (docs/evaluation.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"

namespace affectsr {

/// Faces of a table.
struct TableData {
    std::string name = {}, dataset = "manifest", root = {}, split = {};
    int limit = 0;
    std::vector<std::string> classes = {};
    void fields(auto&& f) {
        f("name", name, "what the table calls it");
        f("dataset", dataset, "what kind of data set it is");
        f("root", root, "its folder; a relative one lies in the folder that --data names");
        f("split", split, "which part, as the data set spells it; empty: all");
        f("limit", limit, "take so many faces only; 0: all", Range{0, 1e9});
        f("classes", classes,
          "for expressions: only faces of these, and the answer is the likeliest of them; none: all classes");
    }
};

/// A restorer of a table, in one or several trainings.
struct TableRestorer {
    std::string name, network;
    std::vector<std::string> models;
    std::vector<int> only;
    std::vector<std::string> before = {};
    std::string aligned_to = {};
    void fields(auto&& f) {
        f("name", name, "what the table calls it");
        f("network", network, "its catalog name");
        f("models", models,
          "its model files, one for each training; none: the default, or it needs no weights. A relative one lies in "
          "the folder that --models names, else in the recipe's root");
        f("only", only, "of the table's scales or sizes only these; none: all", Range{1, 1024});
        f("before", before, "for expressions: of the readers only these, as they are listed; none: all");
        f("aligned_to", aligned_to,
          "for expressions: a crop template that what was restored is aligned to, by points found on the small face; "
          "empty: it stays as the original was aligned");
    }
};

/// Whether the restorer is before this reader, as the recipe lists it.
bool is_before(const TableRestorer& restorer, const std::string& reader);

/// Whether restoring a face before it is read helps: accuracy on labelled faces.
struct TableExpressions {
    std::vector<TableData> data;
    bool originals = false;
    std::vector<int> sizes{32, 16, 12};
    std::vector<std::string> readers;
    std::vector<TableRestorer> restorers;
    void fields(auto&& f) {
        f("data", data, "labelled faces");
        f("originals", originals,
          "the faces are read as large as they are, too: three phases, large, small and restored");
        f("sizes", sizes, "sides that the faces are reduced to, in pixels", Range{1, 1024});
        f("readers", readers, "classifiers, as NAME or NAME=MODEL_FILE; found as the restorers' files are");
        f("restorers", restorers, "who restores a face before it is read; each is held against reading it directly");
    }
};

/// Everything that a table is made of. Read from JSON; an unknown key is an error.
struct TableRecipe {
    std::string name, title, root = ".";
    std::vector<TableData> data;
    std::vector<int> scales{4};
    std::vector<TableRestorer> restorers;
    std::vector<std::string> judges;
    TableExpressions expressions;
    int pictures = 4, timed_faces = 32;
    std::string features, feature_heads, precision = "auto";
    int border_px = 0;
    std::uint64_t seed = 1;
    void fields(auto&& f) {
        f("name", name, "name of the files that are written");
        f("title", title, "what the table is of");
        f("root", root, "folder that model files are relative to, seen from the recipe");
        f("data", data, "faces that are reduced and restored");
        f("scales", scales, "faces of 128 px are reduced so many times and restored", Range{2, 16});
        f("restorers", restorers, "who restores, in the order of the table");
        f("judges", judges,
          "who reads the expressions, as NAME, NAME=MODEL_FILE or MODEL_FILE; never a network that a restorer learned "
          "from");
        f("expressions", expressions, "accuracy of classifiers on labelled faces, read directly and restored first");
        f("pictures", pictures, "faces of every data set that are shown", Range{0, 64});
        f("timed_faces", timed_faces, "faces that all restorers restore in turns for their time; 0: none is told",
          Range{0, 1e6});
        f("features", features, "whose features perceptual distances look at, as NETWORK=FILE; empty: none");
        f("feature_heads", feature_heads, "LPIPS v0.1's linear heads of that network; without them it is not LPIPS");
        f("precision", precision, "number format of the networks; auto: bf16 if native",
          OneOf{{"auto", "f32", "bf16"}});
        f("border_px", border_px, "pixels that PSNR and SSIM leave out on every side", Range{0, 56});
        f("seed", seed, "of the bootstrap intervals");
    }
};

/// Reads a recipe. Throws UsageError naming file and key for an unknown key, a value out of range, two things of one
/// name, or restorers without data, judges or readers; InputError if the file cannot be read or is not JSON.
TableRecipe read_table_recipe(const std::filesystem::path& file);

/// A name as part of a file's: small letters and digits, everything else "_".
std::string slug_of(const std::string& name);

/// Where a table's files lie.
struct TablePlaces {
    std::filesystem::path data;    ///< folder of relative data sets
    std::filesystem::path models;  ///< where model files are looked for first; empty: nowhere
    std::filesystem::path root;    ///< where they are looked for next: the recipe's root
    std::filesystem::path rows;    ///< folder that finished rows are kept in
};

/// The places of a recipe read from `recipe_file`, whose results go to `output`.
TablePlaces table_places(const TableRecipe& recipe, const std::filesystem::path& recipe_file,
                         const std::filesystem::path& data, const std::filesystem::path& models,
                         const std::filesystem::path& output);

/// Where the model file that a recipe names lies. Throws ModelError (`no_such_model`) naming the places.
std::filesystem::path find_table_model(const std::string& file, const TablePlaces& places);

/// "NAME=FILE" or "FILE.safetensors" with the file's place; a NAME alone stays. Throws as find_table_model.
std::string find_table_judge(const std::string& item, const TablePlaces& places);

}  // namespace affectsr
