// The experiment `evaluate steadiness`: whose label flips when a photograph is stored another way or seen in a mirror.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "affectsr/experiment/report.h"
#include "affectsr/pipeline/pipeline.h"

namespace affectsr {

struct SteadinessOptions {
    int jpeg_quality = 75;
    int webp_quality = 90;
    double overlap = 0.5;
    void fields(auto&& f) {
        f("jpeg_quality", jpeg_quality, "of the JPEG that a photo is compared as", Range{1, 100});
        f("webp_quality", webp_quality, "of the WebP that a photo is compared as", Range{1, 99});
        f("overlap", overlap, "least intersection over union of two boxes that are one face", Range{0.1, 1});
    }
};

/// Of every box of `before` which one of `now` is the same face: an index, or −1 for none. In the order of `before`
/// each takes the box that it overlaps most, if that is free and its intersection over union is at least `overlap`.
std::vector<int> matched(const std::vector<Box>& before, const std::vector<Box>& now, double overlap);

/// Reads photographs as they are and again as JPEG, as WebP and mirrored, all through Pipeline::run. Not thread-safe.
class Steadiness {
 public:
    /// `pipeline` must outlive it.
    Steadiness(const Pipeline& pipeline, const SteadinessOptions& options);
    /// One photograph, as a lossless PNG would hold it. Throws as Pipeline::run and the encoders.
    void add(const std::string& name, const Image& photo);
    /// A row for "jpeg", "webp" and "mirror":
    ///   photos, faces           read; faces found in the photos as they are
    ///   compared                faces found again that have a label both times
    ///   flipped, share          those whose label is another; of those compared, with share_low and share_high, the 95
    ///   %
    ///                           bootstrap interval over faces. Null if there is none
    ///   not_found               faces that are not found again: in no share
    ///   lost_label, got_label   faces with a label only before, only after
    ///   no_label                faces without one both times
    ///   new_faces               found only after
    /// Facts: "photos", the faces of each; "flips", every face that flipped, with its box, both labels and confidences.
    /// `command` is what the user typed.
    Report report(const std::string& command) const;

 private:
    struct Count {
        std::int64_t compared = 0, flipped = 0, not_found = 0, lost_label = 0, got_label = 0, no_label = 0,
                     new_faces = 0;
    };
    void compare(const std::string& name, const char* variant, const Answer& before, const std::vector<Box>& boxes_now,
                 const Answer& now, Count& count);

    const Pipeline& pipeline_;
    SteadinessOptions options_;
    Count jpeg_, webp_, mirror_;
    std::int64_t faces_ = 0;
    Json photos_ = Json::array(), flips_ = Json::array();
};

}  // namespace affectsr
