// Meta-SR: one network for every factor, real ones too, because it computes the filters that enlarge. Hu et al. 2019,
// arXiv:1903.00875; as XuecaiHu/Meta-SR-Pytorch has it, on RDN (Zhang et al. 2018, arXiv:1802.08797).
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/restore/restorer.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// Shape of the network; the defaults are RDN's configuration B.
struct MetaSrOptions {
    int blocks = 16;
    int convs = 8;
    int growth = 64;
    int features = 64;
    void fields(auto&& f) {
        f("blocks", blocks, "residual dense blocks", Range{1, 128});
        f("convs", convs, "convolutions in each", Range{1, 64});
        f("growth", growth, "channels that each convolution adds", Range{1, 512});
        f("features", features, "channels of the feature map", Range{1, 512});
    }
};

/// RDN's feature map and the network that computes filters.
struct AnyScaleNetwork {
    /// "in" [n, 3, h, w] in [0, 1] → "features" [n, features, h, w]; "positions" [m, 3] (meta_positions) → "filters"
    /// [m, 9 · features · 3]: for each channel and pixel of a 3 × 3 neighbourhood the weights of three colours. Mark:
    /// "gff". Steps are called as published.
    Plan plan;
    /// Weights as published → the plan's: the constant "sub_mean" and "add_mean" are left out.
    TensorMap renamed(TensorMap published) const;
};
AnyScaleNetwork meta_sr(const MetaSrOptions& options);

/// The halves of that plan, each with the output "out".
Plan meta_sr_feature_plan(const MetaSrOptions& options);
Plan meta_sr_filter_plan(const MetaSrOptions& options);

/// Where the pixels of an enlarged row or column come from.
struct MetaAxis {
    std::vector<int> cell;      ///< the pixel of the small picture that each lies in
    std::vector<float> offset;  ///< how far behind that pixel's beginning, in small pixels, 0 to 1
};
/// A side of `from` pixels enlarged `scale` > 1 times to `to` pixels, about scale · from. Computed in float32 as the
/// reference does, position times the reciprocal of the scale: what falls on a pixel's border falls on the same side.
MetaAxis meta_axis(int from, int to, double scale);

/// (1 / scale, offset down, offset right) of every pixel of the enlarged picture, row by row: the input of
/// meta_sr_filter_plan().
std::vector<float> meta_positions(const MetaAxis& rows, const MetaAxis& columns, double scale);

/// A feature map [features, h, w] of one picture under filters [rows · columns, 9 · features · 3] → the colours [3,
/// rows, columns] in [0, 1] (mean colour and white are those of EDSR), not clamped. Beyond the map are zeros.
void meta_enlarge(std::span<const float> features, int height, int width, const MetaAxis& rows, const MetaAxis& columns,
                  std::span<const float> filters, std::span<float> picture);

/// Enlarges crops to output_px × output_px or, with `scale`, so many times. The filters of the sizes used last are
/// kept. Thread-safe.
class MetaSr : public Restorer {
 public:
    /// `file` holds the weights of both plans. Throws ModelError (`model_does_not_fit`) beginning with `where`.
    MetaSr(const ModelFile& file, Precision precision, const std::string& where, int output_px, int scale);
    RestorerNeeds needs() const override { return needs_; }
    /// A crop that is as large already or larger is resized by MATLAB's bicubic.
    std::vector<Restored> restore_all(std::span<const FaceCrop> crops) const override;
    std::optional<Precision> precision() const override { return features_.precision(); }
    std::string model_sha256() const override { return model_sha256_; }

 private:
    /// Everything that enlarging a size by a factor needs besides the features.
    struct Filters {
        ImageSize from, to;
        MetaAxis rows, columns;
        std::vector<float> values;
    };
    std::shared_ptr<const Filters> filters_for(ImageSize from, ImageSize to) const;
    Restored restored(const Image& crop) const;

    std::string model_sha256_;
    RestorerNeeds needs_;
    MetaSrOptions options_;
    PlanEngine features_, filters_;
    mutable std::mutex mutex_;
    mutable std::shared_ptr<const Filters> last_;  ///< guarded by mutex_
};

}  // namespace affectsr
