// Writes a ModelFile of small_net with made-up weights, the same in every run: what the tests of the program load.
#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/face/expression.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/weights/model_file.h"

namespace {

/// Weights with the spread that He et al. 2015 ask for; running variances stay 1.
void fill(torch::nn::Module& network) {
    const torch::NoGradGuard no_grad;
    std::uint64_t state = 1;
    for (auto& parameter : network.named_parameters()) {
        torch::Tensor& tensor = parameter.value();
        if (tensor.dim() < 2) continue;  // norms and biases keep 1 and 0
        const double spread = std::sqrt(6.0 / static_cast<double>(tensor.numel() / tensor.size(0)));
        float* values = tensor.data_ptr<float>();
        for (std::int64_t i = 0; i < tensor.numel(); ++i) {
            state = state * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX
            values[i] = static_cast<float>(spread * (static_cast<double>(state >> 33) / (1u << 30) - 1.0));
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    using namespace affectsr;
    if (argc != 2) {
        std::fputs("usage: affectsr_random_model OUT.safetensors\n", stderr);
        return 2;
    }
    try {
        const auto& entry = find<ExpressionNetwork>(expression_network_catalog(), "small_net", "classifier");
        const std::unique_ptr<ExpressionNetwork> network = entry.make(Json::object());
        fill(*network);
        ModelFile file;
        file.card.network = "small_net";
        file.card.options = entry.default_options;
        file.card.labels = names_of(seven_emotions());
        for (const std::string& head : network->heads()) file.card.heads[head] = {{"labels", file.card.labels}};
        file.card.input = {{"size_px", network->needs().input_px}, {"channels", network->needs().channels}};
        file.card.source = "made-up weights for tests";
        file.card.licence = "Apache-2.0";
        file.card.limits = "means nothing";
        file.tensors = state_of(*network);
        file.save(argv[1]);
    } catch (const Error& error) {
        std::fprintf(stderr, "affectsr_random_model: %s\n", error.what());
        return error.exit_code();
    }
    return 0;
}
