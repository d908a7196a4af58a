#include "affectsr/experiment/compare.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "affectsr/detect/catalog.h"
#include "affectsr/experiment/middle_face.h"
#include "affectsr/experiment/sizes.h"
#include "affectsr/face/align.h"
#include "affectsr/face/mesh.h"
#include "affectsr/metric/landmark_shift.h"
#include "affectsr/pipeline/route.h"

namespace affectsr {

namespace {

/// A face as one of the pictures shows it, for whoever looks at `most_px`.
FaceCrop crop_of(const Image& picture, const Face& face, int most_px, const CompareOptions& options) {
    if (options.already_cropped) return cut_whole(picture, most_px);
    const int native = static_cast<int>(std::lround(std::max(1.0, crop_side_px(face))));
    return cut(picture, face, std::min(native, most_px));
}

Reading reading_of(const Expression& answer, const Route& route) {
    if (route.road == Road::undetermined) return {{}, route.reason};
    const auto is_number = [](float p) { return std::isfinite(p) && p >= 0; };
    if (answer.empty() || !std::all_of(answer.probability.begin(), answer.probability.end(), is_number))
        return {{}, "not_finite"};
    return {answer, ""};
}

/// What a judge reads on both.
std::array<Reading, 2> read(const ExpressionJudge& judge, const FaceCrop& before, const FaceCrop& after,
                            const CompareOptions& options) {
    const int input_px = judge.classifier->needs().input_px;
    const auto route = [&](const FaceCrop& crop) {
        return route_of(crop, input_px, options.least_face_px, !options.already_cropped);
    };
    const auto size_px = static_cast<float>(native_px(before));
    const std::array<Image, 2> pictures{before.pixels, after.pixels};
    const std::array<float, 2> sizes_px{size_px, size_px};
    const std::vector<Expression> answers = judge.classifier->classify_all(pictures, "", sizes_px);
    return {reading_of(answers.at(0), route(before)), reading_of(answers.at(1), route(after))};
}

std::optional<double> shift_of(const Image& before, const Image& after, const FacePair& pair,
                               const Landmarker& landmarker, double least_score) {
    const LandmarkedFace was = landmarker.locate_in(before, pair.in_before);
    if (double{was.face_score} < least_score) return std::nullopt;
    Face mesh_before;
    mesh_before.landmarks_in_photo = was.landmarks_in_crop;
    const Landmarks from = moved_to(mesh_before, before.size(), after.size()).landmarks_in_photo;
    if (from.size() != kMeshPoints || !(eye_distance(from) > 0)) return std::nullopt;
    return landmark_shift(landmarker.locate_in(after, pair.in_after).landmarks_in_crop, from);
}

/// The pair whose points are compared; none: there is nobody.
std::optional<FacePair> pointed(const Image& before, const Image& after, const FacePair& pair,
                                const CompareParty& party, const CompareOptions& options) {
    if (!options.already_cropped) return pair;
    const bool frames_after = options.pairing.found_in == "after";
    const std::optional<Face> face = middle_face(frames_after ? after : before, *party.detector);
    if (!face) return std::nullopt;
    if (frames_after) return FacePair{PairStatus::compared, moved_to(*face, after.size(), before.size()), *face};
    return FacePair{PairStatus::compared, *face, moved_to(*face, before.size(), after.size())};
}

ComparedFace compare_face(const Image& before, const Image& after, const FacePair& pair, const CompareParty& party,
                          const CompareOptions& options) {
    ComparedFace face;
    face.status = pair.status;
    face.box_before = pair.in_before.box_in_photo;
    face.box_after = pair.in_after.box_in_photo;
    face.picture_before = crop_of(before, pair.in_before, kComparedPx, options).pixels;
    face.picture_after = crop_of(after, pair.in_after, kComparedPx, options).pixels;
    face.face_px = options.already_cropped ? std::min(before.width, before.height) : crop_side_px(pair.in_before);
    for (const ExpressionJudge& judge : party.judges) {
        const int input_px = judge.classifier->needs().input_px;
        auto [was, is] = read(judge, crop_of(before, pair.in_before, input_px, options),
                              crop_of(after, pair.in_after, input_px, options), options);
        face.before.push_back(pair.status == PairStatus::appeared ? Reading{{}, "appeared"} : std::move(was));
        face.after.push_back(pair.status == PairStatus::vanished ? Reading{{}, "vanished"} : std::move(is));
    }
    if (pair.status != PairStatus::compared) return face;
    if (const auto points = pointed(before, after, pair, party, options))
        face.landmark_shift = shift_of(before, after, *points, *party.landmarker, options.least_score);
    for (std::size_t j = 0; j < party.judges.size(); ++j)
        face.drifts.push_back(drift_of(face.before[j], face.after[j], face.landmark_shift, options.drift));
    return face;
}

Json model_setting(const std::string& file) {
    return file.empty() ? Json::object() : Json{{"model", file}};
}

/// Of a ModelFile; other formats (a cascade, a TFLite file) have no hash in them.
std::string sha256_of(const std::string& name, const std::string& file) {
    const bool is_model_file = file.empty() || std::filesystem::path(file).extension() == ".safetensors";
    return is_model_file ? weights_sha256(name, file) : "";
}

}  // namespace

CompareParty compare_party(const CompareOptions& options) {
    expect_each_once("judge", options.judges);
    CompareParty party;
    party.detector = make_detector(options.detector, model_setting(options.detector_model));
    party.landmarker = make_landmarker(options.landmarker, model_setting(options.landmarker_model));
    for (const std::string& word : options.judges) party.judges.push_back(expression_judge(word, options.precision));
    party.detector_sha256 = sha256_of(options.detector, options.detector_model);
    party.landmarker_sha256 = sha256_of(options.landmarker, options.landmarker_model);
    return party;
}

std::vector<ComparedFace> compare_faces(const Image& before, const Image& after, const std::string& name,
                                        const CompareParty& party, const CompareOptions& options) {
    std::vector<FacePair> pairs;
    if (options.already_cropped) {
        expect_same_shape(before.size(), after.size(), name);
        const auto whole = [](const Image& picture) {
            return Face{{0, 0, static_cast<float>(picture.width), static_cast<float>(picture.height)}, {}, 1};
        };
        pairs.push_back({PairStatus::compared, whole(before), whole(after)});
    } else {
        pairs = pair_faces(before, after, name, *party.detector, options.pairing);
    }
    std::vector<ComparedFace> faces;
    for (const FacePair& pair : pairs)
        if (options.already_cropped || (crop_side_px(pair.in_before) > 0 && crop_side_px(pair.in_after) > 0))
            faces.push_back(compare_face(before, after, pair, party, options));
    return faces;
}

}  // namespace affectsr
