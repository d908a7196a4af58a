#include "affectsr/face/overlap.h"

#include <algorithm>

namespace affectsr {

namespace {

double area(const Box& box) {
    return static_cast<double>(box.width) * static_cast<double>(box.height);
}

double shared_area(const Box& a, const Box& b) {
    const float width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
    const float height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
    return width > 0 && height > 0 ? static_cast<double>(width) * static_cast<double>(height) : 0;
}

}  // namespace

double overlap_of(const Box& a, const Box& b) {
    const double shared = shared_area(a, b);
    return shared > 0 ? shared / (area(a) + area(b) - shared) : 0;
}

double cover_of(const Box& a, const Box& b) {
    const double shared = shared_area(a, b);
    return shared > 0 ? shared / std::min(area(a), area(b)) : 0;
}

}  // namespace affectsr
