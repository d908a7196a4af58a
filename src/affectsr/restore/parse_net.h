// ParseNet: which part of a face every pixel shows. Of facexlib and CodeFormer, which paste restored faces by it.
#pragma once

#include "affectsr/base/catalog.h"
#include "affectsr/base/fields.h"
#include "affectsr/plan/plan.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// Shape of the network; the defaults are the published ones (parsing_parsenet.pth).
struct ParseNetOptions {
    int size_px = 512;
    int least_px = 32;
    int width = 64;
    int classes = 19;
    int blocks = 10;
    int least_channels = 32, most_channels = 256;
    void fields(auto&& f) {
        f("size_px", size_px, "side of the face, a power of two", Range{8, 1024});
        f("least_px", least_px, "side at which the body works, a power of two", Range{4, 1024});
        f("width", width, "channels of the first convolution", Range{1, 512});
        f("classes", classes, "parts of a face", Range{2, 256});
        f("blocks", blocks, "residual blocks of the body", Range{1, 64});
        f("least_channels", least_channels, "fewest channels of a block", Range{1, 1024});
        f("most_channels", most_channels, "most channels of a block", Range{1, 1024});
    }
};

/// A network that parses faces. A value; safe to share.
struct FaceParsingNetwork {
    /// A face [n, 3, size_px, size_px] in [0, 1], RGB, aligned as `ffhq_512` → "out" [n, classes, size_px, size_px],
    /// the largest is the part.
    Plan plan;
    int size_px = 512;
    /// The published weights under the names of the plan; the layer of a picture that nobody asks for is left out.
    TensorMap renamed(TensorMap published) const;
};

/// Throws UsageError for sides that are no powers of two, or a body larger than the face.
FaceParsingNetwork parse_net(const ParseNetOptions& options);

/// Networks that parse faces, by name.
std::span<const Entry<FaceParsingNetwork>> face_parsing_catalog();

}  // namespace affectsr
