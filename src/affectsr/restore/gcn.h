// Graph convolutions over points: Kipf & Welling 2017, arXiv:1609.02907, as torch_geometric's GCNConv has them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "affectsr/plan/plan.h"

namespace affectsr {

/// What a node hands to another; an undirected edge is two of them.
struct GraphEdge {
    int source = 0, target = 0;
    float weight = 1;
};

/// D^−1/2 (A + I) D^−1/2 (eq. 2 and sec. 2.2) as links that lead to the targets: each node is linked to itself with
/// weight 1, or with what its own loop says; D is a node's incoming weight; repeated edges add up. Throws Bug for ends
/// that are no nodes.
std::vector<PositionLink> normalised_adjacency(int nodes, std::span<const GraphEdge> edges);

/// Layers X ← Â X W + b with ReLU between them, none after the last: [n, c, nodes, 1] → [n, widths.back(), nodes, 1].
/// Steps are called name + ".layers.0" and so on.
Value gcn(PlanBuilder& plan, const std::string& name, Value nodes, const std::vector<PositionLink>& adjacency,
          int node_count, std::span<const int> widths);

}  // namespace affectsr
