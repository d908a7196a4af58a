// A data set in memory for tests: flat grey faces whose level tells the fake reader what to answer.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "affectsr/data/dataset.h"
#include "affectsr/experiment/judge.h"

namespace affectsr {

/// Samples that a test wrote down; one whose picture is empty cannot be read.
class TestDataset : public Dataset {
 public:
    explicit TestDataset(std::vector<Sample> samples) : samples_(std::move(samples)) {
        card_.name = "faces";
        card_.sha256 = "abc";
    }
    const DatasetCard& card() const override { return card_; }
    std::size_t size() const override { return samples_.size(); }
    const SampleInfo& info(std::size_t i) const override { return samples_.at(i).info; }
    DatasetCard& changed_card() { return card_; }
    Sample at(std::size_t i) const override {
        if (samples_.at(i).picture.empty()) throw InputError("truncated", "row " + std::to_string(i) + ": broken.jpg");
        return samples_[i];
    }

 private:
    std::vector<Sample> samples_;
    DatasetCard card_;
};

inline Sample labelled(std::optional<Emotion> label, Image picture) {
    Sample sample;
    sample.info.label = label;
    sample.picture = std::move(picture);
    return sample;
}

inline Sample voted(std::optional<FerPlusVotes> votes, Image picture) {
    Sample sample;
    sample.info.votes = votes;
    sample.picture = std::move(picture);
    return sample;
}

/// A face of `emotion`, as level_reader() reads it.
inline Image face_of(Emotion emotion, int side_px = 48) {
    return Image(side_px, side_px, static_cast<std::uint8_t>(10 * static_cast<int>(emotion)));
}

inline Expression sure_of(Emotion emotion, float confidence = 1) {
    Expression expression;
    expression.labels = seven_emotions();
    for (const Emotion label : expression.labels) {
        expression.probability.push_back(label == emotion ? confidence : (1 - confidence) / 6);
    }
    return expression;
}

/// Answers level / 10 as the class; level 255 is undetermined.
inline std::vector<Look> level_reader(std::span<const FaceCrop> crops) {
    std::vector<Look> looks;
    for (const FaceCrop& crop : crops) {
        Look& look = looks.emplace_back();
        const int level = crop.pixels.pixel(0, 0)[0];
        if (level == 255)
            look.reason = "constant";
        else
            look.expression = sure_of(static_cast<Emotion>(level / 10), 0.9f);
    }
    return looks;
}

}  // namespace affectsr
