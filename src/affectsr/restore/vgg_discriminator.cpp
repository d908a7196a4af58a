#include "affectsr/restore/vgg_discriminator.h"

#include <algorithm>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr double kSlope = 0.2;  // of every leaky ReLU
constexpr int kLastSide = 4;    // px where the linear layers begin
constexpr int kHidden = 100;    // features between the two linear layers

}  // namespace

Plan vgg_discriminator_plan(const VggDiscriminatorOptions& o) {
    if (o.input_px != 128 && o.input_px != 256)
        throw UsageError("vgg_discriminator: \"input_px\" must be 128 or 256, got " + std::to_string(o.input_px));
    PlanBuilder p;
    const auto layer = [&](const std::string& number, Value x, int width, int kernel) {
        const bool norm = o.batch_norm && number != "0_0";
        const ConvOptions halving{.kernel = 4, .stride = 2, .padding = 1, .bias = !norm};
        const ConvOptions keeping{.kernel = 3, .bias = !norm};
        x = p.conv("conv" + number, x, width, kernel == 4 ? halving : keeping);
        if (norm) x = p.mark("bn" + number, p.batch_norm("bn" + number, x));
        return p.leaky_relu(x, kSlope);
    };
    Value x = p.input(3);
    int stage = 0;
    for (int side = o.input_px; side > kLastSide; side /= 2, ++stage) {
        const int width = o.features * std::min(1 << stage, 8);
        x = layer(std::to_string(stage) + "_0", x, width, 3);
        x = layer(std::to_string(stage) + "_1", x, width, 4);
    }
    x = p.linear("linear1", p.flatten(x, kLastSide * kLastSide), kHidden);
    return p.finish(p.linear("linear2", p.leaky_relu(p.mark("linear1", x), kSlope), 1));
}

}  // namespace affectsr
