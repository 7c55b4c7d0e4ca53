/**
 * The API that users write: {@code WebSocketRoute} and {@code LongshoreConfig}, version {@code
 * longshore.dev/v1alpha1}, as Java types from which the CRD YAML is generated.
 *
 * <p>The types only carry what a manifest says. A component that a manifest leaves out is null,
 * also one that the schema requires: standalone has no API server in front that would have refused
 * it. Below {@code policy} absent and empty differ (absent inherits, empty turns off), so nothing
 * is defaulted here. Lists are unmodifiable and hold no nulls.
 */
@NullMarked
package dev.longshore.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
