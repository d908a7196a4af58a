// What a network weighs before it has learned anything.
#pragma once

#include <cstdint>

#include "affectsr/plan/plan.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// A float32 tensor for every parameter of the plan (Plan::parameters), by name: convolutions normal by fan-out (He et
/// al. 2015, arXiv:1502.01852, eq. 14), linear layers normal with variance 1/features, slopes 0.25 (ibid., sec. 2.1),
/// norms 1 and 0, biases 0; counters are i64 and 0. A pure function of plan and seed, the same on every machine with
/// the same mathematical library: every parameter has a generator of its own, seeded by its place in the plan.
TensorMap first_weights(const Plan& plan, std::uint64_t seed);

}  // namespace affectsr
