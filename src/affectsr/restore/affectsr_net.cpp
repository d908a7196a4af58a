#include "affectsr/restore/affectsr_net.h"

#include <array>
#include <map>

#include "affectsr/base/error.h"
#include "affectsr/face/mesh.h"
#include "affectsr/face/mesh_edges.h"
#include "affectsr/restore/gcn.h"
#include "affectsr/restore/msaf.h"
#include "affectsr/restore/rrdb.h"

namespace affectsr {

namespace {

constexpr int kNodes = static_cast<int>(kMeshPoints);
constexpr int kMerges = 3;  // sec. III-C: "upscaled and merged in the super resolution backbone thrice"

RrdbOptions backbone_of(const AffectsrNetOptions& o) {
    RrdbOptions backbone;
    backbone.features = o.features;
    backbone.growth = o.growth;
    backbone.blocks = o.blocks;
    backbone.scale = o.scale;
    backbone.instance_norm = o.instance_norm;
    backbone.bicubic = true;
    return backbone;
}

/// The edges of fig. 3, in both directions.
std::vector<PositionLink> face_adjacency() {
    std::vector<GraphEdge> edges;
    for (const MeshEdge& edge : expression_edges()) {
        edges.push_back({edge.a, edge.b});
        edges.push_back({edge.b, edge.a});
    }
    return normalised_adjacency(kNodes, edges);
}

/// Where the graph is merged, and how many times its map is enlarged for it.
std::map<std::string, int> places_of(const AffectsrNetOptions& o) {
    if (o.merged_at == "sizes") return {{"trunk", 1}, {"conv_up1", 2}, {"conv_up2", 4}};
    std::map<std::string, int> places;
    for (int third = 1; third <= kMerges; ++third)
        places["body" + std::to_string((third * o.blocks + kMerges - 1) / kMerges - 1)] = 1;
    return places;
}

/// The landmarks' embeddings on a map of the size of the picture: [n, features, h, w].
Value graph_map(PlanBuilder& p, Value picture, const AffectsrNetOptions& o) {
    const Value landmarks = p.input(3, "landmarks", {kNodes, 1});  // [n, 3, 478, 1]
    std::vector<int> widths(static_cast<std::size_t>(o.graph_layers), o.graph_features);
    widths.back() = o.features;
    const Value nodes = p.instance_norm("", landmarks);  // wherever the face lies, however large it is
    const Value embeddings = p.mark("graph", gcn(p, "gcn", nodes, face_adjacency(), kNodes, widths));
    return p.mark("graph_map", p.splat(embeddings, landmarks, picture));
}

/// The backbone's features with the graph's.
Value merged(PlanBuilder& p, const std::string& name, Value features, Value map, const AffectsrNetOptions& o) {
    const std::array modalities{features, map};
    MsafOptions attention;
    attention.block_channels = o.block_channels;
    attention.reduction = o.reduction;
    attention.factor = o.keep_scale ? msaf_blocks(p, modalities, o.block_channels) : 1;
    const std::vector<Value> weighed = msaf(p, name, modalities, attention);
    return o.merged_as == "sum" ? p.add(weighed[0], weighed[1]) : weighed[0];
}

}  // namespace

Plan affectsr_net_plan(const AffectsrNetOptions& o) {
    if (o.scale != 4 && o.scale != 8)
        throw UsageError("affectsr_net: \"scale\" must be 4 or 8, got " + std::to_string(o.scale));
    if (o.graph && o.features % o.block_channels != 0)
        throw UsageError("affectsr_net: \"block_channels\" " + std::to_string(o.block_channels) +
                         " must divide the \"features\" " + std::to_string(o.features));
    PlanBuilder p;
    const Value in = p.input(3);
    if (!o.graph) return p.finish(rrdb_steps(p, in, backbone_of(o)));
    const Value map = graph_map(p, in, o);
    const std::map<std::string, int> places = places_of(o);
    int merges = 0;
    const RrdbGuest guest = [&](const std::string& place, Value features) {
        const auto found = places.find(place);
        if (found == places.end()) return features;
        const Value enlarged = found->second == 1 ? map : p.enlarge_bicubic(map, found->second);
        return merged(p, "msaf." + std::to_string(merges++), features, enlarged, o);
    };
    return p.finish(rrdb_steps(p, in, backbone_of(o), guest));
}

SrNetwork affectsr_net(const AffectsrNetOptions& o) {
    SrNetwork network = enlarging_network(affectsr_net_plan(o), o.scale);
    if (o.graph) {
        network.needs.landmarks = kNodes;
        network.needs.landmarks_optional = true;
    }
    network.rename_published = rename_esrgan;
    return network;
}

}  // namespace affectsr
