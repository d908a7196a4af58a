#include "affectsr/engine/plan_engine.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <random>

#include "affectsr/base/error.h"
#include "affectsr/engine/program.h"

namespace affectsr {

bool engine_available() {
    return true;
}

namespace {

using engine::Operations;
using engine::Player;
using engine::Program;
using engine::Scratch;
using engine::Target;

constexpr std::size_t kPrograms = 32;         // compiled sizes that are kept
constexpr std::size_t kPassBytes = 1u << 20;  // of values at once: half of a second-level cache
constexpr int kPicturesPerPass = 16;
constexpr std::size_t kIdleBytes = std::size_t{512} << 20;  // scratch memory that waits for the next call

/// Whether oneDNN has convolutions in bfloat16 on this processor.
bool computes_bf16() {
    using dnnl::memory;
    try {
        const memory::desc any({1, 16, 4, 4}, memory::data_type::bf16, memory::format_tag::nhwc);
        const memory::desc weights({16, 16, 3, 3}, memory::data_type::bf16, memory::format_tag::any);
        const dnnl::convolution_forward::primitive_desc made({dnnl::prop_kind::forward_inference,
                                                              dnnl::algorithm::convolution_direct,
                                                              any,
                                                              weights,
                                                              any,
                                                              {1, 1},
                                                              {1, 1},
                                                              {1, 1}},
                                                             engine::processor());
        return std::string(made.impl_info_str()).find("ref") == std::string::npos;
    } catch (const dnnl::error&) {
        return false;
    }
}

}  // namespace

Precision used_precision(Precision wanted) {
    static const bool bf16 = computes_bf16();
    return wanted == Precision::bf16 && !bf16 ? Precision::f32 : wanted;
}

class PlanEngine::Impl {
 public:
    Impl(Plan plan, TensorMap tensors, Precision precision)
        : plan_(std::move(plan)),
          operations_(engine::fuse(plan_)),
          precision_(used_precision(precision)),
          weights_(plan_, std::move(tensors), precision_ == Precision::bf16) {}

    const Plan& plan() const { return plan_; }
    Precision precision() const { return precision_; }

    ValueShape shape_of(std::size_t output, int height, int width) const {
        return plan_.shapes(height, width)[static_cast<std::size_t>(plan_.outputs[output].step)];
    }

    std::size_t output_index(const std::string& name) const {
        std::string known;
        for (std::size_t i = 0; i < plan_.outputs.size(); ++i) {
            if (plan_.outputs[i].name == name) return i;
            known += (known.empty() ? "" : ", ") + plan_.outputs[i].name;
        }
        throw UsageError("the network has no output \"" + name + "\"; it has: " + known);
    }

    /// As many pictures as keep the values of a pass within the cache; a power of two.
    int pictures_per_pass(int height, int width) const {
        std::size_t largest = 1;
        for (const ValueShape& shape : plan_.shapes(height, width))
            largest = std::max(largest, static_cast<std::size_t>(shape.count()));
        const std::size_t bytes = 2 * largest * (precision_ == Precision::bf16 ? 2 : 4);
        int pictures = 1;
        while (pictures < kPicturesPerPass && 2 * static_cast<std::size_t>(pictures) * bytes <= kPassBytes)
            pictures *= 2;
        return pictures;
    }

    /// A player for the target that nobody else uses. Compiles where it must.
    std::unique_ptr<Player> take(const Target& target) {
        const std::lock_guard lock(mutex_);
        Compiled& compiled = find(target);
        compiled.used = ++clock_;
        if (compiled.idle.empty()) return std::make_unique<Player>(compiled.program);
        std::unique_ptr<Player> player = std::move(compiled.idle.back());
        compiled.idle.pop_back();
        return player;
    }

    void give_back(const Target& target, std::unique_ptr<Player> player) {
        const std::lock_guard lock(mutex_);
        for (Compiled& compiled : compiled_)
            if (compiled.target == target && compiled.program == player->program()) {
                compiled.idle.push_back(std::move(player));
                break;
            }
        let_go();
    }

    void play(const Target& target, const float* input, const std::vector<float*>& outputs) {
        std::unique_ptr<Player> player = take(target);
        player->scratch().input = input;
        player->scratch().outputs = outputs;
        player->play();
        give_back(target, std::move(player));
    }

 private:
    struct Compiled {
        Target target;
        std::shared_ptr<const Program> program;
        std::vector<std::unique_ptr<Player>> idle;
        std::uint64_t used = 0;
    };

    /// Frees idle memory beyond its limit, that of the size least recently played first.
    void let_go() {
        std::size_t idle = 0;
        for (const Compiled& compiled : compiled_) idle += compiled.idle.size() * compiled.program->scratch_bytes;
        while (idle > kIdleBytes) {
            Compiled* oldest = nullptr;
            for (Compiled& compiled : compiled_)
                if (!compiled.idle.empty() && (oldest == nullptr || compiled.used < oldest->used)) oldest = &compiled;
            idle -= oldest->program->scratch_bytes;
            oldest->idle.pop_back();
        }
    }

    Compiled& find(const Target& target) {
        for (Compiled& compiled : compiled_)
            if (compiled.target == target) return compiled;
        if (compiled_.size() >= kPrograms)
            compiled_.erase(std::min_element(compiled_.begin(), compiled_.end(),
                                             [](const Compiled& a, const Compiled& b) { return a.used < b.used; }));
        compiled_.push_back(
            {target, std::make_shared<const Program>(engine::compile(plan_, operations_, weights_, target)), {}, 0});
        return compiled_.back();
    }

