// The faces that a network's training put aside, found again from the recipe in its card.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "affectsr/data/dataset.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// What a head is held against.
struct HeadTruth {
    std::string head;   ///< of the network
    std::string truth;  ///< as in JudgeOptions: "label" or "votes"
};

/// A data source of a recipe: the usable faces with a target that were held out, and what they can tell.
struct HeldOutSource {
    std::unique_ptr<Dataset> faces;  ///< these alone; its card is the whole data set's
    std::string split;               ///< of the data set; empty: all
    std::vector<HeadTruth> truths;   ///< what training taught with it
};

/// The held-out faces of every source of the card's recipe, which names data sets, share and seed. The sources' roots
/// are taken from `data_root`. Nothing is decoded. Throws UsageError (`no_recipe`) if the card has no recipe that holds
/// faces out, InputError (`other_faces`) if a data set is not the one that was learned from (its list has another hash,
/// or leaves another number of faces to learn from), and as open_dataset; `where`, the model's name, begins the
/// message.
std::vector<HeldOutSource> held_out_faces(const ModelCard& card, const std::filesystem::path& data_root,
                                          const std::string& where);

}  // namespace affectsr
