#include "affectsr/engine/plan_engine.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <random>

#include "affectsr/base/error.h"
#include "affectsr/engine/parted_engine.h"
#include "affectsr/engine/parts.h"
#include "affectsr/engine/program_cache.h"

namespace affectsr {

bool engine_available() {
    return true;
}

namespace {

using engine::Operations;
using engine::Part;
using engine::part_up_for;
using engine::Player;
using engine::Program;
using engine::ProgramCache;

constexpr std::size_t kLayouts = 32;          // sizes whose layouts are kept
constexpr std::size_t kPassBytes = 1u << 20;  // of values at once: half of a second-level cache
constexpr int kPicturesPerPass = 16;

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

/// What follows from the sizes of the inputs alone.
struct Layout {
    std::vector<InputSize> sizes;
    std::vector<std::int64_t> input_counts, output_counts;  ///< numbers of one picture, by input and output of the plan
    int pictures_per_pass = 1;
    std::uint64_t used = 0;
};

/// What a call wants of memory, kept by its thread for the next.
struct Workspace {
    std::vector<InputSize> sizes;
    std::vector<const float*> inputs;
    std::vector<float*> outputs;
    std::vector<Part> parts;
};

Workspace& workspace() {
    thread_local Workspace of_this_thread;
    return of_this_thread;
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
          inputs_(plan_.inputs()),
          operations_(engine::fuse(plan_)),
          precision_(used_precision(precision)),
          cache_([this](const engine::Target& target) {
              const std::lock_guard packing(packing_);
              return engine::compile(plan_, operations_, *weights_, target);
          }) {
        const bool bf16 = precision_ == Precision::bf16;
        if (std::optional<engine::PartedPlan> parts = bf16 ? engine::parted_at_choices(plan_) : std::nullopt)
            parted_ = std::make_unique<const engine::PartedEngine>(plan_, std::move(*parts), tensors);
        else
            weights_.emplace(plan_, std::move(tensors), bf16);
    }

    /// What plays in place of this; null: nothing does.
    const engine::PartedEngine* parted() const { return parted_.get(); }

    const Plan& plan() const { return plan_; }
    Precision precision() const { return precision_; }
    const std::vector<int>& inputs() const { return inputs_; }

    std::shared_ptr<const Layout> layout(std::span<const InputSize> sizes) {
        const std::lock_guard lock(mutex_);
        for (const auto& one : layouts_)
            if (std::equal(sizes.begin(), sizes.end(), one->sizes.begin(), one->sizes.end())) {
                one->used = ++clock_;
                return one;
            }
        auto made = std::make_shared<Layout>(layout_of(sizes));
        if (layouts_.size() >= kLayouts) layouts_.erase(engine::least_recent(layouts_));
        made->used = ++clock_;
        layouts_.push_back(made);
        return made;
    }

    /// Plays a part of a batch whose inputs and outputs begin at the given places.
    void play(const Layout& layout, const Part& part, int threads, const Workspace& at) {
        const auto entry = cache_.entry_for(part.count, layout.sizes, threads);
        std::unique_ptr<Player> player = cache_.take(*entry);
        engine::Scratch& scratch = player->scratch();
        for (std::size_t i = 0; i < at.inputs.size(); ++i)
            scratch.inputs[i] = at.inputs[i] + part.first * layout.input_counts[i];
        for (std::size_t i = 0; i < at.outputs.size(); ++i)
            scratch.outputs[i] =
                at.outputs[i] == nullptr ? nullptr : at.outputs[i] + part.first * layout.output_counts[i];
        player->play();
        cache_.give_back(*entry, std::move(player));
    }

    /// Makes the players that `parts` played at once on `threads` threads can need, so that no call's memory depends on
    /// how its threads happen to meet.
    void reserve(const Layout& layout, std::span<const Part> parts, int cores, int threads) {
        for (std::size_t i = 0; i < parts.size();) {
            const std::size_t first = i;
            while (i < parts.size() && parts[i].count == parts[first].count) ++i;
            const std::size_t players = std::min(i - first, static_cast<std::size_t>(threads / cores));
            cache_.reserve(*cache_.entry_for(parts[first].count, layout.sizes, cores), players);
        }
    }

    ProgramCache& cache() { return cache_; }

    EngineMemory memory() {
        const std::lock_guard packing(packing_);
        return {cache_.programs(), weights_->packed_bytes(), cache_.idle_bytes()};
    }

 private:
    Layout layout_of(std::span<const InputSize> sizes) const {
        const std::vector<ValueShape> shapes = plan_.shapes(sizes);
        Layout made;
        made.sizes.assign(sizes.begin(), sizes.end());
        for (const int input : inputs_) made.input_counts.push_back(shapes[static_cast<std::size_t>(input)].count());
        for (const Plan::Output& output : plan_.outputs)
            made.output_counts.push_back(shapes[static_cast<std::size_t>(output.step)].count());
        // As many pictures as keep the values of a pass within the cache; a power of two.
        std::size_t largest = 1;
        for (const ValueShape& shape : shapes) largest = std::max(largest, static_cast<std::size_t>(shape.count()));
        const std::size_t bytes = 2 * largest * (precision_ == Precision::bf16 ? 2 : 4);
        int& pictures = made.pictures_per_pass;
        while (pictures < kPicturesPerPass && 2 * static_cast<std::size_t>(pictures) * bytes <= kPassBytes)
            pictures *= 2;
        return made;
    }

    Plan plan_;
    std::vector<int> inputs_;
    Operations operations_;
    Precision precision_;
    std::mutex packing_;                      ///< of weights_, while a program is compiled
    std::optional<engine::Weights> weights_;  ///< none where `parted_` plays
    std::unique_ptr<const engine::PartedEngine> parted_;
    ProgramCache cache_;
    std::mutex mutex_;  ///< of all below
    std::vector<std::shared_ptr<Layout>> layouts_;
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
EngineMemory PlanEngine::memory() const {
    return impl_->parted() ? impl_->parted()->memory() : impl_->memory();
}

void PlanEngine::prepare(int count, std::span<const InputSize> sizes, int threads) const {
    AFFECTSR_EXPECT(count >= 0 && threads >= 1, "a batch is played by one thread or more");
    if (impl_->parted()) return impl_->parted()->prepare(sizes, threads);
    const auto layout = impl_->layout(sizes);
    std::vector<Part> parts;
    const int cores = part_up_for(count, layout->pictures_per_pass, threads, parts);
    impl_->reserve(*layout, parts, cores, threads);
}

void PlanEngine::prepare(const BatchShape& batch, int threads) const {
    prepare(batch.count, impl_->plan().input_sizes({batch.height, batch.width}), threads);
}

void PlanEngine::run(int count, const Feeds& feeds, const Results& results, int threads) const {
    AFFECTSR_EXPECT(count >= 0 && threads >= 1, "a batch is played by one thread or more");
#ifdef __SANITIZE_THREAD__
    threads = 1;  // the sanitizer cannot see OpenMP's barriers (cmake/tsan.supp); it sees the callers' own threads
#endif
    if (impl_->parted()) return impl_->parted()->run(count, feeds, results, threads);
    const Plan& plan = impl_->plan();
    const std::vector<int>& inputs = impl_->inputs();
    Workspace& at = workspace();
    at.sizes.clear();
    for (const int index : inputs) {
        const auto& input = *plan.steps[static_cast<std::size_t>(index)].as<step::PlanInput>();
        const auto feed = feeds.find(input.name);
        if (feed == feeds.end()) throw UsageError("the network's input \"" + input.name + "\" is not fed");
        at.sizes.push_back(feed->second.size);
    }
    if (feeds.size() != inputs.size()) throw UsageError("something is fed that is no input of the network");
    if (count == 0) return;
    const auto layout = impl_->layout(at.sizes);
    const auto pictures = static_cast<std::size_t>(count);
    at.inputs.clear();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto& input = *plan.steps[static_cast<std::size_t>(inputs[i])].as<step::PlanInput>();
        const Feed& feed = feeds.find(input.name)->second;
        AFFECTSR_EXPECT(feed.values.size() == pictures * static_cast<std::size_t>(layout->input_counts[i]),
                        "the input has the wrong length");
        at.inputs.push_back(feed.values.data());
    }
    at.outputs.assign(plan.outputs.size(), nullptr);
    for (const auto& [name, span] : results) {
        const std::size_t i = plan.output_index(name);
        AFFECTSR_EXPECT(span.size() == pictures * static_cast<std::size_t>(layout->output_counts[i]),
                        "an output has the wrong length");
        at.outputs[i] = span.data();
    }
    const int cores = part_up_for(count, layout->pictures_per_pass, threads, at.parts);
    if (cores == threads) {
        for (const Part& part : at.parts) impl_->play(*layout, part, cores, at);
        return;
    }
    impl_->reserve(*layout, at.parts, 1, threads);
    std::exception_ptr failure;
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (std::size_t i = 0; i < at.parts.size(); ++i) {
        try {
            impl_->play(*layout, at.parts[i], 1, at);
        } catch (...) {
#pragma omp critical
            failure = std::current_exception();
        }
    }
    if (failure) std::rethrow_exception(failure);
}

void PlanEngine::run(const BatchShape& batch, std::span<const float> input, const Results& results, int threads) const {
    const std::vector<int>& inputs = impl_->inputs();
    AFFECTSR_EXPECT(inputs.size() == 1, "this call is for plans with one input");
    thread_local Feeds feeds;  // one entry: its name seldom changes, so that it seldom takes memory
    const std::string& name = impl_->plan().steps[static_cast<std::size_t>(inputs[0])].as<step::PlanInput>()->name;
    if (feeds.size() != 1 || feeds.begin()->first != name) {
        feeds.clear();
        feeds[name];
    }
    feeds.begin()->second = {input, {batch.height, batch.width}};
    run(batch.count, feeds, results, threads);
}

std::vector<StepCost> PlanEngine::profile(const BatchShape& batch, int threads, int runs) const {
    return profile(batch.count, impl_->plan().input_sizes({batch.height, batch.width}), threads, runs);
}

std::vector<StepCost> PlanEngine::profile(int pictures, std::span<const InputSize> sizes, int threads, int runs) const {
    if (impl_->parted()) return impl_->parted()->profile(pictures, sizes, threads, runs);
    const auto layout = impl_->layout(sizes);
    const auto entry = impl_->cache().entry_for(pictures, {sizes.begin(), sizes.end()}, threads);
    std::unique_ptr<Player> player = impl_->cache().take(*entry);
    const Program& program = *player->program();
    std::mt19937_64 random(1);
    std::uniform_real_distribution<float> value(0, 1);
    std::vector<std::vector<float>> inputs;
    for (const std::int64_t count : layout->input_counts) {
        std::vector<float>& input =
            inputs.emplace_back(static_cast<std::size_t>(pictures) * static_cast<std::size_t>(count));
        for (float& x : input) x = value(random);
        player->scratch().inputs[inputs.size() - 1] = input.data();
    }
    std::fill(player->scratch().outputs.begin(), player->scratch().outputs.end(), nullptr);
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
    impl_->cache().give_back(*entry, std::move(player));
    return costs;
}

}  // namespace affectsr
