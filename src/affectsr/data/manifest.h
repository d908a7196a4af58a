// A folder of pictures described by its manifest.csv: the data set format of this project.
#pragma once

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// Reads ROOT/manifest.csv. The first line names the columns, in any order and case:
/// - `path`: the picture, relative to ROOT and inside it (required);
/// - `label`: a word that emotion_from() knows; empty: unlabelled; another word: unlabelled, with a log line;
/// - `split`, `subject`: free text; `identity` is another name of `subject`;
/// - `blank`, `dup_in_other_split`: 0 or 1 (also false/true, no/yes; empty: 0); 1 marks the sample not usable;
/// - `source`: where the picture comes from; the first eight different ones make the card's `source`;
/// - `ferplus_neutral`, `ferplus_happiness`, …, `ferplus_unknown`, `ferplus_nf`: ten counts from 0 to 1000, all or none
///   of the columns; all empty: no votes.
///
/// Other columns are ignored; rows keep the order of the file; a picture may stand in several rows, which one warning
/// counts. Throws InputError (`dataset_unreadable`) naming file and line for a missing or malformed list, a row with
/// another number of cells than the first line, an empty or absolute path or one with "..", a flag or count that is
/// none; UsageError for a split that does not exist.
class Manifest : public PictureList {
 public:
    explicit Manifest(const DatasetOptions& options);
};

}  // namespace affectsr
