#include "affectsr/data/catalog.h"

#include <array>

#include "affectsr/base/log.h"
#include "affectsr/data/affectnet.h"
#include "affectsr/data/celeba.h"
#include "affectsr/data/ck_plus.h"
#include "affectsr/data/exp_w.h"
#include "affectsr/data/fer2013.h"
#include "affectsr/data/fer2013_folders.h"
#include "affectsr/data/ffhq.h"
#include "affectsr/data/helen.h"
#include "affectsr/data/jaffe.h"
#include "affectsr/data/kdef.h"
#include "affectsr/data/lfw.h"
#include "affectsr/data/manifest.h"
#include "affectsr/data/raf_db.h"
#include "affectsr/data/sfew.h"

namespace affectsr {
namespace {

// "lfw128: 10344 faces (neutral 5313, happiness 4069, …, unlabelled 371), 12 not usable, 3 skipped"
std::string account_of(const Dataset& dataset) {
    std::array<std::size_t, 9> counts{};  // the eight emotions, unlabelled
    std::size_t not_usable = 0;
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        const SampleInfo& info = dataset.info(i);
        ++counts[info.label ? static_cast<std::size_t>(*info.label) : counts.size() - 1];
        if (!info.usable) ++not_usable;
    }
    std::string classes;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) continue;
        const char* name = i + 1 < counts.size() ? name_of(static_cast<Emotion>(i)) : "unlabelled";
        classes += (classes.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(counts[i]);
    }
    return dataset.card().name + ": " + std::to_string(dataset.size()) + " faces (" + classes + "), " +
           std::to_string(not_usable) + " not usable, " + std::to_string(dataset.card().skipped) + " skipped";
}

}  // namespace

std::span<const Entry<Dataset>> dataset_catalog() {
    static const std::array kCatalog = {
        entry<Dataset, Manifest, DatasetOptions>("manifest", "any folder with a manifest.csv"),
        entry<Dataset, Fer2013, DatasetOptions>(
            "fer2013", "Goodfellow et al. 2013, arXiv:1307.0414; FER+ votes: arXiv:1608.01041"),
        entry<Dataset, Fer2013Folders, DatasetOptions>("fer2013_folders",
                                                       "Goodfellow et al. 2013; Barsoum et al. 2016"),
        entry<Dataset, RafDb, RafDbOptions>("raf_db", "Li et al. 2017, RAF-DB basic"),
        entry<Dataset, Kdef, KdefOptions>("kdef", "Lundqvist, Flykt & Öhman 1998"),
        entry<Dataset, CelebA, DatasetOptions>("celeba", "Liu et al. 2015, arXiv:1411.7766"),
        entry<Dataset, Ffhq, DatasetOptions>("ffhq", "Karras et al. 2019, arXiv:1812.04948"),
        entry<Dataset, Helen, DatasetOptions>("helen", "Le et al. 2012"),
        entry<Dataset, Lfw, DatasetOptions>("lfw", "Huang et al. 2007, UMass Amherst 07-49"),
        entry<Dataset, AffectNet, DatasetOptions>("affectnet", "Mollahosseini et al. 2017, arXiv:1708.03985"),
        entry<Dataset, ExpW, ExpWOptions>("exp_w", "Zhang et al. 2018, arXiv:1609.06426"),
        entry<Dataset, CkPlus, CkPlusOptions>("ck_plus", "Lucey et al. 2010"),
        entry<Dataset, Jaffe, DatasetOptions>("jaffe", "Lyons et al. 1998"),
        entry<Dataset, Sfew, DatasetOptions>("sfew", "Dhall et al. 2011, SFEW 2.0"),
    };
    return kCatalog;
}

std::unique_ptr<Dataset> open_dataset(const std::string& name, const Json& options) {
    std::unique_ptr<Dataset> dataset = find(dataset_catalog(), name, "dataset").make(options);
    log(LogLevel::info, account_of(*dataset));
    return dataset;
}

}  // namespace affectsr
