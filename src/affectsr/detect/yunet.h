// YuNet, a very small face detector: Wu et al. 2023, doi:10.1007/s11633-023-1423-y.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/detect/detection_network.h"

namespace affectsr {

/// Shape of a YuNet. The defaults are YuNet-n of libfacedetection.train.
struct YunetOptions {
    int stem = 16;      ///< channels of the first stage
    int features = 64;  ///< channels of all others
    void fields(auto&& f) {
        f("stem", stem, "channels of the first stage", Range{4, 256});
        f("features", features, "channels of all others", Range{4, 1024});
    }
};

/// YuNet: faces of about 10 to 300 px of its input, turned ones too, at strides 8, 16 and 32. Steps have the names of
/// libfacedetection.train; its published weights, which read blue first and values of 0 to 255, are adapted when they
/// are renamed.
DetectionNetwork yunet(const YunetOptions& options);

}  // namespace affectsr
