// How far the graph of a restored face is from that of the true one: AffectSRNet's L_L2.
#pragma once

#include "affectsr/train/restoration_loss.h"

namespace affectsr {

/// Σ over nodes of the squared distance of their embeddings, [n, c, nodes, 1] each, mean over the faces (AffectSRNet,
/// eq. 1). A scalar.
at::Tensor node_embedding_distance(const at::Tensor& sr, const at::Tensor& hr);

/// "node_embedding": node_embedding_distance of the graphs of restored and true faces. The landmarks of both are found
/// by a frozen landmark network, in pictures cut out about the face by the known landmarks; the network's own graph
/// convolutions, whose weights stand still for this, embed them (docs/adr/0022). Gradients go to the picture alone.
/// Faces whose landmarks nobody knows do not count. Throws UsageError for a network without a graph, and for a model
/// that finds no landmarks; as open_trained.
std::unique_ptr<RestorationLoss> make_node_embedding_loss(const RestorationLossOptions& options, LossSetting& setting);

}  // namespace affectsr
