// The mark of a picture whose faces were reconstructed: who made them, of what.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "affectsr/image/notes.h"

namespace affectsr {

/// What a written picture says of the faces in it that no camera saw like this. EU AI Act, Art. 50(2): synthetic
/// pictures are marked in a machine-readable way.
struct Reconstruction {
    std::string restorer;         ///< its catalog name
    std::string model_sha256;     ///< of its model file; empty: it has no weights
    std::string version;          ///< of affectsr
    int scale = 1;                ///< how many times larger than before the faces are shown
    std::vector<double> face_px;  ///< of every reconstructed face, its size before, in pixels of the photo; none: the
                                  ///< picture was only resampled
    /// Whether pixels come from a network that learned them.
    bool is_trained() const { return !model_sha256.empty() && !face_px.empty(); }
    bool operator==(const Reconstruction&) const = default;
};

/// What IPTC's Digital Source Type says of it: `compositeWithTrainedAlgorithmicMedia` where a network made pixels, else
/// `algorithmicallyEnhanced`. Source: IPTC NewsCodes, digitalsourcetype.
std::string digital_source_type(const Reconstruction& made);

/// The mark as notes: an XMP packet with IPTC's Digital Source Type, AI System Used and Version (IPTC Photo Metadata
/// 2025.1), and every member in the namespace "urn:affectsr:xmp:1.0:"; and PNG texts, "Software" and "affectsr" (the
/// same as JSON). Texts that are not UTF-8 are stored with U+FFFD.
PictureNotes notes_of(const Reconstruction& made);

/// The mark that notes_of() has written, from its XMP packet; std::nullopt: there is none, or it is damaged. Sizes are
/// stored with two places. Thread-safe.
std::optional<Reconstruction> reconstruction_in(const PictureNotes& notes);

}  // namespace affectsr
