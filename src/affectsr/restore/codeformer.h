// CodeFormer: a face restored from codes that a transformer reads out of it. Zhou et al. 2022, arXiv:2206.11253.
#pragma once

#include "affectsr/restore/sr_network.h"
#include "affectsr/restore/vqgan.h"

namespace affectsr {

/// Shape of the network, and what it is asked for; the defaults of the shape are the published ones.
struct CodeformerOptions {
    VqganOptions vqgan;
    int features = 512;
    int hidden = 1024;
    int heads = 8;
    int layers = 9;
    std::vector<int> connected_px{32, 64, 128, 256};
    double fidelity = 1;
    bool adain = true;
    void fields(auto&& f) {
        f("vqgan", vqgan, "the autoencoder");
        f("features", features, "of each token of the transformer", Range{8, 8192});
        f("hidden", hidden, "features within its layers", Range{8, 32768});
        f("heads", heads, "of its attention", Range{1, 64});
        f("layers", layers, "of the transformer", Range{1, 64});
        f("connected_px", connected_px, "sizes at which the encoder's features go to the generator", Range{1, 1024});
        f("fidelity", fidelity,
          "how much of them: 0 a face from codes alone, 1 nearest to the face that is there, which is what reading its "
          "expression wants",
          Range{0, 1});
        f("adain", adain, "codes take mean and deviation of the encoder's features");
    }
};

/// A face [n, 3, size_px, size_px] in [0, 1], RGB, aligned as `ffhq_512` → the same size. Marks: "lq" (what the encoder
/// made), "logits" [n, codes, code_px, code_px] and "quantised" (the codes' entries, before AdaIN).
SrNetwork codeformer(const CodeformerOptions& options);

}  // namespace affectsr
