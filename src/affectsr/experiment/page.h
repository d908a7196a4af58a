// A page: one HTML file that carries its style and pictures in itself and lets a browser load and run nothing.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "affectsr/experiment/plot.h"
#include "affectsr/image/image.h"

namespace affectsr {

/// The text as it stands in HTML, in an element or between quotes: valid UTF-8 (broken bytes and control characters
/// become U+FFFD), & < > " ' as entities. Thread-safe.
std::string escaped_html(std::string_view text);

/// The picture as "data:image/png;base64,…", every pixel kept. Throws Bug for an empty picture. Source: RFC 2397,
/// RFC 4648. Thread-safe.
std::string data_uri(const Image& picture);

/// A table of texts. Cells that are numbers, and "–" for none, stand to the right.
struct PageTable {
    std::string caption;                         ///< empty: none
    std::vector<std::string> head;               ///< empty: none
    std::vector<std::vector<std::string>> rows;  ///< [rows][columns]; the first column names its row
    std::vector<std::vector<double>> shades;  ///< [rows][columns] 0–1: how strongly a cell is coloured; empty: nowhere
};

/// A picture with what is said of it.
struct PagePicture {
    Image picture;
    std::string caption;
    int shown_px = 0;  ///< its width on the page in CSS pixels, enlarged pixels left square; 0: its own
};

/// Is written from top to bottom; whatever text it is given is shown as text. The page is readable in light and dark
/// and on paper, has no script, and forbids the browser to load anything. Not thread-safe.
class Page {
 public:
    explicit Page(std::string title);
    /// `level` 2–4; the title is level 1 and stands already. Throws Bug for another.
    void heading(int level, std::string_view text);
    void paragraph(std::string_view text);
    /// A paragraph that must not be overlooked.
    void warning(std::string_view text);
    void list(std::span<const std::string> items);
    /// Throws Bug if rows, head or shades differ in their number of columns.
    void table(const PageTable& table);
    /// Pictures side by side over a common caption, kept together on paper. An empty picture is an empty frame.
    void pictures(std::span<const PagePicture> pictures, std::string_view caption = {});
    /// A plot of its own width, over a caption.
    void plot(const DotPlot& plot, std::string_view caption = {});
    void lines(const LinePlot& plot, std::string_view caption = {});
    /// The whole file, UTF-8.
    std::string html() const;

 private:
    void drawing(const std::string& svg, std::string_view caption);
    void element(const char* name, std::string_view text, const char* kind = nullptr);

    std::string title_, body_;
};

}  // namespace affectsr
