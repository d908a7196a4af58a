// ESRGAN's generator (RRDBNet), with AffectSRNet's instance norms as a choice: Wang et al. 2018, arXiv:1809.00219.
#pragma once

#include <functional>
#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

/// Shape of an RRDB network. The defaults are AffectSRNet's backbone; ESRGAN has 23 blocks.
struct RrdbOptions {
    int features = 64;           ///< channels of the trunk
    int growth = 32;             ///< channels that each convolution of a dense block adds
    int blocks = 8;              ///< residual-in-residual dense blocks
    int scale = 4;               ///< 1, 2, 4 or 8
    bool instance_norm = false;  ///< after every convolution of the dense blocks
    bool bicubic = false;        ///< AffectSRNet's enlargements and skip, for scales 4 and 8
    int in_channels = 3;
    void fields(auto&& f) {
        f("features", features, "channels of the trunk", Range{4, 1024});
        f("growth", growth, "channels that each convolution of a dense block adds", Range{1, 512});
        f("blocks", blocks, "residual-in-residual dense blocks", Range{1, 128});
        f("scale", scale, "how many times larger the result is: 1, 2, 4 or 8", Range{1, 8});
        f("instance_norm", instance_norm, "instance norm after every convolution of the dense blocks");
        f("bicubic", bicubic,
          "enlarge by bicubic interpolation, and add the enlarged input to the result; for scales 4 and 8");
        f("in_channels", in_channels, "channels of the picture", Range{1, 64});
    }
};

/// [n, in_channels, h, w] → [n, 3, h·scale, w·scale], values about [0, 1]; for scale 2 and 1, h and w must be multiples
/// of 2 and 4, whose pixels become channels first. Steps have BasicSR's names. Marks: "conv_first", "body0", "body1",
/// …, "conv_body". Instance norms stand between convolution and activation (AffectSRNet, sec. IV-D: "after every
/// convolution layer in the RRDB blocks") and learn nothing, so the names stay the same. With `bicubic` the trunk is
/// enlarged by bicubic interpolation, and the input enlarged so is added to the result (sec. V-B). Scale 8 is ours: a
/// third enlargement as the other two, "conv_up3". Throws UsageError for another scale, and for `bicubic` with scale 1
/// or 2 or with other than three channels.
Plan rrdb_plan(const RrdbOptions& options);

/// What is put into an RRDB network at a place of it, in the order of the places: "body0", "body1", … are the trunk's
/// features after each block, "trunk" after all of them and their residual, "conv_up1", … after each enlargement. Gives
/// back what goes on in their stead, of the same shape.
using RrdbGuest = std::function<Value(const std::string& place, Value features)>;

/// The steps of rrdb_plan() within a larger plan, from its picture `in`; `guest` may be empty. Throws as rrdb_plan().
Value rrdb_steps(PlanBuilder& plan, Value in, const RrdbOptions& options, const RrdbGuest& guest = {});

/// Weights under the names of ESRGAN's own repository, of its first releases ("old arch") or of BasicSR → BasicSR's.
TensorMap rename_esrgan(TensorMap published);

/// The network of rrdb_plan(), which restores coloured pictures. Throws UsageError as rrdb_plan, and for other than
/// three channels: what it is given are faces in red, green and blue.
SrNetwork rrdb(const RrdbOptions& options);

}  // namespace affectsr
