// Runs the reference's distance of node embeddings on its stored ones.

#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/tensor.h"
#include "affectsr/train/node_embedding_loss.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

/// [n, nodes, c] → [n, c, nodes, 1].
Tensor as_embeddings(const Tensor& stored) {
    return stored.transpose(1, 2).unsqueeze(3);
}

golden::Outputs run(const golden::Case& one) {
    const Tensor z1 = to_tensor(one.input("z1")).clone().requires_grad_(true), z2 = to_tensor(one.input("z2"));
    const Tensor sr = as_embeddings(z1), hr = as_embeddings(z2);
    std::vector<Tensor> by_face;
    for (std::int64_t face = 0; face < sr.size(0); ++face)
        by_face.push_back(node_embedding_distance(sr.narrow(0, face, 1), hr.narrow(0, face, 1)).detach());
    const Tensor loss = node_embedding_distance(sr, hr);
    loss.backward();
    const auto nodes = static_cast<double>(sr.size(2));
    return {{"output.per_sample", to_host(torch::stack(by_face))},
            {"output.loss", to_host(loss.detach().view({1}))},
            {"output.loss_sum_batch", to_host(torch::stack(by_face).sum().view({1}))},
            {"output.loss_node_mean", to_host((loss.detach() / nodes).view({1}))},
            {"output.grad_z1", to_host(z1.grad())}};
}

const bool kRegistered = golden::register_runner("node_embedding_l2", run);

}  // namespace
}  // namespace affectsr
