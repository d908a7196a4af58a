// Makes a Classifier of any trained ExpressionNetwork.
#pragma once

#include <memory>
#include <mutex>

#include "affectsr/classify/classifier.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/plan/precision.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// A trained ExpressionNetwork, ready to be asked. Thread-safe: the network is in eval mode and never changed.
class NetworkClassifier : public Classifier {
 public:
    /// Loads the weights of `file` into `network` and compiles its plans. Throws ModelError (`model_does_not_fit`) if
    /// names or shapes do not fit, or the card does not name each of the seven labels once; `where` begins the message.
    NetworkClassifier(std::shared_ptr<ExpressionNetwork> network, const ModelFile& file, Precision precision,
                      const std::string& where);
    ClassifierNeeds needs() const override { return network_->needs(); }
    std::vector<std::string> heads() const override { return network_->heads(); }
    std::vector<Expression> classify_all(std::span<const Image> faces, const std::string& head = "") const override;
    Image network_input(const Image& face) const override;
    std::optional<Precision> precision() const override { return precision_; }

 private:
    std::shared_ptr<ExpressionNetwork> network_;
    std::vector<Emotion> labels_;
    Precision precision_;
};

}  // namespace affectsr
