// "What the model saw": one face on its way from the photo's pixels to the network's input, with the answer.
#pragma once

#include <string>
#include <vector>

#include "affectsr/pipeline/pipeline.h"

namespace affectsr {

/// One picture of the strip and where it lies there. A panel with factor ≥ 1 shows every pixel unchanged, `factor` ×
/// `factor` large; factor 0: shrunk to fit.
struct StripPanel {
    std::string title;   ///< "in the photo", "aligned", "restored", "network input"
    std::string detail;  ///< its size, or why it is empty
    Image picture;       ///< as shown, before enlarging; empty: nothing to show
    int left = 0, top = 0, factor = 0;
};

/// The four panels: the face at the photo's own pixels, the crop, the restored face, and the network's input, exactly
/// as the classifier gave it back. Throws Bug if `photo` is empty.
std::vector<StripPanel> strip_panels(const Image& photo, const Answer::Seen& seen);

/// The panels side by side, captioned, with a bar per probability; for an undetermined face the reason instead.
/// No font is installed: without words. Thread-safe.
Image strip(const Image& photo, const Answer::Seen& seen);

}  // namespace affectsr
