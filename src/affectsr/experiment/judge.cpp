#include "affectsr/experiment/judge.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "affectsr/base/log.h"
#include "affectsr/base/random.h"
#include "affectsr/data/ferplus.h"

namespace affectsr {

namespace {

struct FaceWithTruth {
    std::size_t sample;
    Emotion truth;
};

bool is_among(std::span<const Emotion> classes, Emotion emotion) {
    return classes.empty() || std::find(classes.begin(), classes.end(), emotion) != classes.end();
}

/// The answer of somebody who knows that it is one of these classes: the others have probability 0.
Expression answer_among(std::span<const Emotion> classes, Expression answer) {
    if (classes.empty() || answer.empty()) return answer;
    float sum = 0;
    for (std::size_t i = 0; i < answer.labels.size(); ++i) {
        if (!is_among(classes, answer.labels[i])) answer.probability[i] = 0;
        sum += answer.probability[i];
    }
    if (!(sum > 0)) return {};  // the reader knows none of them
    for (float& probability : answer.probability) probability /= sum;
    return answer;
}

std::vector<FaceWithTruth> faces_with_truth(const Dataset& dataset, const JudgeOptions& options, LeftOut& left_out) {
    const std::string& truth = options.truth;
    std::vector<FaceWithTruth> faces;
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        const SampleInfo& info = dataset.info(i);
        if (truth == "label" ? !info.label : !info.votes) {
            ++left_out.unlabelled;
        } else if (const auto emotion = truth == "label" ? info.label : ferplus_majority(*info.votes)) {
            if (is_among(options.classes, *emotion))
                faces.push_back({i, *emotion});
            else
                ++left_out.other_class;
        } else {
            ++left_out.no_majority;
        }
    }
    return faces;
}

// `limit` faces at even distances: a list is often sorted by class, so its first rows would be of one.
void spread(std::vector<FaceWithTruth>& faces, std::size_t limit) {
    if (limit == 0 || faces.size() <= limit) return;
    for (std::size_t i = 0; i < limit; ++i) faces[i] = faces[i * faces.size() / limit];
    faces.resize(limit);
}

Image middle_square(Image picture) {
    if (picture.width == picture.height) return picture;
    const int side = std::min(picture.width, picture.height);
    const int left = (picture.width - side) / 2, top = (picture.height - side) / 2;
    Image square(side, side);
    for (int y = 0; y < side; ++y) {
        const std::uint8_t* row = picture.pixel(left, top + y);
        std::copy(row, row + static_cast<std::ptrdiff_t>(side) * 3, square.pixel(0, y));
    }
    return square;
}

FaceCrop crop_of(const Image& square, Degradation degradation, std::uint64_t seed) {
    if (degradation.size_px >= square.width) degradation.size_px = 0;  // with scale 1: the picture as it is
    std::mt19937_64 random(seed);
    FaceCrop crop;
    crop.pixels = degrade(square, degradation, random);
    crop.face_in_photo_px = static_cast<float>(crop.pixels.width);
    return crop;
}

// Everything that the judging threads share.
class Judging {
 public:
    Judging(const Dataset& dataset, std::span<const Degradation> degradations, std::span<const LookAll> readers,
            const JudgeOptions& options, const JudgeProgress& progress, const std::stop_token& stop)
        : dataset_(dataset),
          degradations_(degradations),
          readers_(readers),
          options_(options),
          progress_(progress),
          stop_(stop) {}

    Judgement run();

 private:
    void run_threads();
    void keep_finished();
    void work();
    void judge_batch(std::size_t begin, std::size_t end);
    void read(std::size_t reader, std::size_t degradation, std::span<const FaceCrop> crops,
              std::span<const std::size_t> faces);
    // The crops of one face under every degradation; none, with failed verdicts, if it cannot be read.
    std::vector<FaceCrop> crops_of(std::size_t face);
    void report(std::size_t begin, std::size_t end);

    const Dataset& dataset_;
    const std::span<const Degradation> degradations_;
    const std::span<const LookAll> readers_;
    const JudgeOptions& options_;
    const JudgeProgress& progress_;
    const std::stop_token& stop_;

