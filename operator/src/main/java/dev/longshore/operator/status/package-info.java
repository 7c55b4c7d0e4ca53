/**
 * What users are told: verdicts and the data planes' answers become conditions, addresses and
 * Events. Judged on every replica, written by the one that leads.
 */
@NullMarked
package dev.longshore.operator.status;

import org.jspecify.annotations.NullMarked;
