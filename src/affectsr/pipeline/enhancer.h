// A photograph with its small faces made clear: found, restored and laid back without a seam.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "affectsr/detect/detector.h"
#include "affectsr/pipeline/face_parser.h"
#include "affectsr/pipeline/point_finder.h"
#include "affectsr/pipeline/restoring_options.h"
#include "affectsr/restore/restorer.h"

namespace affectsr {

/// How photographs are enhanced.
struct EnhancerOptions : RestoringOptions {
    EnhancerOptions() { restorer = "affectsr_net"; }
    int scale = 4;             ///< of faces and, unless keep_size, of the photograph
    bool keep_size = false;    ///< the photograph keeps its size; only the faces become clearer
    double most_face_px = 0;   ///< larger faces are left as they are; 0: the size of the restorer's pictures
    int most_megapixels = 50;  ///< of an enlarged photograph
    std::string face_parser;   ///< ModelFile of a network that parses faces (FaceParser); empty: none is asked
    void fields(auto&& f) {
        f("scale", scale, "how many times larger faces are made, and the photograph with them", Range{2, 8});
        f("keep_size", keep_size, "the photograph keeps its size; only its faces become clearer");
        RestoringOptions::fields(f);
        f("most_face_px", most_face_px,
          "larger faces are left as they are, in pixels; 0: as large as the restorer's pictures, which show no more",
          Range{0, 16384});
        f("most_megapixels", most_megapixels, "of an enlarged photograph; larger ones fail before memory is taken",
          Range{1, 268});
        f("face_parser", face_parser,
          "model file of a network that parses faces (parse_net): what gfpgan and codeformer made is laid back by the "
          "parts of the face, not as a square");
    }
};

/// What became of one face.
struct EnhancedFace {
    Face face;              ///< as the detector gave it
    bool restored = false;  ///< the picture shows what the restorer made
    /// Why it was left as it is, a stable code: "large_enough", those of route_of(), or those of restore_checked()
    /// where the restorer's picture was not taken; empty: it was restored.
    std::string reason;
    std::string restorer_reason;     ///< of a restored face: see did_without_landmarks(); empty: nothing was missing
    double crop_px = 0;              ///< side of its square in the photo: how many pixels there were to see; 0: none
    int made_px = 0;                 ///< side of what the restorer made of it; 0: nothing
    std::optional<double> roll_deg;  ///< as in Look
};

/// Milliseconds of one photograph, wall clock.
struct EnhancingTimes {
    double detect_ms = 0, cut_ms = 0, restore_ms = 0, paste_ms = 0, total_ms = 0;
};

/// A photograph with its faces made clear.
struct Enhanced {
    Image picture;
    std::vector<EnhancedFace> faces;  ///< in the detector's order: best score first
    std::size_t faces_found = 0;      ///< before most_faces was applied
    EnhancingTimes ms;
    std::vector<double> restored_px() const;  ///< sizes (crop_px) of the restored faces
};

/// Detector and restorer, built once, then only asked. No expression is read. Thread-safe once built.
class Enhancer {
 public:
    /// Throws UsageError for unknown names and a restorer of another scale, ModelError for missing or unfit model
    /// files.
    explicit Enhancer(const EnhancerOptions& options);
    /// The same with parts made elsewhere. `detector` may be null if already_cropped; `points` finds the landmarks of a
    /// restorer that looks at them, null: nobody does; `parser` is asked where the restorer has a framing. Throws
    /// UsageError as above and if a part that is needed is missing.
    Enhancer(const EnhancerOptions& options, std::unique_ptr<const Detector> detector,
             std::unique_ptr<const Restorer> restorer, std::unique_ptr<const PointFinder> points = nullptr,
             std::unique_ptr<const FaceParser> parser = nullptr);
    ~Enhancer();
    Enhancer(Enhancer&&) noexcept;
    Enhancer& operator=(Enhancer&&) noexcept;

    /// How large the picture becomes. Throws InputError (`too_large`), naming the limit and the cure, if it is more
    /// than most_megapixels or has a side that resize() does not make. Takes no memory.
    ImageSize size_of(ImageSize photo) const;
    /// One upright photo, enlarged by MATLAB's bicubic unless keep_size, with every restored face over its place,
    /// fading out towards the edges of its square (paste_back; where the restorer has a framing, paste_framed). Already
    /// cropped: the photo's middle square, restored as one face, without a paste; where it is left as it is, enlarged
    /// by bicubic. Throws as size_of(), Bug for a photo without pixels, and what the parts throw.
    Enhanced run(const Image& photo) const;

    const EnhancerOptions& options() const;
    const Restorer& restorer() const;

 private:
    struct Parts;
    std::unique_ptr<const Parts> parts_;
};

}  // namespace affectsr