    std::vector<FaceWithTruth> faces_;
    Judgement judgement_;
    std::vector<char> finished_;                            // by face; written under the lock
    std::map<std::size_t, FailedPicture> broken_pictures_;  // by face; written under the lock
    std::atomic<std::size_t> next_ = 0;
    std::atomic<bool> ended_ = false;  // by an error
    std::mutex lock_;
    std::size_t done_ = 0, failed_ = 0;
    std::exception_ptr error_;
};

std::vector<FaceCrop> Judging::crops_of(std::size_t face) {
    std::vector<FaceCrop> crops;
    try {
        const Image square = middle_square(dataset_.at(faces_[face].sample).picture);
        for (std::size_t d = 0; d < degradations_.size(); ++d) {
            crops.push_back(crop_of(square, degradations_[d], chained_seed(options_.seed, {faces_[face].sample, d})));
        }
    } catch (const InputError& error) {
        log(LogLevel::info, error.what());
        crops.clear();
        for (auto& verdicts : judgement_.verdicts) {
            verdicts[face].failed = true;
            verdicts[face].reason = error.code();
        }
        const std::lock_guard guard(lock_);
        broken_pictures_[face] = {faces_[face].sample, error.code(), error.what()};
    }
    return crops;
}

void Judging::judge_batch(std::size_t begin, std::size_t end) {
    std::vector<std::vector<FaceCrop>> crops(degradations_.size());
    std::vector<std::size_t> readable;
    for (std::size_t face = begin; face < end; ++face) {
        std::vector<FaceCrop> of_face = crops_of(face);
        if (of_face.empty()) continue;
        readable.push_back(face);
        for (std::size_t d = 0; d < crops.size(); ++d) crops[d].push_back(std::move(of_face[d]));
    }
    if (readable.empty()) return;
    for (std::size_t reader = 0; reader < readers_.size(); ++reader)
        for (std::size_t d = 0; d < crops.size(); ++d) read(reader, d, crops[d], readable);
}

void Judging::read(std::size_t reader, std::size_t degradation, std::span<const FaceCrop> crops,
                   std::span<const std::size_t> faces) {
    std::vector<Look> looks = readers_[reader](crops);
    AFFECTSR_EXPECT(looks.size() == faces.size(), "a look for every crop");
    for (std::size_t i = 0; i < faces.size(); ++i) {
        Verdict& verdict = judgement_.verdicts[reader * degradations_.size() + degradation][faces[i]];
        verdict.answer = answer_among(options_.classes, std::move(looks[i].expression));
        verdict.reason = std::move(looks[i].reason.empty() ? looks[i].restorer_reason : looks[i].reason);
        if (!options_.classes.empty() && verdict.answer.empty() && verdict.reason.empty())
            verdict.reason = "other_class";
        verdict.side_px = crops[i].pixels.width;
    }
}

void Judging::report(std::size_t begin, std::size_t end) {
    const std::lock_guard guard(lock_);
    for (std::size_t face = begin; face < end; ++face) {
        finished_[face] = 1;
        failed_ += judgement_.verdicts.front()[face].failed;
    }
    done_ += end - begin;
    if (progress_) progress_(done_, faces_.size(), failed_);
}

void Judging::work() {
    const auto batch = static_cast<std::size_t>(options_.batch);
    try {
        while (!stop_.stop_requested() && !ended_) {
            const std::size_t begin = next_.fetch_add(batch);
            if (begin >= faces_.size()) return;
            const std::size_t end = std::min(begin + batch, faces_.size());
            judge_batch(begin, end);
            report(begin, end);
        }
    } catch (...) {  // carried to the thread that asked
        const std::lock_guard guard(lock_);
        if (!error_) error_ = std::current_exception();
        ended_ = true;
    }
}

void Judging::run_threads() {
    const auto batch = static_cast<std::size_t>(options_.batch);
    const std::size_t wanted = options_.threads > 0 ? static_cast<std::size_t>(options_.threads)
                                                    : std::max(1u, std::thread::hardware_concurrency());
    const std::size_t useful = std::min(wanted, (faces_.size() + batch - 1) / batch);
    std::vector<std::jthread> threads;
    try {
        for (std::size_t i = 0; i < useful; ++i) threads.emplace_back([this] { work(); });
    } catch (const std::system_error& error) {  // a limit of processes or memory; fewer threads do the same work
        if (threads.empty()) {
            throw ResourceError("no_threads", std::string("cannot start a judging thread: ") + error.what() +
                                                  "; raise the limit of processes (ulimit -u)");
        }
        log(LogLevel::warning, "judging with " + std::to_string(threads.size()) + " threads of " +
                                   std::to_string(useful) + ": " + error.what());
    }
}

void Judging::keep_finished() {
    judgement_.interrupted = true;
    for (auto& verdicts : judgement_.verdicts) {
        std::size_t kept = 0;
        for (std::size_t face = 0; face < verdicts.size(); ++face) {
            if (!finished_[face]) continue;
            if (kept != face) verdicts[kept] = std::move(verdicts[face]);
            ++kept;
        }
        verdicts.resize(kept);
    }
}

Judgement Judging::run() {
    faces_ = faces_with_truth(dataset_, options_, judgement_.left_out);
    judgement_.with_truth = faces_.size();
    spread(faces_, static_cast<std::size_t>(options_.limit));
    judgement_.faces = faces_.size();
    finished_.assign(faces_.size(), 0);
    judgement_.verdicts.resize(readers_.size() * degradations_.size());
    for (auto& verdicts : judgement_.verdicts) {
        for (const FaceWithTruth& face : faces_) {
            Verdict& verdict = verdicts.emplace_back();
            verdict.sample = face.sample;
            verdict.truth = face.truth;
        }
    }
    run_threads();
    if (error_) std::rethrow_exception(error_);
    for (auto& [face, failed] : broken_pictures_) {
        if (finished_[face]) judgement_.failed.push_back(std::move(failed));
    }
    if (done_ < faces_.size()) keep_finished();
    return std::move(judgement_);
}

}  // namespace

Judgement judge(const Dataset& dataset, std::span<const Degradation> degradations, const LookAll& look,
                const JudgeOptions& options, const JudgeProgress& progress, std::stop_token stop) {
    return judge(dataset, degradations, std::span(&look, 1), options, progress, std::move(stop));
}

Judgement judge(const Dataset& dataset, std::span<const Degradation> degradations, std::span<const LookAll> readers,
                const JudgeOptions& options, const JudgeProgress& progress, std::stop_token stop) {
    AFFECTSR_EXPECT(!degradations.empty(), "judging needs a degradation; Degradation{} leaves pictures as they are");
    AFFECTSR_EXPECT(!readers.empty(), "judging needs a reader");
    detail::check_word("truth", options.truth, {"label", "votes"});
    detail::check_range("limit", options.limit, {0, 1e9});
    detail::check_range("batch", options.batch, {1, 4096});
    detail::check_range("threads", options.threads, {0, 1024});
    return Judging(dataset, degradations, readers, options, progress, stop).run();
}

}  // namespace affectsr
