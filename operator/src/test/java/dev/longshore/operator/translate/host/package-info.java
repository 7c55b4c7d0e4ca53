/** Tests of whose claims win. */
@NullMarked
package dev.longshore.operator.translate.host;

import org.jspecify.annotations.NullMarked;
