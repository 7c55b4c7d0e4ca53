/**
 * A real API server and etcd for tests, because a mock knows neither server-side apply nor CEL
 * rules, tokens or expired watches. Start at {@link dev.longshore.testkube.KubeApiServer}.
 */
@NullMarked
package dev.longshore.testkube;

import org.jspecify.annotations.NullMarked;
