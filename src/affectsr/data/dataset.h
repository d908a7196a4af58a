// A labelled set of face pictures, read one sample at a time.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/face/expression.h"
#include "affectsr/face/face.h"
#include "affectsr/image/image.h"

namespace affectsr {

/// FER+ counts of ten annotators: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown, not a
/// face.
using FerPlusVotes = std::array<int, 10>;

/// What is known of a sample before its picture is decoded.
struct SampleInfo {
    std::filesystem::path path;    ///< of the picture; for a CSV of pixels, the CSV itself
    std::int64_t row = 0;          ///< 1-based line of the list that names it (for messages)
    std::optional<Emotion> label;  ///< the data set's own label; none: unlabelled
    std::optional<FerPlusVotes> votes;
    std::string split;    ///< as the data set spells it: "Training", "test", …
    std::string subject;  ///< the person; empty: not known
    bool usable = true;   ///< false: the list marks it blank or a copy of another split's picture
};

/// A sample: its picture and what is known of it.
struct Sample {
    Image picture;
    SampleInfo info;
    Landmarks landmarks_in_picture;  ///< five points where the data set has them
};

/// A folder or file of a data set that is there but could not be entered, followed or looked at, so that the samples
/// in it, if any, are missing.
struct Unreadable {
    std::filesystem::path path;  ///< as the walk met it, below the data set's root
    std::string reason;          ///< "Permission denied", "the link leads nowhere", …
    std::string split;           ///< whose samples it would hold; empty: not known
};

/// What a data set is. Nothing that it names is left out in silence: samples + skipped rows + what `unreadable` may
/// hold.
struct DatasetCard {
    std::string name;    ///< catalog name, or the folder's for a manifest
    std::string source;  ///< paper or origin
    std::string licence;
    std::vector<std::string> splits;  ///< as found
    std::string sha256;               ///< of the list file(s) that define it
    std::int64_t skipped = 0;         ///< rows that the list names but that cannot be used (with a log line each)
    std::int64_t listed = 0;          ///< rows (or pictures found) of all splits, the skipped ones too
    /// What a walk through the folders could not enter; of the chosen split where that can be told. One warning counts
    /// them. A caller that answers for the whole data set must treat them as inputs that failed.
    std::vector<Unreadable> unreadable;
};

/// A data set. Immutable once opened; every method may be called from several threads at once.
class Dataset {
 public:
    virtual ~Dataset() = default;
    virtual const DatasetCard& card() const = 0;
    virtual std::size_t size() const = 0;
    /// Without touching the picture. Throws Bug if i ≥ size().
    virtual const SampleInfo& info(std::size_t i) const = 0;
    /// Decodes the picture. Throws InputError naming the file and the row of the list if it is missing or broken.
    virtual Sample at(std::size_t i) const = 0;
};

/// Where a data set is and which part of it is wanted.
struct DatasetOptions {
    std::filesystem::path root;  ///< folder of the user's copy
    std::string split;           ///< as the data set spells it, any case; empty: all
    void fields(auto&& f) {
        f("root", root, "folder of the data set");
        f("split", split, "which part, as the data set spells it; empty: all");
    }
};

}  // namespace affectsr
