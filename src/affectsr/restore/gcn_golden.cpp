// Golden runner of gcn: torch_geometric's GCNConv, and MediaPipe's edges normalised.
#include <algorithm>
#include <set>
#include <utility>

#include "affectsr/face/mesh.h"
#include "affectsr/face/mesh_edges.h"
#include "affectsr/restore/gcn.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

/// [rows, columns] → [columns, rows].
std::vector<float> transposed(const HostTensor& matrix, std::int64_t rows, std::int64_t columns) {
    const std::vector<float> from = matrix.floats();
    std::vector<float> to(from.size());
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < columns; ++c)
            to[static_cast<std::size_t>(c * rows + r)] = from[static_cast<std::size_t>(r * columns + c)];
    return to;
}

/// Node features [nodes, c] → [1, c, nodes, 1], as a plan has them, and back.
HostTensor as_value(const HostTensor& nodes) {
    const std::int64_t count = nodes.shape().at(0), channels = nodes.shape().at(1);
    return HostTensor::from_floats(transposed(nodes, count, channels), {1, channels, count, 1});
}
HostTensor as_nodes(const HostTensor& value) {
    const std::int64_t channels = value.shape().at(1), count = value.shape().at(2);
    return HostTensor::from_floats(transposed(value, channels, count), {count, channels});
}

HostTensor dense(const std::vector<PositionLink>& links, int nodes) {
    std::vector<float> matrix(static_cast<std::size_t>(nodes) * static_cast<std::size_t>(nodes));
    for (const PositionLink& link : links) matrix[static_cast<std::size_t>(link.to * nodes + link.from)] += link.weight;
    return HostTensor::from_floats(matrix, {nodes, nodes});
}

/// input.`name` [2, edges]: sources, then targets; `weights` may be empty.
std::vector<GraphEdge> edges_of(const Case& golden_case, const std::string& name, const std::vector<float>& weights) {
    const std::vector<std::int64_t> ends = golden_case.input(name).ints();
    const std::size_t count = ends.size() / 2;
    std::vector<GraphEdge> edges;
    for (std::size_t i = 0; i < count; ++i)
        edges.push_back(
            {static_cast<int>(ends[i]), static_cast<int>(ends[count + i]), weights.empty() ? 1 : weights[i]});
    return edges;
}

/// "layers.0.lin.weight" → "gcn.layers.0.weight".
TensorMap renamed(const TensorMap& published) {
    TensorMap named;
    for (const auto& [theirs, tensor] : published) {
        std::string name = "gcn." + theirs;
        if (const std::size_t lin = name.find(".lin."); lin != std::string::npos) name.erase(lin, 4);
        named[name] = tensor;
    }
    return with_convolutions(named);
}

/// One run of the layers; `suffix` ends the names of what it gives, the first run (none) also gives gradients of Σ y².
Outputs run_stack(const Case& golden_case, const std::vector<GraphEdge>& edges, const std::string& suffix) {
    const int nodes = golden_case.config.at("nodes");
    const std::vector<int> dims = golden_case.config.at("dims");
    const std::vector<PositionLink> adjacency = normalised_adjacency(nodes, edges);
    PlanBuilder p;
    const Value last = gcn(p, "gcn", p.input(dims.front()), adjacency, nodes, std::span(dims).subspan(1));
    PlanCase made{p.finish(last), as_value(golden_case.input("x"))};
    made.rename = renamed;
    const bool first = suffix.empty();
    if (first) {
        for (std::size_t i = 0; i < made.plan.steps.size(); ++i)
            if (made.plan.steps[i].name == "gcn.layers.0")  // and its ReLU
                made.plan.marks.push_back({"layer0", static_cast<int>(i) + 1});
        made.plan.output_mark("layer0");
        made.loss_gradient = [](const std::string& name, const HostTensor& value) {
            return with_channels(value,
                                 [&name](float number, std::size_t) { return name == "out" ? 2 * number : 0.0F; });
        };
    }
    made.finish = [&adjacency, &suffix, nodes](const std::map<std::string, HostTensor>& values) {
        Outputs outputs{{"output.y" + suffix, as_nodes(values.at("out"))},
                        {"output.adjacency" + suffix, dense(adjacency, nodes)}};
        const auto give = [&](const std::string& ours, const std::string& theirs, auto as_theirs) {
            if (const auto found = values.find(ours); found != values.end())
                outputs["output." + theirs] = as_theirs(found->second);
        };
        give("layer0", "layer0", as_nodes);
        give("grad.in", "grad_x", as_nodes);
        give("grad.gcn.layers.0.weight", "grad_layer0_weight", [](const HostTensor& weight) {
            return reshaped(weight, {weight.shape()[0], weight.shape()[1]});
        });
        return outputs;
    };
    return play(made, golden_case);
}

