/** What 10,000 routes cost, on a real API server and with the processes that users run. */
@NullMarked
package dev.longshore.bench.scale;

import org.jspecify.annotations.NullMarked;
