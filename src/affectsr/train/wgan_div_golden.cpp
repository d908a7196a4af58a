// Golden runner of wgan_div: the critic's loss with its gradients, as published and as FSR-FER's code has it.
#include "affectsr/train/wgan_div.h"

#include "affectsr/classify/feature_critic.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/plan_module.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

HostTensor scalar(const Tensor& value) {
    return to_host(value.detach().view({1}));
}

golden::Outputs run(const golden::Case& one) {
    PlanModule critic(feature_critic_plan({8, 32}));
    load_state(critic, one.filled_state(), one.folder.string());
    critic.set_play(Play::libtorch);
    critic.train();
    const Critic judge = [&critic](const Tensor& x) { return critic.forward(x); };
    const Tensor real = to_tensor(one.input("real")), weight = to_tensor(one.input("weight"));
    const Tensor alpha = to_tensor(one.input("alpha"));
    const Tensor fake = to_tensor(one.input("fake")).clone().requires_grad_(true);
    WganDivOptions options;
    options.k = one.config.at("k"), options.p = one.config.at("p");

    golden::Outputs outputs;
    const auto gradient_of = [&](const std::string& name) { return critic.named_parameters()[name].grad(); };
    const Tensor x_hat = between(real, fake.detach(), alpha);
    const Tensor penalty = slope_penalty(judge, x_hat, options);
    penalty.backward();
    outputs["output.gp"] = scalar(penalty);
    for (const std::string name : {"blocks.0.conv1.weight", "fc2.weight"})
        outputs["output.gp_grad_" + name] = to_host(gradient_of(name).clone());
    critic.zero_grad();

    const CriticLoss loss = critic_loss(judge, real, fake, alpha, {}, options);
    loss.loss.backward();
    outputs["output.loss_d"] = scalar(loss.loss);
    std::vector<float> norms;
    for (const auto& [name, shape, dtype] : one.state_dict) {
        const Tensor gradient = gradient_of(name);
        norms.push_back(gradient.norm().item<float>());
        const auto stored = one.tensors.find("output.grad_" + name);
        if (stored != one.tensors.end())
            outputs[stored->first] = to_host(gradient.narrow(0, 0, stored->second.shape().at(0)).contiguous());
    }
    outputs["output.grad_norms_all"] = HostTensor::from_floats(norms, {static_cast<std::int64_t>(norms.size())});
    outputs["output.loss_d_weighted"] = scalar(critic_loss(judge, real, fake, alpha, weight, options).loss);
    WganDivOptions published = options;
    published.norm = "columns";
    outputs["output.loss_d_fsrfer_code"] = scalar(critic_loss(judge, real, fake, alpha, weight, published).loss);
    // PyTorch-GAN: high on what is real, the slope at the samples themselves.
    const Tensor at_samples = slope_penalty(judge, real, options) + slope_penalty(judge, fake, options);
    outputs["output.loss_d_pytorchgan"] = scalar(judge(fake).mean() - judge(real).mean() + options.k / 2 * at_samples);

    const Tensor of_fake = judge(fake).view({-1});
    of_fake.mean().backward();
    outputs["output.d_real"] = to_host(judge(real).detach().view({-1}));
    outputs["output.d_fake"] = to_host(of_fake.detach());
    outputs["output.loss_g"] = scalar(of_fake.mean());
    outputs["output.grad_fake_loss_g"] = to_host(fake.grad().narrow(0, 0, 1).contiguous());
    outputs["output.x_hat"] = to_host(x_hat.narrow(0, 0, 1).contiguous());
    const Tensor at = x_hat.clone().requires_grad_(true);
    const Tensor slope = torch::autograd::grad({judge(at).sum()}, {at})[0];
    outputs["output.grad_x_hat"] = to_host(slope);
    outputs["output.grad_norm"] = to_host(slope.flatten(1).norm(2, 1));
    return outputs;
}

const bool kRegistered = golden::register_runner("wgan_div", run);

}  // namespace
}  // namespace affectsr