    Plan plan_;
    Operations operations_;
    Precision precision_;
    engine::Weights weights_;
    std::mutex mutex_;  ///< of all below, and of weights_
    std::vector<Compiled> compiled_;
    std::uint64_t clock_ = 0;
};

PlanEngine::PlanEngine(Plan plan, TensorMap tensors, Precision precision)
    : impl_(std::make_unique<Impl>(std::move(plan), std::move(tensors), precision)) {}
PlanEngine::~PlanEngine() = default;
PlanEngine::PlanEngine(PlanEngine&&) noexcept = default;
PlanEngine& PlanEngine::operator=(PlanEngine&&) noexcept = default;

const Plan& PlanEngine::plan() const {
    return impl_->plan();
}
Precision PlanEngine::precision() const {
    return impl_->precision();
}

ValueShape PlanEngine::output_shape(const std::string& name, int height, int width) const {
    return impl_->shape_of(impl_->output_index(name), height, width);
}

namespace {

/// Parts of a batch: whole passes first, then ever smaller powers of two, so that few sizes are ever compiled.
struct Part {
    int first, count;
};

std::vector<Part> parts_of(int count, int largest) {
    std::vector<Part> parts;
    for (int first = 0; first < count;) {
        while (largest > count - first) largest /= 2;
        parts.push_back({first, largest});
        first += largest;
    }
    return parts;
}

}  // namespace

void PlanEngine::run(const BatchShape& batch, std::span<const float> input,
                     const std::map<std::string, std::span<float>>& outputs, int threads) const {
    AFFECTSR_EXPECT(batch.count >= 0 && threads >= 1, "a batch is played by one thread or more");
    if (batch.count == 0) return;
#ifdef __SANITIZE_THREAD__
    threads =
        1;  // OpenMP's barriers are invisible to the sanitizer (cmake/tsan.supp); the callers' own threads are not
#endif
    const Plan& plan = impl_->plan();
    const std::vector<ValueShape> shapes = plan.shapes(batch.height, batch.width);
    const auto count = static_cast<std::size_t>(batch.count);
    std::int64_t input_count = 0;
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
        if (plan.steps[i].kind == StepKind::input) input_count = shapes[i].count();
    AFFECTSR_EXPECT(input.size() == count * static_cast<std::size_t>(input_count), "the input has the wrong length");
    std::vector<float*> to(plan.outputs.size(), nullptr);
    std::vector<std::int64_t> stride(plan.outputs.size(), 0);
    for (const auto& [name, span] : outputs) {
        const std::size_t index = impl_->output_index(name);
        stride[index] = shapes[static_cast<std::size_t>(plan.outputs[index].step)].count();
        AFFECTSR_EXPECT(span.size() == count * static_cast<std::size_t>(stride[index]),
                        "output \"" + name + "\" has the wrong length");
        to[index] = span.data();
    }
    const auto play = [&](const Part& part, int cores) {
        std::vector<float*> here = to;
        for (std::size_t i = 0; i < here.size(); ++i)
            if (here[i] != nullptr) here[i] += part.first * stride[i];
        impl_->play({{part.count, batch.height, batch.width}, cores}, input.data() + part.first * input_count, here);
    };
    const int most = impl_->pictures_per_pass(batch.height, batch.width);
    if (threads == 1 || batch.count < threads) {
        for (const Part& part : parts_of(batch.count, most)) play(part, threads);
        return;
    }
    const std::vector<Part> parts = parts_of(batch.count, std::min(most, batch.count / threads));
    std::exception_ptr failure;
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (std::size_t i = 0; i < parts.size(); ++i) {
        try {
            play(parts[i], 1);
        } catch (...) {
#pragma omp critical
            failure = std::current_exception();
        }
    }
    if (failure) std::rethrow_exception(failure);
}

std::vector<StepCost> PlanEngine::profile(const BatchShape& batch, int threads, int runs) const {
    const Target target{batch, threads};
    std::unique_ptr<Player> player = impl_->take(target);
    const Program& program = *player->program();
    const std::vector<ValueShape> shapes = impl_->plan().shapes(batch.height, batch.width);
    std::vector<float> input(static_cast<std::size_t>(batch.count) * static_cast<std::size_t>(shapes[0].count()));
    std::mt19937_64 random(1);
    std::uniform_real_distribution<float> value(0, 1);
    for (float& x : input) x = value(random);
    player->scratch().input = input.data();
    player->scratch().outputs.assign(impl_->plan().outputs.size(), nullptr);
    std::vector<std::vector<double>> ms(program.actions.size());
    for (int run = 0; run < runs; ++run)
        for (std::size_t i = 0; i < program.actions.size(); ++i) {
            const auto begin = std::chrono::steady_clock::now();
            player->play(i);
            ms[i].push_back(
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
        }
    std::vector<StepCost> costs;
    for (std::size_t i = 0; i < program.actions.size(); ++i) {
        std::nth_element(ms[i].begin(), ms[i].begin() + runs / 2, ms[i].end());
        const engine::Action& action = program.actions[i];
        costs.push_back({action.label, action.kind, action.implementation, ms[i][static_cast<std::size_t>(runs / 2)],
                         static_cast<double>(action.flops) / 1e9});
    }
    impl_->give_back(target, std::move(player));
    return costs;
}

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
