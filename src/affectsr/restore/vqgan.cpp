#include "affectsr/restore/vqgan.h"

#include <algorithm>

namespace affectsr {

namespace {

constexpr int kGroups = 32;
constexpr double kEpsilon = 1e-6;  // of every group norm

Value normed(PlanBuilder& p, const std::string& name, Value x) {
    return p.group_norm(name, x, kGroups, kEpsilon);
}

Value one_by_one(PlanBuilder& p, const std::string& name, Value x, int channels) {
    return p.conv(name, x, channels, {.kernel = 1});
}

Value attention_block(PlanBuilder& p, const std::string& name, Value x) {
    const int channels = p.channels(x);
    const Value h = normed(p, name + ".norm", x);
    const auto part = [&](const char* which) { return one_by_one(p, name + "." + which, h, channels); };
    const Value q = part("q"), k = part("k"), v = part("v");
    return p.add(one_by_one(p, name + ".proj_out", p.attention(q, k, v, 1), channels), x);
}

/// Blocks are counted through.
class Blocks {
 public:
    Blocks(PlanBuilder& p, std::string prefix, const VqganOptions& o) : p_(p), prefix_(std::move(prefix)), o_(o) {}
    std::string next() { return prefix_ + ".blocks." + std::to_string(count_++); }
    Value residual(Value x, int channels) { return vqgan_block(p_, next(), x, channels); }
    Value attention(Value x) { return attention_block(p_, next(), x); }
    Value conv(Value x, int channels) { return p_.conv(next(), x, channels); }
    /// Residual, attention, residual, at the smallest size.
    Value middle(Value x) {
        const int channels = p_.channels(x);
        return residual(attention(residual(x, channels)), channels);
    }
    Value residual_with_attention(Value x, int channels, int px) {
        x = residual(x, channels);
        const bool looks = std::find(o_.attention_px.begin(), o_.attention_px.end(), px) != o_.attention_px.end();
        return looks ? attention(x) : x;
    }
    Value last(Value x, int channels) {
        const Value h = normed(p_, next(), x);
        return conv(h, channels);
    }

 private:
    PlanBuilder& p_;
    std::string prefix_;
    const VqganOptions& o_;
    int count_ = 0;
};

}  // namespace

Value vqgan_block(PlanBuilder& p, const std::string& name, Value x, int channels) {
    Value y = p.conv(name + ".conv1", p.silu(normed(p, name + ".norm1", x)), channels);
    y = p.conv(name + ".conv2", p.silu(normed(p, name + ".norm2", y)), channels);
    return p.add(y, p.channels(x) == channels ? x : one_by_one(p, name + ".conv_out", x, channels));
}

Value vqgan_encoded(PlanBuilder& p, Value picture, const VqganOptions& o, FeaturesBySize* features) {
    Blocks blocks(p, "encoder", o);
    Value x = blocks.conv(picture, o.width);
    int px = o.size_px;
    for (std::size_t level = 0; level < o.multipliers.size(); ++level) {
        for (int i = 0; i < o.blocks; ++i) x = blocks.residual_with_attention(x, o.width * o.multipliers[level], px);
        if (features != nullptr) (*features)[px] = x;
        if (level + 1 == o.multipliers.size()) break;
        const Value padded = p.pad(x, Margins{0, 1, 0, 1});
        x = p.conv(blocks.next() + ".conv", padded, p.channels(x), {.stride = 2, .padding = 0});
        px /= 2;
    }
    return blocks.last(blocks.middle(x), o.code_channels);
}

Value vqgan_generated(PlanBuilder& p, Value codes, const VqganOptions& o,
                      const std::function<Value(Value, int px)>& after_first_block) {
    Blocks blocks(p, "generator", o);
    Value x = blocks.middle(blocks.conv(codes, o.width * o.multipliers.back()));
    int px = o.code_px();
    for (std::size_t level = o.multipliers.size(); level-- > 0;) {
        for (int i = 0; i < o.blocks; ++i) {
            x = blocks.residual_with_attention(x, o.width * o.multipliers[level], px);
            const bool first_of_larger = i == 0 && px > o.code_px();
            if (first_of_larger && after_first_block) x = after_first_block(x, px);
        }
        if (level == 0) break;
        const int channels = p.channels(x);
        x = p.conv(blocks.next() + ".conv", p.enlarge_nearest(x, 2), channels);
        px *= 2;
    }
    return blocks.last(x, 3);
}

}  // namespace affectsr
