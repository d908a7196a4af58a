// Golden runner of vgg_discriminator: BasicSR's VGGStyleDiscriminator.
#include "affectsr/restore/vgg_discriminator.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

/// input.x as the case tells it: each pixel of input.x_small `factor` times in both directions.
HostTensor repeated(const HostTensor& small, std::int64_t factor) {
    const std::vector<float> from = small.floats();
    std::vector<std::int64_t> shape = small.shape();
    const std::int64_t height = shape[2], width = shape[3];
    shape[2] *= factor, shape[3] *= factor;
    std::vector<float> values;
    for (std::int64_t plane = 0; plane < shape[0] * shape[1]; ++plane)
        for (std::int64_t y = 0; y < shape[2]; ++y)
            for (std::int64_t x = 0; x < shape[3]; ++x)
                values.push_back(from[static_cast<std::size_t>((plane * height + y / factor) * width + x / factor)]);
    return HostTensor::from_floats(values, shape);
}

/// Every so-manieth channel, row and column, so that [n, c, h, w] gets `shape`: what the cases keep of wide stages.
HostTensor strided(const HostTensor& tensor, const std::vector<std::int64_t>& shape) {
    const std::vector<float> from = tensor.floats();
    const std::vector<std::int64_t>& full = tensor.shape();
    const std::int64_t step_c = full[1] / shape[1], step_y = full[2] / shape[2], step_x = full[3] / shape[3];
    std::vector<float> values;
    for (std::int64_t n = 0; n < shape[0]; ++n)
        for (std::int64_t c = 0; c < shape[1]; ++c)
            for (std::int64_t y = 0; y < shape[2]; ++y)
                for (std::int64_t x = 0; x < shape[3]; ++x) {
                    const std::int64_t row = (n * full[1] + c * step_c) * full[2] + y * step_y;
                    values.push_back(from[static_cast<std::size_t>(row * full[3] + x * step_x)]);
                }
    return HostTensor::from_floats(values, shape);
}

PlanCase describe(const Case& golden_case) {
    VggDiscriminatorOptions options;
    options.features = golden_case.config.at("num_feat");
    options.input_px = golden_case.config.at("input_size");
    const auto factor = static_cast<std::int64_t>(golden_case.input("factor").floats().at(0));
    PlanCase made{vgg_discriminator_plan(options), repeated(golden_case.input("x_small"), factor)};
    for (const char* mark : {"bn1_1", "bn4_1", "linear1"}) made.plan.output_mark(mark);
    std::map<std::string, std::vector<std::int64_t>> kept;
    for (const std::string stage : {"bn1_1", "bn4_1"})
        kept[stage] = golden_case.tensors.at("stage." + stage + "_strided").shape();
    made.finish = [kept](const std::map<std::string, HostTensor>& values) {
        Outputs outputs{{"output.y", values.at("out")}, {"stage.linear1", values.at("linear1")}};
        for (const auto& [stage, shape] : kept)
            outputs["stage." + stage + "_strided"] = strided(values.at(stage), shape);
        return outputs;
    };
    return made;
}

const bool kRegistered = register_plan("vgg_discriminator", describe);

}  // namespace
}  // namespace affectsr::golden
