#include "affectsr/restore/msaf.h"

#include <algorithm>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

/// What a block sees of every picture, added up over the blocks of all modalities: G, [n, C, 1, 1].
Value descriptor(PlanBuilder& p, std::span<const Value> modalities, int block_channels) {
    std::vector<Value> blocks;
    for (const Value modality : modalities) {
        const Value seen = p.global_avg_pool(modality);  // the mean of a sum is the sum of means
        for (int first = 0; first < p.channels(seen); first += block_channels)
            blocks.push_back(p.slice(seen, first, first + block_channels));
    }
    Value sum = blocks[0];
    for (std::size_t i = 1; i < blocks.size(); ++i) sum = p.add(sum, blocks[i]);
    return sum;
}

}  // namespace

int msaf_blocks(const PlanBuilder& p, std::span<const Value> modalities, int block_channels) {
    int blocks = 0;
    for (const Value modality : modalities) {
        AFFECTSR_EXPECT(block_channels > 0 && p.channels(modality) % block_channels == 0,
                        "a modality's channels are split into whole blocks");
        blocks += p.channels(modality) / block_channels;
    }
    return blocks;
}

std::vector<Value> msaf(PlanBuilder& p, const std::string& name, std::span<const Value> modalities,
                        const MsafOptions& o) {
    const int blocks = msaf_blocks(p, modalities, o.block_channels);
    const Value seen = descriptor(p, modalities, o.block_channels);
    const ConvOptions linear{.kernel = 1};
    Value joint = p.conv(name + ".joint_features.0", seen, std::max(1, o.block_channels / o.reduction), linear);
    joint = p.relu(p.batch_norm(name + ".joint_features.1", joint));
    std::vector<Value> asked;
    for (int i = 0; i < blocks; ++i)
        asked.push_back(p.conv(name + ".dense_group." + std::to_string(i), joint, o.block_channels, linear));
    Value attention = p.mark(name + ".attention", p.softmax(p.concat(asked), blocks));  // [n, blocks · C, 1, 1]
    if (o.factor != 1) attention = p.scale(attention, o.factor);
    std::vector<Value> weighed;
    int first = 0;
    for (const Value modality : modalities) {
        const int channels = p.channels(modality);
        weighed.push_back(p.mul(modality, p.slice(attention, first, first + channels)));
        first += channels;
    }
    return weighed;
}

}  // namespace affectsr
