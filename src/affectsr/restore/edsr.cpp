#include "affectsr/restore/edsr.h"

#include "affectsr/restore/edsr_ends.h"

namespace affectsr {

namespace {

/// Lim et al. 2017, fig. 2c: nothing is normalised, and nothing follows the sum.
Value residual_block(PlanBuilder& p, const std::string& name, Value x, double residual_scale) {
    const int width = p.channels(x);
    Value y = p.conv(name + ".body.2", p.relu(p.conv(name + ".body.0", x, width)), width);
    if (residual_scale != 1) y = p.scale(y, residual_scale);
    return p.add(x, y);
}

}  // namespace

Plan edsr_plan(const EdsrOptions& o) {
    PlanBuilder p;
    const Value head = p.mark("head", p.conv("head.0", without_mean_colour(p, p.input(3)), o.features));
    Value body = head;
    for (int i = 0; i < o.blocks; ++i) {
        const std::string number = std::to_string(i);
        body = p.mark("body" + number, residual_block(p, "body." + number, body, o.residual_scale));
    }
    body = p.add(head, p.conv("body." + std::to_string(o.blocks), body, o.features));
    return p.finish(with_mean_colour(p, p.mark("tail", edsr_tail(p, body, o.scale, "edsr"))));
}

SrNetwork edsr(const EdsrOptions& o) {
    SrNetwork network = enlarging_network(edsr_plan(o), o.scale);
    network.rename_published = [blocks = o.blocks](TensorMap published) {
        return rename_edsr_family(std::move(published), blocks, [](std::string layer) {
            replace_part(layer, ".conv1", ".body.0");
            replace_part(layer, ".conv2", ".body.2");
            return layer;
        });
    };
    return network;
}

}  // namespace affectsr
