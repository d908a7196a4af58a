#include "affectsr/restore/sparnet.h"

#include <algorithm>
#include <map>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr int kAttentionFeatures = 64;  // channels within an hourglass
constexpr int kDeepest = 4;             // levels of the first block's hourglass: 64 px down to 4
constexpr double kSlope = 0.2;

enum class Change { none, half, twice };

/// Writes the parts of a SPARNet down.
class SparnetWriter {
 public:
    explicit SparnetWriter(const SparnetOptions& options) : o_(options) {}

    Plan run() {
        const int halvings = o_.output_px == 64 ? 2 : o_.output_px == 128 ? 3 : 4;
        int width = clipped(o_.features / (halvings + 1)), levels = kDeepest;
        Value x = p_.scale(p_.shift(p_.input(3), -0.5), 2);
        x = conv("encoder.0", x, width);
        for (int i = 1; i <= halvings; ++i, width *= 2, --levels)
            x = attention_block("encoder." + std::to_string(i), x, clipped(2 * width), Change::half, levels);
        x = p_.mark("encoder", x);
        ++levels;  // the blocks in the middle look as deep as the encoder's last
        for (int i = 0; i < o_.blocks + 3 - halvings; ++i)
            x = attention_block("res_layers." + std::to_string(i), x, clipped(width), Change::none, levels);
        x = p_.mark("res_layers", x);
        for (int i = 0; i < halvings; ++i, width /= 2)
            x = attention_block("decoder." + std::to_string(i), x, clipped(width / 2), Change::twice, ++levels);
        p_.mark("last_attention", last_attention_);
        return p_.finish(p_.shift(p_.scale(conv("out_conv", x, 3), 0.5), 0.5));
    }

 private:
    int clipped(int width) const { return std::max(o_.least_features, std::min(width, o_.features)); }

    /// Its border mirrored; once for all convolutions that read it.
    Value padded(Value x) {
        const auto [known, is_new] = padded_.emplace(x.step, Value{});
        if (is_new) known->second = p_.pad_reflected(x, {1, 1, 1, 1});
        return known->second;
    }
    Value conv(const std::string& name, Value x, int width, Change change = Change::none, bool bias = true) {
        if (change == Change::twice) x = p_.enlarge_nearest(x, 2);
        const int stride = change == Change::half ? 2 : 1;
        return p_.conv(name + ".conv2d", padded(x), width, {.stride = stride, .padding = 0, .bias = bias});
    }
    Value normed(const std::string& name, Value x, int width, Change change = Change::none) {
        return p_.batch_norm(name + ".norm.norm", conv(name, x, width, change, false));
    }
    Value active(const std::string& name, Value x, int width, Change change = Change::none) {
        return p_.leaky_relu(normed(name, x, width, change), kSlope);
    }

    /// Chen et al. 2020, sec. III-B: levels of half the size each, added up on the way back.
    Value hourglass(const std::string& name, Value x, int level) {
        const auto part = [&](const char* of) { return name + of + std::to_string(level); };
        const Value large = active(part(".b1_"), x, kAttentionFeatures);
        const Value small = active(part(".b2_"), x, kAttentionFeatures, Change::half);
        const Value inner =
            level > 1 ? hourglass(name, small, level - 1) : active(name + ".b2_plus_1", small, kAttentionFeatures);
        return p_.add(large, active(part(".b3_"), inner, kAttentionFeatures, Change::twice));
    }

    /// Fig. 3: what the block adds is weighed by where to look.
    Value attention_block(const std::string& name, Value x, int width, Change change, int levels) {
        const bool same = change == Change::none && p_.channels(x) == width;
        const Value shortcut = same ? x : conv(name + ".shortcut_func", x, width, change);
        Value y = p_.leaky_relu(p_.batch_norm(name + ".preact_func.0.norm", x), kSlope);
        y = active(name + ".conv1", y, width, change == Change::twice ? change : Change::none);
        y = normed(name + ".conv2", y, width, change == Change::half ? change : Change::none);
        const std::string attention = name + ".att_func";
        const int maps = o_.attention == "face" ? 1 : width;
        last_attention_ = p_.sigmoid(conv(attention + ".out_block.0", hourglass(attention, y, levels), maps));
        return p_.add(shortcut, p_.mul(y, last_attention_));
    }

    const SparnetOptions& o_;
    PlanBuilder p_;
    std::map<int, Value> padded_;  ///< by the step whose value it is
    Value last_attention_;
};

}  // namespace

Plan sparnet_plan(const SparnetOptions& o) {
    if (o.output_px != 64 && o.output_px != 128 && o.output_px != 256)
        throw UsageError("sparnet: \"output_px\" must be 64, 128 or 256, got " + std::to_string(o.output_px));
    if (o.scale != 2 && o.scale != 4 && o.scale != 8)
        throw UsageError("sparnet: \"scale\" must be 2, 4 or 8, got " + std::to_string(o.scale));
    if (o.least_features > o.features) throw UsageError("sparnet: \"least_features\" is larger than \"features\"");
    return SparnetWriter(o).run();
}

SrNetwork sparnet(const SparnetOptions& o) {
    SrNetwork network = enlarging_network(sparnet_plan(o), o.scale);
    network.needs.input_px = o.output_px / o.scale;
    network.enlarged_first = o.scale;
    network.multiple = 32;
    return network;
}

}  // namespace affectsr
