#include "affectsr/learn/autocast.h"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

namespace affectsr {

// LibTorch 2.4 replaced the calls per device by calls that take the device.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)

namespace {
at::DeviceType device_of(bool cuda) {
    return cuda ? at::kCUDA : at::kCPU;
}
}  // namespace

std::optional<c10::ScalarType> autocast_type() {
    if (!at::autocast::is_autocast_enabled(at::kCPU)) return std::nullopt;
    return at::autocast::get_autocast_dtype(at::kCPU);
}

Autocast::Autocast(bool enabled, bool cuda) : enabled_(enabled), cuda_(cuda) {
    if (!enabled_) return;
    before_ = at::autocast::is_autocast_enabled(device_of(cuda_));
    at::autocast::set_autocast_enabled(device_of(cuda_), true);
    at::autocast::set_autocast_dtype(device_of(cuda_), at::kBFloat16);
    at::autocast::increment_nesting();
}

Autocast::~Autocast() {
    if (!enabled_) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(device_of(cuda_), before_);
}

#else

std::optional<c10::ScalarType> autocast_type() {
    if (!at::autocast::is_cpu_enabled()) return std::nullopt;
    return at::autocast::get_autocast_cpu_dtype();
}

Autocast::Autocast(bool enabled, bool cuda) : enabled_(enabled), cuda_(cuda) {
    if (!enabled_) return;
    before_ = cuda_ ? at::autocast::is_enabled() : at::autocast::is_cpu_enabled();
    if (cuda_) {
        at::autocast::set_enabled(true);
        at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
    } else {
        at::autocast::set_cpu_enabled(true);
        at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    }
    at::autocast::increment_nesting();
}

Autocast::~Autocast() {
    if (!enabled_) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    if (cuda_)
        at::autocast::set_enabled(before_);
    else
        at::autocast::set_cpu_enabled(before_);
}

#endif

}  // namespace affectsr
