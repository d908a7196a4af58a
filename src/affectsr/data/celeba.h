// CelebA, aligned and cropped: 202,599 faces of celebrities, with five landmarks, without expressions.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// Five points by picture name, from list_landmarks_align_celeba.txt (a count, a line of column names, then a name and
/// ten numbers) or its .csv (column names first). The columns are found by their names, in any order. Rows that do not
/// fit are left out. Throws InputError (`dataset_unreadable`) if a column name is missing; `name` begins its message.
std::map<std::string, Landmarks, std::less<>> celeba_landmarks(std::string_view text, const std::string& name);

/// Reads list_eval_partition.txt or .csv, "000001.jpg 0" a row, wherever it lies under the root: splits train (0), val
/// (1) and test (2), in its order. Pictures lie in img_align_celeba, in any format; landmarks and people come from
/// list_landmarks_align_celeba and identity_CelebA (.txt or .csv) where these are there. Rows that name no picture and
/// part, or repeat one, are skipped and counted. No labels. Throws UsageError for an unknown split, InputError
/// (`dataset_unreadable`) if the list is missing. Source: Liu et al. 2015, "Deep Learning Face Attributes in the Wild".
class CelebA : public PictureList {
 public:
    explicit CelebA(const DatasetOptions& options);
};

}  // namespace affectsr
