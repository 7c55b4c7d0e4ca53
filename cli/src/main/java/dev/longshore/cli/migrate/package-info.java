/**
 * The {@code migrate} command: what of a folder of ingress-nginx manifests is served, and what to
 * write instead.
 */
@NullMarked
package dev.longshore.cli.migrate;

import org.jspecify.annotations.NullMarked;
