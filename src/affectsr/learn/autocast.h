// Runs convolutions and matrix products of a scope in bfloat16.
#pragma once

#include <c10/core/ScalarType.h>

#include <optional>

namespace affectsr {

/// What the calling thread's convolutions and products on the processor are computed in, if not in their inputs' type.
std::optional<c10::ScalarType> autocast_type();

/// While it lives, LibTorch computes this thread's CPU (and, with `cuda`, GPU) convolutions and products in bfloat16,
/// parameters staying float32. Does nothing if `enabled` is false. Not to be shared between threads; scopes nest.
class Autocast {
 public:
    explicit Autocast(bool enabled, bool cuda = false);
    ~Autocast();
    Autocast(const Autocast&) = delete;
    Autocast& operator=(const Autocast&) = delete;

 private:
    bool enabled_, cuda_, before_ = false;
};

}  // namespace affectsr
