// One data set at one scale of a table: what every restorer there is measured with, and what decides its row.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "affectsr/experiment/restoration.h"
#include "affectsr/experiment/table.h"

namespace affectsr {

/// Judges of a table whose files are there, and what perceptual distances look with.
struct TableJudges {
    std::vector<std::string> names;        ///< as the table calls them
    std::vector<std::string> items;        ///< NAME or NAME=FILE, with the file's place
    std::vector<std::string> listed = {};  ///< as the recipe lists them
    std::string features = {};             ///< NETWORK=FILE; empty: no perceptual distance is measured
    std::filesystem::path heads = {};      ///< of that network; empty: none
};

/// Adds a sentence to what is missing, if it is not there: a file is wanted by many rows.
void tell_missing(TableResult& result, const std::string& sentence);

/// Those of the list; adds a sentence to `missing` for each whose file is not there.
TableJudges table_judges(const std::vector<std::string>& items, const TablePlaces& places,
                         std::vector<std::string>& missing);

/// The recipe's features and heads, added to `judges`; where a file is not there, a sentence to `missing`.
void add_features(const TableRecipe& recipe, const TablePlaces& places, TableJudges& judges,
                  std::vector<std::string>& missing);

/// One data set at one scale.
struct TableGround {
    const TableData& data;
    const Dataset& faces;
    int scale;
    const TableJudges& judges;

    /// "lfw_val_4x": of the files of its rows.
    std::string name() const;
    /// "LFW val, 4×": for people.
    std::string title() const;
    /// Indices of so many faces, evenly over those that are looked at.
    std::set<std::size_t> evenly(std::size_t count) const;
};

/// The options of `evaluate restoration` for these restorers (NAME or NAME=FILE).
RestorationOptions options_on(const TableRun& run, const TableGround& ground, std::vector<std::string> restorers);

/// All that decides the figures of a row, hashes instead of places; where two agree, so do the figures.
Json made_of(const TableGround& ground, const RestorationOptions& options, const RestorationParty& party);

}  // namespace affectsr
