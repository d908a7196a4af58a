// Both players on every expression network, in each precision.
#include <gtest/gtest.h>

#include "affectsr/classify/catalog.h"
#include "affectsr/classify/test_networks.h"
#include "affectsr/learn/test_parity.h"

namespace affectsr {
namespace {

TEST(Parity, TheEnginePlaysEveryExpressionNetworkAsLibTorchDoes) {
    for (const Entry<ExpressionNetwork>& entry : expression_network_catalog()) {
        SCOPED_TRACE(entry.name);
        const auto network = entry.make(small_options(entry));
        const int px = network->needs().input_px;
        const PlanModule* plan = plan_within(*network);
        ASSERT_NE(plan, nullptr);
        for (const Precision precision : {Precision::f32, Precision::bf16})
            for (const int count : {1, 3, 16}) expect_parity(plan->plan(), {count, px, px}, precision, 5e-2);
    }
}

}  // namespace
}  // namespace affectsr
