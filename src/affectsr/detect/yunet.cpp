#include "affectsr/detect/yunet.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace affectsr {

namespace {

/// The paper's unit: a 1×1 convolution, a depthwise 3×3 one, and batch norm with ReLU unless it is a head's last.
Value unit(PlanBuilder& p, const std::string& name, Value x, int channels, bool with_norm = true) {
    const Value pointwise = p.conv(name + ".conv1", x, channels, {.kernel = 1});
    const Value depthwise = p.conv(name + ".conv2", pointwise, channels, {.groups = channels});
    return with_norm ? p.relu(p.batch_norm(name + ".bn", depthwise)) : depthwise;
}

Value two_units(PlanBuilder& p, const std::string& name, Value x, int channels) {
    return unit(p, name + ".conv2", unit(p, name + ".conv1", x, p.channels(x)), channels);
}

/// The backbone: the features at strides 8, 16 and 32.
std::array<Value, 3> backbone(PlanBuilder& p, const YunetOptions& o) {
    // Published weights see levels of 0 to 255.
    Value x = p.scale(p.input(3), 255);
    x = p.relu(p.batch_norm("backbone.model0.bn1", p.conv("backbone.model0.conv1", x, o.stem, {.stride = 2})));
    x = p.max_pool(unit(p, "backbone.model0.conv2", x, o.stem), 2, 2);  // stride 4
    x = two_units(p, "backbone.model1", x, o.features);
    x = p.max_pool(two_units(p, "backbone.model2", x, o.features), 2, 2);
    const Value at_8 = two_units(p, "backbone.model3", x, o.features);
    const Value at_16 = two_units(p, "backbone.model4", p.max_pool(at_8, 2, 2), o.features);
    const Value at_32 = two_units(p, "backbone.model5", p.max_pool(at_16, 2, 2), o.features);
    return {at_8, at_16, at_32};
}

/// TFPN of the paper: coarse features are added to the finer ones.
void add_coarse_to_fine(PlanBuilder& p, std::array<Value, 3>& features) {
    for (std::size_t i = features.size(); i-- > 0;) {
        features[i] = unit(p, "neck.lateral_convs." + std::to_string(i), features[i], p.channels(features[i]));
        if (i > 0) features[i - 1] = p.add(features[i - 1], p.enlarge_nearest(features[i], 2));
    }
}

/// [out, in, h, w] with the inputs in the opposite order.
HostTensor with_inputs_reversed(const HostTensor& weight) {
    const std::vector<std::int64_t>& shape = weight.shape();
    const std::vector<float> from = weight.floats();
    std::vector<float> to(from.size());
    const auto outputs = static_cast<std::size_t>(shape[0]), inputs = static_cast<std::size_t>(shape[1]),
               area = static_cast<std::size_t>(shape[2] * shape[3]);
    for (std::size_t o = 0; o < outputs; ++o)
        for (std::size_t i = 0; i < inputs; ++i)
            std::copy_n(from.begin() + static_cast<std::ptrdiff_t>((o * inputs + i) * area), area,
                        to.begin() + static_cast<std::ptrdiff_t>((o * inputs + inputs - 1 - i) * area));
    return HostTensor::from_floats(to, shape);
}

}  // namespace

DetectionNetwork yunet(const YunetOptions& o) {
    PlanBuilder p;
    std::array<Value, 3> features = backbone(p, o);
    add_coarse_to_fine(p, features);
    DetectionNetwork network;
    for (std::size_t i = 0; i < features.size(); ++i) {
        const std::string level = std::to_string(i), stride = std::to_string(8 << i);
        const Value x = unit(p, "bbox_head.multi_level_share_convs." + level + ".0", features[i], o.features);
        p.output("class_" + stride, p.sigmoid(unit(p, "bbox_head.multi_level_cls." + level, x, 1, false)));
        p.output("object_" + stride, p.sigmoid(unit(p, "bbox_head.multi_level_obj." + level, x, 1, false)));
        p.output("box_" + stride, unit(p, "bbox_head.multi_level_bbox." + level, x, 4, false));
        p.output("points_" + stride, unit(p, "bbox_head.multi_level_kps." + level, x, 10, false));
        network.strides.push_back(8 << i);
    }
    network.plan = p.finish();
    network.multiple = 32;
    network.rename_published = [](TensorMap published) {
        if (const auto first = published.find("backbone.model0.conv1.weight");
            first != published.end() && first->second.shape().size() == 4)
            first->second = with_inputs_reversed(first->second);
        return published;
    };
    return network;
}

}  // namespace affectsr
