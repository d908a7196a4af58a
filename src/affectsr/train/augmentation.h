// Random changes that make one training face into many, each fixed by a seed.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/face/face.h"
#include "affectsr/image/degrade.h"
#include "affectsr/image/image.h"

namespace affectsr {

/// Planes of 8-bit values, channel after channel: 1 (luma) or 3 (RGB) × height × width. How training keeps faces in
/// memory.
struct FacePlanes {
    int width = 0, height = 0, channels = 0;
    std::vector<std::uint8_t> values;
};
/// The planes of a picture; one channel is BT.601 luma, rounded.
FacePlanes to_planes(const Image& picture, int channels);

/// What a training face may suffer. Angles in degrees, lengths as shares of the face's side.
struct Augmentation {
    double mirror = 0.5;
    double rotate_deg = 12;
    double zoom = 0.12;
    double shift = 0.06;
    double brightness = 0.15;
    double contrast = 0.25;
    double erase = 0.25;
    double small_share = 0.5;
    double least_scale = 1.5, most_scale = 6.5;
    double noise_share = 0.15, most_noise = 8;
    double jpeg_share = 0.15;
    double blur_share = 0.1, most_blur_px = 1.2;
    void fields(auto&& f) {
        f("mirror", mirror, "probability of a mirrored face", Range{0, 1});
        f("rotate_deg", rotate_deg, "rotation up to ± this many degrees", Range{0, 180});
        f("zoom", zoom, "size changed by up to ± this share", Range{0, 0.9});
        f("shift", shift, "moved by up to ± this share of the side", Range{0, 0.5});
        f("brightness", brightness, "added, up to ± this share of white", Range{0, 1});
        f("contrast", contrast, "distance from the mean multiplied by 1 ± up to this share", Range{0, 1});
        f("erase", erase, "probability that a rectangle is covered with grey noise", Range{0, 1});
        f("small_share", small_share, "share of faces that are made small and enlarged again", Range{0, 1});
        f("least_scale", least_scale, "they are reduced by at least this factor", Range{1, 16});
        f("most_scale", most_scale, "and at most by this one", Range{1, 16});
        f("noise_share", noise_share, "share of faces with Gaussian noise", Range{0, 1});
        f("most_noise", most_noise, "its largest deviation in grey levels", Range{0, 255});
        f("jpeg_share", jpeg_share, "share of small faces compressed as JPEG, quality 30 to 95", Range{0, 1});
        f("blur_share", blur_share, "share of faces blurred", Range{0, 1});
        f("most_blur_px", most_blur_px, "largest Gaussian sigma, in pixels of the network's input", Range{0, 16});
    }
};

/// What a training face of `px` suffers besides, drawn at random: blur, shrinking to the size of a far face, noise,
/// JPEG if it was shrunk, and the way back to `px`. Faces are evaluated under the same kind (see image/degrade.h).
/// Thread-safe per generator.
Degradation draw_degradation(int px, const Augmentation& how, std::mt19937_64& random);

/// A square of `px` cut from a face: what a network would be shown if nothing degraded it.
struct CutFace {
    int px = 0, channels = 0;
    std::vector<float> levels;  ///< channels × px × px whole grey levels, 0 to 255
    Landmarks landmarks;        ///< where those of the face came to lie, in pixels of the square
};

/// Another contrast and brightness for whole grey levels of 0 to 255, by what `how` allows. The same `random` state
/// gives the same. Thread-safe per generator.
void change_light(std::vector<float>& levels, const Augmentation& how, std::mt19937_64& random);

/// A square of `px` around the middle of `face` (its side a share `crop` of the face's shorter side), moved, lit and
/// partly covered at random. `landmarks`, in pixels of `face`, go with it: five points, 478 or none; mirrored, left
/// and right ones change places. The same `random` state gives the same square. Thread-safe per generator.
CutFace augmented(const FacePlanes& face, const Landmarks& landmarks, double crop, int px, const Augmentation& how,
                  std::mt19937_64& random);

/// The same without chance: the middle square.
CutFace middle(const FacePlanes& face, const Landmarks& landmarks, double crop, int px);

/// Writes its levels to `to` as channels × px × px floats in [0, 1], each a multiple of 1/255 as in real use.
void write_floats(const CutFace& face, float* to);

/// The same of the degraded face (image/degrade.h), as many pixels as `how` leaves. Thread-safe per generator.
void write_degraded(const CutFace& face, const Degradation& how, std::mt19937_64& random, float* to);

/// `small_px` pixels enlarged again to `full_px` by MATLAB's bicubic, and nothing else: how held-out faces are made
/// small.
Degradation only_small(int small_px, int full_px);

}  // namespace affectsr
