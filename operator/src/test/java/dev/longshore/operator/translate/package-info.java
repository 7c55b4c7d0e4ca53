/** Golden files, properties and fuzzing of the translator. */
@NullMarked
package dev.longshore.operator.translate;

import org.jspecify.annotations.NullMarked;
