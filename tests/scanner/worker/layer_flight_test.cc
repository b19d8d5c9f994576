#include "scanner/worker/layer_flight.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/byte_source.h"

namespace xzgate::worker {
namespace {

const oci::Digest kLayer = oci::Digest::Of(AsBytes("layer"));

TEST(LayerFlight, AnotherHostOrLayerWaitsForNobody) {
  LayerFlight flight;
  const LayerFlight::Turn slow(flight, "slow.example", kLayer);
  const LayerFlight::Turn quick(flight, "quick.example", kLayer);
  const LayerFlight::Turn other(flight, "slow.example", oci::Digest::Of(AsBytes("other")));
}

TEST(LayerFlight, TheSameLayerOfTheSameHostIsReadByOne) {
  LayerFlight flight;
  std::atomic<int> readers = 0;
  int most = 0;
  const auto read = [&] {
    for (int i = 0; i < 500; ++i) {
      const LayerFlight::Turn turn(flight, "reg.example", kLayer);
      most = std::max(most, ++readers);
      --readers;
    }
  };
  std::thread second(read);
  read();
  second.join();
  EXPECT_EQ(most, 1);
}

}  // namespace
}  // namespace xzgate::worker
