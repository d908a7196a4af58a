// RAF-DB, the basic (seven-class) part.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// Where RAF-DB is and which of its pictures are wanted.
struct RafDbOptions {
    std::filesystem::path root;
    std::string split;
    std::string pictures = "aligned";
    void fields(auto&& f) {
        f("root", root, "folder of the data set: basic/, the one above, or DATASET/ of the Kaggle copy");
        f("split", split, "train or test; empty: all");
        f("pictures", pictures, "100 px faces, or the photos they were cut from (with landmarks)",
          OneOf{{"aligned", "original"}});
    }
};

/// A file train_00001_manu_attri.txt.
struct RafDbAttributes {
    Landmarks landmarks_in_original;  ///< five points in the order of the file: eyes, nose, mouth corners
    int gender = 0;                   ///< 0 male, 1 female, 2 unsure
    int race = 0;                     ///< 0 Caucasian, 1 African-American, 2 Asian
    int age_group = 0;                ///< 0: 0–3, 1: 4–19, 2: 20–39, 3: 40–69, 4: 70 years and more
};
/// Five lines of two numbers, three of one; anything else: std::nullopt.
std::optional<RafDbAttributes> raf_db_attributes(std::string_view text);

/// Reads EmoLabel/list_patition_label.txt (sic) wherever it lies under the root, "train_00001.jpg 5" a line, in its
/// order; the split is the name's prefix. Without that list: folders train/1 … test/7 of the Kaggle copy. Lines without
/// a known label, with another name or that repeat one are skipped and counted. Landmarks come with `pictures` =
/// original, where Annotation/manual has them. Throws UsageError for an unknown split, InputError
/// (`dataset_unreadable`) if neither layout is found. Source: Li et al. 2017, "Reliable Crowdsourcing and Deep
/// Locality-Preserving Learning".
class RafDb : public PictureList {
 public:
    explicit RafDb(const RafDbOptions& options);
    Sample at(std::size_t i) const override;

 private:
    bool has_landmarks_;
};

}  // namespace affectsr