Outputs run_layers(const Case& golden_case) {
    const std::vector<float> weights = golden_case.input("edge_weight").floats();
    Outputs outputs = run_stack(golden_case, edges_of(golden_case, "edge_index", {}), "");
    outputs.merge(run_stack(golden_case, edges_of(golden_case, "edge_index", weights), "_weighted"));
    outputs.merge(run_stack(golden_case, edges_of(golden_case, "edge_index_directed", {}), "_directed"));
    return outputs;
}

constexpr int kNodes = static_cast<int>(kMeshPoints);

/// input.`name` [edges, 2], whatever their direction, each once.
std::set<std::pair<int, int>> pairs_of(const Case& golden_case, const std::string& name) {
    const std::vector<std::int64_t> ends = golden_case.input(name).ints();
    std::set<std::pair<int, int>> pairs;
    for (std::size_t i = 0; i < ends.size(); i += 2)
        pairs.insert(std::minmax(static_cast<int>(ends[i]), static_cast<int>(ends[i + 1])));
    return pairs;
}

/// Degrees with the self loop, and Â x, over these edges.
Outputs run_edges(const Case& golden_case, const std::string& name, const std::set<std::pair<int, int>>& pairs) {
    std::vector<float> degree(kMeshPoints, 1);
    std::vector<GraphEdge> edges;
    for (const auto& [a, b] : pairs) {
        edges.push_back({a, b});
        edges.push_back({b, a});
        ++degree[static_cast<std::size_t>(a)];
        ++degree[static_cast<std::size_t>(b)];
    }
    PlanBuilder p;
    const Value mixed = p.mix_positions(p.input(3), kNodes, normalised_adjacency(kNodes, edges));
    PlanCase made{p.finish(mixed), as_value(golden_case.input("x"))};
    made.finish = [&](const std::map<std::string, HostTensor>& values) {
        return Outputs{{"output." + name + "_degree", HostTensor::from_floats(degree, {kNodes})},
                       {"output." + name + "_ax", as_nodes(values.at("out"))}};
    };
    return play(made, golden_case);
}

/// The contours and irises are ours (face/mesh_edges), the tesselation is the case's.
Outputs run_mesh(const Case& golden_case) {
    std::set<std::pair<int, int>> contours;
    for (const auto region : {eye_edges(), brow_edges(), lip_edges(), oval_edges()})
        for (const MeshEdge& edge : region) contours.insert({edge.a, edge.b});
    std::set<std::pair<int, int>> tesselation = pairs_of(golden_case, "tesselation");
    tesselation.merge(pairs_of(golden_case, "irises"));
    Outputs outputs = run_edges(golden_case, "contours_irises", contours);
    outputs.merge(run_edges(golden_case, "tesselation_irises", tesselation));
    return outputs;
}

const bool kLayers = register_runner("gcn_stack", run_layers);
const bool kMesh = register_runner("gcn_normalised_adjacency", run_mesh);

}  // namespace
}  // namespace affectsr::golden
