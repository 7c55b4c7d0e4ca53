/**
 * What the operator looks at: an immutable view of the resources that matter, whatever they are
 * read from.
 */
@NullMarked
package dev.longshore.operator.source;

import org.jspecify.annotations.NullMarked;
