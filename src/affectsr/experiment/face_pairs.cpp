#include "affectsr/experiment/face_pairs.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/experiment/steadiness.h"
#include "affectsr/image/resize.h"

namespace affectsr {

namespace {

constexpr double kMostEnlarged = 2;     // beyond it hardly a face is found more
constexpr double kMostSearched = 24e6;  // pixels: three times that in bytes, twice
constexpr double kMostOffShare = 0.03;  // of the height: a row of blocks more or less
constexpr double kMostOffPx = 2;        // of the small picture, for the smallest ones

std::string text_of(ImageSize size) {
    return std::to_string(size.width) + " × " + std::to_string(size.height);
}

ImageSize search_size(ImageSize before, ImageSize after) {
    const double pixels = static_cast<double>(before.width) * before.height;
    const double most = std::clamp(std::sqrt(kMostSearched / pixels), 1.0, kMostEnlarged);
    const double by = std::clamp(static_cast<double>(after.width) / before.width, 1.0, most);
    const auto side = [by](int px) { return std::max(1, static_cast<int>(std::lround(by * px))); };
    return {side(before.width), side(before.height)};
}

std::vector<Face> faces_at(const Image& picture, ImageSize size, const Detector& detector) {
    if (picture.size() == size) return detector.detect(picture);
    return detector.detect(resize(picture, size, Filter::bicubic));
}

std::vector<Box> boxes_of(const std::vector<Face>& faces) {
    std::vector<Box> boxes;
    for (const Face& face : faces) boxes.push_back(face.box_in_photo);
    return boxes;
}

}  // namespace

const char* name_of(PairStatus status) {
    switch (status) {
        case PairStatus::compared:
            return "compared";
        case PairStatus::vanished:
            return "vanished";
        case PairStatus::appeared:
            return "appeared";
    }
    throw Bug("a status without a name");
}

void expect_same_shape(ImageSize before, ImageSize after, const std::string& name) {
    const double scale = static_cast<double>(after.width) / before.width;
    const double off = std::abs(scale * before.height - after.height);
    if (off <= kMostOffShare * after.height + kMostOffPx * scale) return;
    throw InputError("other_shape", name + ": is " + text_of(after) + " px, the picture before " + text_of(before) +
                                        ": not the same picture in another size; name the restored picture itself, "
                                        "not a comparison or a cut-out");
}

Face moved_to(const Face& face, ImageSize from, ImageSize to) {
    const float x = static_cast<float>(to.width) / static_cast<float>(from.width);
    const float y = static_cast<float>(to.height) / static_cast<float>(from.height);
    Face moved = face;
    Box& box = moved.box_in_photo;
    box = {box.x * x, box.y * y, box.width * x, box.height * y};
    for (Point& point : moved.landmarks_in_photo)  // centres of pixels are whole numbers
        point = {(point.x + 0.5F) * x - 0.5F, (point.y + 0.5F) * y - 0.5F, point.z * x};
    return moved;
}

std::vector<FacePair> pair_faces(const Image& before, const Image& after, const std::string& name,
                                 const Detector& detector, const FacePairOptions& options) {
    expect_same_shape(before.size(), after.size(), name);
    const ImageSize size = search_size(before.size(), after.size());
    const bool frames_after = options.found_in == "after";
    std::vector<Face> framed = faces_at(before, size, detector), other = faces_at(after, size, detector);
    if (frames_after) std::swap(framed, other);
    const std::vector<int> partners = matched(boxes_of(framed), boxes_of(other), options.overlap);
    std::vector<FacePair> pairs;
    const auto add = [&](const Face& face, PairStatus status) {
        pairs.push_back({status, moved_to(face, size, before.size()), moved_to(face, size, after.size())});
    };
    std::vector<char> paired(other.size());
    for (std::size_t i = 0; i < framed.size(); ++i) {
        if (partners[i] >= 0) paired[static_cast<std::size_t>(partners[i])] = 1;
        add(framed[i], partners[i] >= 0 ? PairStatus::compared
                       : frames_after   ? PairStatus::appeared
                                        : PairStatus::vanished);
    }
    for (std::size_t i = 0; i < other.size(); ++i)
        if (!paired[i]) add(other[i], frames_after ? PairStatus::vanished : PairStatus::appeared);
    return pairs;
}

}  // namespace affectsr
