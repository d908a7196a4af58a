#include "affectsr/detect/catalog.h"

#include <array>
#include <filesystem>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/detect/detection_network.h"
#include "affectsr/detect/landmark_net.h"
#include "affectsr/detect/mediapipe_detector.h"
#include "affectsr/detect/mediapipe_landmarker.h"
#include "affectsr/detect/network_detector.h"
#include "affectsr/detect/network_landmarker.h"
#include "affectsr/detect/yunet.h"
#include "affectsr/weights/model_file.h"

#ifdef AFFECTSR_OPENCV
#include "affectsr/detect/opencv.h"
#endif

namespace affectsr {

namespace {

/// Ours is surer of what it sees than YuNet is, mistakes included: at 0.8 it is mistaken as rarely
/// (docs/evaluation.md).
struct SmallFaceNetOptions : NetworkDetectorOptions {
    SmallFaceNetOptions() { least_score = 0.8; }
};

/// A catalog line for the network called `network` in `networks`, played with the weights of the model called `name`:
/// as a Kind, by a Player.
template <class Kind, class Player, class Options, class Network>
Entry<Kind> trained(const std::string& name, const std::string& network, const std::string& source,
                    const std::string& what, std::span<const Entry<Network>> (*networks)()) {
    return made_entry<Kind, Options>(name, source, [=](const Options& options) -> std::unique_ptr<Kind> {
        const std::filesystem::path path = find_model(options.model.empty() ? name : options.model);
        const ModelFile file = ModelFile::open(path);
        if (file.card.network != network)
            throw ModelError("model_does_not_fit", path.string() + " holds a network \"" + file.card.network +
                                                       "\", asked for was the " + what + " \"" + name + "\", a " +
                                                       network);
        const auto made = find(networks(), network, what).make(file.card.options);
        return std::make_unique<Player>(*made, file, options, path.string());
    });
}

template <class Options = NetworkDetectorOptions>
Entry<Detector> trained_detector(const std::string& name, const std::string& network, const std::string& source) {
    return trained<Detector, NetworkDetector, Options>(name, network, source, "detector", detection_network_catalog);
}

Entry<Landmarker> trained_landmarker(const std::string& name, const std::string& source) {
    return trained<Landmarker, NetworkLandmarker, NetworkLandmarkerOptions>(name, name, source, "landmarker",
                                                                            landmark_network_catalog);
}

}  // namespace

// To add a network: write detect/NAME.{h,cpp} with its options and its test, then one line in each of these two.
std::span<const Entry<DetectionNetwork>> detection_network_catalog() {
    static const std::array catalog{
        entry<DetectionNetwork>("yunet", "Wu et al. 2023, doi:10.1007/s11633-023-1423-y", yunet),
    };
    return catalog;
}

std::span<const Entry<LandmarkNetwork>> landmark_network_catalog() {
    static const std::array catalog{
        entry<LandmarkNetwork>("landmark_net", "ours: residual, points as what is added to a mean face", landmark_net),
    };
    return catalog;
}

std::span<const Entry<Detector>> detector_catalog() {
    static const std::vector<Entry<Detector>> catalog{
        trained_detector<SmallFaceNetOptions>("small_face_net", "yunet",
                                              "YuNet, learned further by recipes/train/small_face_net.json"),
        trained_detector("yunet", "yunet", "Wu et al. 2023, doi:10.1007/s11633-023-1423-y"),
        entry<Detector, MediapipeDetector, MediapipeDetectorOptions>("mediapipe",
                                                                     "Bazarevsky et al. 2019, arXiv:1907.05047"),
#ifdef AFFECTSR_OPENCV
        entry<Detector, Haar, HaarOptions>("haar",
                                           "Viola & Jones 2001, doi:10.1109/CVPR.2001.990517; OpenCV's cascade"),
        entry<Detector, OpencvYunet, OpencvYunetOptions>("yunet_opencv",
                                                         "Wu et al. 2023, the 2022mar file as OpenCV plays it"),
#endif
    };
    return catalog;
}

const Entry<Detector>& find_detector(const std::string& name) {
#ifndef AFFECTSR_OPENCV
    if (name == "haar" || name == "yunet_opencv") {
        std::string known;
        for (const Entry<Detector>& entry : detector_catalog()) known += (known.empty() ? "" : ", ") + entry.name;
        throw UsageError("the detector \"" + name + "\" is OpenCV's, which this build goes without (configure with " +
                             "-D AFFECTSR_OPENCV=ON to have it); known are: " + known,
                         "detector_not_built");
    }
#endif
    return find(detector_catalog(), name, "detector");
}

std::unique_ptr<Detector> make_detector(const std::string& name, const Json& options) {
    return find_detector(name).make(options);
}

std::span<const Entry<Landmarker>> landmarker_catalog() {
    static const std::vector<Entry<Landmarker>> catalog{
        trained_landmarker("landmark_net", "ours, 478 points for crops from 8 px"),
        entry<Landmarker, MediapipeLandmarker, MediapipeLandmarkerOptions>(
            "mediapipe", "Kartynnik et al. 2019, arXiv:1907.06724; Grishchenko et al. 2020, arXiv:2006.10962"),
    };
    return catalog;
}

std::unique_ptr<Landmarker> make_landmarker(const std::string& name, const Json& options) {
    return find(landmarker_catalog(), name, "landmarker").make(options);
}

void limit_detector_threads([[maybe_unused]] int count) {
#ifdef AFFECTSR_OPENCV
    limit_opencv_threads(count);
#endif
}

}  // namespace affectsr
