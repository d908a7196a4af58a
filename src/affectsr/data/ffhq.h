// FFHQ: 70,000 aligned faces from Flickr, without labels.
#pragma once

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// Every picture named by its number (00000.png … 69999.png), in folders of a thousand or flat, sorted by path; looked
/// for in thumbnails128x128, else images1024x1024, else the root. Splits as ffhq-dataset-v2.json has them: training
/// (0–59999) and validation (60000–69999). Other names are skipped and counted. Throws UsageError for an unknown split,
/// InputError
/// (`dataset_unreadable`) if there is no such picture. Source: Karras et al. 2019, arXiv:1812.04948.
class Ffhq : public PictureList {
 public:
    explicit Ffhq(const DatasetOptions& options);
};

}  // namespace affectsr
