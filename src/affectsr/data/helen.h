// Helen: 2,330 faces from Flickr, without labels.
#pragma once

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// Every picture under the root, sorted by path. With trainnames.txt and testnames.txt (one name a line, extension
/// optional) the splits train and test are those, and a picture that neither names is skipped and counted. Without them
/// the last 50 are test, the rest train: the convention of FSRNet and DIC. Throws UsageError for an unknown split,
/// InputError
/// (`dataset_unreadable`) if there is no picture. Sources: Le et al. 2012; Chen et al. 2018 (FSRNet), arXiv:1711.10703.
class Helen : public PictureList {
 public:
    explicit Helen(const DatasetOptions& options);
};

}  // namespace affectsr
