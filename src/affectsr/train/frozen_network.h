// A trained network that does not learn, but that others learn through.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// Those steps of `plan` that its outputs or marks called `names` need, with these as its outputs, in their order; what
/// nobody needs, inputs too, is not there. Throws UsageError that names the outputs and marks that there are.
Plan part_of_plan(const Plan& plan, const std::vector<std::string>& names);

/// A network with the weights of a file, before anybody plays it.
struct TrainedNetwork {
    Plan plan;
    std::vector<std::string> layers;  ///< what a loss looks at if it is not told: all marks, or a backbone's outputs
    TensorMap weights;                ///< may have more than the plan
    int input_px = 0;                 ///< side of the pictures that it was made for
    int channels = 3;                 ///< that it sees: 3, or 1 for luma
    std::string network, where;       ///< its catalog name; its file
    Json account;                     ///< {"name", "sha256"}
};

/// The model called `model` (model_in_reach of `folder`). With `network` empty it is a model file of an expression or
/// landmark network, whose card says which; else a published file (read_published) with the weights of that network of
/// feature_network_catalog(), for pictures of `px`. Throws UsageError for an unknown network, ModelError if the file is
/// missing, damaged, or of another kind.
TrainedNetwork open_trained(const std::string& model, const std::string& network, const std::filesystem::path& folder,
                            int px);

/// Part of a trained network, on learning_device(). Running statistics stand still, weights have no gradients, its
/// inputs do. Not thread-safe.
class FrozenNetwork {
 public:
    /// The outputs or marks called `names` of `plan`. Throws ModelError (`model_does_not_fit`) if `weights` lack one
    /// that they need, beginning with `where`; as part_of_plan.
    FrozenNetwork(const Plan& plan, const std::vector<std::string>& names, const TensorMap& weights,
                  const std::string& where);
    /// One input, pictures or points → the outputs by name.
    std::map<std::string, Tensor> play(const Tensor& shown) { return module_->play(shown); }
    /// The same without gradients, in float32: by the engine on the processor, which rounds otherwise than play(); in
    /// bfloat16 under autocast.
    std::map<std::string, Tensor> answer(const Tensor& shown);
    /// From now on it has the weights of a network of the same names.
    void take_weights(const PlanModule& from);
    const Plan& plan() const { return module_->plan(); }

 private:
    /// The engine, if it is there and worth while; else null.
    const PlanEngine* engine_for(const Tensor& shown);

    std::unique_ptr<PlanModule> module_;
    std::map<Precision, PlanEngine> engines_;
    bool weights_stay_ = true;  ///< an engine packs them
};

}  // namespace affectsr
