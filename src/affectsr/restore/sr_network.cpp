#include "affectsr/restore/sr_network.h"

namespace affectsr {

SrNetwork enlarging_network(Plan plan, int scale) {
    SrNetwork network{std::move(plan), {}};
    network.needs.scale = scale;
    return network;
}

}  // namespace affectsr
