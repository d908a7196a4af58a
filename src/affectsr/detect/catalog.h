// Every detector, one line each.
#pragma once

#include <span>

#include "affectsr/base/catalog.h"
#include "affectsr/detect/detector.h"

namespace affectsr {

/// haar (OpenCV's cascade file from opencv-data), yunet (needs its model file). Empty when built without OpenCV.
std::span<const Entry<Detector>> detector_catalog();

}  // namespace affectsr
