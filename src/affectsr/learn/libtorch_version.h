// Which LibTorch this program was built with.
#pragma once

namespace affectsr {

/// "1.13.0", "2.1.2".
const char* libtorch_version();

}  // namespace affectsr
