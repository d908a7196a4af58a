#include "affectsr/learn/sync_batch_norm.h"
#include "affectsr/learn/libtorch.h"

#include <gtest/gtest.h>

#include <barrier>
#include <thread>

namespace affectsr {
namespace {

/// Threads that average as processes do.
class Meeting {
 public:
    explicit Meeting(int ranks) : barrier_(ranks), told_(static_cast<std::size_t>(ranks)) {}
    void average(int rank, Tensor& numbers) {
        told_[static_cast<std::size_t>(rank)] = numbers;
        barrier_.arrive_and_wait();
        const Tensor mean = torch::stack(told_).mean(0);
        barrier_.arrive_and_wait();
        numbers = mean;
    }

 private:
    std::barrier<> barrier_;
    std::vector<Tensor> told_;
};

/// A batch norm between two layers that make its gradient uneven, and what it gives for `x`: y, gradient of x, of
/// weight and of bias, running mean and variance.
std::vector<Tensor> play(const Tensor& x, const SharedStatistics& shared) {
    const std::int64_t channels = x.size(1);
    Tensor in = x.detach().clone().requires_grad_();
    BatchNormTensors t{torch::linspace(0.5, 2, channels).requires_grad_(),
                       torch::linspace(-1, 1, channels).requires_grad_(), torch::full({channels}, 0.3),
                       torch::full({channels}, 2.0)};
    const Tensor y = shared.ranks > 1 ? sync_batch_norm(in, t, 0.1, 1e-5, shared)
                                      : torch::batch_norm(in, t.weight, t.bias, t.running_mean, t.running_var, true,
                                                          0.1, 1e-5, true);
    const Tensor y_f = y.to(torch::kFloat);
    ((y_f * y_f * y_f).sum() + (y_f.sin() * in.detach().to(torch::kFloat)).sum()).backward();
    return {y.detach(), in.grad(), t.weight.grad(), t.bias.grad(), t.running_mean, t.running_var};
}

/// Equal rows of `x` on each of `ranks` threads; as play(), batches put together again and gradients added up.
std::vector<Tensor> play_shared(const Tensor& x, int ranks) {
    Meeting meeting(ranks);
    std::vector<std::vector<Tensor>> all(static_cast<std::size_t>(ranks));
    const std::vector<Tensor> parts = x.chunk(ranks);
    {
        std::vector<std::jthread> threads;
        for (int rank = 0; rank < ranks; ++rank)
            threads.emplace_back([&, rank] {
                const SharedStatistics shared{ranks, [&, rank](Tensor& numbers) { meeting.average(rank, numbers); }};
                all[static_cast<std::size_t>(rank)] = play(parts[static_cast<std::size_t>(rank)], shared);
            });
    }
    std::vector<Tensor> results;
    for (std::size_t i = 0; i < all[0].size(); ++i) {
        std::vector<Tensor> of_ranks;
        for (const auto& one : all) of_ranks.push_back(one[i]);
        if (i < 2) results.push_back(torch::cat(of_ranks));
        if (i == 2 || i == 3) results.push_back(torch::stack(of_ranks).sum(0));
        if (i < 4) continue;
        for (const Tensor& other : of_ranks) EXPECT_TRUE(torch::equal(other, of_ranks[0])) << "one state in all ranks";
        results.push_back(of_ranks[0]);
    }
    return results;
}

void expect_as_one(const Tensor& x, int ranks, double tolerance) {
    const std::vector<Tensor> one = play(x, {}), shared = play_shared(x, ranks);
    const char* const names[] = {"y", "gradient of x", "of weight", "of bias", "running mean", "running variance"};
    for (std::size_t i = 0; i < one.size(); ++i) {
        const Tensor a = one[i].to(torch::kDouble), b = shared[i].to(torch::kDouble);
        EXPECT_LT((a - b).norm().item<double>(), tolerance * a.norm().item<double>()) << names[i];
    }
}

TEST(SyncBatchNorm, SeveralBatchesAreNormalisedAsOne) {
    torch::manual_seed(1);
    const Tensor x = torch::randn({12, 5, 4, 3}) * torch::linspace(1, 3, 12).view({12, 1, 1, 1}) + 2;
    expect_as_one(x, 2, 1e-5);
    expect_as_one(x, 3, 1e-5);
    expect_as_one(x.contiguous(at::MemoryFormat::ChannelsLast), 2, 1e-5);
}

TEST(SyncBatchNorm, NormalisesFeaturesWithoutPlaces) {
    torch::manual_seed(2);
    expect_as_one(torch::randn({8, 6}) + torch::arange(8).view({8, 1}), 2, 1e-5);
}

TEST(SyncBatchNorm, AMeanFarFromZeroCostsNoPrecision) {
    torch::manual_seed(3);
    expect_as_one(torch::randn({8, 2, 5, 5}) + 300, 2, 1e-3);
}

TEST(SyncBatchNorm, TakesHalfPrecisionAsLibTorchDoes) {
    torch::manual_seed(4);
    const Tensor x = (torch::randn({8, 4, 6, 6}) + 1).to(torch::kBFloat16).contiguous(at::MemoryFormat::ChannelsLast);
    expect_as_one(x, 2, 1e-2);
}

}  // namespace
}  // namespace affectsr
