// Drawn faces of circles, dots and arcs, to be told from photographed ones. For tests only.
#pragma once

#include <array>
#include <cmath>
#include <vector>

#include "affectsr/face/face.h"

namespace affectsr {

/// How a face is drawn.
struct Drawing {
    double face_px = 100;  ///< across
    double line = 0.05;    ///< width of its lines, as a share of the face
    int colours = 0;       ///< which of kDrawingColours
    int eyes = 0;          ///< 0 dots, 1 tall ovals, 2 white eyes with pupils
    int mouth = 0;         ///< 0 smiles, 1 is straight, 2 frowns, 3 is open
    bool antialiased = true;
    double shading = 0;  ///< how much darker the rim is than the middle
};

/// Background, skin, lines.
using DrawingColours = std::array<std::array<double, 3>, 3>;
inline constexpr std::array<DrawingColours, 8> kDrawingColours{{
    {{{255, 255, 255}, {255, 255, 0}, {0, 0, 0}}},
    {{{255, 255, 255}, {255, 255, 255}, {0, 0, 0}}},
    {{{0, 0, 0}, {0, 0, 0}, {255, 255, 255}}},
    {{{40, 60, 190}, {255, 221, 0}, {0, 0, 0}}},
    {{{255, 255, 255}, {236, 188, 150}, {0, 0, 0}}},
    {{{128, 128, 128}, {236, 188, 150}, {90, 50, 30}}},
    {{{60, 160, 70}, {255, 255, 255}, {200, 40, 40}}},
    {{{255, 255, 255}, {255, 204, 77}, {102, 69, 0}}},
}};

/// The colour at (u, v), the face being the circle of radius 1 about (0, 0).
inline std::array<double, 3> colour_of_drawing(const Drawing& d, double u, double v) {
    const auto& [background, skin, ink] = kDrawingColours[static_cast<std::size_t>(d.colours)];
    const double line = 2 * d.line, radius = std::hypot(u, v);
    const auto near = [line](double distance) { return std::abs(distance) < line / 2; };
    std::array<double, 3> colour = background;
    if (radius < 1)
        for (std::size_t c = 0; c < 3; ++c) colour[c] = skin[c] * (1 - d.shading * radius * radius);
    if (near(radius - 1 + line / 2)) colour = ink;
    for (const double side : {-1.0, 1.0}) {
        const double x = u - side * 0.38, y = v + 0.3, r = std::hypot(x, y);
        if (d.eyes == 0 && r < 0.13) colour = ink;
        if (d.eyes == 1 && std::hypot(x / 0.11, y / 0.2) < 1) colour = ink;
        if (d.eyes == 2 && r < 0.2) colour = {255, 255, 255};
        if (d.eyes == 2 && (near(r - 0.2) || r < 0.09)) colour = ink;
    }
    if (d.mouth == 0 && v > 0.18 && near(std::hypot(u, v + 0.05) - 0.6)) colour = ink;
    if (d.mouth == 1 && std::abs(u) < 0.4 && near(v - 0.45)) colour = ink;
    if (d.mouth == 2 && v < 0.65 && near(std::hypot(u, v - 0.9) - 0.5)) colour = ink;
    if (d.mouth == 3 && v > 0.15 && std::hypot(u, v - 0.15) < 0.5) colour = ink;
    return colour;
}

/// A square picture, twice as large as the face in its middle.
inline Image drawn(const Drawing& d) {
    const int side = static_cast<int>(std::lround(2 * d.face_px)), samples = d.antialiased ? 3 : 1;
    Image picture(side, side);
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x) {
            std::array<double, 3> sum{};
            for (int i = 0; i < samples * samples; ++i) {
                const double across = x + (i % samples + 0.5) / samples, down = y + (i / samples + 0.5) / samples;
                const auto colour = colour_of_drawing(d, across / (d.face_px / 2) - 2, down / (d.face_px / 2) - 2);
                for (std::size_t c = 0; c < 3; ++c) sum[c] += colour[c] / (samples * samples);
            }
            for (std::size_t c = 0; c < 3; ++c) picture.pixel(x, y)[c] = static_cast<std::uint8_t>(sum[c] + 0.5);
        }
    return picture;
}

/// The face of such a picture.
inline Face face_of(const Drawing& d) {
    const auto px = static_cast<float>(d.face_px);
    return {{px / 2, px / 2, px, px}, {}, 1};
}

/// Drawings of one size in all colours, with every mouth, three kinds of eyes, three widths of line, sharp and soft,
/// flat and shaded.
inline std::vector<Drawing> drawings_of(double face_px) {
    std::vector<Drawing> drawings;
    for (const double line : {0.02, 0.05, 0.09})
        for (int colours = 0; colours < static_cast<int>(kDrawingColours.size()); ++colours)
            for (int mouth = 0; mouth < 4; ++mouth) {
                const int n = static_cast<int>(drawings.size());
                drawings.push_back({face_px, line, colours, n % 3, mouth, n % 4 != 1, n % 5 == 2 ? 0.4 : 0.0});
            }
    return drawings;
}

}  // namespace affectsr
