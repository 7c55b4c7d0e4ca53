package dev.longshore.proxy;

import dev.longshore.contract.testing.FuzzSeeds;
import dev.longshore.proxy.http1.RequestHeadFuzz;
import dev.longshore.proxy.listen.ProxyHeaderFuzz;
import dev.longshore.proxy.route.RequestTargetFuzz;
import dev.longshore.proxy.tunnel.FrameTrackerFuzz;
import java.util.Map;

class FuzzSeedsTest extends FuzzSeeds {
  FuzzSeedsTest() {
    super(
        Map.of(
            "FrameTrackerFuzz",
            FrameTrackerFuzz::fuzzerTestOneInput,
            "ProxyHeaderFuzz",
            ProxyHeaderFuzz::fuzzerTestOneInput,
            "RequestHeadFuzz",
            RequestHeadFuzz::fuzzerTestOneInput,
            "RequestTargetFuzz",
            RequestTargetFuzz::fuzzerTestOneInput));
  }
}
