#include "affectsr/classify/feature_generator.h"

namespace affectsr {

namespace {

constexpr double kSlope = 0.2;         // of every leaky ReLU
constexpr double kResidual = 0.2;      // of dense blocks and of what they are in
constexpr double kNormEpsilon = 1e-3;  // of slim's batch norms
constexpr int kLastKernel = 8;
constexpr Margins kSame{3, 4, 3, 4};  // TensorFlow's "SAME" for it

/// Dense block: every convolution sees all that came before it.
Value dense_block(PlanBuilder& p, const std::string& name, Value x, const FeatureGeneratorOptions& o) {
    std::vector<Value> grown{x};
    for (int k = 0; k < 5; ++k) {
        const std::string block = name + ".blocks." + std::to_string(k);
        Value y = p.conv(block + ".conv", p.concat(grown), k < 4 ? o.growth : o.features);
        if (o.norm) y = p.batch_norm(block + ".bn", y, kNormEpsilon);
        grown.push_back(k < 4 ? p.leaky_relu(y, kSlope) : y);
    }
    return p.add(x, p.scale(grown.back(), kResidual));
}

Value last_conv(PlanBuilder& p, const std::string& name, Value x, int features) {
    return p.conv(name, p.pad(x, kSame), features, {.kernel = kLastKernel, .padding = 0});
}

}  // namespace

Value generated_feature(PlanBuilder& p, const std::string& prefix, Value feature, const FeatureGeneratorOptions& o) {
    const Value head = p.mark(prefix + "first_conv", p.conv(prefix + "first_conv", feature, o.features));
    Value x = head;
    for (int i = 0; i < o.blocks; ++i) {
        const std::string block = "rrdb" + std::to_string(i), name = prefix + "rrdb." + std::to_string(i);
        Value y = x;
        for (int j = 0; j < 3; ++j) y = dense_block(p, name + ".dense." + std::to_string(j), y, o);
        x = p.mark(prefix + block, p.add(x, p.scale(y, kResidual)));
    }
    x = p.add(head, p.conv(prefix + "trunk_conv", x, o.features));
    x = p.leaky_relu(last_conv(p, prefix + "last_conv1", x, o.features), kSlope);
    return last_conv(p, prefix + "last_conv2", x, 1);
}

Plan feature_generator_plan(const FeatureGeneratorOptions& o) {
    PlanBuilder p;
    return p.finish(generated_feature(p, "", p.input(1), o));
}

}  // namespace affectsr
