#include "affectsr/restore/restorer.h"

#include "affectsr/base/error.h"

namespace affectsr {

Restored Restorer::restore(const FaceCrop& crop) const {
    std::vector<Restored> restored = restore_all({&crop, 1});
    AFFECTSR_EXPECT(restored.size() == 1, "a restorer answers for every crop");
    return std::move(restored.front());
}

}  // namespace affectsr
