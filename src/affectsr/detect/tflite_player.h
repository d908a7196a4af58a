// Plays a published TFLite network with our engine.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "affectsr/checkpoint/tflite_plan.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/precision.h"

namespace affectsr {

/// A TFLite file that sees one picture, such as MediaPipe's detectors and landmark network, ready to play. Thread-safe
/// as PlanEngine.
class TflitePlayer {
 public:
    /// Throws ModelError as read_tflite and tflite_plan; UsageError as PlanEngine.
    explicit TflitePlayer(const std::filesystem::path& file, Precision precision = Precision::f32);

    InputSize size() const { return size_; }  ///< of the picture that the network was made for
    int channels() const { return channels_; }
    /// Names and published shapes of what run() gives.
    const std::vector<TfliteOutput>& outputs() const { return outputs_; }

    /// What the network answers to a picture [channels, height, width] of its size and in its own range of numbers:
    /// every output in its published order. `threads`: cores. Throws Bug for a picture of another size.
    std::vector<std::vector<float>> run(std::span<const float> picture, int threads = 1) const;

 private:
    TflitePlayer(TflitePlan network, Precision precision);

    InputSize size_;
    int channels_;
    std::vector<TfliteOutput> outputs_;
    PlanEngine engine_;
};

}  // namespace affectsr
