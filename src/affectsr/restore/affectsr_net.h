// AffectSRNet: super-resolution that sees the graph of the face's landmarks. Rizvi et al., fig. 2.
#pragma once

#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

/// Shape of an AffectSRNet. The defaults are the paper's where it tells; docs/adr/0020 has the reasons for the others.
/// The ablation: neither norm nor graph; the norm; norm and graph.
struct AffectsrNetOptions {
    int features = 64;                ///< channels of the trunk, and of the graph's map
    int growth = 32;                  ///< channels that each convolution of a dense block adds
    int blocks = 8;                   ///< residual-in-residual dense blocks
    int scale = 4;                    ///< 4 or 8
    bool instance_norm = true;        ///< after every convolution of the dense blocks
    bool graph = true;                ///< graph convolutions over the landmarks, merged by split attention
    int graph_layers = 4;             ///< graph convolutions
    int graph_features = 64;          ///< channels between them
    int block_channels = 32;          ///< C of the split attention
    int reduction = 4;                ///< r of the split attention
    std::string merged_at = "sizes";  ///< where the graph meets the backbone, three times
    std::string merged_as = "sum";    ///< what the backbone takes of the graph
    bool keep_scale = true;           ///< attentions are 1 on average, not 1 over the number of blocks
    void fields(auto&& f) {
        f("features", features, "channels of the trunk, and of the graph's map", Range{4, 1024});
        f("growth", growth, "channels that each convolution of a dense block adds", Range{1, 512});
        f("blocks", blocks, "residual-in-residual dense blocks", Range{1, 128});
        f("scale", scale, "how many times larger the result is: 4 or 8", Range{4, 8});
        f("instance_norm", instance_norm, "instance norm after every convolution of the dense blocks");
        f("graph", graph, "graph convolutions over the landmarks, merged into the backbone by split attention");
        f("graph_layers", graph_layers, "graph convolutions", Range{1, 16});
        f("graph_features", graph_features, "channels between graph convolutions", Range{1, 1024});
        f("block_channels", block_channels, "channels of a block of the split attention; they divide the features",
          Range{1, 1024});
        f("reduction", reduction, "how many times fewer channels the attention's joint representation has",
          Range{1, 64});
        f("merged_at", merged_at,
          "where the graph meets the backbone: sizes (after the trunk and after each of the first two enlargements) or "
          "blocks (after each third of the trunk's blocks)",
          OneOf{{"sizes", "blocks"}});
        f("merged_as", merged_as,
          "what the backbone takes of the graph: sum (its weighed map is added) or attention (it only decides what "
          "the backbone's own channels count)",
          OneOf{{"sum", "attention"}});
        f("keep_scale", keep_scale,
          "attentions are 1 on average, so that features keep their size; else they sum to 1 over all blocks");
    }
};

/// "in" [n, 3, h, w] in [0, 1] and, with `graph`, "landmarks" [n, 3, 478, 1] → [n, 3, h·scale, w·scale], about [0, 1].
/// The backbone is rrdb_plan() with bicubic enlargements and skip (sec. III-B, IV-B), under its names, so that ESRGAN's
/// weights fit. The graph (sec. III-C): landmarks, each coordinate of a face to mean 0 and variance 1, go through graph
/// convolutions over the edges of eyes, brows, lips, cheeks and outline (fig. 3), "gcn.layers.0" and so on; their
/// embeddings are placed on the picture where the landmarks lie (splat), enlarged by bicubic interpolation, and merged
/// three times (sec. III-D), "msaf.0", "msaf.1", "msaf.2". Landmarks that are kNowherePx leave the map zero: the
/// backbone answers without the graph. Marks: those of rrdb_plan(), "graph" [n, features, 478, 1], the embeddings, and
/// "graph_map". Throws UsageError for another scale and for `block_channels` that do not divide `features`.
Plan affectsr_net_plan(const AffectsrNetOptions& options);

/// The network of affectsr_net_plan(), which does without landmarks where there are none. Knows ESRGAN's names.
SrNetwork affectsr_net(const AffectsrNetOptions& options);

}  // namespace affectsr
