#include "affectsr/train/world.h"

#include <ATen/ATen.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/cuda.h>
#include <torch/version.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <future>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "affectsr/base/error.h"
#include "affectsr/train/roll_call.h"
#include "affectsr/train/world_backend.h"

// What LibTorch's headers of a backend include is not always installed with them.
#if __has_include(<gloo/algorithm.h>)
#define AFFECTSR_GLOO
#ifndef USE_C10D_GLOO
#define USE_C10D_GLOO  // guards the header; not every LibTorch package tells
#endif
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#if __has_include(<nccl.h>) && __has_include(<cuda_runtime.h>)
#define AFFECTSR_NCCL
#ifndef USE_C10D_NCCL
#define USE_C10D_NCCL
#endif
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace affectsr {

namespace {

// LibTorch 2 parted what does the work from the group that the dispatcher knows.
#if TORCH_VERSION_MAJOR >= 2
using Backend = c10d::Backend;
#else
using Backend = c10d::ProcessGroup;
#endif
using Store = c10::intrusive_ptr<c10d::Store>;
using Clock = RollCall::Clock;

/// The collectives' own limit. Nobody waits so long: the roll call tells sooner who is missing, and a process that
/// validates may take its time.
constexpr std::chrono::hours kNever(24 * 365);

[[noreturn]] void refuse_world(const std::string& message) {
    throw UsageError(message, "bad_world");
}

[[noreturn]] void end_for(const std::string& loss) {
    throw ResourceError("rank_lost", loss + "; the last checkpoint is whole: start all processes again with --resume");
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown host";
}

std::vector<std::uint8_t> as_bytes(const std::string& text) {
    return {text.begin(), text.end()};
}
std::string as_text(const std::vector<std::uint8_t>& bytes) {
    return {bytes.begin(), bytes.end()};
}

std::string meeting_point(const WorldPlace& place) {
    return "MASTER_ADDR=" + place.address + " MASTER_PORT=" + std::to_string(place.port);
}

/// The notes of a run in one of its connections to the store.
class StoreBoard : public NoticeBoard {
 public:
    explicit StoreBoard(Store store) : store_(std::move(store)) {}
    void write(const std::string& key, const std::string& note) override { store_->set(key, as_bytes(note)); }
    std::string read(const std::string& key) override {
        return store_->check({key}) ? as_text(store_->get(key)) : std::string();
    }

 private:
    Store store_;
};

/// A connection to the meeting point; with `keep` it is also opened here.
Store open_store(const WorldPlace& place, const WorldOptions& options, bool keep) {
    c10d::TCPStoreOptions how;
    how.port = static_cast<std::uint16_t>(place.port);
    how.isServer = keep;
    how.waitWorkers = false;
    how.timeout = std::chrono::seconds(options.join_within_s);
    try {
        const Store store = c10::make_intrusive<c10d::TCPStore>(place.address, how);
        return c10::make_intrusive<c10d::PrefixStore>("affectsr/" + place.prefix, store);
    } catch (const std::exception& error) {
        if (keep)
            refuse_world(meeting_point(place) + ": rank 0 cannot listen there (" + error.what() +
                         "); MASTER_ADDR must be its own machine and MASTER_PORT a free port");
        throw ResourceError("rank_lost", "rank 0 was not met at " + meeting_point(place) + " within " +
                                             std::to_string(options.join_within_s) + " s; start it too (" +
                                             error.what() + ")");
    }
}

/// Waits for all processes; their hosts by rank. Throws what the store throws if rank 0 goes away meanwhile.
std::vector<std::string> wait_for_hosts(c10d::Store& store, const WorldPlace& place, const WorldOptions& options) {
    const auto host_key = [](int rank) { return "host/" + std::to_string(rank); };
    const std::string size = std::to_string(place.size);
    if (place.rank == 0) store.set("size", as_bytes(size));
    const auto expect_in_time = [&](const std::vector<std::string>& keys) {
        try {
            store.wait(keys, std::chrono::seconds(options.join_within_s));
        } catch (const std::exception&) {
            std::string missing;
            for (int rank = 0; rank < place.size; ++rank)
                if (!store.check({host_key(rank)})) missing += (missing.empty() ? "" : ", ") + std::to_string(rank);
            if (missing.empty()) throw;
            throw ResourceError("rank_lost", "of the " + size + " processes, those of these ranks did not come to " +
                                                 meeting_point(place) + " within " +
                                                 std::to_string(options.join_within_s) + " s: " + missing);
        }
    };
    expect_in_time({"size"});
    if (const std::string told = as_text(store.get("size")); told != size)
        refuse_world("WORLD_SIZE=" + size + ", but rank 0 has WORLD_SIZE=" + told);
    if (store.add("come/" + std::to_string(place.rank), 1) > 1)
        refuse_world("RANK=" + std::to_string(place.rank) +
                     ": another process of the run has the same; each needs its own, from 0 to WORLD_SIZE - 1");
    store.set(host_key(place.rank), as_bytes(host_name()));
    std::vector<std::string> keys, hosts;
    for (int rank = 0; rank < place.size; ++rank) keys.push_back(host_key(rank));
    expect_in_time(keys);
    for (const std::string& key : keys) hosts.push_back(as_text(store.get(key)));
    return hosts;
}

std::vector<std::string> gather_hosts(const Store& store, const WorldPlace& place, const WorldOptions& options) {
    try {
        return wait_for_hosts(*store, place, options);
    } catch (const Error&) {
        throw;
    } catch (const std::exception& error) {
        throw ResourceError("rank_lost", "rank 0 went away from " + meeting_point(place) + " before all had come (" +
                                             error.what() + ")");
    }
}

/// Where the processes' numbers are added.
at::Device meeting_device(const WorldPlace& place) {
    if (!torch::cuda::is_available()) return at::kCPU;
    const auto gpus = static_cast<int>(torch::cuda::device_count());
    if (place.local_rank >= gpus)
        refuse_world("LOCAL_RANK=" + std::to_string(place.local_rank) + ", but this machine has " +
                     std::to_string(gpus) + " GPUs; start as many processes on it");
    const at::Device own(at::kCUDA, static_cast<c10::DeviceIndex>(place.local_rank));
    c10::impl::VirtualGuardImpl(at::kCUDA).setDevice(own);
#ifdef AFFECTSR_NCCL
    return own;
#else
    return at::kCPU;
#endif
}

/// Connects all processes; blocks until all do.
c10::intrusive_ptr<Backend> connect(const Store& store, const WorldPlace& place) {
#ifdef AFFECTSR_NCCL
    if (torch::cuda::is_available()) {
        const auto how = c10d::ProcessGroupNCCL::Options::create();
        how->timeout = kNever;
        return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, place.rank, place.size, how);
    }
#endif
#ifdef AFFECTSR_GLOO
    using Gloo = c10d::ProcessGroupGloo;
    const auto how = Gloo::Options::create(kNever);
    how->threads = 1;
    const char* const network = environment_variable("GLOO_SOCKET_IFNAME");  // as PyTorch calls it
    const bool one_machine =
        place.address == "localhost" || place.address == "::1" || place.address.starts_with("127.");
    how->devices.push_back(network != nullptr ? Gloo::createDeviceForInterface(network)
                           : one_machine      ? Gloo::createDeviceForHostname(place.address)
                                              : Gloo::createDefaultDevice());
    return c10::make_intrusive<Gloo>(store, place.rank, place.size, how);
#else
    refuse_world("WORLD_SIZE=" + std::to_string(place.size) +
                 ", but this affectsr-train was built without Gloo; install its headers (libgloo-dev) and build again");
#endif
}

class ProcessGroupWorld : public World {
 public:
    ProcessGroupWorld(const WorldPlace& place, const WorldOptions& options)
        : place_(place), device_(meeting_device(place)) {
        const bool keep = place.rank == 0 && !place.others_store;
        store_ = open_store(place, options, keep);
        std::vector<std::string> hosts = gather_hosts(store_, place, options);
        const std::string keeper =
            (place.others_store ? "the meeting point (" : "rank 0 (on " + hosts[0] + ", ") + meeting_point(place) + ")";
        // A connection of its own: one call at a time goes over each.
        auto board = std::make_unique<StoreBoard>(open_store(place, options, false));
        roll_call_ = std::make_unique<RollCallThread>(
            std::make_shared<RollCall>(std::move(board), place.rank, std::move(hosts), keeper,
                                       std::chrono::seconds(options.lost_after_s)),
            keep);
        group_ = connect_all();
    }

    ~ProcessGroupWorld() override {
        roll_call_->leave(std::uncaught_exceptions() > exceptions_ ? RollCall::Farewell::failed
                                                                   : RollCall::Farewell::done);
        // Its thread still waits for a process that is gone, and its destructor would wait for the thread.
        if (abandoned_) static_cast<void>(group_.release());
    }
    ProcessGroupWorld(const ProcessGroupWorld&) = delete;
    ProcessGroupWorld& operator=(const ProcessGroupWorld&) = delete;

    int rank() const override { return place_.rank; }
    int size() const override { return place_.size; }

    void average(std::vector<at::Tensor>& tensors) const override {
        const at::NoGradGuard no_grad;
        for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
            std::vector<at::Tensor> those, flat;
            for (const at::Tensor& tensor : tensors) {
                AFFECTSR_EXPECT(tensor.is_floating_point(), "only floating point numbers have a mean");
                if ((tensor.scalar_type() == at::kDouble) != (type == at::kDouble)) continue;
                those.push_back(tensor);
                flat.push_back(tensor.reshape({-1}).to(device_, type));
            }
            if (those.empty()) continue;
            at::Tensor all = at::cat(flat);
            add_up(all);
            all.div_(size());
            std::int64_t begin = 0;
            for (at::Tensor& tensor : those) {
                tensor.copy_(all.narrow(0, begin, tensor.numel()).view(tensor.sizes()));
                begin += tensor.numel();
            }
        }
    }

    void wait_for_all() const override {
        at::Tensor one = at::zeros({1}, at::TensorOptions(device_).dtype(at::kFloat));
        add_up(one);
    }

 private:
    /// connect(), in a thread that is left behind if somebody goes away meanwhile.
    c10::intrusive_ptr<Backend> connect_all() const {
        std::packaged_task<c10::intrusive_ptr<Backend>()> task(
            [store = store_, place = place_] { return connect(store, place); });
        std::future<c10::intrusive_ptr<Backend>> group = task.get_future();
        std::thread thread(std::move(task));
        if (!wait_for([&] { return group.wait_for(Clock::duration::zero()) == std::future_status::ready; })) {
            thread.detach();
            give_up();
        }
        thread.join();
        try {
            return group.get();
        } catch (const Error&) {
            throw;
        } catch (const std::exception& error) {
            end_after_break(error);
        }
    }

    void add_up(at::Tensor& numbers) const {
        std::vector<at::Tensor> one{numbers};
        try {
            const auto work = group_->allreduce(one);
            if (!wait_for([&] { return work->isCompleted(); })) give_up();
            work->wait();
        } catch (const Error&) {
            throw;
        } catch (const std::exception& error) {
            end_after_break(error);
        }
    }

    /// Waits until `ready`; false if somebody is missing instead.
    template <class Ready>
    bool wait_for(const Ready& ready) const {
        constexpr std::chrono::microseconds kLongest(500);  // a step meets tens of times
        for (std::chrono::microseconds pause(10); !ready(); pause = std::min(2 * pause, kLongest)) {
            if (!roll_call_->roll().loss(Clock::now()).empty()) return ready();
            std::this_thread::sleep_for(pause);
        }
        return true;
    }

    [[noreturn]] void give_up() const {
        abandoned_ = true;
        end_for(roll_call_->roll().loss(Clock::now()));
    }

    /// A connection broke. Whose it was, the notes tell: at once if that process could still write one or if there is
    /// only one other, else when it has been silent for long enough.
    [[noreturn]] void end_after_break(const std::exception& error) const {
        RollCall& roll = roll_call_->roll();
        const std::uint64_t broke_at = roll.rounds();
        const auto enough = [&] {
            const std::uint64_t passed = roll.rounds() - broke_at;
            if (size() == 2 && passed >= 2)
                roll.tell_loss(1 - rank(), roll.name_of(1 - rank()) +
                                               " broke its connection: it was killed, or its machine is gone");
            return passed > 40;  // twice the silence that counts as a loss
        };
        if (wait_for(enough))
            roll.tell_loss(-1, std::string("a connection to another process broke (") + error.what() + ")");
        end_for(roll.loss(Clock::now()));
    }

    WorldPlace place_;
    at::Device device_;
    int exceptions_ = std::uncaught_exceptions();
    Store store_;
    std::unique_ptr<RollCallThread> roll_call_;
    c10::intrusive_ptr<Backend> group_;
    mutable bool abandoned_ = false;
};

}  // namespace

std::string world_backend() {
#ifdef AFFECTSR_NCCL
    if (torch::cuda::is_available()) return "nccl";
#endif
#ifdef AFFECTSR_GLOO
    return "gloo";
#else
    return "";
#endif
}

std::unique_ptr<World> make_world(const WorldPlace& place, const WorldOptions& options) {
    if (place.size == 1) return std::make_unique<Alone>();
    return std::make_unique<ProcessGroupWorld>(place, options);
}

std::vector<std::int64_t> told_by_all(const World& world, std::int64_t own) {
    at::Tensor numbers = at::zeros({world.size()}, at::kDouble);
    numbers[world.rank()] = static_cast<double>(own);
    std::vector<at::Tensor> mean{numbers};
    world.average(mean);
    std::vector<std::int64_t> told;
    for (int rank = 0; rank < world.size(); ++rank)
        told.push_back(std::llround(mean[0][rank].item<double>() * world.size()));
    return told;
}

bool anywhere(const World& world, bool here) {
    const std::vector<std::int64_t> told = told_by_all(world, here ? 1 : 0);
    return std::any_of(told.begin(), told.end(), [](std::int64_t yes) { return yes != 0; });
}

}  // namespace affectsr
