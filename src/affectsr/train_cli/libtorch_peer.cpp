#include "affectsr/train_cli/libtorch_peer.h"

#include <algorithm>
#include <memory>

#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/learn/threads.h"

namespace affectsr::cli {

namespace {

BenchPlayer libtorch_player(const BenchTask& task, bool channels_last) {
    const torch::InferenceMode inference;
    const auto module = std::make_shared<PlanModule>(task.plan);
    load_state(*module, task.weights, "the weights of the bench");
    module->eval();
    const auto type = task.precision == Precision::bf16 ? torch::kBFloat16 : torch::kFloat;
    const auto layout = channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
    module->to(type);
    for (Tensor& parameter : module->parameters())
        if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(layout));
    std::map<std::string, Tensor> inputs;
    for (const auto& [name, feed] : task.feeds) {
        const std::int64_t height = feed.size.height, width = feed.size.width;
        const auto count = static_cast<std::int64_t>(feed.values.size());
        Tensor input = torch::empty({task.batch.count, count / (task.batch.count * height * width), height, width});
        std::copy(feed.values.begin(), feed.values.end(), input.data_ptr<float>());
        inputs[name] = input.to(type).contiguous(layout);
    }
    return {"libtorch", channels_last ? "nhwc" : "nchw", task.precision, [module, inputs] {
                const torch::InferenceMode playing;
                module->play(inputs);
            }};
}

}  // namespace

std::vector<BenchPlayer> libtorch_players(const BenchTask& task) {
    set_libtorch_threads(task.threads);
    std::vector<BenchPlayer> players;
    if (task.precision == Precision::f32) players.push_back(libtorch_player(task, false));
    players.push_back(libtorch_player(task, true));
    return players;
}

}  // namespace affectsr::cli
