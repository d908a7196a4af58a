#include "affectsr/restore/fsrnet.h"

namespace affectsr {

namespace {

constexpr int kCoarseBlocks = 3, kDecoderBlocks = 3, kPriorBlocks = 3;  // Chen et al. 2018, sec. 3.2
constexpr int kHourglasses = 2, kHourglassLevels = 3;

/// Writes the parts of an FSRNet down.
class FsrnetWriter {
 public:
    explicit FsrnetWriter(const FsrnetOptions& options) : o_(options) {}

    Plan run() {
        const Value coarse = coarse_network(p_.scale(p_.shift(p_.input(3), -0.5), 2));
        const Value fine = p_.mark("encoder_features", fine_encoder(coarse));
        const Value prior = p_.mark("prior_features", prior_network(coarse));
        tell_priors(prior);
        const Value picture = decoder(p_.concat({fine, prior}));
        p_.output("out", in_unit_range(picture));
        p_.output("coarse", in_unit_range(coarse));
        return p_.finish();
    }

 private:
    Value in_unit_range(Value x) { return p_.shift(p_.scale(x, 0.5), 0.5); }

    /// With its border mirrored.
    Value mirrored_conv(const std::string& name, Value x, int width, bool bias = false) {
        return p_.conv(name, p_.pad_reflected(x, {1, 1, 1, 1}), width, {.padding = 0, .bias = bias});
    }
    Value normed_relu(const std::string& norm, Value x) { return p_.relu(p_.batch_norm(norm, x)); }

    Value residual_block(const std::string& name, Value x) {
        const int width = p_.channels(x);
        const Value y = normed_relu(name + ".layers.2", mirrored_conv(name + ".layers.1", x, width));
        return p_.add(x, p_.batch_norm(name + ".layers.6", mirrored_conv(name + ".layers.5", y, width)));
    }
    Value residual_blocks(const std::string& name, Value x, int count) {
        for (int i = 0; i < count; ++i) x = residual_block(name + std::to_string(o_.tied ? count - 1 : i), x);
        return x;
    }

    /// He et al. 2016, arXiv:1603.05027: norm and ReLU come first, the middle is half as wide.
    Value bottleneck(const std::string& name, Value x, int width) {
        const std::string block = name + ".convBlock.";
        const int half = width / 2;
        Value y = p_.conv(block + "2", normed_relu(block + "0", x), half, {.kernel = 1});
        y = p_.conv(block + "5", normed_relu(block + "3", y), half);
        y = p_.conv(block + "8", normed_relu(block + "6", y), width, {.kernel = 1});
        return p_.add(p_.channels(x) == width ? x : p_.conv(name + ".skipConv", x, width, {.kernel = 1}), y);
    }

    /// Newell et al. 2016, arXiv:1603.06937.
    Value hourglass(const std::string& name, Value x, int level) {
        const int width = p_.channels(x);
        const std::string part = name + ".res" + std::to_string(level);
        const Value up = bottleneck(part + "_1", x, width);
        Value low = bottleneck(part + "_2", p_.max_pool(x, 2, 2), width);
        low = level > 1 ? hourglass(name, low, level - 1) : bottleneck(name + ".res_center", low, width);
        low = bottleneck(part + "_3", low, width);
        return p_.add(up, p_.enlarge_nearest(low, 2));
    }

    Value coarse_network(Value x) {
        x = normed_relu("csr_net.conv1.2", mirrored_conv("csr_net.conv1.1", x, o_.features));
        x = residual_blocks("csr_net.res_blocks.", x, kCoarseBlocks);
        return p_.tanh(mirrored_conv("csr_net.conv2.1", x, 3));  // [n, 3, h, w]
    }

    Value fine_encoder(Value x) {
        x = p_.conv("fsr_enc.conv1.0", x, o_.features, {.stride = 2, .bias = false});
        x = residual_blocks("fsr_enc.res_blocks.", normed_relu("fsr_enc.conv1.1", x), o_.blocks);
        return p_.tanh(mirrored_conv("fsr_enc.conv2.1", x, o_.features));  // [n, features, h/2, w/2]
    }

    Value prior_network(Value x) {
        const int width = 2 * o_.features;
        x = p_.conv("pre_net.conv1.0", x, o_.features, {.kernel = 7, .stride = 2, .bias = false});
        x = bottleneck("pre_net.res_blocks.0", normed_relu("pre_net.conv1.1", x), width);
        for (int i = 1; i < kPriorBlocks; ++i) x = residual_block("pre_net.res_blocks." + std::to_string(i), x);
        for (int i = 0; i < kHourglasses; ++i)
            x = hourglass("pre_net.hg_blocks." + std::to_string(i), x, kHourglassLevels);
        return x;  // [n, 2·features, h/2, w/2]
    }

    void tell_priors(Value x) {
        std::vector<Value> told;
        if (o_.landmarks > 0) told.push_back(p_.conv("prior_conv1", x, o_.landmarks, {.kernel = 1}));
        if (o_.parsing > 0) told.push_back(p_.conv("prior_conv2", x, o_.parsing, {.kernel = 1}));
        if (!told.empty()) p_.mark("prior", p_.concat(told));
    }

    /// Sees the features that the priors are told from, not their maps.
    Value decoder(Value x) {
        x = normed_relu("fsr_dec.conv1.1", p_.conv("fsr_dec.conv1.0", x, o_.features, {.bias = false}));
        x = p_.conv_transpose("fsr_dec.deconv1.0", x, o_.features, {.stride = 2, .bias = false, .output_padding = 1});
        x = residual_blocks("fsr_dec.res_blocks.", normed_relu("fsr_dec.deconv1.1", x), kDecoderBlocks);
        return p_.tanh(mirrored_conv("fsr_dec.conv2.1", x, 3));  // [n, 3, h, w]
    }

    const FsrnetOptions& o_;
    PlanBuilder p_;
};

}  // namespace

Plan fsrnet_plan(const FsrnetOptions& o) {
    return FsrnetWriter(o).run();
}

SrNetwork fsrnet(const FsrnetOptions& o) {
    SrNetwork network = enlarging_network(fsrnet_plan(o), o.scale);
    network.enlarged_first = o.scale;
    network.multiple = 16;
    if (!o.tied) return network;
    network.rename_published = [blocks = o.blocks](TensorMap published) {
        for (const auto& [part, count] :
             {std::pair("csr_net", kCoarseBlocks), std::pair("fsr_enc", blocks), std::pair("fsr_dec", kDecoderBlocks)})
            for (int i = 0; i + 1 < count; ++i) {
                const std::string repeated = std::string(part) + ".res_blocks." + std::to_string(i) + ".";
                std::erase_if(published, [&](const auto& one) { return one.first.starts_with(repeated); });
            }
        return published;
    };
    return network;
}

}  // namespace affectsr
