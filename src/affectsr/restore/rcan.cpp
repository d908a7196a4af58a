#include "affectsr/restore/rcan.h"

#include "affectsr/base/error.h"
#include "affectsr/restore/edsr_ends.h"

namespace affectsr {

namespace {

/// Zhang et al. 2018, eq. 10–12: each channel is weighed by what all their means say.
Value attend(PlanBuilder& p, const std::string& name, Value x, int reduction) {
    const int width = p.channels(x);
    const Value squeezed = p.conv(name + ".conv_du.0", p.global_avg_pool(x), width / reduction, {.kernel = 1});
    return p.mul(x, p.sigmoid(p.conv(name + ".conv_du.2", p.relu(squeezed), width, {.kernel = 1})));
}

/// RCAB, eq. 13–14.
Value attention_block(PlanBuilder& p, const std::string& name, Value x, int reduction) {
    const int width = p.channels(x);
    const Value y = p.conv(name + ".body.2", p.relu(p.conv(name + ".body.0", x, width)), width);
    return p.add(x, attend(p, name + ".body.3", y, reduction));
}

/// Eq. 6–7: blocks and a convolution within a residual.
Value residual_group(PlanBuilder& p, const std::string& name, Value x, const RcanOptions& o) {
    Value y = x;
    for (int b = 0; b < o.blocks; ++b) y = attention_block(p, name + ".body." + std::to_string(b), y, o.reduction);
    return p.add(x, p.conv(name + ".body." + std::to_string(o.blocks), y, o.features));
}

}  // namespace

Plan rcan_plan(const RcanOptions& o) {
    if (o.features < o.reduction) throw UsageError("rcan: \"features\" must be at least \"reduction\"");
    PlanBuilder p;
    const Value head = p.mark("head", p.conv("head.0", without_mean_colour(p, p.input(3)), o.features));
    Value body = head;
    for (int g = 0; g < o.groups; ++g) {
        const std::string number = std::to_string(g);
        body = p.mark("body" + number, residual_group(p, "body." + number, body, o));
    }
    body = p.add(head, p.conv("body." + std::to_string(o.groups), body, o.features));
    return p.finish(with_mean_colour(p, p.mark("tail", edsr_tail(p, body, o.scale, "rcan"))));
}

SrNetwork rcan(const RcanOptions& o) {
    SrNetwork network = enlarging_network(rcan_plan(o), o.scale);
    // body.g.residual_group.b.rcab.N, attention.1 and .3 within N = 3, and body.g.conv
    network.rename_published = [groups = o.groups, blocks = o.blocks](TensorMap published) {
        return rename_edsr_family(std::move(published), groups, [blocks](std::string layer) {
            replace_part(layer, ".residual_group.", ".body.");
            replace_part(layer, ".rcab.", ".body.");
            replace_part(layer, ".attention.1", ".conv_du.0");
            replace_part(layer, ".attention.3", ".conv_du.2");
            if (layer.ends_with(".conv")) replace_part(layer, ".conv", ".body." + std::to_string(blocks));
            return layer;
        });
    };
    return network;
}

}  // namespace affectsr
