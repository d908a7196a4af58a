// SFEW 2.0: stills from films, cut and aligned.
#pragma once

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// Pictures in Train_Aligned_Faces/Angry/x.png and Val_Aligned_Faces/…; the splits are those folders' names, whatever
/// they are. The unlabelled test folder is left out; pictures in folders of no known emotion are skipped and counted.
/// Throws UsageError for an unknown split, InputError (`dataset_unreadable`) if there is no labelled picture. Source:
/// Dhall et al. 2011.
class Sfew : public PictureList {
 public:
    explicit Sfew(const DatasetOptions& options);
};

}  // namespace affectsr
