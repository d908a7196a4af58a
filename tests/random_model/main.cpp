// Writes a ModelFile of small_net with made-up weights, the same in every run: what the tests of the program load.
#include <cstdio>
#include <memory>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/face/expression.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/weights/model_file.h"

int main(int argc, char** argv) {
    using namespace affectsr;
    if (argc != 2) {
        std::fputs("usage: affectsr_random_model OUT.safetensors\n", stderr);
        return 2;
    }
    try {
        const auto& entry = find<ExpressionNetwork>(expression_network_catalog(), "small_net", "classifier");
        const std::unique_ptr<ExpressionNetwork> network = entry.make(Json::object());
        ModelFile file;
        file.card.network = "small_net";
        file.card.options = entry.default_options;
        file.card.labels = names_of(seven_emotions());
        for (const std::string& head : network->heads) file.card.heads[head] = {{"labels", file.card.labels}};
        file.card.input = {{"size_px", network->needs.input_px}, {"channels", network->needs.channels}};
        file.card.source = "made-up weights for tests";
        file.card.licence = "Apache-2.0";
        file.card.limits = "means nothing";
        file.tensors = first_weights(network->plan, 1);
        file.save(argv[1]);
    } catch (const Error& error) {
        std::fprintf(stderr, "affectsr_random_model: %s\n", error.what());
        return error.exit_code();
    }
    return 0;
}
