// What nearly every file of ours that uses LibTorch needs of it, precompiled once. <torch/torch.h> brings all layers,
// data sets and optimisers along and costs every file twice as much: who needs one of them includes its header beside
// this.
#pragma once

#include <torch/autograd.h>
#include <torch/nn/module.h>
#include <torch/types.h>
