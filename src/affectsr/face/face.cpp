#include "affectsr/face/face.h"

#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {

Point Similarity::apply(Point p) const {
    const double x = static_cast<double>(p.x), y = static_cast<double>(p.y), z = static_cast<double>(p.z);
    return {static_cast<float>(a * x - b * y + tx), static_cast<float>(b * x + a * y + ty),
            static_cast<float>(scale() * z)};
}

double Similarity::scale() const {
    return std::hypot(a, b);
}

Similarity Similarity::inverse() const {
    const double square = a * a + b * b;
    AFFECTSR_EXPECT(square > 0 && std::isfinite(square), "a similarity of scale 0 has no inverse");
    const double inverse_a = a / square, inverse_b = -b / square;
    return {inverse_a, inverse_b, -(inverse_a * tx - inverse_b * ty), -(inverse_b * tx + inverse_a * ty)};
}

Similarity compose(const Similarity& then, const Similarity& first) {
    return {then.a * first.a - then.b * first.b, then.b * first.a + then.a * first.b,
            then.a * first.tx - then.b * first.ty + then.tx, then.b * first.tx + then.a * first.ty + then.ty};
}

}  // namespace affectsr
