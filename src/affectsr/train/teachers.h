// Frozen expression networks whose mean answer is learned from.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "affectsr/learn/plan_module.h"
#include "affectsr/train/face_source.h"

namespace affectsr {

/// Several trained expression networks asked as one: each sees a face and its mirror image, and the answer is the mean
/// of all their probabilities, in the order of seven_emotions(). They do not learn. Not thread-safe.
class Teachers : public FaceTeacher {
 public:
    /// Opens the model files called `names` (model_in_reach of `folder`). They play in bfloat16 if `bf16`. Throws
    /// ModelError for a file that is missing, damaged or no expression network; UsageError if they want faces of
    /// different sizes or numbers of channels, these are neither `channels` nor 1 (BT.601 luma), or they share no head.
    Teachers(const std::vector<std::string>& names, const std::filesystem::path& folder, int channels, bool bf16);
    int input_px() const override { return px_; }
    std::vector<std::string> heads() const override { return heads_; }
    std::map<std::string, Tensor> answer(const Tensor& faces) const override;
    /// account_of each.
    const Json& account() const { return account_; }

 private:
    std::vector<std::unique_ptr<PlanModule>> networks_;
    std::vector<std::string> heads_;
    int px_ = 0, channels_ = 0;
    bool bf16_;
    Json account_ = Json::array();
};

}  // namespace affectsr
