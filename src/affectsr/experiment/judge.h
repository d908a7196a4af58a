// Judges the faces of a data set: each is degraded, looked at, and held against its truth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/data/dataset.h"
#include "affectsr/image/degrade.h"
#include "affectsr/pipeline/pipeline.h"

namespace affectsr {

/// Reads many crops in one pass, answers in their order: Pipeline::look_all. Called from several threads at once.
using LookAll = std::function<std::vector<Look>(std::span<const FaceCrop>)>;

/// Told after every batch how many faces are finished, how many there are, and how many pictures could not be read.
/// Called from the judging threads, one at a time.
using JudgeProgress = std::function<void(std::size_t done, std::size_t total, std::size_t failed)>;

struct JudgeOptions {
    std::string truth = "label";  ///< "label": the list's own; "votes": the FER+ majority
    /// Faces of other truths are left out, and the answer is the likeliest of these; none: all classes.
    std::vector<Emotion> classes = {};
    int limit = 0;           ///< judge this many faces only, spread evenly over the list; 0: all
    int batch = 64;          ///< faces per pass through the networks
    int threads = 0;         ///< judging threads; 0: as many as the machine has. The figures do not depend on it
    std::uint64_t seed = 1;  ///< of random degradations; every face has numbers of its own
};

/// What became of one face under one degradation.
struct Verdict {
    std::size_t sample = 0;            ///< index in the data set
    Emotion truth = Emotion::neutral;  ///< may be contempt, which nobody of seven classes can answer
    Expression answer;                 ///< empty: no answer, a miss
    std::string reason;   ///< why there is none, or why it was read from a bicubic enlargement in the restorer's place
                          ///< ("restorer_…"): the code of the look or of the error
    bool failed = false;  ///< the picture could not be read
    int side_px = 0;      ///< of the crop that was looked at; 0 if failed
};

/// A picture that could not be read.
struct FailedPicture {
    std::size_t sample = 0;     ///< index in the data set
    std::string code, message;  ///< of the error; the message names the file and the row of its list
};

/// Rows of the list that have no truth, or one that was not asked for, and are therefore in no figure.
struct LeftOut {
    std::int64_t unlabelled = 0;   ///< no label, or no votes
    std::int64_t no_majority = 0;  ///< votes that name no emotion by majority
    std::int64_t other_class = 0;  ///< a truth that is not among those asked for
    std::int64_t total() const { return unlabelled + no_majority + other_class; }
};

/// The verdicts on the same faces under every degradation: verdicts[degradation][face], faces in the list's order. Of
/// several readers one after the other: verdicts[reader × degradations + degradation][face].
struct Judgement {
    std::vector<std::vector<Verdict>> verdicts;
    std::vector<FailedPicture> failed;  ///< those that are failed verdicts, in the list's order
    LeftOut left_out;
    std::size_t with_truth = 0;  ///< faces of the data set that have a truth
    std::size_t faces = 0;       ///< of these, as many as `limit` asks for, judged or not
    bool interrupted = false;  ///< a stop was asked for: the faces finished by then are there, under every degradation
};

/// Judges every face that has a truth. Samples that are marked as copies or blank are judged like the others: the marks
/// are for training. Each picture is decoded once, made square (its middle), and degraded in each way; one that is not
/// larger than `size_px` is not enlarged but taken as it is. A picture that cannot be read is a failed verdict, named
/// in `failed` and in a line of the log (level info), and the rest goes on. Throws UsageError for options out of range,
/// ResourceError (`no_threads`) if not one thread can be started, whatever `look` throws, and what the data set throws
/// besides InputError.
Judgement judge(const Dataset& dataset, std::span<const Degradation> degradations, const LookAll& look,
                const JudgeOptions& options, const JudgeProgress& progress = {}, std::stop_token stop = {});
/// The same with several readers, all of whom see the same pixels of every face.
Judgement judge(const Dataset& dataset, std::span<const Degradation> degradations, std::span<const LookAll> readers,
                const JudgeOptions& options, const JudgeProgress& progress = {}, std::stop_token stop = {});

}  // namespace affectsr
