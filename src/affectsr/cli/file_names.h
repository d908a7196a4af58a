// Names for the pictures that a run writes: from the inputs' names, each one once, never outside the folder.
#pragma once

#include <string>
#include <vector>

namespace affectsr::cli {

/// What an earlier run has given away already.
struct TakenStems {
    std::vector<std::string> of_inputs;  ///< a stem for each input that keeps it, "" for the others; or empty
    std::vector<std::string> others;     ///< stems that no input may get besides
};

/// A stem per input, in their order: the input's file name without folder and extension ("stdin" for "-"), as valid
/// UTF-8 without slashes and control characters, at most 200 bytes (file systems take 255, and ending and number
/// follow). Where two inputs would get the same stem, also if only case differs, later ones get "_2", "_3", … The same
/// list gives the same stems.
std::vector<std::string> output_stems(const std::vector<std::string>& inputs, const TakenStems& taken = {});

}  // namespace affectsr::cli
