// Makes a Classifier of any trained ExpressionNetwork.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "affectsr/classify/classifier.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/classify/temperatures.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/precision.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// Refuses a number of views that no classifier reads: they read 1 (the face) or 2 (also its mirror image). Throws
/// UsageError (`unknown_views`) naming these.
void expect_known_views(int views);

/// An ExpressionNetwork with the weights of a model file, ready to be asked. Thread-safe.
class NetworkClassifier : public Classifier {
 public:
    /// Throws ModelError (`model_does_not_fit`) if names or shapes do not fit, or the card does not name each of the
    /// seven labels once, or has temperatures that are not valid (temperatures_of()); `where` (a file name) begins the
    /// message. UsageError as PlanEngine and expect_known_views().
    NetworkClassifier(const ExpressionNetwork& network, const ModelFile& file, Precision precision,
                      const std::string& where, int views = 1);
    ClassifierNeeds needs() const override { return needs_; }
    std::vector<std::string> heads() const override { return heads_; }
    /// Played on as many cores as threads_for() says (engine/threads.h). An answer is the softmax of the views' mean
    /// logits, divided by the head's temperature for so many views and for the face's size (docs/model_file.md).
    std::vector<Expression> classify_all(std::span<const Image> faces, const std::string& head = "",
                                         FaceSizes sizes_px = {}) const override;
    Image network_input(const Image& face) const override;
    std::optional<Precision> precision() const override { return engine_.precision(); }
    int views() const override { return views_; }

 private:
    /// What the network is fed: [faces, views, channels, px, px].
    std::vector<float> planes_of(std::span<const Image> faces) const;

    ClassifierNeeds needs_;
    std::vector<std::string> heads_;
    std::vector<Emotion> labels_;
    int views_;
    std::map<std::string, TemperatureBySize> temperatures_;  ///< by head, for views_
    std::int64_t flops_;                                     ///< of one view
    PlanEngine engine_;
};

}  // namespace affectsr
