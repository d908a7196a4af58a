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

/// A trained expression network, ready to be asked. Thread-safe once built: every const method may be called from
/// several threads at once.
class Classifier {
 public:
    virtual ~Classifier() = default;
    virtual ClassifierNeeds needs() const = 0;
    /// Names of its heads, the answering one first.
    virtual std::vector<std::string> heads() const = 0;
    /// One face, upright and cropped as in the training data; any size (enlarged or shrunk by MATLAB bicubic to
    /// needs().input_px). `head` empty: the answering head. Throws UsageError for an unknown head, Bug for an empty
    /// picture.
    Expression classify(const Image& face, const std::string& head = "") const;
    /// Many faces in one pass; the answers in their order.
    virtual std::vector<Expression> classify_all(std::span<const Image> faces, const std::string& head = "") const = 0;
    /// The picture exactly as the network sees it, for the strip "what the model saw".
    virtual Image network_input(const Image& face) const = 0;
    /// The number format that it computes in; std::nullopt: it does not tell.
    virtual std::optional<Precision> precision() const { return std::nullopt; }
    /// How many views of a face make its answer: 1, the face as it is; 2, also its mirror image.
    virtual int views() const { return 1; }
};

}  // namespace affectsr
