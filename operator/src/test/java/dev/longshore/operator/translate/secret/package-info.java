/** Tests of keys and certificates. */
@NullMarked
package dev.longshore.operator.translate.secret;

import org.jspecify.annotations.NullMarked;
