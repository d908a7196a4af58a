// A face that somebody marked in a photograph, to measure detectors against and to teach them.
#pragma once

#include "affectsr/face/face.h"

namespace affectsr {

/// A face as it was marked: its box reaches from the forehead to the chin and from ear to ear.
struct MarkedFace {
    Box box_in_photo;
    Landmarks landmarks_in_photo;  ///< five points; empty: not marked
    float score = 1;               ///< of the detector that proposed it; 1: marked by a person
    bool ignore = false;           ///< nobody is to blame for finding it or not: too small, half hidden, a statue
    bool blurry = false, profile = false;
};

}  // namespace affectsr
