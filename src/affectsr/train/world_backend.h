// What this build's processes train together over.
#pragma once

#include <string>

namespace affectsr {

/// "gloo"; "nccl" where there is a GPU; empty: this build has neither, and a process trains by itself.
std::string world_backend();

}  // namespace affectsr
