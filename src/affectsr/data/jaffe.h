// JAFFE: ten Japanese women, seven expressions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// What a file name says, for example KA.AN1.39.tiff.
struct JaffeName {
    std::string person;  ///< two letters
    Emotion emotion = Emotion::neutral;
    int index = 0;   ///< of this person's pictures with this expression
    int number = 0;  ///< of the picture in the data set
};
/// Reads a name in any case and with any extension; another name: std::nullopt. Source: Lyons et al. 1998.
std::optional<JaffeName> jaffe_name(std::string_view file_name);

/// Every picture under the root that bears a JAFFE name, sorted by path; the subject is the person, there are no
/// splits: the usual protocol leaves one person out. The TIFF files of the original must be converted first; files that
/// are skipped are counted. Throws InputError (`dataset_unreadable`) if no picture is left. Source: Lyons et al. 1998.
class Jaffe : public PictureList {
 public:
    explicit Jaffe(const DatasetOptions& options);
};

}  // namespace affectsr
