#include "affectsr/restore/sr_network.h"

namespace affectsr {

SrNetwork enlarging_network(Plan plan, int scale) {
    SrNetwork network{std::move(plan), {}};
    network.needs.scale = scale;
    return network;
}

SrNetwork restoring_network(Plan plan, int size_px, const std::string& framing) {
    SrNetwork network{std::move(plan), {}};
    network.needs.input_px = network.needs.output_px = size_px;
    network.needs.framing = framing;
    return network;
}

int plan_factor(const SrNetwork& network) {
    return network.needs.scale == 0 ? 1 : network.needs.scale / network.enlarged_first;
}

}  // namespace affectsr
