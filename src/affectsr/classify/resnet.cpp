#include "affectsr/classify/resnet.h"

#include <array>

#include "affectsr/base/error.h"
#include "affectsr/classify/imagenet.h"

namespace affectsr {

namespace {

/// conv without bias → norm, named convN and bnN.
Value conv_norm(PlanBuilder& p, const std::string& name, int n, Value x, int width, ConvOptions options) {
    options.bias = false;
    const std::string number = std::to_string(n);
    return p.batch_norm(name + "bn" + number, p.conv(name + "conv" + number, x, width, options));
}

/// x itself, or a strided 1×1 convolution of it where the block changes its shape.
Value shortcut(PlanBuilder& p, const std::string& name, Value x, int width, int stride) {
    if (stride == 1 && p.channels(x) == width) return x;
    const Value y = p.conv(name + "downsample.0", x, width, {.kernel = 1, .stride = stride, .bias = false});
    return p.batch_norm(name + "downsample.1", y);
}

/// He et al. 2016, fig. 5 left.
Value basic_block(PlanBuilder& p, const std::string& name, Value x, int width, int stride) {
    Value y = p.relu(conv_norm(p, name, 1, x, width, {.kernel = 3, .stride = stride}));
    y = conv_norm(p, name, 2, y, width, {.kernel = 3});
    return p.relu(p.add(y, shortcut(p, name, x, width, stride)));
}

/// He et al. 2016, fig. 5 right, with the stride on the 3×3 convolution (torchvision's "v1.5").
Value bottleneck(PlanBuilder& p, const std::string& name, Value x, int width, int stride) {
    constexpr int kExpansion = 4;
    Value y = p.relu(conv_norm(p, name, 1, x, width, {.kernel = 1}));
    y = p.relu(conv_norm(p, name, 2, y, width, {.kernel = 3, .stride = stride}));
    y = conv_norm(p, name, 3, y, kExpansion * width, {.kernel = 1});
    return p.relu(p.add(y, shortcut(p, name, x, kExpansion * width, stride)));
}

}  // namespace

Plan resnet_plan(int depth, const ResnetOptions& o) {
    AFFECTSR_EXPECT(depth == 18 || depth == 50, "a ResNet of 18 or 50 layers");
    const auto block = depth == 18 ? basic_block : bottleneck;
    const std::array blocks = depth == 18 ? std::array{2, 2, 2, 2} : std::array{3, 4, 6, 3};
    PlanBuilder p;
    Value x = p.relu(conv_norm(p, "", 1, imagenet_normalised(p, p.input(3)), o.width, {.kernel = 7, .stride = 2}));
    x = p.max_pool(x, 3, 2, 1);
    for (int stage = 0; stage < 4; ++stage) {
        const std::string layer = "layer" + std::to_string(stage + 1);
        for (int i = 0; i < blocks[static_cast<std::size_t>(stage)]; ++i)
            x = block(p, layer + "." + std::to_string(i) + ".", x, o.width << stage, i == 0 && stage > 0 ? 2 : 1);
        p.mark(layer, x);
    }
    x = p.mark("pooled", p.flatten(p.global_avg_pool(x)));
    p.output("expression", p.linear("fc", x, kExpressionClasses));
    return p.finish();
}

ExpressionNetwork resnet18(const ResnetOptions& o) {
    return {resnet_plan(18, o), {o.input_px, 3}, {"expression"}};
}

ExpressionNetwork resnet50(const ResnetOptions& o) {
    return {resnet_plan(50, o), {o.input_px, 3}, {"expression"}};
}

}  // namespace affectsr
