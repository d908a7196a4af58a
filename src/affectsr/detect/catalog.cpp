#include "affectsr/detect/catalog.h"

#include <vector>

#ifdef AFFECTSR_OPENCV
#include "affectsr/detect/opencv.h"
#endif

namespace affectsr {

// To add a detector: write detect/NAME.{h,cpp} with its options and its test, then one line here.
std::span<const Entry<Detector>> detector_catalog() {
    static const std::vector<Entry<Detector>> catalog{
#ifdef AFFECTSR_OPENCV
        entry<Detector, Haar, HaarOptions>("haar",
                                           "Viola & Jones 2001, doi:10.1109/CVPR.2001.990517; OpenCV's cascade"),
        entry<Detector, Yunet, YunetOptions>("yunet", "Wu et al. 2023, doi:10.1007/s11633-023-1423-y"),
#endif
    };
    return catalog;
}

std::unique_ptr<Detector> make_detector(const std::string& name, const Json& options) {
    if (detector_catalog().empty())
        throw UsageError("this build has no face detectors (AFFECTSR_OPENCV is OFF), so \"" + name +
                             "\" cannot be used; give cropped faces with --already-cropped",
                         "unknown_detector");
    return find(detector_catalog(), name, "detector").make(options);
}

void limit_detector_threads([[maybe_unused]] int count) {
#ifdef AFFECTSR_OPENCV
    limit_opencv_threads(count);
#endif
}

}  // namespace affectsr
