// Every restorer, one line each.
#pragma once

#include <span>

#include "affectsr/base/catalog.h"
#include "affectsr/restore/restorer.h"

namespace affectsr {

std::span<const Entry<Restorer>> restorer_catalog();

}  // namespace affectsr
