// Multimodal split attention: how much each modality's channels count, from what all of them see.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "affectsr/plan/plan.h"

namespace affectsr {

/// Shape of a split attention.
struct MsafOptions {
    int block_channels = 32;  ///< C: channels of a block; divides those of every modality
    int reduction = 4;        ///< r: the joint representation has C / r channels
    double factor = 1;        ///< of every attention; with the number of blocks, features keep their size on average
};

/// Every modality [n, c, h, w], whatever its size, times its attention [n, c, 1, 1]: Su et al. 2020, arXiv:2012.07175,
/// sec. 3.1, eq. 1–5. Modalities are split into blocks of C channels; blocks are summed and averaged over space; a
/// linear layer, batch norm and ReLU make the joint representation; a linear layer for each block and a softmax over
/// all blocks of all modalities, channel by channel, make the attention. Without dropout of blocks. Steps have the
/// names of the authors' program below `name`. Mark: name + ".attention" [n, blocks · C, 1, 1], before the factor.
/// Throws Bug for channels that C does not divide.
std::vector<Value> msaf(PlanBuilder& plan, const std::string& name, std::span<const Value> modalities,
                        const MsafOptions& options);

/// How many blocks all modalities have together.
int msaf_blocks(const PlanBuilder& plan, std::span<const Value> modalities, int block_channels);

}  // namespace affectsr
