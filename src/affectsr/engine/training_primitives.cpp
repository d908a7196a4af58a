#include "affectsr/engine/training_primitives.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

#include "affectsr/base/random.h"
#include "affectsr/engine/conv_training.h"
#include "affectsr/engine/cores.h"
#include "affectsr/engine/training_plan.h"

namespace affectsr {

using namespace engine;

namespace {

/// Numbers in [−0.5, 0.5), the same in every run: products of zeros would be faster.
void fill(float* data, std::size_t count) {
    SplitMix64 random(1);
    for (std::size_t i = 0; i < count; ++i) data[i] = static_cast<float>(unit_interval(random.next())) - 0.5f;
}
void fill(Bf16* data, std::size_t count) {
    SplitMix64 random(1);
    for (std::size_t i = 0; i < count; ++i)
        data[i] = from_float<Bf16>(static_cast<float>(unit_interval(random.next())) - 0.5f);
}

}  // namespace

class TrainingPrimitives::Impl {
 public:
    Impl(const Plan& plan, const TrainingSetting& setting) : setting_(setting) {
        const ThreadCount threads(setting.threads);
        const std::vector<ValueShape> shapes = plan.shapes(setting.sizes);
        const bool bf16 = setting.precision == Precision::bf16;
        const std::size_t element = bf16 ? sizeof(Bf16) : sizeof(float);
        std::set<std::size_t> wanted;
        const std::vector<int> inputs = plan.inputs();
        for (std::size_t i = 0; i < inputs.size(); ++i)
            if (setting.wanted.at(i)) wanted.insert(static_cast<std::size_t>(inputs[i]));
        const TrainingPlan flow = training_plan(plan, setting.count, shapes, element, wanted, {});
        for (std::size_t i = 0; i < plan.steps.size(); ++i) {
            const Step& s = plan.steps[i];
            const auto* conv = s.as<step::Conv>();
            if (conv == nullptr) continue;
            const auto source = static_cast<std::size_t>(s.inputs[0]);
            const ConvShape shape{setting.count, shapes[source], shapes[i], *conv};
            const bool back = flow.learns[source];
            auto made = std::make_unique<ConvTraining>(
                shape, bf16 ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32, Epilogue{}, back, scratch_,
                TrainingWay::by_primitives);
            if (!made->is_fast()) continue;
            gflop_ += static_cast<double>(plan.flops_of(i, shapes)) * setting.count * (back ? 3 : 2) / 1e9;
            calls_.push_back({std::move(made), filled(shape.source), filled(shape.result), made_at(shape.result),
                              made_at(shape.source), back});
            const std::size_t weights =
                static_cast<std::size_t>(conv->kernel) * static_cast<std::size_t>(conv->kernel) *
                static_cast<std::size_t>(s.in_channels / conv->groups) * static_cast<std::size_t>(s.out_channels);
            weights_.resize(std::max(weights_.size(), weights));
            bias_.resize(std::max(bias_.size(), static_cast<std::size_t>(s.out_channels)));
        }
        fill(weights_.data(), weights_.size());
        for (Call& call : calls_) call.conv->pack(weights_.data(), true);
    }

    void play() {
        const ThreadCount threads(setting_.threads);
        for (Call& call : calls_) call.conv->forward(call.source, bias_.data(), call.made_result);
        for (auto call = calls_.rbegin(); call != calls_.rend(); ++call) {
            call->conv->backward_weights(call->source, call->result, nullptr, bias_.data(), true);
            if (call->back) call->conv->backward_data(call->result, call->made_source);
        }
        std::fill(bias_.begin(), bias_.end(), 0.0f);
    }
    double gflop() const { return gflop_; }

 private:
    struct Call {
        std::unique_ptr<ConvTraining> conv;
        const std::byte *source, *result;  ///< ordinary numbers
        std::byte *made_result, *made_source;
        bool back;
    };
    using Size = std::array<int, 3>;

    std::byte* block(std::map<Size, std::byte*>& blocks, const ValueShape& shape, bool numbers) {
        std::byte*& data = blocks[{shape.channels, shape.height, shape.width}];
        if (data != nullptr) return data;
        const std::size_t count = static_cast<std::size_t>(setting_.count) * static_cast<std::size_t>(shape.count());
        const bool bf16 = setting_.precision == Precision::bf16;
        data = pages_.take(count * (bf16 ? sizeof(Bf16) : sizeof(float)));
        if (numbers && bf16) fill(reinterpret_cast<Bf16*>(data), count);
        if (numbers && !bf16) fill(reinterpret_cast<float*>(data), count);
        return data;
    }
    std::byte* filled(const ValueShape& shape) { return block(filled_, shape, true); }
    std::byte* made_at(const ValueShape& shape) { return block(made_, shape, false); }

    TrainingSetting setting_;
    TrainingScratch scratch_;
    LargePages pages_;
    std::map<Size, std::byte*> filled_, made_;
    std::vector<Call> calls_;
    std::vector<float> weights_, bias_;
    double gflop_ = 0;
};

TrainingPrimitives::TrainingPrimitives(const Plan& plan, const TrainingSetting& setting)
    : impl_(std::make_unique<Impl>(plan, setting)) {}
TrainingPrimitives::~TrainingPrimitives() = default;

void TrainingPrimitives::play() {
    impl_->play();
}
double TrainingPrimitives::gflop() const {
    return impl_->gflop();
}

}  // namespace affectsr
