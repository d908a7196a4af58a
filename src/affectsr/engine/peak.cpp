#include "affectsr/engine/peak.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <dnnl.hpp>
#include <random>
#include <vector>

#include "affectsr/engine/packed_weights.h"

namespace affectsr {

namespace {

/// GFLOP/s of one product of `side`³, the median of `runs`.
double product_gflops(dnnl::memory::dim side, Precision precision, int runs) {
    using dnnl::memory;
    const auto type = precision == Precision::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
    const memory::desc plain({side, side}, type, memory::format_tag::ab),
        any({side, side}, type, memory::format_tag::any);
    const dnnl::matmul::primitive_desc pd({plain, any, plain}, engine::processor());
    memory left(plain, engine::processor()), right(pd.weights_desc(), engine::processor());
    memory made(plain, engine::processor());
    // Ordinary numbers around one: zeros cost a processor less power and so less time, denormals more.
    std::mt19937 random(1);
    for (const memory& m : {left, right}) {
        const std::size_t bytes = m.get_desc().get_size();
        if (precision == Precision::bf16)
            std::generate_n(static_cast<std::uint16_t*>(m.get_data_handle()), bytes / 2,
                            [&] { return static_cast<std::uint16_t>(0x3f00u | (random() & 0x80ffu)); });
        else
            std::generate_n(static_cast<float*>(m.get_data_handle()), bytes / 4,
                            [&] { return static_cast<float>(random() % 2048) / 1024 - 1; });
    }
    const dnnl::matmul product(pd);
    dnnl::stream stream(engine::processor());
    std::vector<double> seconds;
    for (int run = -2; run < runs; ++run) {
        const auto begin = std::chrono::steady_clock::now();
        product.execute(stream, {{DNNL_ARG_SRC, left}, {DNNL_ARG_WEIGHTS, right}, {DNNL_ARG_DST, made}});
        stream.wait();
        const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        if (run >= 0) seconds.push_back(took);
    }
    std::nth_element(seconds.begin(), seconds.begin() + runs / 2, seconds.end());
    const auto n = static_cast<double>(side);
    return 2 * n * n * n / seconds[static_cast<std::size_t>(runs / 2)] / 1e9;
}

}  // namespace

double measured_peak_gflops(Precision precision, int threads, int runs) {
    const int before = omp_get_max_threads();
    omp_set_num_threads(threads);
    // oneDNN 2.6 blocks very large products badly, so the largest is not the fastest.
    double peak = 0;
    for (const dnnl::memory::dim side : {512, 1024, 2048}) peak = std::max(peak, product_gflops(side, precision, runs));
    omp_set_num_threads(before);
    return peak;
}

}  // namespace affectsr
