// The figures of a report as a model carries them in its card.
#pragma once

#include "affectsr/base/fields.h"

namespace affectsr {

/// What a model card keeps of a report of `evaluate sizes` (as JSON): data set with hash, split, truth, command and
/// commit, and the views of a face where the report names them, and per
/// size n, accuracy over all inputs, balanced accuracy, calibration error and the recall of each class
/// (null where it does not occur), to four digits. What the figures leave out is kept where it is not 0: "failed" per
/// size, "skipped", "unreadable" and, of a part of the faces only, "judged" and "of". Throws InputError
/// (`not_a_report`) naming what is missing, (`interrupted`) for a report of a run that was stopped; `where` begins the
/// message.
Json card_figures(const Json& report, const std::string& where);

}  // namespace affectsr
