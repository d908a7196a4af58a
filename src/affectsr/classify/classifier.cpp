#include "affectsr/classify/classifier.h"

#include "affectsr/base/error.h"

namespace affectsr {

Expression Classifier::classify(const Image& face, const std::string& head, float face_px) const {
    AFFECTSR_EXPECT(!face.empty(), "a classifier was given an empty picture");
    return classify_all(std::span(&face, 1), head, std::span(&face_px, 1)).front();
}

}  // namespace affectsr
