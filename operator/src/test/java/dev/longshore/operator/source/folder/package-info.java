/**
 * Folders of manifests, on the file system and without it; {@code ManifestFuzz} is read by the
 * fuzzer.
 */
@NullMarked
package dev.longshore.operator.source.folder;

import org.jspecify.annotations.NullMarked;
