package dev.longshore.contract;

import dev.longshore.contract.testing.FuzzSeeds;
import java.util.Map;

class FuzzSeedsTest extends FuzzSeeds {
  FuzzSeedsTest() {
    super(
        Map.of(
            "PatternFuzz",
            PatternFuzz::fuzzerTestOneInput,
            "SnapshotJsonFuzz",
            SnapshotJsonFuzz::fuzzerTestOneInput));
  }
}
