// LFW, Labeled Faces in the Wild: 13,233 pictures of 5,749 people, without expressions.
#pragma once

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// Every picture PERSON/PERSON_0001.jpg under the root, sorted by path; the subject is the person. Where
/// peopleDevTrain.txt and peopleDevTest.txt (view 1 of the official protocol: a count, then a name and a number of
/// pictures a line) lie under the root, the splits are train and test, people apart; pictures of people that neither
/// names have no split. Other pictures are skipped and counted. Throws UsageError for an unknown split, InputError
/// (`dataset_unreadable`) if there is no such picture. Source: Huang et al. 2007, UMass Amherst technical report 07-49.
class Lfw : public PictureList {
 public:
    explicit Lfw(const DatasetOptions& options);
};

}  // namespace affectsr
