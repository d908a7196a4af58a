// FER2013 unpacked into picture files, by class or as FER+ unpacks it.
#pragma once

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// Two layouts, told apart by what is there:
///   ROOT/train/angry/x.png, ROOT/test/happy/y.jpg          the folder is the label; any split names; also SFEW's
///   layout ROOT/FER2013Train/fer0000000.png with label.csv        FER+: votes, no label of FER2013
/// Pictures whose folder is no known emotion, and rows of label.csv without ten counts, are skipped and counted. Throws
/// UsageError for an unknown split, InputError (`dataset_unreadable`) if neither layout is found.
/// Sources: Goodfellow et al. 2013; Barsoum et al. 2016.
class Fer2013Folders : public PictureList {
 public:
    explicit Fer2013Folders(const DatasetOptions& options);
};

}  // namespace affectsr
