#include "affectsr/classify/small_net.h"

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

/// Hu et al. 2018, eq. 2–4: one number per channel says how much of it to keep.
Value excite(PlanBuilder& p, const std::string& name, Value x, int squeeze) {
    const int channels = p.channels(x);
    auto keep = p.relu(p.conv(name + ".reduce", p.global_avg_pool(x), channels / squeeze, {.kernel = 1}));
    return p.mul(x, p.sigmoid(p.conv(name + ".expand", keep, channels, {.kernel = 1})));
}

/// conv → norm → relu → conv → norm (→ squeeze-excitation) → + shortcut → relu; `squeeze` 0: without.
Value residual_block(PlanBuilder& p, const std::string& name, Value x, int width, int stride, int squeeze) {
    auto y = p.conv(name + ".conv1", x, width, {.kernel = 3, .stride = stride, .bias = false});
    y = p.relu(p.batch_norm(name + ".bn1", y));
    y = p.batch_norm(name + ".bn2", p.conv(name + ".conv2", y, width, {.kernel = 3, .bias = false}));
    if (squeeze > 0) y = excite(p, name + ".se", y, squeeze);
    auto shortcut = x;
    if (stride != 1 || p.channels(x) != width) {
        shortcut = p.conv(name + ".shortcut.conv", x, width, {.kernel = 1, .stride = stride, .bias = false});
        shortcut = p.batch_norm(name + ".shortcut.bn", shortcut);
    }
    return p.relu(p.add(y, shortcut));
}

/// Without the "net." that names of the first model files begin with.
TensorMap rename_first_files(TensorMap published) {
    TensorMap named;
    for (auto& [name, tensor] : published) named[name.starts_with("net.") ? name.substr(4) : name] = std::move(tensor);
    return named;
}

}  // namespace

ExpressionNetwork small_net(const SmallNetOptions& o) {
    if (o.widths.empty() || o.widths.size() != o.depths.size())
        throw UsageError("small_net: \"widths\" and \"depths\" must name the same number of stages, at least one");
    for (const int width : o.widths)
        if (width < o.squeeze) throw UsageError("small_net: every width must be at least \"squeeze\"");
    PlanBuilder p;
    auto x = p.shift(p.input(1), -0.5);
    x = p.relu(p.batch_norm("stem.bn1", p.conv("stem.conv1", x, o.widths[0] / 2, {.kernel = 3, .bias = false})));
    x = p.conv("stem.conv2", x, o.widths[0], {.kernel = 3, .stride = 2, .bias = false});
    x = p.mark("stem", p.relu(p.batch_norm("stem.bn2", x)));
    const int stages = static_cast<int>(o.widths.size());
    for (int stage = 0; stage < stages; ++stage) {
        const auto at = static_cast<std::size_t>(stage);
        for (int block = 0; block < o.depths[at]; ++block) {
            const std::string name = "stage" + std::to_string(stage + 1) + "." + std::to_string(block);
            const int squeeze = stage >= stages - o.excited_stages ? o.squeeze : 0;
            x = residual_block(p, name, x, o.widths[at], stage > 0 && block == 0 ? 2 : 1, squeeze);
        }
        p.mark("stage" + std::to_string(stage + 1), x);
    }
    x = p.dropout(p.flatten(p.global_avg_pool(x)), o.dropout);
    p.output("expression", p.linear("head.expression", x, kExpressionClasses));
    p.output("fer2013", p.linear("head.fer2013", x, kExpressionClasses));
    return {p.finish(), {o.input_px, 1}, {"expression", "fer2013"}, rename_first_files};
}

}  // namespace affectsr
