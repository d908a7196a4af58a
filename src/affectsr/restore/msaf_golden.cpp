// Golden runner of msaf: the authors' split attention over two modalities.
#include <array>

#include "affectsr/restore/msaf.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

/// [n, c, …] as [n, c, h, w] with h · w positions.
HostTensor as_picture(const HostTensor& tensor) {
    std::vector<std::int64_t> shape = tensor.shape();
    while (shape.size() < 4) shape.push_back(1);
    return reshaped(tensor, shape);
}

/// −1 … 1 in equal steps, in the shape of `like`.
HostTensor linspace(const HostTensor& like) {
    std::vector<float> values(static_cast<std::size_t>(like.count()));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(-1 + 2 * static_cast<double>(i) / static_cast<double>(values.size() - 1));
    return HostTensor::from_floats(values, like.shape());
}

PlanCase describe(const Case& golden_case) {
    const std::vector<int> channels = golden_case.config.at("in_channels");
    MsafOptions options;
    options.block_channels = golden_case.config.at("block_channel");
    options.reduction = golden_case.config.at("reduction_factor");
    PlanBuilder p;
    const std::array modalities{p.input(channels.at(0), "m0"), p.input(channels.at(1), "m1")};
    const std::vector<Value> weighed = msaf(p, "blocks.0", modalities, options);
    p.output("m0", weighed[0]);
    p.output("m1", weighed[1]);
    PlanCase made{p.finish(), as_picture(golden_case.input("m0"))};
    made.plan.output_mark("blocks.0.attention");
    made.further["m1"] = as_picture(golden_case.input("m1"));
    made.rename = with_convolutions;
    made.loss_gradient = [](const std::string& name, const HostTensor& value) {
        if (name.starts_with("m")) return linspace(value);
        return with_channels(value, [](float, std::size_t) { return 0.0F; });
    };
    const std::vector<std::int64_t> shape = golden_case.tensors.at("stage.softmax_block0").shape();
    const std::vector<std::int64_t> points = golden_case.input("m1").shape();
    made.finish = [shape, points](const std::map<std::string, HostTensor>& values) {
        Outputs outputs{{"output.m0", values.at("m0")},
                        {"output.m1", reshaped(values.at("m1"), points)},
                        {"stage.softmax_block0", reshaped(values.at("blocks.0.attention"), shape)}};
        if (!values.contains("grad.m0")) return outputs;
        const HostTensor& joint = values.at("grad.blocks.0.joint_features.0.weight");
        outputs["output.grad_m0"] = values.at("grad.m0");
        outputs["output.grad_m1"] = reshaped(values.at("grad.m1"), points);
        outputs["output.grad_joint_weight"] = reshaped(joint, {joint.shape()[0], joint.shape()[1]});
        return outputs;
    };
    return made;
}

const bool kRegistered = register_plan("msaf", describe);

}  // namespace
}  // namespace affectsr::golden
