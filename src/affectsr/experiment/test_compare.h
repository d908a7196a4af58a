// Stand-ins for those who compare faces: flat grey pictures whose level tells what they answer. For tests only.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "affectsr/experiment/compare.h"
#include "affectsr/experiment/test_dataset.h"
#include "affectsr/face/mesh.h"

namespace affectsr::test_compare {

/// Reads the first channel of the middle pixel, by tens, as the class, as surely as the second channel says in per
/// cent.
struct ColourJudge : Classifier {
    ClassifierNeeds needs() const override { return {48, 3}; }
    std::vector<std::string> heads() const override { return {"expression"}; }
    std::vector<Expression> classify_all(std::span<const Image> faces, const std::string&,
                                         FaceSizes sizes_px) const override {
        std::vector<Expression> answers;
        for (std::size_t i = 0; i < faces.size(); ++i) {
            const std::uint8_t* middle = faces[i].pixel(faces[i].width / 2, faces[i].height / 2);
            answers.push_back(sure_of(static_cast<Emotion>(middle[0] / 10), static_cast<float>(middle[1]) / 100));
            seen_px.push_back(faces[i].width);
            told_px.push_back(sizes_px.empty() ? 0 : sizes_px[i]);
        }
        return answers;
    }
    Image network_input(const Image& face) const override { return face; }
    mutable std::vector<int> seen_px;
    mutable std::vector<float> told_px;
};

/// Finds one face in the middle, a quarter as wide as the picture; nobody in pictures whose first pixel's third channel
/// is 0.
struct MiddleFinder : Detector {
    std::vector<Face> detect(const Image& photo) const override {
        if (photo.pixel(0, 0)[2] == 0) return {};
        const auto w = static_cast<float>(photo.width), h = static_cast<float>(photo.height);
        return {{{w * 3 / 8, h / 2 - w / 8, w / 4, w / 4}, {}, 1}};
    }
};

/// Puts the mesh at rest into the crop, moved to the right by as many hundredths of the eye distance as the middle
/// pixel's third channel has levels; is as sure as `score`.
struct MovedByColour : Landmarker {
    float score = 0.9F;
    std::vector<LandmarkedFace> locate_all(std::span<const FaceCrop> crops) const override {
        std::vector<LandmarkedFace> faces;
        for (const FaceCrop& crop : crops) {
            const auto side = static_cast<float>(crop.pixels.width);
            const float middle = side / 2 - 0.5F;  // centres of pixels are whole numbers
            LandmarkedFace face;
            face.face_score = score;
            for (const Point& point : canonical_mesh())  // centimetres: 20 of them fill the crop
                face.landmarks_in_crop.push_back(
                    {middle + point.x * side / 20, middle + point.y * side / 20, point.z * side / 20});
            const auto eyes = static_cast<float>(eye_distance(face.landmarks_in_crop));
            const int level = crop.pixels.pixel(crop.pixels.width / 2, crop.pixels.height / 2)[2];
            for (Point& point : face.landmarks_in_crop) point.x += eyes * static_cast<float>(level) / 100;
            faces.push_back(face);
        }
        return faces;
    }
};

/// A picture with a checked face in its middle: emotion, certainty in per cent, shift in hundredths of the eye
/// distance. Its middle is flat, and what is around it has contrast.
inline Image picture_of(Emotion emotion, int percent, int width = 256, int shift = 1) {
    Image picture(width, width, 120);
    for (int y = 0; y < width; ++y)
        for (int x = 0; x < width; ++x) {
            const bool inside = std::abs(2 * x - width) < width / 10 && std::abs(2 * y - width) < width / 10;
            const auto texture = static_cast<std::uint8_t>(60 + 120 * (64 * x / width % 2) + (x * 7 + y * 13) % 40);
            for (int c = 0; c < 3; ++c) picture.pixel(x, y)[c] = texture;
            if (!inside) continue;
            picture.pixel(x, y)[0] = static_cast<std::uint8_t>(10 * static_cast<int>(emotion) + 5);
            picture.pixel(x, y)[1] = static_cast<std::uint8_t>(percent);
            picture.pixel(x, y)[2] = static_cast<std::uint8_t>(shift);
        }
    return picture;
}

/// The same with nobody to be found.
inline Image empty_picture(int width = 256) {
    Image picture = picture_of(Emotion::neutral, 90, width);
    picture.pixel(0, 0)[2] = 0;
    return picture;
}

/// These three, with `judges` judges that agree.
inline CompareParty party(int judges = 1, float landmark_score = 0.9F) {
    CompareParty together;
    for (int j = 0; j < judges; ++j)
        together.judges.push_back({"judge" + std::to_string(j + 1), "abc", std::make_unique<ColourJudge>()});
    together.detector = std::make_unique<MiddleFinder>();
    auto landmarker = std::make_unique<MovedByColour>();
    landmarker->score = landmark_score;
    together.landmarker = std::move(landmarker);
    return together;
}

}  // namespace affectsr::test_compare
