// The numbers that data sets write for emotions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "affectsr/face/expression.h"

namespace affectsr {

/// A data set's numbering of the emotions. Every source counts in another order, so a number without its source says
/// nothing.
enum class LabelSet {
    raf_db,     ///< 1 surprise … 7 neutral. Li et al. 2017
    fer2013,    ///< 0 anger … 6 neutral. Goodfellow et al. 2013
    fer_plus,   ///< columns of the votes: 0 neutral … 7 contempt; 8 unknown and 9 not a face are none. Barsoum et al.
                ///< 2016
    affectnet,  ///< 0 neutral … 7 contempt; 8 none, 9 uncertain, 10 no face are none. Mollahosseini et al. 2017
    ck_plus,    ///< 0 neutral … 7 surprise. Lucey et al. 2010
    exp_w,      ///< 0 angry … 6 neutral. Zhang et al. 2018
};

/// The emotion that `number` means in `set`; a number that means none: std::nullopt.
std::optional<Emotion> emotion_of(LabelSet set, std::int64_t number);

/// The two letters of KDEF file names, any case: AF AN DI HA NE SA SU. Anything else: std::nullopt.
std::optional<Emotion> kdef_emotion(std::string_view code);
/// The two letters of JAFFE file names, any case: AN DI FE HA NE SA SU. Anything else: std::nullopt.
std::optional<Emotion> jaffe_emotion(std::string_view code);

}  // namespace affectsr
