// Reads the expression of a face.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "affectsr/face/expression.h"
#include "affectsr/image/image.h"
#include "affectsr/plan/precision.h"

namespace affectsr {

/// What a classifier wants to be given.
struct ClassifierNeeds {
    int input_px = 0;  ///< side of the square picture its network sees
    int channels = 3;  ///< 1: it looks at luma only
};

/// How large faces were before their pictures were enlarged: of every face the side, in pixels of the photo, of what
/// its picture really shows (native_px() in pipeline/route.h). Empty, or 0 for a face: not known, and the size of the
/// picture that is given is taken for it. A probability may depend on it (a face of 8 px is read less surely than it
/// seems), which label is the best never does.
using FaceSizes = std::span<const float>;

/// A trained expression network, ready to be asked. Thread-safe once built: every const method may be called from
/// several threads at once.
class Classifier {
 public:
    virtual ~Classifier() = default;
    virtual ClassifierNeeds needs() const = 0;
    /// Names of its heads, the answering one first.
    virtual std::vector<std::string> heads() const = 0;
    /// One face, upright and cropped as in the training data; any size (enlarged or shrunk by MATLAB bicubic to
    /// needs().input_px). `head` empty: the answering head. `face_px`: see FaceSizes. Throws UsageError for an unknown
    /// head, Bug for an empty picture.
    Expression classify(const Image& face, const std::string& head = "", float face_px = 0) const;
    /// Many faces in one pass; the answers in their order. Throws Bug unless there are no sizes or one for every face.
    virtual std::vector<Expression> classify_all(std::span<const Image> faces, const std::string& head = "",
                                                 FaceSizes sizes_px = {}) const = 0;
    /// The picture exactly as the network sees it, for the strip "what the model saw".
    virtual Image network_input(const Image& face) const = 0;
    /// The number format that it computes in; std::nullopt: it does not tell.
    virtual std::optional<Precision> precision() const { return std::nullopt; }
    /// How many views of a face make its answer: 1, the face as it is; 2, also its mirror image.
    virtual int views() const { return 1; }
};

}  // namespace affectsr
