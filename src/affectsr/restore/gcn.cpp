#include "affectsr/restore/gcn.h"

#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {

std::vector<PositionLink> normalised_adjacency(int nodes, std::span<const GraphEdge> edges) {
    std::vector<PositionLink> links;
    std::vector<bool> has_loop(static_cast<std::size_t>(nodes), false);
    for (const GraphEdge& edge : edges) {
        AFFECTSR_EXPECT(edge.source >= 0 && edge.source < nodes && edge.target >= 0 && edge.target < nodes,
                        "an edge joins two nodes");
        if (edge.source == edge.target) has_loop[static_cast<std::size_t>(edge.source)] = true;
        links.push_back({edge.target, edge.source, edge.weight});
    }
    for (int node = 0; node < nodes; ++node)
        if (!has_loop[static_cast<std::size_t>(node)]) links.push_back({node, node, 1});
    std::vector<double> degree(static_cast<std::size_t>(nodes), 0);
    for (const PositionLink& link : links) degree[static_cast<std::size_t>(link.to)] += double{link.weight};
    const auto factor = [&](int node) {
        const double d = degree[static_cast<std::size_t>(node)];
        return d > 0 ? 1 / std::sqrt(d) : 0;
    };
    for (PositionLink& link : links)
        link.weight = static_cast<float>(factor(link.to) * double{link.weight} * factor(link.from));
    return links;
}

Value gcn(PlanBuilder& p, const std::string& name, Value x, const std::vector<PositionLink>& adjacency, int node_count,
          std::span<const int> widths) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
        // Â (X W) + b = (Â X) W + b: the bias comes after the mixing, as it should.
        x = p.conv(name + ".layers." + std::to_string(i), p.mix_positions(x, node_count, adjacency), widths[i],
                   {.kernel = 1});
        if (i + 1 < widths.size()) x = p.relu(x);
    }
    return x;
}

}  // namespace affectsr
