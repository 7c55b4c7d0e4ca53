package dev.longshore.operator;

import dev.longshore.contract.testing.FuzzSeeds;
import dev.longshore.operator.source.folder.ManifestFuzz;
import dev.longshore.operator.translate.AnnotationsFuzz;
import java.util.Map;

class FuzzSeedsTest extends FuzzSeeds {
  FuzzSeedsTest() {
    super(
        Map.of(
            "AnnotationsFuzz",
            AnnotationsFuzz::fuzzerTestOneInput,
            "ManifestFuzz",
            ManifestFuzz::fuzzerTestOneInput));
  }
}
