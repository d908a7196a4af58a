#include "affectsr/restore/dic.h"

#include <numeric>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr int kScale = 8;
constexpr int kParts = 5;  // Ma et al. 2020, sec. 3.3: two eyes, nose, mouth, outline
constexpr int kHourglassLevels = 4;
constexpr double kLeastPeak = 0.05;
const std::vector<float> kMeanColour = {0.509f, 0.424f, 0.378f};

/// first, first + 1, …, last
std::vector<int> run_of(int first, int last) {
    std::vector<int> all(static_cast<std::size_t>(last - first + 1));
    std::iota(all.begin(), all.end(), first);
    return all;
}

std::vector<int> joined(std::vector<int> a, const std::vector<int>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/// Which landmarks make up left eye, right eye, nose, mouth and outline; as the authors' code numbers them.
std::vector<std::vector<int>> parts_of_face(int landmarks) {
    if (landmarks == 68) return {run_of(36, 41), run_of(42, 47), run_of(27, 35), run_of(48, 67), run_of(0, 26)};
    return {joined(run_of(134, 152), run_of(174, 192)), joined(run_of(114, 132), run_of(154, 172)), run_of(41, 56),
            run_of(58, 112), run_of(0, 39)};
}

/// Writes the parts of a DIC down; what is written again shares the weights.
class DicWriter {
 public:
    explicit DicWriter(const DicOptions& options) : o_(options) {}

    Plan run() {
        std::vector<float> negative;
        for (const float mean : kMeanColour) negative.push_back(-mean);
        const Value small = p_.shift(p_.input(3), negative), large = p_.enlarge_bilinear(small, kScale);
        const Value x = p_.pixel_shuffle(conv_block("conv_in", small, 4 * o_.features, {}), 2);  // [n, f, 2h, 2w]
        Value hidden = feedback("first_block", conv_block("first_block.compress_in", x, o_.features, kOne));
        Seen seen = look(0, large, hidden, nullptr);
        for (int t = 1; t < o_.steps; ++t) {
            const Value in = conv_block("block.compress_in", p_.concat({x, hidden}), o_.features, kOne);
            hidden = feedback("block", fused(in, p_.softmax(parts(seen.heatmap))));
            seen = look(t, large, hidden, &seen);
        }
        return p_.finish();
    }

 private:
    static constexpr ConvOptions kOne{.kernel = 1};

    /// What an iteration ends with.
    struct Seen {
        Value heatmap, hidden;
    };

    Value conv_block(const std::string& name, Value x, int width, ConvOptions options) {
        return p_.prelu(name + ".1", p_.conv(name + ".0", x, width, options), true);
    }
    Value up_block(const std::string& name, Value x, ConvOptions options) {
        return p_.prelu(name + ".1", p_.conv_transpose(name + ".0", x, o_.features, options), true);
    }

    /// Li et al. 2019 (SRFBN), arXiv:1903.09814, sec. 3.3: up and down, each time from all that was there before.
    Value feedback(const std::string& name, Value x) {
        std::vector<Value> small{x}, large;
        const ConvOptions window{.kernel = 12, .stride = 8, .padding = 2};
        const auto gathered = [&](const std::vector<Value>& all, const char* transition, int i) {
            const Value joined = p_.concat(all);
            return i == 0 ? joined : conv_block(name + transition + std::to_string(i - 1), joined, o_.features, kOne);
        };
        for (int i = 0; i < o_.groups; ++i) {
            const std::string number = std::to_string(i);
            large.push_back(up_block(name + ".upBlocks." + number, gathered(small, ".uptranBlocks.", i), window));
            small.push_back(conv_block(name + ".downBlocks." + number, gathered(large, ".downtranBlocks.", i),
                                       o_.features, window));
        }
        small.erase(small.begin());
        return conv_block(name + ".compress_out", p_.concat(small), o_.features, kOne);
    }

    /// [n, landmarks, h, w] → [n, 5, h, w], sec. 3.3.
    Value parts(Value heatmap) {
        const Value even = p_.divide_by_peak(heatmap, kLeastPeak);
        return o_.landmarks == kParts ? even : p_.sum_channels(even, parts_of_face(o_.landmarks));
    }

    /// Eq. 5: features for each part of the face, weighed by where it is.
    Value fused(Value x, Value attention) {
        const std::string name = "block.fusion_block";
        const int width = kParts * o_.features;
        const ConvOptions apart{.groups = kParts};
        Value y = p_.leaky_relu(p_.conv(name + ".conv_in.0", x, width, kOne), 0.2);
        for (int k = 0; k < o_.fusion_blocks; ++k) {
            const std::string block = name + ".resnet." + std::to_string(k) + ".res.";
            const Value inner = p_.leaky_relu(p_.conv(block + "0", y, width, apart), 0.2);
            y = p_.add(y, p_.conv(block + "2", inner, width, apart));
        }
        Value sum;
        for (int part = 0; part < kParts; ++part) {
            const Value own = p_.slice(y, part * o_.features, (part + 1) * o_.features);
            const Value weighed = p_.mul(own, p_.slice(attention, part, part + 1));
            sum = part == 0 ? weighed : p_.add(sum, weighed);
        }
        return sum;
    }

    /// The picture of iteration `t`, and the landmarks in it.
    Seen look(int t, Value large, Value features, const Seen* before) {
        const Value enlarged = up_block("out", features, {.kernel = 8, .stride = 4, .padding = 2});
        const Value sr = p_.add(p_.conv("conv_out.0", enlarged, 3), large);
        const std::string number = std::to_string(t);
        p_.output(t + 1 == o_.steps ? "out" : "sr" + number, p_.shift(sr, kMeanColour));
        const Value seen = landmark_features(sr);
        const int width = o_.landmark_features;
        const Value both = p_.concat({seen, before ? before->hidden : seen});
        const Value deep =
            hourglass(p_.conv("HG.compress_in", both, 2 * width, kOne), kHourglassLevels);  // [n, 2·width, 2h, 2w]
        Value heatmap = residual_block("HG.hg_conv_out.0", p_.slice(deep, 0, width), width);
        heatmap = p_.relu(p_.conv("HG.hg_conv_out.1.conv_block.0", heatmap, width, kOne));
        heatmap = p_.mark("heatmap" + number, p_.conv("HG.hg_conv_out.2", heatmap, o_.landmarks, kOne));
        return {heatmap, p_.slice(deep, width, 2 * width)};
    }

    Value landmark_features(Value sr) {
        const int width = o_.landmark_features;
        const std::string name = "HG.pre_conv_block.";
        Value x = p_.relu(p_.conv(name + "0", sr, width / 4, {.kernel = 7, .stride = 2}));
        x = p_.max_pool(residual_block(name + "2", x, width / 2), 2, 2);
        return residual_block(name + "5", residual_block(name + "4", x, width / 2), width);
    }

    /// No activation comes between the last two convolutions.
    Value residual_block(const std::string& name, Value x, int width) {
        const std::string block = name + ".conv_block.";
        Value y = p_.relu(p_.conv(block + "0", x, width / 2, kOne));
        y = p_.conv(block + "3", p_.conv(block + "2", y, width / 2), width, kOne);
        return p_.add(p_.channels(x) == width ? x : p_.conv(name + ".skip_layer", x, width, kOne), y);
    }

    /// Newell et al. 2016, arXiv:1603.06937.
    Value hourglass(Value x, int level) {
        const int width = p_.channels(x);
        const std::string part = "HG.hg.res" + std::to_string(level);
        const Value up = residual_block(part + "_1", x, width);
        Value low = residual_block(part + "_2", p_.max_pool(x, 2, 2), width);
        low = level > 1 ? hourglass(low, level - 1) : residual_block("HG.hg.res_center", low, width);
        low = residual_block(part + "_3", low, width);
        return p_.add(up, p_.enlarge_bilinear(low, 2, true));
    }

    const DicOptions& o_;
    PlanBuilder p_;
};

}  // namespace

Plan dic_plan(const DicOptions& o) {
    if (o.landmarks != 68 && o.landmarks != 194 && o.landmarks != kParts)
        throw UsageError("dic: \"landmarks\" must be 68, 194 or 5, got " + std::to_string(o.landmarks));
    if (o.landmark_features % 4 != 0)
        throw UsageError("dic: \"landmark_features\" must be a multiple of 4, got " +
                         std::to_string(o.landmark_features));
    return DicWriter(o).run();
}

SrNetwork dic(const DicOptions& o) {
    SrNetwork network = enlarging_network(dic_plan(o), kScale);
    network.needs.input_px = 16;
    network.multiple = 8;
    return network;
}

}  // namespace affectsr
