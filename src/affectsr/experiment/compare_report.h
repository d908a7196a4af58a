// What many compared faces amount to: rows, figures for every judge, and the pairs that look worst.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "affectsr/experiment/compare.h"
#include "affectsr/experiment/reading_tally.h"
#include "affectsr/experiment/report.h"

namespace affectsr {

/// Two pictures of one face, and what is said of them.
struct WorstPair {
    std::string before, after;       ///< the pictures' names
    std::size_t face = 0;            ///< its number in the pair of pictures, from 1
    double divergence_bits = 0;      ///< mean over the judges; 1 for one that could read it before alone
    std::vector<std::string> lines;  ///< for every judge: its name, both labels, the verdict
    Image picture_before, picture_after;
    std::string caption_before, caption_after;
};

/// How many are kept.
inline constexpr std::size_t kMostWorst = 20;

/// Gathers the faces of all pairs of pictures. Not thread-safe.
class FaceComparison {
 public:
    /// Both must outlive it.
    FaceComparison(const CompareParty& party, const CompareOptions& options);

    /// One pair of pictures with its faces; the rows that came of it, as in rows(). A pair without faces gives one row.
    std::vector<Json> add(const std::string& before, const std::string& after, std::vector<ComparedFace> faces);
    /// A pair that could not be compared, or a picture without its partner (the other name empty); its row.
    Json add_failed(const std::string& before, const std::string& after, const std::string& code,
                    const std::string& message);

    /// A row for every face and judge, and one for every pair without: {"before", "after", "status", "error", "face",
    /// "judge", "verdict", "reason", "label_before", "confidence_before", "label_after", "confidence_after",
    /// "divergence_bits", "entropy_change_bits", "flipped", "landmark_shift", "face_px", "box_before", "box_after",
    /// "probabilities_before", "probabilities_after"}; null for what is not known. "status": "compared", "vanished",
    /// "appeared", "no_face", "failed"; "error": {"code", "message"}.
    const std::vector<Json>& rows() const { return rows_; }
    /// A row for every judge: {"judge", "faces", "kept", "drifted", "changed", "undetermined", "flip_count", …,
    /// "divergence_bits", "entropy_change_bits" (means), "landmark_shift", "landmark_n"}, between them those of
    /// ReadingTally. Flips are shares of the faces that were read before, vanished ones included: they count as
    /// flipped. Facts: "pairs", "compared", "vanished", "appeared", "no_face" (pairs), "judges" and "models" (hashes),
    /// "faces" (rows()). `interrupted`: some pairs are missing.
    Report report(Provenance made_by, bool interrupted) const;
    /// The faces of the largest divergence, largest first, at most kMostWorst.
    const std::vector<WorstPair>& worst() const { return worst_; }

 private:
    struct Tally {
        ReadingTally readings;
        std::int64_t verdicts[4] = {}, flips = 0, read = 0;
        double divergence_sum = 0, entropy_sum = 0;
    };
    void count(const ComparedFace& face);
    void keep_if_bad(const std::string& before, const std::string& after, std::size_t number, ComparedFace& face);
    Json row_of(std::size_t judge) const;

    const CompareParty& party_;
    const CompareOptions& options_;
    std::vector<Tally> tallies_;
    std::vector<Json> rows_;
    std::vector<FailedInput> failed_;
    std::vector<WorstPair> worst_;
    std::int64_t pairs_ = 0, no_face_ = 0, statuses_[3] = {}, shifts_ = 0;
    double shift_sum_ = 0;
};

/// The rows of faces as one table of CSV.
std::string compared_faces_csv(const std::vector<Json>& rows);

}  // namespace affectsr
