// When the values of a program live, and where in its memory.
#pragma once

#include <cstddef>
#include <dnnl.hpp>
#include <vector>

namespace affectsr::engine {

/// The life of one value.
struct Life {
    int made = -1, last = -1;  ///< by operation; nobody makes it: −1
    int readers = 0;
    bool is_output = false;
    int home = -1;  ///< the value whose memory it lives in (itself, or one that dies as it is made)
    dnnl::memory::data_type type = dnnl::memory::data_type::f32;
    std::size_t bytes = 0;   ///< what it wants; place() gives a home the most of its values
    std::size_t offset = 0;  ///< of a home, in the program's memory
};

/// Gives every home an offset from `begin` on: large ones first, each as low as its neighbours in time allow. Returns
/// where the last one ends.
std::size_t place(std::vector<Life>& values, std::size_t begin);

}  // namespace affectsr::engine
