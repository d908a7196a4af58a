// AffectNet, both releases: faces from the web with expression, valence and arousal.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// The single number in a NumPy file: a 0-d or one-element array of a string (<U, |S), an integer or a float,
/// little-endian. Anything else: std::nullopt. Source: NumPy format 1.0–3.0.
std::optional<double> npy_number(std::span<const std::uint8_t> file);

/// Two layouts, told apart by what is there:
///   training.csv, validation.csv (full release)            splits training and validation, in the order of the lists
///   train_set/images/1.jpg, train_set/annotations/1_exp.npy (reduced; also val_set)    splits train and val, sorted by
///   path
/// Pictures without one of the eight emotions (none, uncertain, no face, no annotation) are skipped and counted. Throws
/// UsageError for an unknown split, InputError (`dataset_unreadable`) if neither layout is found.
/// Source: Mollahosseini et al. 2017, arXiv:1708.03985.
class AffectNet : public PictureList {
 public:
    explicit AffectNet(const DatasetOptions& options);
};

}  // namespace affectsr
