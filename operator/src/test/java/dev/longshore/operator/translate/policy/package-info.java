/** Leaves, their layers, and their documentation. */
@NullMarked
package dev.longshore.operator.translate.policy;

import org.jspecify.annotations.NullMarked;
