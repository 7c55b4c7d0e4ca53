/** Tests of what may be claimed. */
@NullMarked
package dev.longshore.operator.translate.claim;

import org.jspecify.annotations.NullMarked;
