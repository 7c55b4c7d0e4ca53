/**
 * How {@code LongshoreConfig} is read: which classes are ours, with which settings, listeners,
 * quotas and reservations of hosts.
 */
@NullMarked
package dev.longshore.operator.translate.config;

import org.jspecify.annotations.NullMarked;
