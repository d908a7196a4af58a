// Cuts a face out of a photo, upright and framed as the classifiers learnt it, and puts a restored one back.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "affectsr/face/face.h"

namespace affectsr {

struct CropTemplate;

/// Where the five landmarks lie in a crop, as fractions of its side from the left and the top edge: FER2013's framing,
/// on which the default classifier is trained. Medians of YuNet's landmarks on 2,038 upright faces of FER2013's
/// training pictures, made symmetric; the spread of one picture is 0.07. The eyes are 0.354 of the side apart.
inline constexpr std::array<Point, 5> kCropTemplate{
    {{0.323F, 0.396F}, {0.677F, 0.396F}, {0.500F, 0.597F}, {0.351F, 0.747F}, {0.649F, 0.747F}}};

/// Side of the crop over side of the face box, for a face without landmarks. The Haar cascade's boxes cover 0.974 of
/// FER2013's frame (median of 1,869 faces; centres agree within 0.003 of the side), and 1 / 0.974 is 1.03.
inline constexpr double kCropOverBox = 1.03;

/// The similarity (least squares, no reflection) that takes `source` nearest to `target`: sum of squared distances in
/// the target. std::nullopt if fewer than two points, not as many targets, all source points equal, or a coordinate is
/// not finite. `z` is not used. Source: Umeyama 1991, eqs. 40–42, in two dimensions.
std::optional<Similarity> fit_similarity(std::span<const Point> source, std::span<const Point> target);

/// Side of the face's crop in pixels of the photo: how many real pixels a crop can show. 0: the face cannot be cut
/// (its box has no size or is not finite). Whole pixels for a face without landmarks.
double crop_side_px(const Face& face);

/// The face as a `size_px` × `size_px` picture. With five landmarks that fit their box: the similarity to
/// kCropTemplate. Else: the upright square around the box, on whole pixels, so that a cut at crop_side_px() copies
/// pixels unchanged. Sampled once from the photo (see Sampler); outside the photo its border is repeated. Throws Bug if
/// crop_side_px() is 0, `photo` is empty or size_px < 1. Thread-safe.
FaceCrop cut(const Image& photo, const Face& face, int size_px);

/// How five landmarks are brought to a template's points.
enum class Fit {
    least_squares,  ///< fit_similarity: all points count
    lmeds,          ///< fit_similarity_lmeds: up to two mistaken points do not
};

/// The face framed by a template, as a `size_px` × `size_px` picture. Landmarks that are missing or do not fit their
/// box are taken to lie where kCropTemplate has them in the square that cut() would show. With
/// crop_template("affectsr_48") and landmarks it is cut()'s picture. Sampled, and throws, as cut() does. Thread-safe.
FaceCrop cut(const Image& photo, const Face& face, const CropTemplate& framing, int size_px,
             Fit fit = Fit::least_squares);

/// A photo that is itself one cropped face: its centre square of the shorter side (FER2013's framing is tight too, so
/// nothing is squashed or invented), shrunk to `most_px` by MATLAB bicubic if it is larger. face_in_photo_px stays 0.
/// Throws Bug if `photo` is empty or most_px < 1.
FaceCrop cut_whole(const Image& photo, int most_px);

/// The same square shown with `size_px` × `size_px` pixels (MATLAB's bicubic), its landmarks moved along. Throws Bug if
/// the crop has no pixels or size_px < 1. Thread-safe.
FaceCrop resized(const FaceCrop& crop, int size_px);

/// The way from the pixels of a restored picture of `restored_px` side into the photo: restored and crop show the same
/// square.
Similarity photo_from_restored(const FaceCrop& crop, int restored_px);

/// Lays the restored picture over its place in `photo`, fading out over the outer eighth of its side so that no seam
/// shows. Sampled as in cut(); what lies outside the photo is left out. Throws Bug if either picture is empty.
void paste_back(Image& photo, const Image& restored, const Similarity& photo_from_restored);

}  // namespace affectsr
