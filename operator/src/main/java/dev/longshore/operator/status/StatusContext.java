package dev.longshore.operator.status;

import io.micrometer.core.instrument.Counter;
import java.util.function.BooleanSupplier;

/**
 * What every reconciler needs.
 *
 * @param board what is to be said
 * @param leads whether this replica writes
 * @param written counts the statuses that were written
 * @param failed counts the writes that failed and are tried again
 */
record StatusContext(StatusBoard board, BooleanSupplier leads, Counter written, Counter failed) {}
