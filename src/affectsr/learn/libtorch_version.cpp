#include "affectsr/learn/libtorch_version.h"

#include <torch/version.h>

namespace affectsr {

const char* libtorch_version() {
    return TORCH_VERSION;
}

}  // namespace affectsr
