/** The translator of {@code WebSocketRoute}. */
@NullMarked
package dev.longshore.operator.translate.route;

import org.jspecify.annotations.NullMarked;
