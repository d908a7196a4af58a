// Finds the faces in a photo.
#pragma once

#include <vector>

#include "affectsr/face/face.h"

namespace affectsr {

/// A face detector. detect() may be called from several threads at once.
class Detector {
 public:
    virtual ~Detector() = default;
    /// All faces, best score first; nobody there: empty. Boxes and landmarks may reach past the border of the photo.
    virtual std::vector<Face> detect(const Image& photo) const = 0;
    /// How many landmarks each of its faces has (see Landmarks); 0: none.
    virtual int landmarks() const { return 0; }
};

}  // namespace affectsr
