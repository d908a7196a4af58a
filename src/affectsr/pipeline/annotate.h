// Draws an Answer on its photo: boxes, expressions and how sure they are.
#pragma once

#include <string>

#include "affectsr/pipeline/canvas.h"
#include "affectsr/pipeline/pipeline.h"

namespace affectsr {

/// A copy of `photo` with a box and a label ("happiness 93%") per face in the colour of its expression (colour_of),
/// edged in black to stand out on any background; undetermined faces are grey and name the reason. Labels keep clear of
/// each other where there is room. Small photos, and photos of small faces, are enlarged (at most to 2600 px, by a
/// whole factor) so that the labels can be read. No font is installed: boxes without words. Thread-safe.
Image annotate(const Image& photo, const Answer& answer);

/// What a label says: "happiness 93%", or the reason ("too small").
std::string label_of(const Look& look);
/// Its colour: that of the most probable expression, or grey.
Colour colour_of(const Look& look);

}  // namespace affectsr
