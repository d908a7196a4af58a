#include "affectsr/classify/feature_network.h"

#include <array>

#include "affectsr/classify/imagenet.h"

namespace affectsr {

namespace {

/// Writes a network down and keeps count of the side of what it has.
class FeatureBuilder {
 public:
    explicit FeatureBuilder(int input_px) : side_(input_px), x_(p_.input(3)) {}

    void normalise_as_imagenet() { x_ = imagenet_normalised(p_, x_); }

    /// Blue, green, red, 0–255, without the mean colour: as Caffe's networks see pictures.
    void normalise_as_caffe() {
        x_ = p_.concat({p_.slice(x_, 2, 3), p_.slice(x_, 1, 2), p_.slice(x_, 0, 1)});
        x_ = p_.shift(p_.scale(x_, 255.0), std::vector<float>{-104, -117, -123});
    }

    void conv(const std::string& name, int channels, int kernel, int stride, int padding) {
        x_ = p_.relu(p_.conv(name, x_, channels, {.kernel = kernel, .stride = stride, .padding = padding}));
        side_ = (side_ + 2 * padding - kernel) / stride + 1;
    }

    void pool(int kernel) {
        x_ = p_.max_pool(x_, kernel, 2);
        side_ = (side_ - kernel) / 2 + 1;
    }

    /// A pool that also has the window in which the picture ends. What lies beyond may be 0: nothing here is negative.
    void pool_to_the_end() {
        const int beyond = (side_ - 3) % 2;
        if (beyond > 0) x_ = p_.pad(x_, {.left = 0, .right = beyond, .top = 0, .bottom = beyond});
        side_ += beyond;
        pool(3);
    }

    /// SqueezeNet's module: few channels, then as many by 1×1 as by 3×3.
    void fire(const std::array<std::string, 3>& names, int squeezed, int expanded) {
        const Value few = p_.relu(p_.conv(names[0], x_, squeezed, {.kernel = 1}));
        const Value ones = p_.relu(p_.conv(names[1], few, expanded, {.kernel = 1}));
        x_ = p_.concat({ones, p_.relu(p_.conv(names[2], few, expanded, {.kernel = 3}))});
    }

    void look_at(const std::string& layer) { p_.output(layer, x_); }
    FeatureNetwork finish() { return {p_.finish()}; }

 private:
    PlanBuilder p_;
    int side_;
    Value x_;
};

std::string layer(int index) {
    return "features." + std::to_string(index);
}

FeatureNetwork alex(const FeatureOptions& options) {
    FeatureBuilder net(options.input_px);
    net.normalise_as_imagenet();
    net.conv(layer(0), 64, 11, 4, 2);
    net.look_at(layer(1));
    net.pool(3);
    net.conv(layer(3), 192, 5, 1, 2);
    net.look_at(layer(4));
    net.pool(3);
    const std::array channels{384, 256, 256};
    for (int i = 0; i < 3; ++i) {
        net.conv(layer(6 + 2 * i), channels[static_cast<std::size_t>(i)], 3, 1, 1);
        net.look_at(layer(7 + 2 * i));
    }
    return net.finish();
}

FeatureNetwork vgg(const FeatureOptions& options) {
    FeatureBuilder net(options.input_px);
    net.normalise_as_imagenet();
    const std::array channels{64, 128, 256, 512, 512}, convolutions{2, 2, 3, 3, 3};
    int index = 0;
    for (std::size_t group = 0; group < channels.size(); ++group) {
        for (int i = 0; i < convolutions[group]; ++i, index += 2) net.conv(layer(index), channels[group], 3, 1, 1);
        net.look_at(layer(index - 1));
        if (group + 1 < channels.size()) net.pool(2);
        ++index;
    }
    return net.finish();
}

FeatureNetwork squeeze(const FeatureOptions& options) {
    FeatureBuilder net(options.input_px);
    const auto fire = [&](int index, int squeezed, int expanded, bool looked_at) {
        const std::string name = layer(index);
        net.fire({name + ".squeeze", name + ".expand1x1", name + ".expand3x3"}, squeezed, expanded);
        if (looked_at) net.look_at(name);
    };
    net.normalise_as_imagenet();
    net.conv(layer(0), 64, 3, 2, 0);
    net.look_at(layer(1));
    net.pool_to_the_end();
    fire(3, 16, 64, false);
    fire(4, 16, 64, true);
    net.pool_to_the_end();
    fire(6, 32, 128, false);
    fire(7, 32, 128, true);
    net.pool_to_the_end();
    fire(9, 48, 192, true);
    fire(10, 48, 192, true);
    fire(11, 64, 256, true);
    fire(12, 64, 256, true);
    return net.finish();
}

FeatureNetwork squeezenet10(const FeatureOptions& options) {
    FeatureBuilder net(options.input_px);
    const auto fire = [&](int index, int squeezed, int expanded, bool looked_at) {
        const std::string name = "fire" + std::to_string(index);
        net.fire({name + "/conv1x1_1", name + "/conv1x1_2", name + "/conv3x3_2"}, squeezed, expanded);
        if (looked_at) net.look_at(name);
    };
    net.normalise_as_caffe();
    net.conv("conv1", 96, 7, 2, 0);
    net.look_at("conv1");
    net.pool_to_the_end();
    fire(2, 16, 64, false);
    fire(3, 16, 64, false);
    fire(4, 32, 128, true);
    net.pool_to_the_end();
    fire(5, 32, 128, false);
    fire(6, 48, 192, false);
    fire(7, 48, 192, false);
    fire(8, 64, 256, true);
    net.pool_to_the_end();
    fire(9, 64, 256, true);
    return net.finish();
}

}  // namespace

std::span<const Entry<FeatureNetwork>> feature_network_catalog() {
    static const std::array catalog{
        entry<FeatureNetwork>("alex", "Krizhevsky 2014, arXiv:1404.5997; torchvision", alex),
        entry<FeatureNetwork>("vgg", "Simonyan & Zisserman 2015, arXiv:1409.1556; torchvision", vgg),
        entry<FeatureNetwork>("squeeze", "Iandola et al. 2016, arXiv:1602.07360, 1.1; torchvision", squeeze),
        entry<FeatureNetwork>("squeezenet10", "Iandola et al. 2016, arXiv:1602.07360, 1.0; Caffe", squeezenet10),
    };
    return catalog;
}

}  // namespace affectsr
