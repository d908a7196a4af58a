#include "affectsr/train/teachers.h"

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/train/learner.h"
#include "affectsr/train/picture_tensors.h"

namespace affectsr {

Teachers::Teachers(const std::vector<std::string>& names, const std::filesystem::path& folder, int channels, bool bf16)
    : bf16_(bf16) {
    AFFECTSR_EXPECT(!names.empty(), "no teacher");
    for (const std::string& name : names) {
        const std::filesystem::path path = model_in_reach(name, folder);
        const ModelFile file = ModelFile::open(path);
        const ExpressionNetwork network =
            *find(expression_network_catalog(), file.card.network, "network").make(file.card.options);
        if (file.card.labels != names_of(seven_emotions()))
            throw ModelError("model_does_not_fit",
                             path.string() + ": a teacher's classes must be the seven in their usual order");
        const bool sees = network.needs.channels == channels || network.needs.channels == 1;
        const bool as_others =
            networks_.empty() || (network.needs.input_px == px_ && network.needs.channels == channels_);
        if (!sees || !as_others)
            throw UsageError(path.string() + ": this teacher reads faces of " + std::to_string(network.needs.input_px) +
                             " px and " + std::to_string(network.needs.channels) +
                             " channels; all teachers must read the same size, and the " + std::to_string(channels) +
                             " channels of the network that learns, or luma");
        channels_ = network.needs.channels;
        px_ = network.needs.input_px;
        if (networks_.empty()) heads_ = network.heads;
        std::erase_if(heads_, [&](const std::string& head) {
            return std::find(network.heads.begin(), network.heads.end(), head) == network.heads.end();
        });
        auto module = std::make_unique<PlanModule>(network.plan);
        load_state(*module, file.tensors, path.string());
        module->eval();
        module->to(learning_device());
        networks_.push_back(std::move(module));
        account_.push_back(account_of(name, file));
    }
    if (heads_.empty()) throw UsageError("the teachers share no head, so they have no common answer");
}

std::map<std::string, Tensor> Teachers::answer(const Tensor& faces) const {
    const torch::NoGradGuard no_grad;
    const torch::Device device = learning_device();
    const Tensor seen = faces.size(1) == channels_ ? faces : in_channels(faces, channels_);
    const Tensor both = torch::cat({seen, seen.flip(3)}).to(device).contiguous(at::MemoryFormat::ChannelsLast);
    std::map<std::string, Tensor> sums;
    for (const auto& network : networks_) {
        const Autocast autocast(bf16_, device.is_cuda());
        const std::map<std::string, Tensor> logits = network->play(both);
        for (const std::string& head : heads_) {
            const Tensor views = torch::softmax(logits.at(head).to(torch::kFloat), 1).view({2, faces.size(0), -1});
            const Tensor answer = views.mean(0) / static_cast<double>(networks_.size());
            sums[head] = sums.contains(head) ? sums[head] + answer : answer;
        }
    }
    return sums;
}

}  // namespace affectsr
