/**
 * A policy as it is enforced: filters, edits, times and the terms of tunnels, all made when a table
 * is compiled. Whoever handles requests has this and not the contract's policy, so nothing can be
 * enforced past it.
 */
@NullMarked
package dev.longshore.proxy.policy;

import org.jspecify.annotations.NullMarked;
