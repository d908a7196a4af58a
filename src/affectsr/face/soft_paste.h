// Cuts faces and pastes restored ones as GFPGAN (facexlib) and CodeFormer (facelib) do, to their pixels.
//
// A photo that was enlarged by `upscale` is called the background: it may come from resize() or from a network. Where
// paste_back() fades out over a share of the crop's side, these programs erode the crop's place by a share of its size
// in the background and blur it, or take a drawing of the face's parts.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "affectsr/face/affine.h"
#include "affectsr/face/face.h"

namespace affectsr {

/// What their crops show outside the photo: R, G, B.
inline constexpr std::array<std::uint8_t, 3> kRestorerBorder{132, 133, 135};

/// The crop that their networks are given: crop_from_photo by fit_similarity_lmeds to crop_template("ffhq_512"),
/// sampled by OpenCV's bilinear rule with kRestorerBorder outside. Throws Bug if `photo` is empty or size_px < 1.
/// Thread-safe.
Image cut_for_restorer(const Image& photo, const Similarity& crop_from_photo, int size_px);

/// Where a crop's pixels lie in the background. Their rule: the inverse times `upscale`, and half of `upscale` further
/// on if it is more than 1. Throws Bug if upscale < 1 or the similarity has no inverse.
Affine background_from_crop(const Similarity& crop_from_photo, int upscale);

/// Which pixels of the crop replace the background.
enum class PasteMask {
    square,  ///< its place, eroded by 2·upscale px, then by a twentieth of its size, and blurred as far
    parts,   ///< the parts of a face, as they are given; what facexlib does with a face parser
    both,    ///< the smaller of the two, on a crop without its outermost pixels; what CodeFormer does with one
};

/// The smooth plane that these programs make of a face parser's answer: 1 inside the face, 0 outside, in between over
/// about 40 px. `labels`: side × side, CelebAMask-HQ's 19 classes; 1–13 (skin to lower lip) and 15 (neck's jewellery)
/// are the face, and the outermost 10 px are not. Throws Bug if the count is not side². Thread-safe.
std::vector<float> soft_parts(std::span<const std::uint8_t> labels, int side);

/// Lays `restored` over its place in the background: mask · restored + (1 − mask) · background, rounded down, as they
/// do. `parts`: a plane as large as `restored`, values 0–1, for PasteMask::parts and both; else empty. What lies
/// outside is left out. Memory and work grow with the face, not with the background. Throws Bug if a picture is empty
/// or `parts` does not fit. Thread-safe.
void paste_back_soft(Image& background, const Image& restored, const Affine& background_from_crop, int upscale,
                     PasteMask mask = PasteMask::square, std::span<const float> parts = {});

}  // namespace affectsr
