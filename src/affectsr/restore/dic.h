// DIC: a face and its landmarks, each telling the other again and again, Ma et al. 2020, arXiv:2003.13063.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

/// Shape of a DIC; the defaults are the authors' for CelebA.
struct DicOptions {
    int features = 48;            ///< channels of the feedback block
    int groups = 6;               ///< times that it goes up and down
    int steps = 4;                ///< iterations, at least 2
    int landmark_features = 256;  ///< of the landmark network, a multiple of 4
    int landmarks = 68;           ///< 68, 194 (Helen's) or 5
    int fusion_blocks = 7;        ///< residual blocks of each part of the face
    void fields(auto&& f) {
        f("features", features, "channels of the feedback block", Range{4, 1024});
        f("groups", groups, "times that the feedback block goes up and down", Range{1, 64});
        f("steps", steps, "iterations", Range{2, 16});
        f("landmark_features", landmark_features, "channels of the landmark network", Range{8, 2048});
        f("landmarks", landmarks, "landmarks that are told: 68, 194 or 5", Range{5, 194});
        f("fusion_blocks", fusion_blocks, "residual blocks of each part of the face", Range{0, 64});
    }
};

/// [n, 3, h, w] → [n, 3, 8·h, 8·w], values in [0, 1], which the network itself counts about CelebA's mean colour; sides
/// are multiples of 8. The iterations are unrolled, their steps share the weights; names are those of the authors'
/// repository. Outputs: "out", the last iteration's picture, and "sr0", "sr1", … those before. Marks: "heatmap0",
/// "heatmap1", … [n, landmarks, 2·h, 2·w], the last of which no picture depends on. Throws UsageError for other numbers
/// of landmarks.
Plan dic_plan(const DicOptions& options);

/// The network of dic_plan(), for faces of 16 px, where it knows their parts.
SrNetwork dic(const DicOptions& options);

}  // namespace affectsr
