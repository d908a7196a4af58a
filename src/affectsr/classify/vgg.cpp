#include "affectsr/classify/vgg.h"

#include <array>

#include "affectsr/base/error.h"
#include "affectsr/classify/imagenet.h"

namespace affectsr {

namespace {

constexpr int kCells = 7;  // the pictures' side where the linear layers begin: 224 px / 2⁵

}  // namespace

Plan vgg_plan(int depth, const VggOptions& o) {
    AFFECTSR_EXPECT(depth == 16 || depth == 19, "a VGG of 16 or 19 layers");
    const std::array convolutions = depth == 16 ? std::array{2, 2, 3, 3, 3} : std::array{2, 2, 4, 4, 4};
    constexpr std::array kWidening{1, 2, 4, 8, 8};  // table 1: 64, 128, 256, 512, 512
    PlanBuilder p;
    Value x = imagenet_normalised(p, p.input(3));
    int layer = 0;
    const auto name = [&layer] { return "features." + std::to_string(layer); };
    const auto marked = [&](Value value) {
        p.mark(name(), value);
        ++layer;
        return value;
    };
    for (std::size_t group = 0; group < convolutions.size(); ++group) {
        for (int i = 0; i < convolutions[group]; ++i) {
            x = marked(p.conv(name(), x, o.width * kWidening[group]));
            x = marked(p.relu(x));
        }
        x = marked(p.max_pool(x, 2, 2));
    }
    x = p.flatten(p.mark("avgpool", p.adaptive_avg_pool(x, kCells, kCells)), kCells * kCells);
    x = p.dropout(p.relu(p.mark("classifier.0", p.linear("classifier.0", x, o.hidden))), o.dropout);
    x = p.dropout(p.relu(p.linear("classifier.3", x, o.hidden)), o.dropout);
    p.output("expression", p.linear("classifier.6", x, kExpressionClasses));
    return p.finish();
}

ExpressionNetwork vgg16(const VggOptions& o) {
    return {vgg_plan(16, o), {o.input_px, 3}, {"expression"}};
}

ExpressionNetwork vgg19(const VggOptions& o) {
    return {vgg_plan(19, o), {o.input_px, 3}, {"expression"}};
}

}  // namespace affectsr
