#include "affectsr/classify/small_net.h"

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

/// conv → norm → relu → conv → norm → squeeze-excitation → + shortcut → relu.
Value residual_block(PlanBuilder& p, const std::string& name, Value x, int width, int stride, int squeeze) {
    const ConvOptions plain{.kernel = 3, .bias = false};
    auto y = p.conv(name + ".conv1", x, width, {.kernel = 3, .stride = stride, .bias = false});
    y = p.relu(p.batch_norm(name + ".bn1", y));
    y = p.batch_norm(name + ".bn2", p.conv(name + ".conv2", y, width, plain));
    // Hu et al. 2018, eq. 2–4: one number per channel says how much of it to keep.
    auto keep = p.conv(name + ".se.reduce", p.global_avg_pool(y), width / squeeze, {.kernel = 1});
    keep = p.sigmoid(p.conv(name + ".se.expand", p.relu(keep), width, {.kernel = 1}));
    y = p.mul(y, keep);
    auto shortcut = x;
    if (stride != 1 || p.channels(x) != width) {
        shortcut = p.conv(name + ".shortcut.conv", x, width, {.kernel = 1, .stride = stride, .bias = false});
        shortcut = p.batch_norm(name + ".shortcut.bn", shortcut);
    }
    return p.relu(p.add(y, shortcut));
}

}  // namespace

Plan small_net_plan(const SmallNetOptions& o) {
    if (o.widths.empty() || o.widths.size() != o.depths.size())
        throw UsageError("small_net: \"widths\" and \"depths\" must name the same number of stages, at least one");
    for (const int width : o.widths)
        if (width < o.squeeze) throw UsageError("small_net: every width must be at least \"squeeze\"");
    PlanBuilder p;
    auto x = p.input(1);
    x = p.relu(p.batch_norm("stem.bn1", p.conv("stem.conv1", x, o.widths[0] / 2, {.kernel = 3, .bias = false})));
    x = p.conv("stem.conv2", x, o.widths[0], {.kernel = 3, .stride = 2, .bias = false});
    x = p.relu(p.batch_norm("stem.bn2", x));
    for (std::size_t stage = 0; stage < o.widths.size(); ++stage)
        for (int block = 0; block < o.depths[stage]; ++block) {
            const std::string name = "stage" + std::to_string(stage + 1) + "." + std::to_string(block);
            x = residual_block(p, name, x, o.widths[stage], stage > 0 && block == 0 ? 2 : 1, o.squeeze);
        }
    x = p.dropout(p.flatten(p.global_avg_pool(x)), o.dropout);
    p.output("expression", p.linear("head.expression", x, kExpressionClasses));
    p.output("fer2013", p.linear("head.fer2013", x, kExpressionClasses));
    return p.finish();
}

SmallNet::SmallNet(const SmallNetOptions& options) : options_(options) {
    net_ = register_module("net", std::make_shared<PlanModule>(small_net_plan(options)));
}

std::map<std::string, Tensor> SmallNet::logits(const Tensor& faces) { return net_->play(faces - 0.5); }

}  // namespace affectsr
