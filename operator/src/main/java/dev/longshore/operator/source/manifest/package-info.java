/**
 * Reads one manifest as strictly as an API server with strict field validation, and says of
 * everything that is wrong with it where it stands. Both sources read with it: a file's documents,
 * and what a cluster holds that this version doesn't know in full.
 *
 * <p>The way of a text: {@code DocumentSplitter} cuts it into documents, {@code TreeReader} makes a
 * tree with positions of each, {@code DocumentReader} tells which kind a document is of, {@code
 * ResourceReader} holds it against that kind's {@code Shape} by {@code StrictReader}, and {@code
 * Document} is what comes out.
 */
@NullMarked
package dev.longshore.operator.source.manifest;

import org.jspecify.annotations.NullMarked;
