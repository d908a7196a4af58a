// The autoencoder of CodeFormer: a VQGAN (Esser et al. 2021, arXiv:2012.09841) with its blocks in one list, as
// sczhou/CodeFormer has it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/plan/plan.h"

namespace affectsr {

/// Shape of the autoencoder; the defaults are CodeFormer's.
struct VqganOptions {
    int size_px = 512;
    int width = 64;
    std::vector<int> multipliers{1, 2, 2, 4, 4, 8};
    int blocks = 2;
    std::vector<int> attention_px{16};
    int code_channels = 256;
    int codes = 1024;
    void fields(auto&& f) {
        f("size_px", size_px, "side of the face", Range{8, 1024});
        f("width", width, "channels of the first convolution, a multiple of 32", Range{32, 512});
        f("multipliers", multipliers, "channels of each size, from large to small, in widths", Range{1, 32});
        f("blocks", blocks, "residual blocks at each size", Range{1, 8});
        f("attention_px", attention_px, "sizes at which every position looks at all", Range{1, 1024});
        f("code_channels", code_channels, "channels of a code", Range{1, 4096});
        f("codes", codes, "codes in the book", Range{2, 65536});
    }
    /// Side of the map of codes.
    int code_px() const { return size_px >> (multipliers.size() - 1); }
};

/// What an encoder makes on its way, by side in pixels.
using FeaturesBySize = std::map<int, Value>;

/// [n, 3, size_px, size_px] in [−1, 1] → [n, code_channels, code_px, code_px]; steps "encoder.blocks.N". If `features`
/// is given: what the last block of each size made.
Value vqgan_encoded(PlanBuilder& p, Value picture, const VqganOptions& options, FeaturesBySize* features = nullptr);

/// A map of codes → [n, 3, size_px, size_px] in about [−1, 1]; steps "generator.blocks.N". `after_first_block` is given
/// what the first block of each size above the smallest made, and its side, and answers with what is gone on with.
Value vqgan_generated(PlanBuilder& p, Value codes, const VqganOptions& options,
                      const std::function<Value(Value, int px)>& after_first_block = nullptr);

/// Group norm, SiLU, convolution, twice, and what they were made of; through a convolution `conv_out` where the
/// channels change.
Value vqgan_block(PlanBuilder& p, const std::string& name, Value x, int channels);

}  // namespace affectsr
