/**
 * Follows an operator: finds it, keeps a channel to it, takes what it pushes into the table, and
 * keeps the last that was good.
 */
@NullMarked
package dev.longshore.proxy.subscribe;

import org.jspecify.annotations.NullMarked;
