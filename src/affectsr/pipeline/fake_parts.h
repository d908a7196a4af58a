// Stand-ins for the three parts of a pipeline, simple enough to foresee what they answer. For tests only.
#pragma once

#include <atomic>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "affectsr/detect/landmark_net.h"
#include "affectsr/image/resize.h"
#include "affectsr/pipeline/pipeline.h"

namespace affectsr::fake {

/// Finds the faces it was told to find, whatever the photo.
class Finder : public Detector {
 public:
    explicit Finder(std::vector<Face> faces) : faces_(std::move(faces)) {}
    std::vector<Face> detect(const Image&) const override { return faces_; }

 private:
    std::vector<Face> faces_;
};

/// Enlarges to 48 px and adds `brighter` to every value, so that a restored face can be told from one that was not.
class Brightener : public Restorer {
 public:
    explicit Brightener(int brighter, int input_px = 0) : brighter_(brighter), input_px_(input_px) {}
    RestorerNeeds needs() const override { return {input_px_, 0, 48}; }
    std::vector<Restored> restore_all(std::span<const FaceCrop> crops) const override {
        std::vector<Restored> answers;
        for (const FaceCrop& crop : crops) {
            Image restored = resize(crop.pixels, {48, 48}, Filter::bicubic);
            for (std::uint8_t& value : restored.rgb)
                value = static_cast<std::uint8_t>(std::min(255, value + brighter_));
            answers.push_back({std::move(restored), ""});
        }
        return answers;
    }

 private:
    int brighter_, input_px_;
};

/// Looks at 48 × 48 px. Says "happiness", the surer the brighter; answers with NaN for faces darker than 20.
class BrightnessReader : public Classifier {
 public:
    ClassifierNeeds needs() const override { return {48, 3}; }
    std::vector<std::string> heads() const override { return {"expression", "doubt"}; }
    std::vector<Expression> classify_all(std::span<const Image> faces, const std::string& head,
                                         FaceSizes sizes_px) const override {
        largest_pass = std::max(largest_pass.load(), faces.size());
        if (!sizes_px.empty()) last_size_px = sizes_px.back();
        std::vector<Expression> answers;
        for (const Image& face : faces) {
            double sum = 0;
            for (const float value : luma(face)) sum += static_cast<double>(value);
            const auto mean = static_cast<float>(sum / (255.0 * face.width * face.height));
            Expression answer;
            answer.labels = seven_emotions();
            answer.probability.assign(7, (1 - mean) / 6);
            answer.probability[1] = mean;
            if (mean * 255 < 20) answer.probability.assign(7, std::numeric_limits<float>::quiet_NaN());
            if (head == "doubt") answer.probability.assign(7, 1.0F / 7);
            answers.push_back(answer);
        }
        return answers;
    }
    Image network_input(const Image& face) const override { return resize(face, {48, 48}, Filter::bicubic); }
    mutable std::atomic<std::size_t> largest_pass = 0;
    mutable std::atomic<float> last_size_px = 0;  ///< what it was told of the last face
};

/// Sees the face at rest in every crop, `right_px` of the crop too far right; sure of crops whose first pixel is
/// brighter than `dark`.
class MeshAtRest : public Landmarker {
 public:
    std::vector<LandmarkedFace> locate_all(std::span<const FaceCrop> crops) const override {
        std::vector<LandmarkedFace> faces;
        for (const FaceCrop& crop : crops) {
            sizes_seen.push_back(crop.pixels.width);
            LandmarkedFace face;
            const std::vector<float> rest = mesh_at_rest(crop.pixels.width);
            for (std::size_t i = 0; i < rest.size(); i += 3)
                face.landmarks_in_crop.push_back({rest[i] + right_px, rest[i + 1], rest[i + 2]});
            face.face_score = crop.pixels.pixel(0, 0)[0] > dark ? 0.95F : 0.85F;
            faces.push_back(std::move(face));
        }
        return faces;
    }
    float right_px = 0;
    int dark = 0;
    mutable std::vector<int> sizes_seen;
};

/// A photo with fine, bright texture everywhere: no crop of it is constant.
inline Image textured_photo(int width, int height) {
    Image photo(width, height);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < 3; ++c)
                photo.pixel(x, y)[c] = static_cast<std::uint8_t>(90 + (x * 37 + y * 59 + x * y) % 80 + 10 * c);
    return photo;
}

inline Face face_at(float x, float y, float side, float score = 1) {
    return {{x, y, side, side}, {}, score};
}

inline Pipeline pipeline(std::vector<Face> faces, PipelineOptions options = {}, int brighter = 0,
                         int restorer_input_px = 0) {
    return Pipeline(options, std::make_unique<Finder>(std::move(faces)),
                    std::make_unique<Brightener>(brighter, restorer_input_px), std::make_unique<BrightnessReader>());
}

}  // namespace affectsr::fake
