// `affectsr evaluate steadiness`: the labels that flip when photographs are stored another way.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// `evaluate steadiness PHOTO…`: reads each photo as it is, as JPEG, as WebP and mirrored, and reports whose label
/// flipped. Photos that cannot be read are failed inputs. The action throws as Pipeline and Output.
Action declare_steadiness(CLI::App& command);

}  // namespace affectsr::cli
